"""A case on other days, and the days on which the facts it becomes can change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from facts.case import Case
from facts.periods import LAST_DAY, day_of_number
from facts.terms import Term

__all__ = ["LAST_DAY", "moved", "turning_days"]


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
    today = case.day
    if today is None:
        return []
    return sorted({day for day in _turning_days(case, compared) if today < day <= LAST_DAY})


def _turning_days(case: Case, compared: Mapping[Term, Sequence[int]]) -> Iterator[date]:
    declaration = case.declaration
    for number in compared.get(declaration.day.name, ()) if declaration.day is not None else ():
        first = day_of_number(number)
        if first is not None and first <= LAST_DAY:
            yield from (first, first + timedelta(days=1))
    for field in declaration.fields:
        by = field.derived
        if by is None or not by.in_time:
            continue
        for at in range(len(case.entries(field.list))) if field.list else (-1,):
            numbers = compared.get(field.term(at), ()) if by.entries == 1 else ()
            scale = 10**field.decimals
            yield from by.turning(case, at, [number // scale for number in numbers] if scale > 1 else numbers)
