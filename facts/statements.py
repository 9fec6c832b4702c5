"""A case as facts: what its record gives, states and bounds, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facts.case import Case, Reading, scaled
from facts.declaration import Field
from facts.durations import UsedTogether
from facts.periods import number_of_day
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated

if TYPE_CHECKING:
    from collections.abc import Sequence

_REMEMBERED = 50_000
"""Facts of a field's values that are remembered."""
_KEY = "facts"


def facts_of(case: Case) -> list[Fact]:
    """The facts that a case becomes, in the order of the declaration's fields, entry by entry."""
    declaration = case.declaration
    found: list[Fact] = []
    memory = declaration.remembered.setdefault(_KEY, {})
    if len(memory) > _REMEMBERED:
        memory.clear()
    for field in declaration.of_record:
        if field.kind != "none":
            found += _of_field(case, field, -1, memory)
    for declared in declaration.entry_lists.values():
        count = len(case.entries(declared.name))
        if not count:
            continue
        fields = [field for field in declared.fields if field.kind != "none"]
        for at in range(count):
            for field in fields:
                if not isinstance(field.derived, UsedTogether):
                    found += _of_field(case, field, at, memory)
        for field in fields:
            if isinstance(field.derived, UsedTogether):
                found += [Given(field.pair_term(*pair), True) for pair in field.derived.pairs(case)]
    return found


def _of_field(case: Case, field: Field, at: int, memory: dict[Any, Sequence[Fact]]) -> Sequence[Fact]:
    kind = field.kind
    if kind == "number":
        bounds = case.bounds(field, at)
        if bounds is None:
            return ()
        return (Between(field.term(at), *scaled(field, bounds)),)
    if kind == "date":
        day = case.stated(field, at)
        if day is None:
            return ()
        number = number_of_day(day)
        return (Between(field.term(at), number, number),)
    reading = case.reading(field, at)
    key = field, at, reading
    found = memory.get(key)
    if found is None:
        found = memory[key] = _of_reading(case, field, at, reading)
    if kind == "words" and not found and case.stated(field, at) is not None:
        return (Stated(field.term(at)),)
    return found


def _of_reading(case: Case, field: Field, at: int, reading: Reading) -> Sequence[Fact]:
    """The facts of what a field is understood to say; what is true of each value that it could have is given."""
    term = field.term(at)
    each = [case.broader(field, value) for value in reading.could_be]
    given = [wider for value in reading.values for wider in case.broader(field, value)]
    given += [value for value in (each[0] if each else ()) if all(value in wider for wider in each)]
    found: list[Fact] = []
    if reading.values or reading.unknown or (field.type == "words" and reading.could_be):
        found.append(Stated(term))
    found += [Given(term, value) for value in dict.fromkeys(given)]
    open_values = dict.fromkeys(value for wider in each for value in wider)
    found += [CouldBe(term, value) for value in open_values if value not in given]
    if reading.unknown:
        found.append(NotUnderstood(term))
    return tuple(found)
