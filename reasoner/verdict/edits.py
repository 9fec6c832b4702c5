"""The edits of the record that establish conditions of one field: one value that satisfies all of them.

Where the record admits several values, the nearest to what it says that meets no other condition of the
field besides: the edits of a fact do neither less nor more than the fact says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from facts import changes
from facts.arithmetic import NumberOf, fraction, number
from facts.case import Case
from facts.changes import Edit
from facts.coupled import Compared, Coupled, Region, region
from facts.declaration import Field
from facts.function import Number, add
from facts.paths import pointer
from facts.periods import day_of_number, number_of_day
from facts.terms import Term
from reasoner.policy.conditions import Ask, Condition
from reasoner.policy.record_facts import number_range


class Wanted(NamedTuple):
    """A value that a field is to have which follows from dates: how it is written hangs on those of the record."""

    field: Term
    value: Term | float

    def edits(self, case: Case) -> tuple[Edit, ...]:
        """The edits that bring it about."""
        return tuple(changes.set_value(case, self.field, self.value))


def edits_of(
    case: Case, conditions: Sequence[Condition], others: Iterable[Condition], read: Callable[[dict[str, Any]], Case]
) -> list[Edit] | Wanted:
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
    if len(by_field) == 1:
        ((field, asking),) = by_field.items()
        return _of_field(case, field, asking, rest)
    edits: list[Edit] = []
    for field, asking in by_field.items():
        found = _of_field(case, field, asking, rest)
        made = found.edits(case) if isinstance(found, Wanted) else found
        edits += made
        case = read(changes.apply(case.full, made))
    return edits


def edits_together(
    case: Case, coupled: Coupled, compared: Compared, conditions: Sequence[Condition], others: Iterable[Condition]
) -> list[Edit]:
    """The edits of numbers that meet conditions of them and of what follows from them; `others` ask of these, too.

    Of the values that meet the conditions those that meet the fewest others, then with which the fewest numbers are
    written, then the nearest to the record. What is stated beside the numbers that it follows from is written as well.
    """
    at = case.declaration.position(conditions[0].fields[0])
    recorded = _recorded(case, coupled, at)
    names = {condition.name for condition in conditions}
    wanted = [_intervals(condition, case) for condition in conditions]
    beside = [_intervals(other, case) for other in others if other.name not in names]
    asked = {field for intervals in wanted for field, _, _ in intervals}

    def rank(new: Mapping[Field, Fraction]) -> tuple[int, ...]:
        fixed = sum(field.change != "free" for field in new.keys() & recorded.keys())
        return fixed, len(new), sum(field not in asked for field in new)

    def distance(new: Mapping[Field, Fraction]) -> tuple[Fraction, Fraction]:
        corrected = new.keys() & recorded.keys()
        missing = new.keys() - corrected
        return (
            sum((_relative_difference(new[field], recorded[field]) for field in corrected), Fraction(0)),
            sum((_from_usual(field, new[field], compared, recorded) for field in missing), Fraction(0)),
        )

    edges = tuple((field, tuple(compared[field])) for field in coupled.fields if field in compared)
    by_number_met: dict[int, list[dict[Field, Fraction]]] = {}
    for values, written in _candidates(coupled, edges, tuple(recorded.items())):
        if all(_lies_in(intervals, values) for intervals in wanted):
            met = sum(_lies_in(intervals, values) for intervals in beside)
            by_number_met.setdefault(met, []).extend(written)
    for met in sorted(by_number_met):
        by_rank: dict[tuple[int, ...], list[dict[Field, Fraction]]] = {}
        for new in by_number_met[met]:
            by_rank.setdefault(rank(new), []).append(new)
        for _, equal in sorted(by_rank.items(), key=itemgetter(0)):
            for new in sorted(equal, key=distance):
                each = [_written(case, coupled, field, at, value) for field, value in new.items()]
                if all(each):
                    return list(chain.from_iterable(each))
    return []


_Interval = tuple[Field, float, float]


def _intervals(condition: Condition, case: Case) -> list[_Interval]:
    """The numbers that a condition admits in each of its fields."""
    return [
        (field, -inf if ask.low is None else ask.low, inf if ask.high is None else ask.high)
        for ask in condition.asks
        if ask.relation != "one_of" and (field := case.declaration.field(ask.field)) is not None
    ]


def _lies_in(intervals: Sequence[_Interval], values: Mapping[Field, Number]) -> bool:
    return any(field in values and low <= values[field] <= high for field, low, high in intervals)


_Edges = tuple[tuple[Field, tuple[Number, ...]], ...]


class _Candidates(NamedTuple):
    """Numbers that lie alike between those compared: some values of all of them, and what is written for each."""

    values: dict[Field, Number]
    written: list[dict[Field, Fraction]]


@lru_cache(maxsize=16)
def _candidates(coupled: Coupled, compared: _Edges, recorded: tuple[tuple[Field, Fraction], ...]) -> list[_Candidates]:
    """What a record could say in place of these numbers, as rules have it.

    The facts of a verdict ask for them one after the other.
    """
    found: dict[Region, _Candidates] = {}
    there = dict(recorded)
    for point in coupled.points(dict(compared), there):
        values = {field: field.scaled(value) for field, value in coupled.values(point).items()}
        exact = coupled.exact(dict(zip(coupled.written, point, strict=True)))
        new = {
            field: value
            for field, own in zip(coupled.written, point, strict=True)
            if (value := exact[field] if field in there else own) is not None and value != there.get(field)
        }
        found.setdefault(region(values, compared), _Candidates(values, [])).written.append(new)
    return list(found.values())


def _recorded(case: Case, coupled: Coupled, at: int) -> dict[Field, Fraction]:
    """The numbers that the record has; those that follow where it states them itself."""
    found: dict[Field, Fraction] = {}
    for field in coupled.bases:
        low, high = map(fraction, case.bounds(field, at) or (None, None))
        if low is not None and low == high:
            found[field] = low
    for field in coupled.statable:
        stated = case.stated(field, at)
        own = field.default if stated is None else stated
        if isinstance(own, int | float):
            found[field] = Fraction(repr(own))
    return found


def _written(case: Case, coupled: Coupled, field: Field, at: int, value: Fraction) -> list[Edit]:
    if field in coupled.bases:
        return changes.write(case, field, at, number(value))
    return [add(pointer(field.path(at)), number(value))]


def _relative_difference(one: Fraction, other: Fraction) -> Fraction:
    """How far two numbers are apart, as a part of the greater."""
    return abs(one - other) / max(abs(one), abs(other)) if one != other else Fraction(0)


def _from_usual(field: Field, value: Fraction, compared: Compared, recorded: Mapping[Field, Fraction]) -> Fraction:
    """How far a number that is missing is from those that are asked of it, else from those beside it."""
    usual = [Fraction(repr(field.unscaled(edge))) for edge in compared.get(field, ())] or list(recorded.values())
    return min((_relative_difference(value, one) for one in usual), default=Fraction(0))


def _of_field(
    case: Case, field: Term, conditions: Sequence[Condition], others: Sequence[Condition]
) -> list[Edit] | Wanted:  # fmt: skip
    declared = case.declaration.field(field)
    assert declared is not None
    asks = [ask for condition in conditions for ask in condition.asks if ask.field == field]
    if asks[0].relation != "one_of":
        beside = [[ask for ask in other.asks if ask.field == field] for other in others]
        if isinstance(declared.derived, NumberOf) and declared.type == "computed":
            return _of_number(case, field, declared.derived, asks)
        value = _number(case, declared, asks, [own for own in beside if own])
        return [] if value is None else _set(case, declared, field, value)
    wanted = [condition.values(field) for condition in conditions]
    unwanted = [other.values(field) for other in others]
    if declared.is_list:
        return changes.add_values(case, field, _covering(wanted, unwanted))
    common = [value for value in wanted[0] if all(value in values for values in wanted)]
    if not common:
        return []
    possible = [value for value in common if value in case.possible(field)] or common
    return _set(case, declared, field, min(possible, key=lambda value: _count(value, unwanted)))


def _set(case: Case, declared: Field, field: Term, value: Term | float) -> list[Edit] | Wanted:
    if declared.derived is not None and declared.derived.in_time:
        return Wanted(field, value)
    return changes.set_value(case, field, value)


def _of_number(case: Case, field: Term, by: NumberOf, asks: Sequence[Ask]) -> list[Edit]:
    """The edits of entries of which so many have a value: no more of them than the conditions ask for."""
    low = max((ask.low for ask in asks if ask.low is not None), default=None)
    high = min((ask.high for ask in asks if ask.high is not None), default=None)
    return by.edits_between(case, low, high, lambda other, at, value: changes.write(case, other, at, value))


def _count(value: Term, groups: Iterable[Sequence[Term]]) -> int:
    return sum(value in group for group in groups)


def _covering(wanted: Sequence[Sequence[Term]], unwanted: Sequence[Sequence[Term]]) -> list[Term]:
    """Few values so that each condition has one: one for all where there is one."""
    found: list[Term] = []
    for values in wanted:
        if not set(found) & set(values):
            found.append(min(values, key=lambda v: (_count(v, unwanted), -_count(v, wanted), values.index(v))))
    return found


def _number(case: Case, field: Field, asks: Sequence[Ask], others: Sequence[Sequence[Ask]]) -> float | None:
    """The number within all the bounds that meets the fewest other conditions, then the nearest to the record's.

    None where a record can have none of them.
    """
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
    least, most = _admitted(case, field, case.declaration.position(asks[0].field))
    least, most = max(least, low if low is not None else least), min(most, high if high is not None else most)
    within = [number for number in tried if least <= number <= most]
    if not within:
        return None
    start = recorded if recorded is not None else within[0]
    best = min(within, key=lambda n: (sum(_meets(n, other) for other in others), abs(n - start), n))
    return int(best) if best == int(best) else best


def _admitted(case: Case, field: Field, at: int) -> tuple[float, float]:
    """The least and the greatest number that a record can have beside those that nobody changes."""
    least, most = number_range(field)
    for lower, upper in case.declaration.in_order:
        other = upper if field is lower else lower if field is upper else None
        at_other = at if other is not None and other.list else -1
        if other is None or other.change == "free" or case.stated(other, at_other) is None:
            continue
        low, high = case.number(other.term(at_other)) or (None, None)
        if field is lower and high is not None:
            most = min(most, high)
        if field is upper and low is not None:
            least = max(least, low)
    return least, most


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
