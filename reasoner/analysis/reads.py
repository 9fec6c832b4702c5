"""What two rule folders read of a record: the fields, and of each the values and the numbers that matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from facts.arithmetic import NumberOf, SumOf
from facts.days import DaysInAll, DaysInOneRun
from facts.declaration import Declaration, Field
from facts.durations import ActiveOn, UsedTogether
from facts.function import Function
from facts.terms import Term
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import KIND, USE


class Reads(NamedTuple):
    """By the place of a field (therapies[].days) what is read of it; all else of a record changes nothing."""

    values: Mapping[str, frozenset[Term]]
    numbers: Mapping[str, tuple[int, ...]]
    """Those that its number is compared with, as facts have it."""
    wanted: frozenset[str]
    """The places of all fields that matter: which are read, or which those that are read follow from."""
    uses: frozenset[str]
    """What the pathways are for."""


def reads_of(folders: Sequence[RuleFolder]) -> Reads:
    """What any of the folders reads, of the record that the first of them declares."""
    declaration = folders[0].declaration
    values: dict[str, set[Term]] = {}
    numbers: dict[str, set[int]] = {}
    for folder in folders:
        for term, expected in folder.expected_values().items():
            for field in _declared(declaration, term):
                values.setdefault(field.place, set()).update(expected)
        for term, compared in folder.compared_numbers().items():
            for field in _declared(declaration, term):
                numbers.setdefault(field.place, set()).update(compared)
    uses = {use for folder in folders for use in folder.pathways.values() if use is not None}
    for field in _declared(declaration, USE):
        values.setdefault(field.place, set()).update(uses)
    for field in _declared(declaration, KIND):
        values.setdefault(field.place, set()).update(declaration.values_of(field) or ())
    wanted = {*values, *numbers}
    todo = [field for field in declaration.fields if field.place in wanted]
    while todo:
        field = todo.pop()
        lists = {one.list for one in declaration.fields if one.place in wanted}
        counting = [one for one in declaration.fields if one.place in wanted and isinstance(one.derived, _OfEntries)]
        bases = [*followed(field), *(base for one in counting for base in _of_lists(one, lists))]
        if isinstance(field.derived, NumberOf):
            values.setdefault(field.derived.field.place, set()).add(field.derived.value)
        for base in bases:
            if base.place not in wanted:
                wanted.add(base.place)
                todo.append(base)
    return Reads(
        {place: frozenset(found) for place, found in values.items()},
        {place: tuple(sorted(found)) for place, found in numbers.items()},
        frozenset(wanted),
        frozenset(uses),
    )


def _declared(declaration: Declaration, term: Term) -> Iterator[Field]:
    field = declaration.field(term)
    if field is not None:
        yield field


def followed(field: Field) -> Iterable[Field]:
    """The fields that have to be chosen for a value of the field: none where the value can be stated itself."""
    by = field.derived
    if by is None:
        return ()
    if field.type != "computed" and by.kind == "number":
        return ()
    if isinstance(by, UsedTogether):
        return by.references, by.periods, by.differing
    if isinstance(by, ActiveOn | DaysInAll | DaysInOneRun):
        return by.periods, by.until
    return _bases(by)


_OfEntries = NumberOf | SumOf


def _of_lists(field: Field, lists: Collection[str]) -> Iterable[Field]:
    """What a number follows from that can be stated itself, where the list is in the records all the same."""
    by = field.derived
    return by.bases if isinstance(by, _OfEntries) and by.field.list in lists else ()


def _bases(by: Function) -> Iterable[Field]:
    on: Field | None = getattr(by, "on", None)
    return by.bases if on is None else (*by.bases, on)
