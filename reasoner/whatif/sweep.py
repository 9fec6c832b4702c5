"""A record along a range of one value: the bands of its decision, and which item turns it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from facts.calendar import moved
from facts.errors import Fault, RecordError
from facts.fields import look
from facts.load import parse_record
from facts.normalize import Case
from facts.record import Record
from reasoner.policy.policy import Policy
from reasoner.verdict.model import Criterion, Decision
from reasoner.whatif.scenario import edits, patched

MOST_POINTS = 5_000
"""Values of a range that are judged, at most."""

Value = Decimal | date


@dataclass(frozen=True, slots=True)
class Band:
    """Values, both included, over which decision and statuses stay the same.

    `turned` are the items with another status than in the band before, with that status.
    """

    first: str
    last: str
    decision: Decision
    turned: tuple[tuple[str, str], ...]


def values(text: str, step: str | None = None) -> list[Value]:
    """The values of a range such as 0..100 or 2025-01-01..2025-12-31; a step is of numbers or days.

    Raises ValueError with what would be right.
    """
    low, dots, high = (part.strip() for part in text.partition(".."))
    if not dots or not low or not high:
        raise ValueError(f"{text}: a range is written from..to")
    try:
        start, end = date.fromisoformat(low), date.fromisoformat(high)
    except ValueError:
        return _numbers(text, low, high, step)
    days = int(step or 1) if _NUMBER.match(step or "1") and "." not in (step or "1") else 0
    if start > end or days < 1:
        raise ValueError(f"{text}: from is after to, or the step is no number of days")
    if (end - start).days // days >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} days; give a longer --step")
    return [start + timedelta(days=n) for n in range(0, (end - start).days + 1, days)]


_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?\Z", re.ASCII)


def _numbers(text: str, low: str, high: str, step: str | None) -> list[Value]:
    if not _NUMBER.match(low) or not _NUMBER.match(high):
        raise ValueError(f"{text}: neither numbers nor dates (YYYY-MM-DD); numbers are written like 12 or 0.5")
    if not _NUMBER.match(step or "1"):
        raise ValueError(f"{text}: the step is no number such as 12 or 0.5: {step}")
    first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    if first > last or by <= 0:
        raise ValueError(f"{text}: from is more than to, or the step is not above 0")
    if (last - first) / by >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} values; give a larger --step")
    return [first + by * n for n in range(int((last - first) / by) + 1)]


def sweep(policy: Policy, record: Record, path: str, along: Iterable[Value]) -> list[Band]:
    """The bands of a record along values of one path. Raises RecordError at the first that does not fit.

    Of birth date and age, which must agree, the one that is not swept is left out.
    """
    case = policy.normalize(record)
    bands: list[Band] = []
    before: dict[str, str] | None = None
    decided: Decision | None = None
    for value in along:
        try:
            verdict = policy.judge(_with(case, path, value), 1)
        except RecordError as error:
            place = f"(at {path} {_shown(value)})"
            raise RecordError(tuple(Fault(f.path, f"{f.message} {place}") for f in error.faults)) from None
        statuses = dict(_flat(verdict.criteria))
        if bands and statuses == before and verdict.decision == decided:
            last = bands[-1]
            bands[-1] = Band(last.first, _shown(value), last.decision, last.turned)
        else:
            turned = tuple(
                (item, status) for item, status in statuses.items() if before is not None and before.get(item) != status
            )
            bands.append(Band(_shown(value), _shown(value), verdict.decision, turned))
        before, decided = statuses, verdict.decision
    return bands


_INSTEAD_OF = {"patient.age_years": "patient.birth_date", "patient.birth_date": "patient.age_years"}


def _with(case: Case, path: str, value: Value) -> Record:
    """The record with the value at the path, checked as any record is."""
    if path == "request.date":
        if not isinstance(value, date):
            raise RecordError((Fault(path, "a range of dates is needed (YYYY-MM-DD..YYYY-MM-DD)"),))
        return parse_record(moved(case, value).written)
    written, other = case.written, _INSTEAD_OF.get(path)
    gone = [other] if other is not None and look(written, other) is not None else []
    plain = value.isoformat() if isinstance(value, date) else _plain(value)
    return parse_record(patched(written, edits(written, [(path, plain)], gone)))


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value.normalize():f}"


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _flat(items: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.status
        yield from _flat(item.children)
