"""The least that a record, or an entry of a list, has to have; and how a value is written into a record."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import date
from typing import Any

from facts.declaration import Declaration, Field
from facts.derived import ClassNamed
from facts.periods import day_of_number, number_of_day
from reasoner.policy.folder import RuleFolder

DAY = date(2025, 3, 1)
"""The date of a record of which it does not matter."""
TEXT = "witness"
"""What identifies a record that the solver found, and stands in a text that has to be there."""

Data = dict[str, Any]


def pairs_of(declaration: Declaration) -> list[tuple[Field, Field]]:
    """Pairs of fields of which a record, or an entry, needs one."""
    return [*declaration.one_of, *(pair for own in declaration.entry_lists.values() for pair in own.one_of)]


class Minimal:
    """The least record of a folder, and the least entry of each of its lists; never to be changed."""

    def __init__(self, folder: RuleFolder) -> None:
        declaration = folder.declaration
        self.record: Data = {}
        needed = _needed(declaration.of_record, declaration.one_of)
        for field in needed:
            put(self.record, field, -1, _filler(folder, field))
        self.entries: dict[str, Data] = {}
        for name, declared in declaration.entry_lists.items():
            entry: Data = {}
            for field in _needed(declared.fields, declared.one_of):
                entry[field.key] = _filler(folder, field)
            self.entries[name] = entry

    def data(self, name: str = "") -> Data:
        """A copy of the least record; with one entry of a list."""
        found = deepcopy(self.record)
        return {**found, name: [deepcopy(self.entries[name])]} if name else found


def _needed(fields: Iterable[Field], one_of: Iterable[tuple[Field, Field]]) -> list[Field]:
    fields, pairs = list(fields), list(one_of)
    found = [field for field in fields if field.required]
    for one, other in pairs:
        if one not in found and other not in found:
            found.append(one)
    return [field for field in fields if field in found]


def put(data: Data, field: Field, at: int, value: Any) -> None:
    """Write a value into a field, of an entry by its position (from 0)."""
    _part(data, field, at)[field.key] = value


def take(data: Data, field: Field, at: int) -> None:
    """Take the value of a field away."""
    _part(data, field, at).pop(field.key, None)


def _part(data: Data, field: Field, at: int) -> Data:
    if field.list:
        entry: Data = data[field.list][at]
        return entry
    if not field.section:
        return data
    section: Data = data.setdefault(field.section, {})
    return section


def _filler(folder: RuleFolder, field: Field) -> Any:
    """A value that a record can have in a field."""
    match field.type:
        case "date":
            return _day(field).isoformat()
        case "whole" | "decimal":
            return field.default if field.default is not None else field.low if field.low is not None else 0
        case "truth":
            return field.default is True
        case "subject":
            return field.allowed[0]
        case "periods" | "references" | "words":
            return []
        case "product":
            return _product(folder, field)
    if field.vocabulary:
        return next(iter(folder.vocabularies[field.vocabulary].terms), TEXT)
    return field.default or (field.allowed[0] if field.allowed else TEXT)


def _day(field: Field) -> date:
    low, high = (day_of_number(int(bound)) if bound is not None else None for bound in (field.low, field.high))
    return max(low or DAY, min(high or DAY, DAY))


def day_number(field: Field) -> int:
    """The day of a date of which it does not matter, as facts have it."""
    return number_of_day(_day(field))


def _product(folder: RuleFolder, field: Field) -> str:
    named = [one.derived for one in folder.declaration.fields if isinstance(one.derived, ClassNamed)]
    vocabulary = next((by.vocabulary for by in named if by.text is field), None)
    if vocabulary is not None:
        return next(iter(folder.vocabularies[vocabulary].terms), TEXT)
    written = (folder.catalogue.written(product) for product in folder.catalogue.products)
    return next((name for name in written if name is not None), TEXT)
