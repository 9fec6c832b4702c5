"""A case on other days, and the days on which the facts it becomes can change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from facts.case import Case
from facts.periods import LAST_DAY, day_of_number
from facts.statements import Statements
from facts.terms import Term

__all__ = ["LAST_DAY", "changes", "moved", "turning_days"]

T = TypeVar("T")
Part = tuple[str, int]
"""An entry of a list, by its position; or the record itself; or the pairs that entries become, by their day."""
_RECORD: Part = ("", -1)
_PAIRS = "pairs of entries"


def moved(case: Case, day: date) -> Case:
    """The same case, judged on another day.

    Ages and day counts that the record states beside the dates they follow from are left to these.
    Raises ValueError where the record is judged on no date.
    """
    return case.moved(day)


def turning_days(case: Case, compared: Mapping[Term, Sequence[int]]) -> list[date]:
    """The days after that on which the case is judged on which a fact can change, in order.

    `compared` has the numbers that the rules compare with each field. Between two of these days
    every fact of the case stays the same.
    """
    return sorted(_turning(case, compared))


def changes(
    case: Case, compared: Mapping[Term, Sequence[int]], statements: Statements[T]
) -> Iterator[tuple[date, dict[Part, list[T]]]]:
    """The turning days, each with what is made of the facts that can change with time, of every part that turns on it.

    The first day has all parts. The pairs that entries become on a day are a part as well: they stay pairs.
    """
    turning = sorted(_turning(case, compared).items())
    pairs: dict[date, list[T]] = {}
    for since, made in statements.of_pairs(case) if turning else ():
        pairs.setdefault(max(since, turning[0][0]), []).append(made)
    later = case
    every = {_RECORD, *((name, at) for name in case.declaration.entry_lists for at in range(case.count(name)))}
    for day, parts in turning:
        later = moved(later, day)
        changed: dict[Part, list[T]] = {part: statements.in_time(later, *part) for part in every or parts}
        if day in pairs:
            changed[_PAIRS, day.toordinal()] = pairs[day]
        yield day, changed
        every = set()


def _turning(case: Case, compared: Mapping[Term, Sequence[int]]) -> dict[date, set[Part]]:
    """The parts that turn, by day."""
    today = case.day
    found: dict[date, set[Part]] = {}
    if today is None:
        return found
    for part, days in _days_of_parts(case, compared):
        for day in days:
            if today < day <= LAST_DAY:
                found.setdefault(day, set()).add(part)
    return found


def _days_of_parts(case: Case, compared: Mapping[Term, Sequence[int]]) -> Iterator[tuple[Part, Iterable[date]]]:
    declaration = case.declaration
    for number in compared.get(declaration.day.name, ()) if declaration.day is not None else ():
        first = day_of_number(number)
        if first is not None and first <= LAST_DAY:
            yield _RECORD, (first, first + timedelta(days=1))
    for field in declaration.fields:
        by = field.derived
        if by is None or not by.in_time:
            continue
        for at in range(len(case.entries(field.list))) if field.list else (-1,):
            numbers = compared.get(field.term(at), ()) if by.entries == 1 else ()
            scale = 10**field.decimals
            days = by.turning(case, at, [number // scale for number in numbers] if scale > 1 else numbers)
            yield (field.list, at), days
