"""A shortest record on which two rule folders give different verdicts, or the proof that there is none.

The solver searches a record on which the two programs differ (compared_programs.py, witness.lp). The bound of the
proof is that of the records (record_space.py), and minimal sets that do not put another use in the place of a
recorded one that a pathway has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clingo import Symbol

from facts.errors import RecordError
from facts.symbols import symbol
from reasoner.analysis.compared_programs import ComparedPrograms
from reasoner.analysis.record_space import record_space
from reasoner.suites.run import assertable
from reasoner.verdict.policy import Policy

BOUND = 2
"""Entries of each list of a record that are tried; more where rules count entries (record_space.py)."""
SECONDS = 60.0
"""Time for one search."""
CANDIDATES = 12
"""Records that the solver offers, at most, before none of them is believed to distinguish two folders."""

DecisionChange = tuple[str, str]
"""A decision by the one rules, and by the other."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A record that two rule folders judge differently; None with `proved`: there is none in the bound."""

    record: dict[str, Any] | None
    proved: bool


def find_witness(
    one: Policy, other: Policy, bound: int = BOUND, seconds: float = SECONDS, change: DecisionChange | None = None
) -> Witness:
    """A shortest record on which the verdicts differ (or the decision changes so): judged by both to be believed."""
    space = record_space(one, other, bound)
    search = ComparedPrograms(one, other, space.entries, "record_space.lp")
    if not search.can_differ:
        return Witness(None, not space.left_out)
    facts = [*space.facts, *([symbol(("decision_change", *change))] if change is not None else [])]
    left_out: list[list[Symbol]] = []
    for _ in range(CANDIDATES):
        found, finished = search.run(facts, seconds, left_out)
        if found is None:
            return Witness(None, finished and not space.left_out and not left_out)
        data = space.record(found)
        if _judged_differently(one, other, data):
            return Witness(data, True)
        left_out.append(found)
    return Witness(None, False)


def _judged_differently(one: Policy, other: Policy, data: dict[str, Any]) -> bool:
    """Whether both folders admit the record, and judge it differently."""
    try:
        return assertable(one.judge(data)) != assertable(other.judge(data))
    except RecordError:
        return False


def may_differ(one: Policy, other: Policy, bound: int = BOUND, seconds: float = SECONDS) -> bool | None:
    """Whether some record within the bound may be judged differently; None: not known in this time."""
    space = record_space(one, other, bound)
    search = ComparedPrograms(one, other, space.entries, "record_space.lp")
    if not search.can_differ:
        return None if space.left_out else False
    found, finished = search.run(space.facts, seconds, shortest=False)
    return True if found is not None else (False if finished and not space.left_out else None)
