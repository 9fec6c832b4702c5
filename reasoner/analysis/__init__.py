"""Analyses of rules: differences, coverage, mutation, lint."""
