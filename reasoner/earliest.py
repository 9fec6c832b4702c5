"""The first request date on which time alone turns a denial."""

from __future__ import annotations

from datetime import date

from reasoner.facts.calendar import moved, turning_days
from reasoner.facts.normalize import Case
from reasoner.facts.symbols import facts_of
from reasoner.solver import Decider


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
