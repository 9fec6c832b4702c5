"""A case on other request dates, and the days on which the facts it becomes can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date, timedelta

from msgspec import structs

from facts import fields
from facts.normalize import Case, KnownTherapy
from facts.record import longest_run, runs, total_days
from facts.symbols import Term

LAST_DAY = date(2199, 12, 31)
"""The last request date that a record can have."""


def moved(case: Case, day: date) -> Case:
    """The same case on another request date.

    Ages and day counts that the record states beside the dates they follow from are left to these.
    """
    record = case.record
    patient = record.patient
    if patient is not None and patient.birth_date is not None:
        patient = patient.model_copy(update={"age_years": None})
    therapies = tuple(
        known._replace(entry=known.entry.model_copy(update={"days": None, "consecutive_days": None}))
        if _dated(known)
        else known
        for known in case.therapies
    )
    request = record.request.model_copy(update={"date": day})
    changed = {
        "request": request,
        "patient": patient,
        "therapies": tuple(known.entry for known in therapies),
    }
    return structs.replace(case, record=record.model_copy(update=changed), therapies=therapies)


def turning_days(case: Case, compared: Mapping[Term, Sequence[int]]) -> list[date]:
    """The days after the request date on which a fact can change, in order.

    `compared` has the numbers that the rules compare with each field. Between two of these days
    every fact of the case stays the same.
    """
    today = case.record.request.date
    return sorted({day for day in _turning_days(case, compared) if today < day <= LAST_DAY})


def _turning_days(case: Case, compared: Mapping[Term, Sequence[int]]) -> Iterator[date]:
    today, patient = case.record.request.date, case.record.patient
    for number in compared.get("request_date", ()):
        first = fields.day(number)
        if first is not None and first <= LAST_DAY:
            yield from (first, first + timedelta(days=1))
    if patient is not None and patient.birth_date is not None:
        for years in compared.get("age_years", ()):
            yield from (_birthday(patient.birth_date, years), _birthday(patient.birth_date, years + 1))
    for number, known in enumerate(case.therapies, start=1):
        for period in known.entry.periods or ():
            if period.start is not None:
                yield period.start
            if period.end is not None and period.end < LAST_DAY:
                yield period.end + timedelta(days=1)
        for name, count in (("days", total_days), ("consecutive_days", longest_run)):
            for days in compared.get((name, ("therapy", number)), ()):
                for reached in (days, days + 1):
                    yield from _day_of_reaching(known, count, reached, today)


def _birthday(born: date, years: int) -> date:
    """The day on which so many years are completed; born on 29 February: 1 March in common years."""
    if not MINYEAR <= born.year + years <= MAXYEAR:
        return date.max  # later than any request
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _dated(known: KnownTherapy) -> bool:
    periods = known.entry.periods
    return bool(periods) and all(period.start is not None for period in periods or ())


Count = Callable[[Sequence[tuple[date, date]]], int]


def _day_of_reaching(known: KnownTherapy, count: Count, days: int, today: date) -> Iterator[date]:
    """The first day on which the therapy's periods have so many days: found by halving."""
    periods = known.entry.periods or ()

    def reached(day: date) -> bool:
        return count(runs(periods, day)) >= days

    low, high = today, today + timedelta(days=min((LAST_DAY - today).days, days + _reach(known, today)))
    if reached(low) or not reached(high):
        return
    while (high - low).days > 1:
        middle = low + (high - low) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    yield high


def _reach(known: KnownTherapy, today: date) -> int:
    """Days until the last period of the therapy has begun."""
    starts = [period.start for period in known.entry.periods or () if period.start is not None]
    return max(((start - today).days for start in starts), default=0) + 1 if starts else 1
