"""The time line of a case: each use with dates, against the days of it that each item asks for.

What is drawn is days; `Timeline.left` and `Timeline.width` give their place as fractions of the whole. Whoever draws
a row says the same in its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from facts.case import Case
from facts.declaration import Field
from facts.periods import Period, Stretch, runs
from reasoner.render.asked_days import Placed, Question, from_the_first, moved, questions, up_to
from reasoner.render.calendar_axis import Tick, ticks
from reasoner.verdict.model import FactStatus, Verdict
from reasoner.verdict.policy import Policy

_DAY = timedelta(days=1)
_MOST_PERIODS = 4
"""Periods of a row that its words name, at most; the bars show all."""


class Bar(NamedTuple):
    """Days of use, both ends included. An end that is open is not on the record: it is drawn, but not known."""

    days: Stretch
    words: str
    open_start: bool = False
    open_end: bool = False
    is_dated: bool = True
    """Whether the record says when it was; else only how many days."""


class Mark(NamedTuple):
    """So many days of a row as items ask, where they would lie, and which of them are missing or too many."""

    status: FactStatus
    words: str
    items: tuple[str, ...]
    asked: Stretch
    gap: Stretch | None
    """The days that are missing, or beyond the most that is asked; None where the number fits."""
    share: float
    """The days on the record as a part of those asked."""


class Row(NamedTuple):
    """The use that one field of periods tells of."""

    path: str
    title: str
    words: tuple[str, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


class Timeline(NamedTuple):
    """The rows, the days from the first to the last that is drawn, and the day of the record."""

    rows: tuple[Row, ...]
    titles: tuple[str, ...]
    """What the policy's record has of periods, by title; empty: nothing, so that there is no time line."""
    first: date
    last: date
    day: date | None
    day_title: str

    def left(self, day: date) -> float:
        """Where a day begins, as a fraction of the whole."""
        return (min(max(day, self.first), self.last + _DAY) - self.first).days / self._length

    def width(self, days: Stretch) -> float:
        """How wide days are, both ends included, as a fraction of the whole."""
        return max(self.left(days[1] + _DAY) - self.left(days[0]), 0.0)

    @property
    def today(self) -> float | None:
        """The middle of the day of the record, as a fraction of the whole."""
        return None if self.day is None else self.left(self.day) + self.width((self.day, self.day)) / 2

    @property
    def _length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The days that the axis names."""
        return tuple(ticks(self.first, self.last))


def timeline(policy: Policy, case: Case, verdict: Verdict) -> Timeline:
    """The time line of a case and its verdict: a row for each entry, and each field, that has periods."""
    declaration, asked = case.declaration, questions(policy, case, verdict)
    sources: list[tuple[Field, int, str, str]] = [
        (field, -1, field.title, field.path(-1)) for field in declaration.periods if case.stated(field, -1) is not None
    ]
    for own in declaration.entry_lists.values():
        for at in range(case.count(own.name) if own.periods else 0):
            title = case.entry_title(own.entry(at))
            for field in own.periods:
                name = title if len(own.periods) == 1 else f"{title}: {field.title}"
                sources.append((field, at, name, f"{own.name}[{at}]"))
    drawn = [_Drawn(case, field, at) for field, at, _, _ in sources]
    marks = [tuple(one.marks(asked.get((one.field, one.at), ()))) for one in drawn]
    first, last = _ends(case.day, drawn, marks)
    rows = (
        Row(path, title, one.words, tuple(one.bars(first, last)), own)
        for (_, _, title, path), one, own in zip(sources, drawn, marks, strict=True)
    )
    titles = (
        *(field.title for field in declaration.periods),
        *(one.title for one in declaration.entry_lists.values() if one.periods),
    )
    title = declaration.day.title if declaration.day is not None else ""
    return Timeline(tuple(rows), titles, first, last, case.day, title)


class _Drawn:
    """The periods of one field: their bars, and where the days that are asked of them lie."""

    def __init__(self, case: Case, field: Field, at: int) -> None:
        self.case, self.field, self.at = case, field, at
        self.periods: Sequence[Period] = case.stated(field, at) or ()
        self.day = case.day
        self.stretches = runs(self.periods, case.day) if case.day is not None else ()
        self.counts = case.declaration.days_of(field)
        known = [case.bounds(one, at) for one in self.counts] if not self.periods else []
        self.undated = max((int(one[0]) for one in known if one is not None and one[0] is not None), default=0)

    @property
    def words(self) -> tuple[str, ...]:
        """The periods in words, or how many days the record states without them."""
        if not self.periods:
            return (f"{self.undated} days, without dates" if self.undated else "no dates on the record",)
        more = len(self.periods) - _MOST_PERIODS
        return (*map(_in_words, self.periods[:_MOST_PERIODS]), *((f"{more} more",) if more > 0 else ()))

    def days(self) -> Iterator[date]:
        """The days that the axis has to show."""
        for period in self.periods:
            yield from period.values()
        if self.undated and self.day is not None:
            yield moved(self.day, 1 - self.undated)

    def bars(self, first: date, last: date) -> Iterator[Bar]:
        """The periods; what is open goes to the day of the record, or to the end of what is drawn."""
        if self.undated and not self.periods and self.day is not None:
            yield Bar((moved(self.day, 1 - self.undated), self.day), self.words[0], is_dated=False)
        for period in self.periods:
            start, end = period.get("start", first), period.get("end")
            if end is None:
                end = self.day if self.day is not None and self.day >= start else last
            yield Bar((start, end), _in_words(period), "start" not in period, "end" not in period)

    def marks(self, asked: Iterable[Question]) -> Iterator[Mark]:
        """The days that are asked, from where the days begin that there are."""
        for question in asked:
            bounds = self.case.bounds(question.field, self.at) or (None, None)
            there, low, high = int(bounds[0] or 0), question.low, question.high
            number = high if high is not None and (low is None or there > high) else low
            if number is None or number < 1 or self.day is None:
                continue
            placed = self._place(question, number, there, self.day)
            items, share = question.items, there / number
            yield Mark(question.fact.status, question.in_words(bounds), items, placed.asked, placed.gap, share)

    def _place(self, question: Question, number: int, there: int, day: date) -> Placed:
        stretches, is_most = self.stretches, number != question.low
        if not stretches:
            last = max((one["end"] for one in self.periods if "end" in one), default=day)
            return up_to(min(last, day), number, there, is_most=is_most)
        if question.in_one_run:
            stretches = (max(stretches, key=lambda one: ((one[1] - one[0]).days, one[1])),)
        return from_the_first(stretches, number, is_most=is_most)


def _ends(day: date | None, drawn: Iterable[_Drawn], marks: Iterable[Sequence[Mark]]) -> Stretch:
    """The first and the last day that is drawn: all that has dates, and a little room on both sides."""
    days = [found for one in drawn for found in one.days()]
    days += [found for own in marks for mark in own for found in mark.asked]
    days += [day] if day is not None else []
    first, last = min(days, default=date.min), max(days, default=date.min)
    room = max((last - first).days // 40, 2)
    return moved(first, -room), moved(last, room)


def _in_words(period: Period) -> str:
    start, end = period.get("start"), period.get("end")
    if start is not None:
        return f"{start} to {end}" if end is not None else f"since {start}"
    return f"until {end}, start not known" if end is not None else "without dates"
