"""Days of use, in all and in one run: their bounds, and how to make them more or less."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from facts.function import Bounds, Edit, Number, OfPeriods, Write, add
from facts.paths import pointer
from facts.periods import FIRST_DAY, LAST_DAY, Period, Stretch, begun, covers, longest_run, merged, runs, total_days

if TYPE_CHECKING:
    from facts.case import Case
    from facts.declaration import Field
    from facts.values import Values

_DAY = timedelta(days=1)


class _Days(OfPeriods):
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
        return self.days_of(values, at, periods) if periods else 0

    def days_of(self, values: Values, at: int, periods: Sequence[Period]) -> int:
        """The days of those of these periods that have a start."""
        until = values.stated(self.until, at)
        return 0 if until is None else self.count(values.stretches(periods, until))

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        periods: Sequence[Period] = values.stated(self.periods, at) or ()
        today: date | None = values.stated(self.until, at)
        if today is None or all(period.get("end", LAST_DAY) <= today for period in periods):
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
        found = self.days_of(values, at, periods)
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
        found = self.days_of(values, at, periods)
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
