"""The first request date on which time alone turns a denial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain

from facts.case import Case
from facts.dates import Part, changes
from facts.periods import number_of_day
from reasoner.engine.bits import union
from reasoner.engine.ground_program import Situation
from reasoner.engine.solver import Solver
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import request_date
from reasoner.verdict.case_conditions import CaseConditions


def time_can_cure(folder: RuleFolder, conditions: CaseConditions, unmet: Iterable[tuple[str, ...]]) -> bool:
    """Whether time alone could turn a denial; `unmet` are the items that fail, of each pathway.

    Not where, on every pathway, an item fails that no fact which changes with time concerns. Another
    version, or a period that is yet to begin, can change anything.
    """
    day = request_date(conditions.case)
    if any(first > number_of_day(day) for first in folder.first_days) or _begins_later(conditions.case, day):
        return True
    return any(all(_changes_with_time(folder, conditions, item) for item in items) for items in unmet)


def _changes_with_time(folder: RuleFolder, conditions: CaseConditions, item: str) -> bool:
    asked = {field for plan in conditions.concerns(item) for field in plan.condition.fields}
    if item in folder.exclusions:  # one that is unclear hangs on more than which product it was
        asked |= folder.relations(conditions.case).fields.get(item, frozenset())
    declared = (folder.declaration.field(field) for field in asked)
    if any(field is not None and field.derived is not None and field.derived.in_time for field in declared):
        return True
    return any(_changes_with_time(folder, conditions, child) for child in folder.children(item))


def _begins_later(case: Case, day: date) -> bool:
    """Whether a period of the record is yet to begin."""
    return any(
        "start" in period and period["start"] > day
        for field in case.declaration.fields
        if field.type == "periods"
        for at in (range(len(case.entries(field.list))) if field.list else (-1,))
        for period in case.stated(field, at) or ()
    )


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
    lasting = statements.lasting(case)
    parts: dict[Part, list[Situation]] = {}
    for day, changed in changes(case, solver.compared, statements):
        parts |= changed
        yield day, union(chain(lasting, *parts.values()))
