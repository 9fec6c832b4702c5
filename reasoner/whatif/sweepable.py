"""What of a record can be swept: its numbers and dates, each with a range in which something can change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Literal, NamedTuple

from facts.case import Case
from facts.declaration import Field
from facts.function import NUMBERS, Number, number_text
from facts.periods import FIRST_DAY, LAST_DAY, Period
from reasoner.policy.folder import RuleFolder

_BEYOND = 20
"""A declared bound is of use up to so many times what the record and the rules have; else twice that is enough."""
_MOST_STEPS = 1_000
"""Values of a range that is offered, about the most."""
_AROUND = timedelta(days=183)
"""Half of the year that is swept around a date."""


class Sweepable(NamedTuple):
    """A value of the record that can be swept, and the range that is offered; `step` where it is not the usual one."""

    path: str
    group: str
    """The section, or the entry, in which it stands."""
    title: str
    unit: str
    kind: Literal["number", "date"]
    low: str
    high: str
    step: str | None
    present: str | None
    """What it is now, where that is known."""

    @property
    def range(self) -> str:
        """The range as it is written."""
        return f"{self.low}..{self.high}"


def sweepable(policy: RuleFolder, case: Case) -> tuple[Sweepable, ...]:
    """The numbers and dates that the record states, or could, in the order of the declaration."""
    return tuple(_Ranges(policy, case).all())


class _Ranges:
    """The ranges of one record's fields."""

    def __init__(self, policy: RuleFolder, case: Case) -> None:
        self.case = case
        self.declaration = case.declaration
        self.compared: dict[Field, set[Number]] = {}
        for term, numbers in policy.compared_numbers().items():
            field = self.declaration.field(term)
            if field is not None and field.type in NUMBERS:
                self.compared.setdefault(field, set()).update(map(field.unscaled, numbers))

    def all(self) -> Iterator[Sweepable]:
        """Of the record as a whole first, then of each entry."""
        for field in self.declaration.of_record:
            yield from self._of(field, -1, self.declaration.sections.get(field.section, ""))
        for own in self.declaration.entry_lists.values():
            for at in range(self.case.count(own.name)):
                title = self.case.entry_title(own.entry(at))
                for field in own.fields:
                    yield from self._of(field, at, title)

    def _of(self, field: Field, at: int, group: str) -> Iterator[Sweepable]:
        title = field.title or field.key.replace("_", " ")
        if field.type in NUMBERS:
            if self._is_given(field, at):
                return
            found = self._numbers(field, at)
            if found is not None:
                low, high, step = found
                present = self._known(field, at)
                now = None if present is None else number_text(present)
                yield Sweepable(field.path(at), group, title, field.unit, "number", _text(low), _text(high), step, now)
        elif field.type == "date":
            stated = self.case.stated(field, at)
            days = self._days(stated, *self._kept(field, at))
            yield from _of_days(field.path(at), group, title, days, stated)
        elif field.type == "periods":
            for number, period in enumerate(self.case.stated(field, at) or ()):
                path = f"{field.path(at)}[{number}]"
                for end in ("start", "end"):
                    stated = period.get(end)
                    days = self._days(stated, *_other_end(period, end))
                    yield from _of_days(f"{path}.{end}", group, f"{end} of period {number + 1}", days, stated)

    def _known(self, field: Field, at: int) -> Number | None:
        bounds = self.case.bounds(field, at)
        return bounds[0] if bounds is not None and bounds[0] == bounds[1] else None

    def _numbers(self, field: Field, at: int) -> tuple[Decimal, Decimal, str | None] | None:
        """The range of a number, and its step; None where nothing says how great it may be."""
        known = [*self.compared.get(field, ()), self._known(field, at)]
        numbers = [Decimal(str(one)) for one in known if one is not None]
        reach = max((abs(one) for one in numbers), default=None)
        least, most = self._kept(field, at)
        low, high = Decimal(str(field.low or 0)), Decimal(str(field.high or 0))
        wide = Decimal(_MOST_STEPS) if reach is None else reach * _BEYOND
        if field.high is None or high > wide:
            if reach is None:
                return None
            high = max(reach * 2, low + 1)
        if field.low is None or low < -wide:
            low = min([2 * one for one in numbers] + [Decimal(0)])
        low = low if least is None else max(low, Decimal(str(least)))
        high = high if most is None else min(high, Decimal(str(most)))
        return (low, high, step_of(field.decimals, high - low)) if low < high else None

    def _days(self, stated: date | None, least: date | None, most: date | None) -> tuple[date, date] | None:
        """A year around a date, or up to the day of the record where there is none."""
        middle = stated or self.case.day
        if middle is None:
            return None
        low = max(middle - _AROUND if (middle - FIRST_DAY) > _AROUND else FIRST_DAY, least or FIRST_DAY)
        high = min(middle + _AROUND if (LAST_DAY - middle) > _AROUND else LAST_DAY, most or LAST_DAY)
        return (low, high) if low < high else None

    def _kept(self, field: Field, at: int) -> tuple[Any, Any]:
        """What other fields let it be at least, and at most: those that it may not be below, or above."""
        least = [one for first, second in self.declaration.in_order if second is field for one in self._all(first, at)]
        most = [one for first, second in self.declaration.in_order if first is field for one in self._all(second, at)]
        return max(least, default=None), min(most, default=None)

    def _all(self, field: Field, at: int) -> Iterator[Any]:
        """What is known of a field: of the entry, or of all entries where it is asked for the record as a whole."""
        positions: Sequence[int] = (-1,)
        if field.list:
            positions = (at,) if at >= 0 else range(self.case.count(field.list))
        for position in positions:
            found = self.case.stated(field, position) if field.type == "date" else self._known(field, position)
            if found is not None:
                yield found

    def _is_given(self, field: Field, at: int) -> bool:
        """Whether periods, or entries of a list, give the number, which are not left out where it is swept."""
        by = field.derived
        if by is None or not any(base.type == "periods" or base.list not in ("", field.list) for base in by.bases):
            return False
        return by.exact(self.case, at) is not None


def step_of(decimals: int, width: Decimal) -> str | None:
    """The step where that of the last decimal would be too small for so wide a range."""
    step = usual = Decimal(1).scaleb(-decimals)
    while width / step > _MOST_STEPS:
        step *= 10
    return None if step == usual else _text(step)


def days_of_step(days: int) -> str | None:
    """The days of a step where single days would be too many."""
    return str(ceil(days / _MOST_STEPS)) if days > _MOST_STEPS else None


def _of_days(
    path: str, group: str, title: str, days: tuple[date, date] | None, stated: date | None
) -> Iterator[Sweepable]:
    if days is not None:
        low, high = (day.isoformat() for day in days)
        yield Sweepable(path, group, title, "", "date", low, high, None, None if stated is None else stated.isoformat())


def _other_end(period: Period, end: str) -> tuple[date | None, date | None]:
    """What the other end of a period lets this one be at least and at most."""
    return (None, period.get("end")) if end == "start" else (period.get("start"), None)


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
