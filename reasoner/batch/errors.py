"""What can stop a batch."""

from __future__ import annotations


class BatchError(Exception):
    """A batch that cannot begin, or cannot go on: what is wrong, where, and the remedy."""
