"""The case record as its users write it: strict, every fault with its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

MAX_ENTRIES = 100
"""Entries of therapies, intolerances and response, at most."""

MAX_PERIODS = 200
"""Periods of one therapy, at most."""

RANGES = {
    "request_date": (18_000_101, 21_991_231), "applications_per_day": (1, 1000), "age_years": (0, 130),
    "bsa_percent": (0, 100), "days": (0, 100_000), "consecutive_days": (0, 100_000),
}  # fmt: skip
"""The least and the greatest number that a record can have in a field; a date as YYYYMMDD."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
Stretch = tuple[date, date]


def _date(value: object) -> object:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _ISO.match(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and 1800 <= day.year <= 2199:
            return day
    raise PydanticCustomError("date", "not a date (YYYY-MM-DD, 1800 to 2199)")


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _entries(value: object) -> object:
    return () if value is None else _tuple(value)


def _within(field: str) -> Any:
    low, high = RANGES[field]
    return Field(ge=low, le=high)


Day = Annotated[date, BeforeValidator(_date)]
# no control character (C0, C1), line separator, or sign that turns the direction of the text around it
_PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
Text = Annotated[str, Field(min_length=1, max_length=500, pattern=_PLAIN)]
Names = Annotated[Annotated[tuple[Text, ...], Field(max_length=MAX_ENTRIES)] | None, BeforeValidator(_tuple)]


class _Part(BaseModel):
    # the parts are built when the record is: it is the only one that is asked to validate
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Request(_Part):
    """What is asked for, and when. An absent product is the one that the policy speaks of."""

    date: Day
    type: Literal["initial", "reauthorization"]
    product: Text | None = None
    indication: Text | None = None
    applications_per_day: Annotated[int, _within("applications_per_day")] | None = None


class Patient(_Part):
    """Age by date of birth or in completed years."""

    birth_date: Day | None = None
    age_years: Annotated[int, _within("age_years")] | None = None


class Disease(_Part):
    """The disease; the surface in percent of the body's."""

    severity: Literal["mild", "moderate", "severe"] | None = None
    vitiligo_type: Literal["nonsegmental", "segmental"] | None = None
    bsa_percent: Annotated[float, _within("bsa_percent"), Field(allow_inf_nan=False)] | None = None
    sites: Names = None


class Prescriber(_Part):
    """Who prescribes, and who was consulted."""

    specialty: Text | None = None
    consulted: Names = None


class Period(_Part):
    """Days of use, both included; open at the start: begun earlier, open at the end: goes on."""

    start: Day | None = None
    end: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.start is not None and self.end is not None and self.start > self.end:
            raise PydanticCustomError("at:start", "is after the end of the period")
        return self


class Therapy(_Part):
    """One trial of one product."""

    id: Text | None = None
    product: Text | None = None
    class_name: Annotated[Text | None, Field(alias="class")] = None
    potency: Literal["low", "medium", "high", "super_high"] | None = None
    prescription: bool | None = None
    periods: Annotated[Annotated[tuple[Period, ...], Field(max_length=MAX_PERIODS)] | None, BeforeValidator(_tuple)] = (
        None
    )
    days: Annotated[int, _within("days")] | None = None
    consecutive_days: Annotated[int, _within("consecutive_days")] | None = None
    outcome: Literal["failure", "response", "intolerance"] | None = None
    documented: bool | None = None
    sample: Annotated[bool, BeforeValidator(lambda v: False if v is None else v)] = False
    concomitant_with: Annotated[tuple[Text, ...], BeforeValidator(_entries), Field(max_length=MAX_ENTRIES)] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Therapy:
        if self.product is None and self.class_name is None:
            raise PydanticCustomError("at:product", "give the product, or else the class")
        if self.days is not None and self.consecutive_days is not None and self.consecutive_days > self.days:
            raise PydanticCustomError("at:consecutive_days", "is more than days")
        return self


class Intolerance(_Part):
    """A contraindication or intolerance, to a class or to a product."""

    to: Text
    kind: Literal["contraindication", "intolerance"]
    documented: bool | None = None


class Response(_Part):
    """A sign of a beneficial response."""

    sign: Literal[
        "bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification",
        "repigmentation", "vasi", "other",
    ]  # fmt: skip
    documented: bool | None = None
    sample: Annotated[bool, BeforeValidator(lambda v: False if v is None else v)] = False


class Plan(_Part):
    """The member's plan, and what it or a mandate says of the product."""

    line_of_business: Annotated[
        Literal["employer", "individual_and_family"],
        BeforeValidator(lambda v: "employer" if v is None else v),
    ] = "employer"
    document: Annotated[
        Literal["silent", "covers", "excludes"],
        BeforeValidator(lambda v: "silent" if v is None else v),
    ] = "silent"
    mandate: Annotated[
        Literal["silent", "covers", "excludes"],
        BeforeValidator(lambda v: "silent" if v is None else v),
    ] = "silent"


class Record(_Part):
    """A case record. Absent and null mean the same: not known."""

    case_id: Text
    request: Request
    patient: Patient | None = None
    disease: Disease | None = None
    prescriber: Prescriber | None = None
    therapies: Annotated[tuple[Therapy, ...], BeforeValidator(_entries), Field(max_length=MAX_ENTRIES)] = ()
    intolerances: Annotated[tuple[Intolerance, ...], BeforeValidator(_entries), Field(max_length=MAX_ENTRIES)] = ()
    response: Annotated[tuple[Response, ...], BeforeValidator(_entries), Field(max_length=MAX_ENTRIES)] = ()
    plan: Annotated[Plan, BeforeValidator(lambda v: {} if v is None else v)] = Plan()


def contradictions(record: Record, *, dated: bool = True) -> list[tuple[str, str]]:
    """Where parts of a record contradict each other: path and message of each.

    Without `dated` the request date is not known, and what depends on it is left out.
    """
    found: list[tuple[str, str]] = []
    day, patient = record.request.date, record.patient
    if dated and patient is not None and patient.birth_date is not None:
        if patient.birth_date > day:
            found.append(("patient.birth_date", "is after the request date"))
        else:
            age = completed_years(patient.birth_date, day)
            if age > 130:
                found.append(("patient.birth_date", "more than 130 years before the request"))
            if patient.age_years is not None and patient.age_years != age:
                message = f"{patient.age_years} does not agree with the birth date, which gives {age}"
                found.append(("patient.age_years", message))
    names = [therapy.id or f"t{i}" for i, therapy in enumerate(record.therapies, start=1)]
    for index, therapy in enumerate(record.therapies):
        path = f"therapies[{index}]"
        if names.index(names[index]) < index:
            first = names.index(names[index])
            found.append((f"{path}.id", f"{names[index]!r} is the id of therapies[{first}] too"))
        for place, other in enumerate(therapy.concomitant_with):
            if other not in names or other == names[index]:
                where = f"{path}.concomitant_with[{place}]"
                found.append((where, f"{other!r} is not the id of another therapy"))
        if dated:
            found += [(f"{path}.{key}", message) for key, message in _disagreeing_days(therapy, day)]
    return found


def _disagreeing_days(therapy: Therapy, day: date) -> Iterable[tuple[str, str]]:
    periods = therapy.periods
    if not periods or any(period.start is None for period in periods):
        return
    stretches = runs(periods, day)
    for key, stated, counted in (
        ("days", therapy.days, total_days(stretches)),
        ("consecutive_days", therapy.consecutive_days, longest_run(stretches)),
    ):
        if stated is not None and stated != counted:
            yield key, f"{stated} does not agree with the periods, which give {counted}"


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; born on 29 February: a year older on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def runs(periods: Sequence[Period], until: date) -> tuple[Stretch, ...]:
    """The unbroken stretches of the periods that have a start, up to and with `until`."""
    spans = sorted((p.start, min(p.end or until, until)) for p in periods if p.start and p.start <= until)
    merged: list[Stretch] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def total_days(stretches: Sequence[Stretch]) -> int:
    """Days in all, both ends included."""
    return sum((end - start).days + 1 for start, end in stretches)


def longest_run(stretches: Sequence[Stretch]) -> int:
    """Days of the longest stretch."""
    return max(((end - start).days + 1 for start, end in stretches), default=0)


def schema() -> dict[str, Any]:
    """The JSON Schema of a record: null wherever a field can be absent, as the two mean the same."""
    found = Record.model_json_schema(by_alias=True)
    for part in (found, *found["$defs"].values()):
        for name in part["properties"].keys() - set(part.get("required", ())):
            field = part["properties"][name]
            if {"type": "null"} not in field.get("anyOf", ()):
                about = {key: field.pop(key) for key in ("default", "title") if key in field}
                part["properties"][name] = {"anyOf": [field, {"type": "null"}], **about}
    return found
