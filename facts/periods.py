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


def completed_months(start: date, on: date) -> int:
    """Months from one day to another; from the 31st: a month more on the 1st after a month without one."""
    return 12 * (on.year - start.year) + on.month - start.month - (on.day < start.day)


def months_after(start: date, months: int) -> date:
    """The day on which so many months are completed; the 1st of the next month where a month has no such day."""
    year, month = divmod(12 * start.year + start.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return date.max  # later than any day of a record
    try:
        return date(year, month + 1, start.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1)


def months_before(on: date, months: int) -> date:
    """The last day from which so many months are completed; the last of a month that has no such day."""
    year, month = divmod(12 * on.year + on.month - 1 - months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return date.min  # earlier than any day of a record
    try:
        return date(year, month + 1, on.day)
    except ValueError:
        return date(year + (month == 11), (month + 1) % 12 + 1, 1) - _DAY


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
    return not periods or True in [within(period, day) for period in periods]


def within(period: Period, day: date) -> bool:
    """Whether the day is one of the period's."""
    start, end = period.get("start"), period.get("end")
    return (start is None or start <= day) and (end is None or end >= day)
