"""Functions of dates and periods: ages, days of use, what goes on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from facts.days import DaysInAll as DaysInAll
from facts.days import DaysInOneRun as DaysInOneRun
from facts.function import Bounds, Edit, Function, Number, OfPeriods, Parameter, Write, add
from facts.paths import pointer
from facts.periods import (
    FIRST_DAY,
    LAST_DAY,
    Period,
    Stretch,
    completed_months,
    covers,
    months_after,
    months_before,
    within,
)

if TYPE_CHECKING:
    from facts.case import Case
    from facts.declaration import Field
    from facts.values import Values

_DAY = timedelta(days=1)
_DATE = ("date",)
_PERIODS = ("periods",)


class Completed(Function, ABC):
    """Whole units of time from one date to another."""

    parameters = (Parameter("Start", _DATE), Parameter("On", _DATE))
    in_time = True
    checks_bases = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.start: Field = arguments[0]
        self.on: Field = arguments[1]

    @abstractmethod
    def count(self, start: date, on: date) -> int:
        """How many are completed."""

    @abstractmethod
    def after(self, start: date, number: int) -> date:
        """The first day on which so many are completed; date.max where that would be later."""

    @abstractmethod
    def before(self, on: date, number: int) -> date:
        """The last day from which so many are completed; date.min where that would be earlier."""

    @abstractmethod
    def span(self, number: Number) -> str:
        """So many, in words."""

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.start,)

    def between(self, start: date | None, on: date | None) -> int | None:
        """How many there are from the one date to the other; None where one is missing, or later than the other."""
        return None if start is None or on is None or start > on else self.count(start, on)

    def bounds(self, values: Values, at: int) -> Bounds | None:
        found = self.between(values.stated(self.start, at), values.stated(self.on, at))
        return None if found is None else (found, found)

    def faults(self, values: Values, own: Field, at: int) -> list[tuple[str, str]]:
        start = values.stated(self.start, at)
        number = None if start is None else self.between(start, values.stated(self.on, at))
        if number is None:
            return []
        found, place = [], self.start.path(at)
        if own.high is not None and number > own.high:
            found.append((place, f"more than {self.span(own.high)} before the {self.on.title}"))
        if own.low is not None and number < own.low:
            found.append((place, f"less than {self.span(own.low)} before the {self.on.title}"))
        return found + super().faults(values, own, at)

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        on, start, stated = case.stated(self.on, at), case.stated(self.start, at), case.stated(own, at)
        edits = []
        if on is not None and (start is not None or own.type == "computed"):
            first = self.before(on, value)
            if first < FIRST_DAY:
                return []
            edits.append(add(pointer(self.start.path(at)), first.isoformat()))
        if (stated is not None or not edits) and own.type != "computed":
            edits.append(add(pointer(own.path(at)), value))
        return edits

    def determined(self, values: Values, at: int) -> bool:
        return values.stated(self.start, at) is not None

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        start = values.stated(self.start, at)
        if start is not None:
            for number in numbers:
                yield from (self.after(start, number), self.after(start, number + 1))


class CompletedMonths(Completed):
    """Months from one date to another; from the 31st: a month more on the 1st after a month without one."""

    months: ClassVar[int] = 1
    """How many months are one of the units."""

    def count(self, start: date, on: date) -> int:
        return completed_months(start, on) // self.months

    def after(self, start: date, number: int) -> date:
        return months_after(start, self.months * number)

    def before(self, on: date, number: int) -> date:
        return months_before(on, self.months * number)

    def span(self, number: Number) -> str:
        return f"{number} months"


class CompletedYears(CompletedMonths):
    """Years from one date to another; from 29 February: a year more on 1 March in common years."""

    months = 12

    def span(self, number: Number) -> str:
        return f"{number} years"


class CompletedDays(Completed):
    """Days from one date to another: 1 from a day to the next."""

    def count(self, start: date, on: date) -> int:
        return (on - start).days

    def after(self, start: date, number: int) -> date:
        return start + timedelta(days=number) if number <= (date.max - start).days else date.max

    def before(self, on: date, number: int) -> date:
        return on - timedelta(days=number) if number <= (on - date.min).days else date.min

    def span(self, number: Number) -> str:
        return f"{number} days"


class ActiveOn(OfPeriods):
    """Whether a period covers the day; without periods it is taken to go on."""

    parameters = (Parameter("Periods", _PERIODS), Parameter("On", _DATE))
    kind = "truth"
    fits = ("computed",)

    def truth(self, values: Values, at: int) -> bool | None:
        periods = values.stated(self.periods, at)
        if not periods:
            return True
        day = values.stated(self.until, at)
        return None if day is None else covers(periods, day)

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        for period in values.stated(self.periods, at) or ():
            if "start" in period:
                yield period["start"]
            if "end" in period and period["end"] < LAST_DAY:
                yield period["end"] + _DAY

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        day = case.stated(self.until, at)
        if day is None or self.truth(case, at) is value:
            return []
        periods: Sequence[Period] = case.stated(self.periods, at) or ()
        place = pointer(self.periods.path(at))
        return self._reopened(case, periods, place, day, at) if value else self._ended(case, periods, place, day, at)

    def _ended(self, case: Case, periods: Sequence[Period], place: str, day: date, at: int) -> list[Edit]:
        """End every period that covers the day on the day before it."""
        before = (day - _DAY).isoformat()
        if not periods:
            return [add(place, [{"end": before}])]
        edits = []
        for index, period in enumerate(periods):
            if not within(period, day):
                continue
            # its days could no longer agree, or it would end before it begins: keep the end alone
            if period.get("start") == day or self._counted(case, at):
                edits.append({"op": "replace", "path": f"{place}/{index}", "value": {"end": before}})
            else:
                edits.append(add(f"{place}/{index}/end", before))
        return edits

    def _reopened(self, case: Case, periods: Sequence[Period], place: str, day: date, at: int) -> list[Edit]:
        """Let the period that ended last go on; where none has ended, the first begins on the day."""
        ended = [(period["end"], index) for index, period in enumerate(periods) if period.get("end", day) < day]
        if ended:
            _, index = max(ended)
            if not self._counted(case, at):
                return [{"op": "remove", "path": f"{place}/{index}/end"}]
        else:
            _, index = min((period.get("start", day), index) for index, period in enumerate(periods))
            if not self._counted(case, at):
                return [add(f"{place}/{index}/start", day.isoformat())]
        return [{"op": "replace", "path": f"{place}/{index}", "value": {}}]

    def _counted(self, case: Case, at: int) -> bool:
        """Whether days are stated beside the periods."""
        counts = case.declaration.days_of(self.periods)
        return any(case.stated(field, at) is not None for field in counts)


class UsedTogether(Function):
    """Whether two entries overlap by a day, or one names the other, where they differ in a third field."""

    parameters = (
        Parameter("References", ("references",)), Parameter("Periods", _PERIODS),
        Parameter("Differing", ("word", "choice", "product", "text")),
    )  # fmt: skip
    kind = "truth"
    fits = ("computed",)
    entries = 2
    in_time = True
    after_reading = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.references: Field = arguments[0]
        self.periods: Field = arguments[1]
        self.differing: Field = arguments[2]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.references,)

    def pairs(self, case: Case) -> list[tuple[date, tuple[int, int]]]:
        """The pairs of entries of which it is so on some day and ever after, each with the first such day.

        By position, the later one growing.
        """
        name, periods = self.references.list, self.periods.key
        entries, count = case.entries(name), case.count(name)
        named = {at: entry[self.references.key] for at, entry in enumerate(entries) if entry.get(self.references.key)}
        spans = [
            (period.get("start", date.min), period.get("end", date.max), at)
            for at, entry in enumerate(entries)
            for period in entry.get(periods, ())
        ]
        if not named and len(spans) < 2:
            return []
        kinds: dict[object, int] = {}
        kind = [kinds.setdefault(case.compared(self.differing, at), len(kinds)) for at in range(count)]
        """Of each entry a number for what it says in the third field."""
        first: dict[int, date] = {}
        """Of each pair: the position of the later entry, times the entries, and that of the other."""
        for other, identity in enumerate(case.ids(name) if named else ()):
            for at, own in named.items():
                if identity in own and kind[at] != kind[other]:
                    first[max(at, other) * count + min(at, other)] = date.min
        going: list[tuple[date, int, int]] = []
        for start, end, at in sorted(spans):
            going = [one for one in going if one[0] >= start]
            mine = kind[at]
            others = [other for _, other, its in going if its != mine]
            for pair in [at * count + other if at > other else other * count + at for other in others]:
                if pair not in first:
                    first[pair] = start
            going.append((end, at, mine))
        return [(first[pair], (pair % count, pair // count)) for pair in sorted(first)]

    def pair_edits(self, case: Case, first: int, second: int, together: bool) -> list[Edit]:
        """Name the second entry in the first; or no longer name either in the other, and end what overlaps before."""
        ids = case.ids(self.references.list)
        if together:
            return [add(f"{pointer(self.references.path(first))}/-", ids[second])]
        parted = self._parted(case, first, second)
        if parted is None:
            return []
        edits = parted
        for one, other in ((first, second), (second, first)):
            named = case.stated(self.references, one) or ()
            place = pointer(self.references.path(one))
            if ids[other] in named:
                edits.append(add(place, [identity for identity in named if identity != ids[other]]))
        return edits

    def _parted(self, case: Case, first: int, second: int) -> list[Edit] | None:
        """End periods of the one before those of the other begin that they overlap.

        None where both begin on one day, where something else follows from the periods, or where those of a third
        entry overlap them, which could be parted as well.
        """
        day = case.day or date.max
        each = [_spans(case.stated(self.periods, at) or (), day) for at in (first, second)]
        ends: dict[tuple[int, Stretch], date] = {}
        for one in each[0]:
            for other in each[1]:
                if one[0] <= other[1] and other[0] <= one[1]:
                    at, early, late = (first, one, other) if one[0] < other[0] else (second, other, one)
                    if early[0] == late[0]:
                        return None
                    ends[at, early] = min(late[0] - _DAY, ends.get((at, early), date.max))
        if ends and (self._is_used_otherwise(case) or self._overlaps_a_third(case, first, second, day)):
            return None
        edits = []
        for (at, span), end in ends.items():
            for index, period in enumerate(case.stated(self.periods, at) or ()):
                if _spans((period,), day) == [span]:
                    edits.append(add(f"{pointer(self.periods.path(at))}/{index}/end", end.isoformat()))
        return edits

    def _is_used_otherwise(self, case: Case) -> bool:
        return any(one.derived is not None and self.periods in one.derived.bases for one in case.declaration.fields)

    def _overlaps_a_third(self, case: Case, first: int, second: int, day: date) -> bool:
        spans = [_spans(entry.get(self.periods.key, ()), day) for entry in case.entries(self.references.list)]
        both = [*spans[first], *spans[second]]
        others = [span for at, own in enumerate(spans) if at not in (first, second) for span in own]
        return any(a <= d and c <= b for a, b in both for c, d in others)

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        for period in values.stated(self.periods, at) or ():
            if "start" in period:
                yield period["start"]


def _spans(periods: Sequence[Period], day: date) -> list[Stretch]:
    """The periods up to the day, without a start from the first day there is."""
    return [
        (period.get("start", date.min), min(period.get("end", day), day))
        for period in periods
        if period.get("start", date.min) <= day
    ]
