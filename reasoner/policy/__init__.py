"""A rule folder, read and checked once."""
