"""A record along a range of one value: the bands of its decision, and which item turns it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from reasoner.facts.calendar import moved
from reasoner.facts.errors import Fault, RecordError
from reasoner.facts.record import Record
from reasoner.judge import judge
from reasoner.policy import Policy
from reasoner.scenario import changed_record, edits
from reasoner.verdict import Criterion, Decision, Verdict

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
    low, dots, high = text.partition("..")
    if not dots:
        raise ValueError(f"{text}: a range is written from..to")
    try:
        start, end = date.fromisoformat(low), date.fromisoformat(high)
    except ValueError:
        return _numbers(text, low, high, step)
    days = int(step or 1) if (step or "1").isdigit() else 0
    if start > end or days < 1:
        raise ValueError(f"{text}: from is after to, or the step is no number of days")
    if (end - start).days // days >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} days; give a longer --step")
    return [start + timedelta(days=n) for n in range(0, (end - start).days + 1, days)]


def _numbers(text: str, low: str, high: str, step: str | None) -> list[Value]:
    try:
        first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    except InvalidOperation:
        raise ValueError(f"{text}: neither numbers nor dates (YYYY-MM-DD)") from None
    if not all(number.is_finite() for number in (first, last, by)) or first > last or by <= 0:
        raise ValueError(f"{text}: from is more than to, or the step is not above 0")
    if (last - first) / by >= MOST_POINTS:
        raise ValueError(f"{text}: more than {MOST_POINTS:,} values; give a larger --step")
    return [first + by * n for n in range(int((last - first) / by) + 1)]


def sweep(policy: Policy, record: Record, path: str, along: Iterable[Value]) -> list[Band]:
    """The bands of a record along values of one path. Raises RecordError where one does not fit."""
    bands: list[Band] = []
    before: dict[str, str] | None = None
    decided: Decision | None = None
    for value in along:
        verdict = _judged(policy, record, path, value)
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


def _judged(policy: Policy, record: Record, path: str, value: Value) -> Verdict:
    case = policy.normalize(record)
    if path == "request.date":
        if not isinstance(value, date):
            raise RecordError((Fault(path, "a range of dates is needed (YYYY-MM-DD..YYYY-MM-DD)"),))
        return judge(policy, moved(case, value), 1)
    plain = value.isoformat() if isinstance(value, date) else _plain(value)
    return policy.judge(changed_record(policy, record, edits(case.written, [(path, plain)], []))[1], 1)


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value.normalize():f}"


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _flat(items: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.status
        yield from _flat(item.children)
