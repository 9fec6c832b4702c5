"""Where a field of the facts stands in a record."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from facts.errors import Fault, RecordError
from facts.record import Disease, Plan, Request, Response, Therapy
from facts.symbols import Term

_PLACES: dict[str, tuple[str, ...]] = {
    "indication": ("request.indication",),
    "applications_per_day": ("request.applications_per_day",),
    "age_years": ("patient.birth_date", "patient.age_years"),
    "severity": ("disease.severity",),
    "vitiligo_type": ("disease.vitiligo_type",),
    "bsa_percent": ("disease.bsa_percent",),
    "sites": ("disease.sites",),
    "specialty": ("prescriber.specialty",),
    "consulted": ("prescriber.consulted",),
    "mandate": ("plan.mandate",),
    "document": ("plan.document",),
    "line_of_business": ("plan.line_of_business",),
}
_IN_ENTRY: dict[str, tuple[str, ...]] = {
    "active": ("periods",),
    "days": ("periods", "days"),
    "consecutive_days": ("periods", "consecutive_days"),
}
_LISTS = {"therapy": "therapies", "intolerance": "intolerances", "response": "response"}

_LENGTHS = ("days", "consecutive_days")
_ENTRY_FIELDS = {
    "therapy": ("potency", "prescription", "outcome", "documented", "sample", "active", *_LENGTHS),
    "intolerance": ("documented",),
    "response": ("documented", "sample"),
}

#: Fields of the record as a whole that hold numbers.
_NUMBERS = frozenset({"age_years", "bsa_percent", "applications_per_day"})

#: Fields that hold lists.
LIST_FIELDS = frozenset({"sites", "consulted"})


#: Fields in which any word can stand.
WORDED = frozenset({"indication", "specialty", "sites", "consulted"})


def entry_path(entry: Term) -> str:
    """The path of an entry: ("therapy", 2) is therapies[1]."""
    if not isinstance(entry, tuple) or not isinstance(entry[1], int):
        raise ValueError(f"{entry!r} is no entry of a record")
    return f"{_LISTS[str(entry[0])]}[{entry[1] - 1}]"


@lru_cache(maxsize=10_000)
def places(field: Term) -> tuple[str, ...]:
    """The record paths at which a field can stand."""
    if not isinstance(field, tuple):
        return _PLACES[str(field)]
    name, entry = str(field[0]), entry_path(field[1])
    return tuple(f"{entry}.{key}" for key in _IN_ENTRY.get(name, (name,)))


def paths(field: Term, full: dict[str, Any]) -> tuple[str, ...]:
    """The record paths of a field; of several places those that the record fills, if any."""
    possible = places(field)
    return tuple(place for place in possible if look(full, place) is not None) or possible[-1:]


@lru_cache(maxsize=10_000)
def steps(path: str) -> tuple[str | int, ...]:
    """A path such as therapies[0].days as its steps."""
    found: list[str | int] = []
    for part in path.split("."):
        name, *indices = part.split("[")
        found.append(name)
        found.extend(int(index.rstrip("]")) for index in indices)
    return tuple(found)


_PATH = re.compile(r"[a-z_]+(\[\d{1,4}\])?(\.[a-z_]+(\[\d{1,4}\])?)*\Z")


def place_of(path: str) -> str:
    """A path that a person wrote, checked. Raises RecordError where it is none."""
    if not _PATH.match(path):
        raise RecordError((Fault(path, "not a path; written like therapies[0].outcome"),))
    return path


def pointer(path: str) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{step}" for step in steps(path))


def path_of(pointer: str) -> str:
    """A JSON Pointer (RFC 6901) as a path."""
    path = ""
    for step in pointer.split("/")[1:]:
        path += f"[{step}]" if step.isdigit() else f".{step}" if path else step
    return path


def look(full: Any, path: str) -> Any:
    """What stands at a path of the record, or None."""
    for step in steps(path):
        try:
            full = full[step]
        except (KeyError, IndexError, TypeError):
            return None
    return full


def silent(field: Term, full: dict[str, Any]) -> bool:
    """Whether the record says nothing in the field."""
    return all(look(full, path) is None for path in paths(field, full))


def asked(field: Term, relation: str) -> bool:
    """Whether a condition can ask this of the field: one_of values, at_least or at_most a number."""
    if not isinstance(field, tuple):
        return field in _PLACES and (relation == "one_of") != (field in _NUMBERS)
    name, entry = str(field[0]), field[-1]
    if not isinstance(entry, tuple) or name not in _ENTRY_FIELDS.get(str(entry[0]), ()):
        return False
    return relation == ("at_least" if name in _LENGTHS else "one_of")


_CLOSED: dict[str, tuple[type[BaseModel], str]] = {
    "request_type": (Request, "type"), "severity": (Disease, "severity"),
    "vitiligo_type": (Disease, "vitiligo_type"), "potency": (Therapy, "potency"),
    "outcome": (Therapy, "outcome"), "sign": (Response, "sign"),
    "line_of_business": (Plan, "line_of_business"), "document": (Plan, "document"),
    "mandate": (Plan, "mandate"),
}  # fmt: skip
_TRUTHS = frozenset({"documented", "sample", "prescription", "active"})


@lru_cache(maxsize=1000)
def values(field: Term) -> tuple[Term, ...] | None:
    """The values that a record can have in a field; None where any text or number can stand."""
    name = str(field[0]) if isinstance(field, tuple) else str(field)
    if name in _TRUTHS:
        return True, False
    if name not in _CLOSED:
        return None
    model, key = _CLOSED[name]
    annotation = model.model_fields[key].annotation
    parts = (annotation, *get_args(annotation))
    found = [value for part in parts for value in get_args(part) if isinstance(value, str)]
    return tuple(dict.fromkeys(found))


def day(number: int) -> date | None:
    """The day of a number YYYYMMDD."""
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def holds_entries(section: str) -> bool:
    """Whether the section is a list of entries, to which one can be added."""
    return section in _LISTS.values()
