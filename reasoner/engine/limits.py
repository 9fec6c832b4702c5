"""How long and how large the grounding and the solving of rules may become."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Limits on rules that come from others; whoever loads them can set his own."""

    seconds: float = 20.0
    """Of a trial grounding."""
    megabytes: int = 1000
    """Of memory that a trial grounding takes."""
    ground_rules: int = 1_000_000
    """That a grounding gives: reached at the same rule on every machine, and mostly first."""
    solve_seconds: float = 20.0
    """Of one solve."""
