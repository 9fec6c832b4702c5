"""What can be wrong with a rule folder."""

from __future__ import annotations


class RulesError(Exception):
    """A rule folder that cannot be loaded or would make verdicts wrong."""


class TimeLimitError(RulesError):
    """Rules that leave too much to search in a case: the solver was stopped."""
