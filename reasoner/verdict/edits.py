"""The edits of the record that establish conditions of one field: one value that satisfies all of them.

Where the record admits several values, the nearest to what it says that meets no other condition of the
field besides: the edits of a fact do neither less nor more than the fact says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from facts import changes
from facts.case import Case
from facts.changes import Edit
from facts.declaration import Field
from facts.periods import day_of_number, number_of_day
from facts.terms import Term
from reasoner.policy.conditions import Ask, Condition
from reasoner.policy.record_facts import number_range


def edits_of(
    case: Case, conditions: Sequence[Condition], others: Iterable[Condition], read: Callable[[dict[str, Any]], Case]
) -> list[Edit]:
    """The edits, as a JSON Patch on the case's full form; `others` ask of these fields as well.

    `read` reads changed data again: of several fields that follow from the same ones, each edit stands on the last.
    """
    by_field: dict[Term, list[Condition]] = {}
    for condition in conditions:
        if not condition.fields:  # it asks nothing in this version
            return []
        field = next((f for f in condition.fields if case.silent(f)), condition.fields[0])
        by_field.setdefault(field, []).append(condition)
    names = {condition.name for condition in conditions}
    rest = sorted((other for other in others if other.name not in names), key=lambda other: other.name)
    edits: list[Edit] = []
    for field, asking in by_field.items():
        made = _of_field(case, field, asking, rest)
        edits += made
        if len(by_field) > 1:
            case = read(changes.apply(case.full, made))
    return edits


def _of_field(case: Case, field: Term, conditions: Sequence[Condition], others: Sequence[Condition]) -> list[Edit]:
    declared = case.declaration.field(field)
    assert declared is not None
    asks = [ask for condition in conditions for ask in condition.asks if ask.field == field]
    if asks[0].relation != "one_of":
        beside = [[ask for ask in other.asks if ask.field == field] for other in others]
        return changes.set_value(case, field, _number(case, declared, asks, [own for own in beside if own]))
    wanted = [condition.values(field) for condition in conditions]
    unwanted = [other.values(field) for other in others]
    if declared.is_list:
        return changes.add_values(case, field, _covering(wanted, unwanted))
    common = [value for value in wanted[0] if all(value in values for values in wanted)]
    possible = [value for value in common if value in case.possible(field)] or common
    return changes.set_value(case, field, min(possible, key=lambda value: _count(value, unwanted)))


def _count(value: Term, groups: Iterable[Sequence[Term]]) -> int:
    return sum(value in group for group in groups)


def _covering(wanted: Sequence[Sequence[Term]], unwanted: Sequence[Sequence[Term]]) -> list[Term]:
    """Few values so that each condition has one: one for all where there is one."""
    found: list[Term] = []
    for values in wanted:
        if not set(found) & set(values):
            found.append(min(values, key=lambda v: (_count(v, unwanted), -_count(v, wanted), values.index(v))))
    return found


def _number(case: Case, field: Field, asks: Sequence[Ask], others: Sequence[Sequence[Ask]]) -> float:
    """The number within all the bounds that meets the fewest other conditions, then the nearest to the record's."""
    low = max((ask.low for ask in asks if ask.low is not None), default=None)
    high = min((ask.high for ask in asks if ask.high is not None), default=None)
    known = case.number(asks[0].field)
    recorded = next((bound for bound in known or () if bound is not None), None)
    tried: dict[float, None] = {}
    for edge in (recorded, low, high):
        if edge is not None:
            tried[edge] = None
    for other in others:
        for ask in other:
            for edge in (ask.low, ask.high):
                if edge is not None:
                    tried |= dict.fromkeys(_beside(field, edge))
    least, most = number_range(field)
    least, most = max(least, low if low is not None else least), min(most, high if high is not None else most)
    within = [number for number in tried if least <= number <= most]
    start = recorded if recorded is not None else within[0]
    best = min(within, key=lambda n: (sum(_meets(n, other) for other in others), abs(n - start), n))
    return int(best) if best == int(best) else best


def _beside(field: Field, edge: int) -> tuple[float, float]:
    """The numbers, or days, right below and above one."""
    day = day_of_number(edge) if field.kind == "date" else None
    if day is not None:
        return number_of_day(day - timedelta(days=1)), number_of_day(day + timedelta(days=1))
    step = 0.5 if field.type == "decimal" and not field.decimals else 1
    return edge - step, edge + step


def _meets(number: float, asks: Iterable[Ask]) -> bool:
    return any(
        (ask.low is None or number >= ask.low) and (ask.high is None or number <= ask.high)
        for ask in asks
        if ask.relation != "one_of"
    )
