"""Days and years: the arithmetic of dates and periods, both ends included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date, timedelta

LAST_DAY = date(2199, 12, 31)
"""The last day that a record can have."""

FIRST_DAY = date(1800, 1, 1)
"""The first day that a record can have."""

Stretch = tuple[date, date]
Period = Mapping[str, date]
"""A start and an end, each where it is known; without an end it goes on."""

_DAY = timedelta(days=1)


def number_of_day(day: date) -> int:
    """A day as the number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_of_number(number: int) -> date | None:
    """The day of a number YYYYMMDD; None where there is no such day."""
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; born on 29 February: a year older on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def birthday(born: date, years: int) -> date:
    """The day on which so many years are completed; born on 29 February: 1 March in common years."""
    if not MINYEAR <= born.year + years <= MAXYEAR:
        return date.max  # later than any day of a record
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def begun(periods: Iterable[Period]) -> bool:
    """Whether each of the periods, at least one, says when it began: only then are its days known."""
    found = False
    for period in periods:
        if "start" not in period:
            return False
        found = True
    return found


def runs(periods: Iterable[Period], until: date) -> tuple[Stretch, ...]:
    """The unbroken stretches of the periods that have a start, up to and with `until`."""
    spans: list[Stretch] = []
    for period in periods:
        start = period.get("start")
        if start is not None and start <= until:
            end = period.get("end")
            spans.append((start, until if end is None or end > until else end))
    return merged(spans) if len(spans) > 1 else tuple(spans)


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches joined where they overlap or touch, in order."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1] + _DAY:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)


def total_days(stretches: Sequence[Stretch]) -> int:
    """Days in all."""
    return sum([(end - start).days + 1 for start, end in stretches])


def longest_run(stretches: Sequence[Stretch]) -> int:
    """Days of the longest stretch."""
    return max([(end - start).days + 1 for start, end in stretches], default=0)


def covers(periods: Sequence[Period] | None, day: date) -> bool:
    """Whether use goes on on that day: not ended before it and not begun after it; without periods it does."""
    return not periods or any(within(period, day) for period in periods)


def within(period: Period, day: date) -> bool:
    """Whether the day is one of the period's."""
    start, end = period.get("start"), period.get("end")
    return (start is None or start <= day) and (end is None or end >= day)
