"""What the engine knows of every request, by three names: request_date, request_type and indication."""

from __future__ import annotations

from datetime import date

from facts.case import Case
from facts.terms import Term

DATE, KIND, USE = "request_date", "request_type", "indication"


def request_date(case: Case) -> date:
    """The day on which the case is judged."""
    day = case.day
    assert day is not None
    return day


def kind_of_request(case: Case) -> str | None:
    """The kind of the request, where the record has kinds and says which."""
    return _value(case, KIND)


def use_of(case: Case) -> str | None:
    """What the request is for; None where the record does not say, leaves it open, or has no such field."""
    return _value(case, USE)


def _value(case: Case, name: Term) -> str | None:
    field = case.declaration.field(name)
    values = case.reading(field, -1).values if field is not None else ()
    return str(values[0]) if len(values) == 1 else None
