"""Populations: many records judged block by block, on all cores, and what their verdicts have in common."""
