"""From the facts of a case to its verdict."""
