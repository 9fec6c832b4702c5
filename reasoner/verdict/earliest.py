"""The first request date on which time alone turns a denial."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from facts.case import Case
from facts.dates import Part, changes
from reasoner.engine.bits import union
from reasoner.engine.ground_program import Situation
from reasoner.engine.solver import Solver


def earliest_approval(solver: Solver, case: Case) -> date | None:
    """The first later request date on which the same record is approved; None: time cures nothing.

    The facts of a record change on few days, which follow from its own dates and from the numbers
    that the rules compare. The record is decided on each of them.
    """
    situations = dict(later_situations(solver, case))
    decisions = zip(situations, solver.decisions([*situations.values()], of_taken=True), strict=True)
    return next((day for day, decision in decisions if decision == "approved"), None)


def later_situations(solver: Solver, case: Case) -> Iterator[tuple[date, Situation]]:
    """What the record makes true on each later day on which that changes; only what turns on the day is read anew."""
    statements = solver.ground.statements
    lasting = union(statements.lasting(case))
    parts: dict[Part, Situation] = {}
    for day, changed in changes(case, solver.compared, statements):
        parts |= {part: union(made) for part, made in changed.items()}
        yield day, lasting | union(parts.values())
