"""Regression suites over rule files."""
