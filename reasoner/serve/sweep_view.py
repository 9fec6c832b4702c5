"""What the page shows of a sweep: the values that can be swept, and the stretches of one with the same decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import NamedTuple

from facts.case import Case
from facts.errors import RecordError
from reasoner.render.calendar_axis import ticks
from reasoner.render.intervals import edges_of, position_of, round_numbers
from reasoner.verdict.model import Decision
from reasoner.verdict.policy import Policy
from reasoner.whatif.sweep import Interval, decimals_of, sweep, values
from reasoner.whatif.sweepable import Sweepable, days_of_step, step_of, sweepable


class Stretch(NamedTuple):
    """Values with the same decision and statuses. `left` and `width` are fractions of the whole range."""

    words: str
    decision: Decision
    changed: tuple[str, ...]
    """The items with another status than before, with that status."""
    value: str
    """The value of it that is nearest to the present one: where a click goes."""
    left: float
    width: float
    is_present: bool


class SweepView(NamedTuple):
    """What can be swept, what is, and what came of it; or what is wrong with the range that was asked for."""

    choices: tuple[Sweepable, ...]
    chosen: Sweepable | None
    range: str
    """As it was asked for; empty: the one that is offered."""
    fault: str
    stretches: tuple[Stretch, ...]
    ticks: tuple[tuple[float, str], ...]
    """Places on the axis as fractions, with their labels."""
    present: float | None
    """Where the present value lies, if it is in the range."""
    step: str | None = None
    """By how much the values grow, or days go by, where that is not the least."""

    @property
    def groups(self) -> list[tuple[str, list[Sweepable]]]:
        """The choices by the section, or the entry, in which they stand."""
        return [(group, list(own)) for group, own in groupby(self.choices, lambda one: one.group)]


def sweep_view(policy: Policy, case: Case, path: str = "", asked: str = "") -> SweepView:
    """The sweep of the value at a path over a range such as 0..100, or over the one that is offered for it."""
    choices, asked = sweepable(policy, case), asked.strip()
    chosen = next((one for one in choices if one.path == path), None)
    if chosen is None:
        fault = f"{path} cannot be swept in this record; choose another value" if path else ""
        return SweepView(choices, None, asked, fault, (), (), None)
    decimals = decimals_of(policy, path)
    try:
        step = _step(asked, decimals) if asked else chosen.step
        along = values(asked or chosen.range, step, decimals)
        if isinstance(along[0], date) != (chosen.kind == "date"):
            raise ValueError(f"{asked}: {'dates' if chosen.kind == 'date' else 'numbers'} are needed")
        intervals = sweep(policy, case.record, path, along)
    except RecordError as error:
        return SweepView(choices, chosen, asked, "; ".join(map(str, error.faults)), (), (), None)
    except ValueError as error:
        return SweepView(choices, chosen, asked, str(error), (), (), None)
    return SweepView(choices, chosen, asked, "", *drawn(chosen, intervals), step)


def _step(asked: str, decimals: int) -> str | None:
    """The step of a wide range; None: the usual one, or the range is none."""
    low, _, high = (part.strip() for part in asked.partition(".."))
    try:
        return days_of_step((date.fromisoformat(high) - date.fromisoformat(low)).days)
    except ValueError:
        pass
    try:
        width = Decimal(high) - Decimal(low)
    except InvalidOperation:
        return None
    return step_of(decimals, width) if width.is_finite() else None


def drawn(
    chosen: Sweepable, intervals: Sequence[Interval]
) -> tuple[tuple[Stretch, ...], tuple[tuple[float, str], ...], float | None]:
    """The intervals, the ticks of their axis, and the present value, by their places on it."""
    edges = edges_of(intervals)
    low, high = edges[0], edges[-1]
    now = None if chosen.present is None else position_of(chosen.present)

    def at(position: float) -> float:
        return (position - low) / (high - low) if high > low else 0.0

    found = []
    for number, interval in enumerate(intervals):
        left, right = (at(edges[number]), at(edges[number + 1])) if high > low else (0.0, 1.0)
        is_present = now is not None and position_of(interval.first) <= now <= position_of(interval.last)
        changed = tuple(f"{item} {status}" for item, status in interval.changed)
        value = _nearest(interval, chosen.present)
        words = _in_words(interval, chosen.unit)
        found.append(Stretch(words, interval.decision, changed, value, left, right - left, is_present))
    present = at(now) if now is not None and low <= now <= high else None
    return tuple(found), tuple(_ticks(intervals, chosen, low, high)), present


def _ticks(intervals: Sequence[Interval], chosen: Sweepable, low: float, high: float) -> Iterator[tuple[float, str]]:
    if high <= low:
        yield 0.0, intervals[0].first
    elif chosen.kind == "date":
        for tick in ticks(date.fromordinal(int(low)), date.fromordinal(int(high))):
            yield (tick.day.toordinal() - low) / (high - low), tick.label
    else:
        for place, label in round_numbers(low, high):
            yield (place - low) / (high - low), label


def _nearest(interval: Interval, present: str | None) -> str:
    if present is None or position_of(present) < position_of(interval.first):
        return interval.first
    return present if position_of(present) <= position_of(interval.last) else interval.last


def _in_words(interval: Interval, unit: str) -> str:
    span = interval.first if interval.first == interval.last else f"{interval.first} to {interval.last}"
    return f"{span} {unit}".rstrip()
