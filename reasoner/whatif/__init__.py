"""What if: scenarios, questions and sweeps."""
