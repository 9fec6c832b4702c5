"""A record along a range of one value: the intervals of its decision, and which item changes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from facts.case import Case
from facts.dates import moved
from facts.declaration import Declaration, Field
from facts.errors import Fault, RecordError
from facts.function import NUMBERS, Number
from facts.model import Record
from facts.paths import place_of, steps, value_at
from reasoner.verdict.judge import judge
from reasoner.verdict.model import Decision, all_items
from reasoner.verdict.policy import Policy
from reasoner.whatif.patch import edits, patched

MOST_POINTS = 5_000
"""Values of a range that are judged, at most."""

Value = Decimal | date


@dataclass(frozen=True, slots=True)
class Interval:
    """Values, both included, over which decision and statuses stay the same.

    `changed` are the items with another status than in the interval before, with that status.
    """

    first: str
    last: str
    decision: Decision
    changed: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """The interval as JSON data."""
        return {"first": self.first, "last": self.last, "decision": self.decision, "turned": self.changed}


def values(text: str, step: str | None = None, decimals: int = 0) -> list[Value]:
    """The values of a range such as 0..100 or 2025-01-01..2025-12-31; a step is of numbers or days.

    Without a step, numbers go by the last of so many decimals; by more where there would be too many of them. Raises
    ValueError with what would be right.
    """
    low, dots, high = (part.strip() for part in text.partition(".."))
    if not dots or not low or not high:
        raise ValueError(f"{text}: a range is written from..to")
    try:
        start, end = date.fromisoformat(low), date.fromisoformat(high)
    except ValueError:
        return _numbers(text, low, high, step, decimals)
    days = int(step or 1) if _NUMBER.match(step or "1") and "." not in (step or "1") else 0
    if start > end or days < 1:
        raise ValueError(f"{text}: from is after to, or the step is no number of days")
    if (end - start).days // days >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} days; give a longer --step")
    return [start + timedelta(days=n) for n in range(0, (end - start).days + 1, days)]


_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?\Z", re.ASCII)


def _numbers(text: str, low: str, high: str, step: str | None, decimals: int) -> list[Value]:
    if not _NUMBER.match(low) or not _NUMBER.match(high):
        raise ValueError(f"{text}: neither numbers nor dates (YYYY-MM-DD); numbers are written like 12 or 0.5")
    if not _NUMBER.match(step or "1"):
        raise ValueError(f"{text}: the step is no number such as 12 or 0.5: {step}")
    first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    if step is None:
        finer = (Decimal(1).scaleb(-places) for places in range(decimals, 0, -1))
        by = next((one for one in finer if (last - first) / one < MOST_POINTS), by)
    if first > last or by <= 0:
        raise ValueError(f"{text}: from is more than to, or the step is not above 0")
    if (last - first) / by >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} values; give a larger --step")
    return [first + by * n for n in range(int((last - first) / by) + 1)]


def decimals_of(policy: Policy, path: str) -> int:
    """The decimals that rules have of the number at a path; none where it is no number of the record."""
    try:
        field = _field_of(policy.declaration, place_of(path))
    except ValueError:
        return 0
    return field.decimals if field is not None else 0


def sweep(policy: Policy, record: Record | Mapping[str, Any], path: str, along: Iterable[Value]) -> list[Interval]:
    """The intervals of a record along values of one path. Raises RecordError at the first that does not fit.

    What has to agree with the value and is stated beside it, a birth date beside an age, say, is left out; what else
    follows from that is stated in its place. Entries of a list are not left out.
    """
    case = policy.case(record)
    gone, kept = _stated_beside(case, path)
    intervals: list[Interval] = []
    before: dict[str, str] | None = None
    decided: Decision | None = None
    for value in along:
        try:
            verdict = judge(policy, _with(policy, case, path, value, gone, kept), 1)
        except RecordError as error:
            at = f"(at {path} {_shown(value)})"
            raise RecordError(tuple(Fault(f.path, f"{f.message} {at}") for f in error.faults)) from None
        statuses: dict[str, str] = {item.id: item.status for item in all_items(verdict.criteria)}
        if intervals and statuses == before and verdict.decision == decided:
            last = intervals[-1]
            intervals[-1] = Interval(last.first, _shown(value), last.decision, last.changed)
        else:
            changed = tuple(
                (item, status) for item, status in statuses.items() if before is not None and before.get(item) != status
            )
            intervals.append(Interval(_shown(value), _shown(value), verdict.decision, changed))
        before, decided = statuses, verdict.decision
    return intervals


def _with(policy: Policy, case: Case, path: str, value: Value, gone: list[str], kept: list[tuple[str, Number]]) -> Case:
    """The case with the value at the path, checked as any record is."""
    day = case.declaration.day
    if day is not None and path == day.place:
        if not isinstance(value, date):
            raise RecordError((Fault(path, "a range of dates is needed (YYYY-MM-DD..YYYY-MM-DD)"),))
        return policy.case(moved(case, value).written)
    plain = value.isoformat() if isinstance(value, date) else _plain(value)
    return policy.case(patched(case.written, edits(case.written, [(path, plain), *kept], gone)))


def _stated_beside(case: Case, path: str) -> tuple[list[str], list[tuple[str, Number]]]:
    """The paths, of those that the record fills, that have to agree with the swept one; what is stated in their place.

    The paths are of the values that follow from it, and of what it follows from itself, where what else follows from
    this can be stated as it is.
    """
    declaration = case.declaration
    swept = _field_of(declaration, place_of(path))
    if swept is None or swept is declaration.day:
        return [], []
    at = next((step for step in steps(path) if isinstance(step, int)), -1)
    derived = [one for one in declaration.fields if one.derived is not None]
    fields = [one for one in derived if one.derived is not None and swept in one.derived.bases]
    kept: dict[str, Number] = {}
    for base in swept.derived.bases if swept.derived is not None else ():
        others = [one for one in derived if one is not swept and one.derived is not None and base in one.derived.bases]
        as_they_are = [_exact(case, one, at if one.list else -1) for one in others]
        if all(value is not None for value in as_they_are) and base.list in ("", swept.list):
            fields.append(base)
            there = zip(others, as_they_are, strict=True)
            kept |= {one.path(at if one.list else -1): value for one, value in there if value is not None}
    fields = [one for one in fields if one.type != "computed" and one.list in ("", swept.list)]
    found = (one.path(at if one.list else -1) for one in fields)
    gone = [one for one in found if value_at(case.written, one) is not None]
    return gone, [(one, value) for one, value in kept.items() if gone and one not in gone]


def _exact(case: Case, field: Field, at: int) -> Number | None:
    """The number of a field that a record can state, where it is known; None for any other."""
    if field.type not in NUMBERS or field.derived is None or (field.list and at >= len(case.entries(field.list))):
        return None
    return field.derived.exact(case, at)


def _field_of(declaration: Declaration, path: str) -> Field | None:
    """The field at a path, or in which it lies: the start of a period, say."""
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    while parts:
        joined = "".join(part if part.startswith("[") else f".{part}" for part in parts).removeprefix(".")
        field = declaration.at_place(joined)
        if field is not None:
            return field
        parts.pop()
    return None


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value.normalize():f}"


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
