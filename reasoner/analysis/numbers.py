"""The numbers and dates that are tried in a record: at each one that rules compare, below it and above it.

Numbers stand doubled here, as facts have them times two: between two of a decimal field there is one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from facts.arithmetic import (
    DecreasePercent,
    Difference,
    IncreasePercent,
    NumberOf,
    RatioPercent,
    SumOf,
    fraction,
    number,
)
from facts.days import DaysInAll, DaysInOneRun
from facts.declaration import Declaration, Field
from facts.durations import Completed
from facts.function import Number
from facts.periods import FIRST_DAY, LAST_DAY, day_of_number, number_of_day
from reasoner.analysis.minimal import day_number, pairs_of
from reasoner.analysis.reads import Reads

OfTwo = DecreasePercent | Difference | IncreasePercent | RatioPercent
_LARGEST = 2**30 - 1
"""Numbers that can be doubled."""
_BASE = 100
"""A number that others are compared with in percent."""
_MOST = 10_000
"""Results of two fields that are computed, for each pair of their numbers."""


class Result(NamedTuple):
    """A number that follows from those in two other fields."""

    field: Field
    first: Field
    second: Field
    numbers: tuple[int, int]
    result: int | None
    """None: no record has these two beside each other."""


class Numbers:
    """The numbers that are tried in each field, and those that follow from them."""

    def __init__(self, declaration: Declaration, reads: Reads) -> None:
        self._declaration, self._reads = declaration, reads
        self.left_out: list[str] = []
        """Places of fields that are read, and of which no number is tried."""
        self.pairs = [pair for pair in pairs_of(declaration) if any(map(_is_chosen, pair))]
        """Fields of which a record needs one, where one of the two is a number or a date."""
        in_pairs = {one for pair in self.pairs for one in pair}
        fields = [
            one for one in declaration.fields
            if _is_chosen(one) and (one.place in reads.wanted or one.required or one in in_pairs)
        ]  # fmt: skip
        self.of: dict[Field, set[int]] = {one: self._tried(one) for one in fields}
        for one in declaration.fields:
            if one.place in reads.wanted and one.is_number and one.derived is not None:
                self._reach(one)
        self.results = [result for one in declaration.fields for result in self._results(one)]

    def _tried(self, one: Field, others: Iterable[int] = ()) -> set[int]:
        compared = (*self._reads.numbers.get(one.place, ()), *others)
        found = {near for limit in compared for near in _near(one, limit)}
        found = {near for near in found if self._admits(one, near)}
        if one.default is not None and not isinstance(one.default, str):
            found.add(doubled(one, one.default))
        if not found and one.type == "date":
            found.add(2 * day_number(one))
        elif not found and (one.required or not compared):
            found.add(doubled(one, max(one.low or 0, min(_BASE, one.high if one.high is not None else _BASE))))
        return found

    def _admits(self, one: Field, near: int) -> bool:
        if one.type == "date":
            day = day_of_number(near // 2)
            low, high = one.low or number_of_day(FIRST_DAY), one.high or number_of_day(LAST_DAY)
            return day is not None and low <= near // 2 <= high
        return abs(near) <= 2 * _LARGEST and one.admits(halved(one, near))

    def _reach(self, one: Field) -> None:
        """Add to the fields that a number follows from what brings about each that it is compared with."""
        by = one.derived
        wanted = sorted({near for limit in self._reads.numbers.get(one.place, ()) for near in _near(one, limit)})
        if isinstance(by, SumOf):
            never_less = by.field.low is not None and by.field.low >= 0
            if by.field not in self.of or by.field.decimals != one.decimals or not never_less:
                self.left_out.append(one.place)
            else:
                self.of[by.field] |= {near for near in wanted if self._admits(by.field, near)}
        elif isinstance(by, Completed) and one.type == "computed":
            counts = [near // 2 for near in wanted]
            starts = [start for on in self.of[by.on] for n in counts for start in _beside(by.before, on // 2, n, 1)]
            compared = self._reads.numbers.get(by.start.place, ())
            ons = [on for start in compared for n in counts for on in _beside(by.after, start, n, -1)]
            self.of[by.start] |= {2 * start for start in starts if self._admits(by.start, 2 * start)}
            self.of[by.on] |= {2 * on for on in ons if self._admits(by.on, 2 * on)}
        elif isinstance(by, OfTwo) and one.type == "computed":
            if not (self._is_stated(by.first) and self._is_stated(by.second)):
                self.left_out.append(one.place)
                return
            known, changed = (by.second, by.first) if by.written_first() else (by.first, by.second)
            for result in wanted:
                found = (self._inverse(by, one, known, changed, near, result) for near in sorted(self.of[known]))
                self.of[changed] |= next(filter(None, map(set, found)), set())
            if len(self.of[by.first]) * len(self.of[by.second]) > _MOST:
                self.left_out.append(one.place)

    def _is_stated(self, one: Field) -> bool:
        """Whether the number of a field is chosen, and not what entries of a list add up to."""
        by = one.derived
        return one in self.of and not (isinstance(by, NumberOf | SumOf) and by.field.place in self._reads.wanted)

    def _inverse(self, by: OfTwo, one: Field, known: Field, changed: Field, near: int, result: int) -> Iterator[int]:
        """Numbers beside a known one from which the result follows."""
        beside, value = fraction(halved(known, near)), fraction(halved(one, result))
        wanted = None if beside is None or value is None else by.inverse(beside, value)
        if wanted is None:
            return
        grid = 2 * 10**changed.decimals if changed.type == "decimal" else 1
        for scaled in {floor(wanted * grid), ceil(wanted * grid)}:
            tried = number(Fraction(scaled, grid))
            if tried is not None and changed.admits(tried):
                yield doubled(changed, tried)

    def _bounding(self, one: Field) -> set[int]:
        """The numbers that can bound what is known of a field; a sum of which nothing is known is none at the least."""
        return self.of.get(one, set()) | ({0} if isinstance(one.derived, NumberOf | SumOf) else set())

    def _results(self, one: Field) -> Iterator[Result]:
        by = one.derived
        if isinstance(by, Completed):
            first, second = by.start, by.on
        elif isinstance(by, OfTwo):
            first, second = by.first, by.second
        else:
            return
        for left in sorted(self._bounding(first)) if one.place not in self.left_out else ():
            for right in sorted(self._bounding(second)):
                if isinstance(by, Completed):
                    count = by.between(day_of_number(left // 2), day_of_number(right // 2))
                    if count is not None:
                        is_possible = one.admits(count) or one.low is None
                        yield Result(one, first, second, (left, right), 2 * count if is_possible else None)
                    continue
                pair = fraction(halved(first, left)), fraction(halved(second, right))
                if pair[0] is not None and pair[1] is not None:
                    found = number(by.of(pair[0], pair[1]))
                    if found is not None:
                        yield Result(one, first, second, (left, right), doubled(one, found))


def _is_chosen(one: Field) -> bool:
    """Whether a number of the field is chosen, be it written or brought about by periods."""
    if one.type == "date":
        return True
    return one.is_number and (one.type != "computed" or isinstance(one.derived, DaysInAll | DaysInOneRun))


def doubled(one: Field, value: Number | str) -> int:
    """A number of the record, times two as facts have it; one that lies between goes to the even one."""
    assert not isinstance(value, str)
    return round(2 * one.scaled(value))


def halved(one: Field, near: int) -> Number:
    """A doubled number as the record has it."""
    return one.unscaled(near // 2 if near % 2 == 0 else near / 2)


def _near(one: Field, limit: int) -> Iterator[int]:
    """A number, and those next to it on both sides."""
    if one.type == "date":
        day = day_of_number(limit)
        if day is not None and FIRST_DAY < day < LAST_DAY:
            yield from (2 * number_of_day(day + timedelta(days=step)) for step in (-1, 0, 1))
        return
    steps = (-2, -1, 0, 1, 2) if one.type == "decimal" and not one.decimals else (-2, 0, 2)
    yield from (2 * limit + step for step in steps)


def _beside(moved: Callable[[date, int], date], start: int, number: int, step: int) -> Iterator[int]:
    """The date so many units of time away, and the day beside it."""
    day = day_of_number(start)
    away = None if day is None else moved(day, number)
    if away is not None and FIRST_DAY < away < LAST_DAY:
        yield from (number_of_day(away), number_of_day(away + timedelta(days=step)))
