"""The first request date on which time alone turns a denial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from facts.calendar import moved, turning_days
from facts.normalize import Case
from facts.symbols import facts_of
from reasoner.engine.solver import Decider
from reasoner.policy.policy import Policy
from reasoner.verdict.conditions import CaseFacts

_OVER_TIME = frozenset({"age_years", "days", "consecutive_days", "active"})
"""Fields whose facts change with the request date alone."""


def time_can_cure(policy: Policy, facts: CaseFacts, unmet: Iterable[tuple[str, ...]]) -> bool:
    """Whether time alone could turn a denial; `unmet` are the items that fail, of each pathway.

    Not where, on every pathway, an item fails that no fact which changes with time concerns. Another
    version, or a period that is yet to begin, can change anything.
    """
    day = facts.case.record.request.date
    number = day.year * 10_000 + day.month * 100 + day.day
    if any(first > number for first in policy.first_days):
        return True
    if any(p.start is not None and p.start > day for known in facts.case.therapies for p in known.entry.periods or ()):
        return True
    return any(all(_changes_with_time(policy, facts, item) for item in items) for items in unmet)


def _changes_with_time(policy: Policy, facts: CaseFacts, item: str) -> bool:
    asked = (ask.field for term in facts.concerns.get(item, ()) for ask in facts.conditions[term].asks)
    if any((field[0] if isinstance(field, tuple) else field) in _OVER_TIME for field in asked):
        return True
    return any(_changes_with_time(policy, facts, child) for child in policy.children(item))


def earliest_approval(decider: Decider, case: Case) -> date | None:
    """The first later request date on which the same record is approved; None: time cures nothing.

    The facts of a record change on few days, which follow from its own dates and from the numbers
    that the rules compare. The solver decides the record on each of them, in order.
    """
    for day in turning_days(case, decider.compared):
        decider.tell(facts_of(moved(case, day)))
        if decider.decision() == "approved":
            return day
    return None
