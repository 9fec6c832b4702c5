"""The axis of a calendar: which days it names, few enough that their labels do not meet on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

_MOST = 6
"""Labels of months or years, about the most; of days, which are longer, two fewer."""
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400)
"""Months from one label to the next."""
_MONTH = 30.44
"""Days of a month, on average."""


class Tick(NamedTuple):
    """A day that the axis names."""

    day: date
    label: str


def ticks(first: date, last: date) -> Iterator[Tick]:
    """The firsts of months, or of years, from one day to another; within two months every so many days."""
    days = (last - first).days
    if days < 2 * _MONTH:
        step = timedelta(days=max(ceil(days / (_MOST - 2)), 1))
        yield from (Tick(day, day.isoformat()) for day in _every(first + step, last, step))
        return
    step_of_months = next((one for one in _STEPS if days / _MONTH / one <= _MOST), _STEPS[-1])
    begins = first.year * 12 + first.month  # the month after the first day's
    for month in range(ceil(begins / step_of_months) * step_of_months, last.year * 12 + last.month, step_of_months):
        day = date(month // 12, month % 12 + 1, 1)
        yield Tick(day, f"{day.year}" if step_of_months >= 12 else f"{day.year}-{day.month:02}")


def _every(first: date, last: date, step: timedelta) -> Iterator[date]:
    day = first
    while day < last:
        yield day
        day += step
