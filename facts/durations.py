"""Functions of dates and periods: ages, days of use, what goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from facts.function import Bounds, Edit, Function, Number, Parameter, Write
from facts.paths import pointer
from facts.periods import (
    FIRST_DAY,
    LAST_DAY,
    Period,
    Stretch,
    begun,
    birthday,
    completed_years,
    covers,
    longest_run,
    merged,
    runs,
    total_days,
    within,
)

if TYPE_CHECKING:
    from facts.case import Case
    from facts.declaration import Field
    from facts.values import Values

_DAY = timedelta(days=1)
_DATE = ("date",)
_PERIODS = ("periods",)


def add(path: str, value: Any) -> Edit:
    """The step that writes a value at a JSON Pointer."""
    return {"op": "add", "path": path, "value": value}


class CompletedYears(Function):
    """Years from one date to another."""

    parameters = (Parameter("Birth", _DATE), Parameter("On", _DATE))
    in_time = True
    checks_bases = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.birth: Field = arguments[0]
        self.on: Field = arguments[1]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.birth,)

    def bounds(self, values: Values, at: int) -> Bounds | None:
        birth, on = values.stated(self.birth, at), values.stated(self.on, at)
        if birth is None or on is None or birth > on:
            return None
        years = completed_years(birth, on)
        return years, years

    def faults(self, values: Values, own: Field, at: int) -> list[tuple[str, str]]:
        birth = values.stated(self.birth, at)
        on = None if birth is None else values.stated(self.on, at)
        if on is None or birth > on:
            return []
        years, place = completed_years(birth, on), self.birth.path(at)
        found = []
        if own.high is not None and years > own.high:
            found.append((place, f"more than {own.high} years before the {self.on.title}"))
        if own.low is not None and years < own.low:
            found.append((place, f"less than {own.low} years before the {self.on.title}"))
        return found + super().faults(values, own, at)

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        on, birth, stated = case.stated(self.on, at), case.stated(self.birth, at), case.stated(own, at)
        edits = []
        if birth is not None and on is not None:
            try:
                born = on.replace(year=on.year - value)
            except ValueError:  # 29 February, in a year without one
                born = date(on.year - value, 2, 28)
            edits.append(add(pointer(self.birth.path(at)), born.isoformat()))
        if (stated is not None or not edits) and own.type != "computed":
            edits.append(add(pointer(own.path(at)), value))
        return edits

    def determined(self, values: Values, at: int) -> bool:
        return values.stated(self.birth, at) is not None

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        birth = values.stated(self.birth, at)
        if birth is not None:
            for years in numbers:
                yield from (birthday(birth, years), birthday(birth, years + 1))


class _OfPeriods(Function):
    parameters = (Parameter("Periods", _PERIODS), Parameter("Until", _DATE))
    in_time = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.periods: Field = arguments[0]
        self.until: Field = arguments[1]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.periods,)

    def determined(self, values: Values, at: int) -> bool:
        return begun(values.stated(self.periods, at) or ())


class ActiveOn(_OfPeriods):
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


class _Days(_OfPeriods):
    """Days of the periods up to a day; without dates as much as the other count, if it is stated, lets be known."""

    other: ClassVar[str]

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        super().__init__(arguments, sibling)
        self._find = sibling

    @cached_property
    def sibling(self) -> Field | None:
        """The field of the other count of the same periods."""
        return self._find(self.other)

    def count(self, stretches: Sequence[Stretch]) -> int:
        """The days of these stretches."""
        raise NotImplementedError

    def beside(self, values: Values, at: int) -> Number | None:
        """What the record states of the other count of the same periods."""
        other = self.sibling
        return None if other is None else values.stated(other, at)

    def exact(self, values: Values, at: int) -> Number | None:
        periods = values.stated(self.periods, at)
        return self.known(values, at) if periods and begun(periods) else None

    def known(self, values: Values, at: int) -> int:
        """The days of those periods that have a start."""
        periods = values.stated(self.periods, at)
        until = values.stated(self.until, at) if periods else None
        return 0 if until is None else self.count(values.stretches(periods, until))

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        periods: Sequence[Period] = values.stated(self.periods, at) or ()
        today: date | None = values.stated(self.until, at)
        if not periods or today is None:
            return
        starts = [(period["start"] - today).days for period in periods if "start" in period]
        begins = max(starts, default=0) + 1 if starts else 1
        for number in numbers:
            for days in (number, number + 1):
                yield from self._reaching(periods, today, days, begins)

    def _reaching(self, periods: Sequence[Period], today: date, days: int, begins: int) -> Iterator[date]:
        """The first day on which the periods have so many days, found by halving; the last begins in `begins` days."""
        low, high = today, today + timedelta(days=min((LAST_DAY - today).days, days + max(begins, 0)))

        def reached(day: date) -> bool:
            return self.count(runs(periods, day)) >= days

        if reached(low) or not reached(high):
            return
        while (high - low).days > 1:
            middle = low + (high - low) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        yield high

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        periods: Sequence[Period] = case.stated(self.periods, at) or ()
        until = case.stated(self.until, at)
        if own.type == "computed" and not periods:
            return []
        if until is None or not begun(periods):
            return self.stated_edits(case, own, at, value)
        if not 0 <= value <= (until - FIRST_DAY).days:
            return []
        if value < self.known(case, at):
            return self._shortened(case, own, at, periods, until, value)
        return self._lengthened(case, own, at, periods, until, value)

    def stated_edits(self, case: Case, own: Field, at: int, value: int) -> list[Edit]:
        """How to state the days, of periods without dates."""
        raise NotImplementedError

    def start_for(self, stretches: Sequence[Stretch], start: date, end: date, days: int) -> date:
        """The day on which the stretch from `start` to `end` would have to begin for there to be so many days."""
        raise NotImplementedError

    def _lengthened(
        self, case: Case, own: Field, at: int, periods: Sequence[Period], until: date, days: int
    ) -> list[Edit]:
        """Lengthen the periods, back in time from the end of their longest run."""
        place, stretches = pointer(self.periods.path(at)), runs(periods, until)
        if stretches:
            start, end = max(stretches, key=lambda stretch: ((stretch[1] - stretch[0]).days, stretch[1]))
            begin = self.start_for(stretches, start, end, days)
            index = next(place for place, period in enumerate(periods) if period["start"] == start)
            edits = [add(f"{place}/{index}/start", begin.isoformat())]
            stretches = merged((*stretches, (begin, end)))
        else:
            end = until - _DAY
            begin = end - timedelta(days=days - 1)
            edits = [add(f"{place}/-", {"start": begin.isoformat(), "end": end.isoformat()})]
            stretches = ((begin, end),)
        return [*edits, *self._agreeing(case, own, at, stretches)] if begin >= FIRST_DAY else []  # no record's day

    def _agreeing(self, case: Case, own: Field, at: int, stretches: Sequence[Stretch]) -> Iterator[Edit]:
        """The counts that the record states beside the periods, as these have them."""
        for field in case.declaration.days_of(self.periods):
            if case.stated(field, at) is not None:
                assert isinstance(field.derived, _Days)
                yield add(pointer(field.path(at)), field.derived.count(stretches))

    def cut(self, stretches: Sequence[Stretch], days: int) -> list[Stretch]:
        """The stretches without as many of their first days as are too many."""
        raise NotImplementedError

    def _shortened(
        self, case: Case, own: Field, at: int, periods: Sequence[Period], until: date, days: int
    ) -> list[Edit]:
        place, kept = pointer(self.periods.path(at)), self.cut(runs(periods, until), days)
        goes_on = until if covers(periods, until) else None
        later = [period for period in periods if period["start"] > until]
        value = [_written(start, None if end == goes_on else end) for start, end in kept]
        value += [_written(period["start"], period.get("end")) for period in later]
        if value:
            return [add(place, value), *self._agreeing(case, own, at, kept)]
        counts = case.declaration.days_of(self.periods)
        return [add(place, [])] + [add(pointer(field.path(at)), 0) for field in counts if field.type != "computed"]


def _written(start: date, end: date | None) -> dict[str, str]:
    written = {"start": start.isoformat()}
    return written if end is None else {**written, "end": end.isoformat()}


class DaysInAll(_Days):
    """Days in all."""

    other = "days_in_one_run"

    def count(self, stretches: Sequence[Stretch]) -> int:
        return total_days(stretches)

    def bounds(self, values: Values, at: int) -> Bounds | None:
        periods = values.stated(self.periods, at)
        if not periods:
            return self.beside(values, at) or 0, None
        found = self.known(values, at)
        return (found, found) if begun(periods) else (max(found, self.beside(values, at) or 0), None)

    def stated_edits(self, case: Case, own: Field, at: int, value: int) -> list[Edit]:
        run, in_one_run = self.sibling, self.beside(case, at)
        edits = [add(pointer(run.path(at)), value)] if run is not None and (in_one_run or 0) > value else []
        return [*edits, add(pointer(own.path(at)), value)]

    def start_for(self, stretches: Sequence[Stretch], start: date, end: date, days: int) -> date:
        there = total_days(merged((*stretches, (start, end))))
        while there < days:
            start -= timedelta(days=days - there)
            there = total_days(merged((*stretches, (start, end))))
        return start

    def cut(self, stretches: Sequence[Stretch], days: int) -> list[Stretch]:
        kept: list[Stretch] = []
        for start, end in reversed(stretches):
            length = min((end - start).days + 1, days)
            if length > 0:
                kept.insert(0, (end - timedelta(days=length - 1), end))
            days -= length
        return kept


class DaysInOneRun(_Days):
    """Days of the longest unbroken run."""

    other = "days_in_all"

    def count(self, stretches: Sequence[Stretch]) -> int:
        return longest_run(stretches)

    def bounds(self, values: Values, at: int) -> Bounds | None:
        periods = values.stated(self.periods, at)
        if not periods:
            return 0, self.beside(values, at)
        found = self.known(values, at)
        return (found, found) if begun(periods) else (found, self.beside(values, at))

    def stated_edits(self, case: Case, own: Field, at: int, value: int) -> list[Edit]:
        all_days = self.sibling
        in_all = self.beside(case, at)
        edits = []
        if all_days is not None and in_all is not None and in_all < value:
            edits.append(add(pointer(all_days.path(at)), value))
        return [*edits, add(pointer(own.path(at)), value)]

    def start_for(self, stretches: Sequence[Stretch], start: date, end: date, days: int) -> date:
        return end - timedelta(days=days - 1)

    def cut(self, stretches: Sequence[Stretch], days: int) -> list[Stretch]:
        kept = ((max(start, end - timedelta(days=days - 1)), end) for start, end in stretches) if days > 0 else ()
        return list(kept)


class UsedTogether(Function):
    """Whether two entries overlap by a day, or one names the other, where they differ in a third field."""

    parameters = (
        Parameter("References", ("references",)), Parameter("Periods", _PERIODS),
        Parameter("Apart", ("word", "choice", "product", "text")),
    )  # fmt: skip
    kind = "truth"
    fits = ("computed",)
    entries = 2
    in_time = True
    after_reading = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.references: Field = arguments[0]
        self.periods: Field = arguments[1]
        self.apart: Field = arguments[2]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.references,)

    def pairs(self, case: Case) -> Iterator[tuple[int, int]]:
        """The pairs of entries of which it is so, by position, the later one growing."""
        name = self.references.list
        count = len(case.entries(name))
        if count < 2:
            return
        day = case.day or date.max
        entries = case.entries(name)
        named = [entry.get(self.references.key) for entry in entries]
        ids = case.ids(name) if any(named) else []
        spans = [_spans(entry.get(self.periods.key, ()), day) for entry in entries]
        for right in range(1, count):
            for left in range(right):
                overlap = any(a <= d and c <= b for a, b in spans[left] for c, d in spans[right])
                if not overlap:
                    one, other = named[left], named[right]
                    if not ((one and ids[right] in one) or (other and ids[left] in other)):
                        continue
                if case.compared(self.apart, left) != case.compared(self.apart, right):
                    yield left, right

    def pair_edits(self, case: Case, first: int, second: int, together: bool) -> list[Edit]:
        """Name the second entry in the first, or no longer name either in the other."""
        ids = case.ids(self.references.list)
        if together:
            return [add(f"{pointer(self.references.path(first))}/-", ids[second])]
        edits = []
        for one, other in ((first, second), (second, first)):
            named = case.stated(self.references, one) or ()
            place = pointer(self.references.path(one))
            if ids[other] in named:
                edits.append(add(place, [identity for identity in named if identity != ids[other]]))
        return edits

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
