"""The only user of clingo: programs ground once and solved often."""
