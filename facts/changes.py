"""How a wanted value is written into a record: JSON Patch (RFC 6902) on its full form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from facts.case import Case
from facts.declaration import Field
from facts.derived import OfProduct
from facts.durations import UsedTogether
from facts.function import Edit, add
from facts.paths import pointer
from facts.periods import day_of_number
from facts.terms import Term

__all__ = [
    "Edit",
    "add_values",
    "append",
    "apply",
    "is_written_alike",
    "new_identity",
    "set_meaning",
    "set_value",
    "without_unknown",
]


def set_value(case: Case, term: Term, value: Term | float) -> list[Edit]:
    """Give a field the value, as facts have it; to a list add it. No edits where none can bring it about.

    Of a product the value is the family that it is to be. Raises KeyError for a field that is not declared.
    """
    field = case.declaration.field(term)
    if field is None:
        raise KeyError(term)
    if field.derived is not None and field.derived.entries > 1:
        return _set_pair(case, field, term, value)
    return _set(case, field, case.declaration.position(term), value)


def _set(case: Case, field: Field, at: int, value: Any) -> list[Edit]:
    if field.is_number and isinstance(value, int | float) and field.decimals:
        value = field.unscaled(value)
    return write(case, field, at, value)


def write(case: Case, field: Field, at: int, value: Any) -> list[Edit]:
    """The edits that give a field a value, as the record has it."""

    def beside(other: Field, position: int, found: Any) -> list[Edit]:
        return write(case, other, position, found)

    by = field.derived
    if by is not None and not _is_stated(field):
        return by.edits(case, field, at, value, beside)
    match field.type:
        case "words":
            return _add_values(case, field, at, [value])
        case "product":
            return _name_product(case, field, at, value)
        case "date":
            return [add(pointer(field.path(at)), _day(value))]
    return [add(pointer(field.path(at)), value)]


def is_written_alike(field: Field) -> bool:
    """Whether a value is written into the field in the same way, whatever a record says."""
    return _is_stated(field) and field.type not in ("words", "product")


def _is_stated(field: Field) -> bool:
    """Whether a value stands in the field itself, and not in what it follows from."""
    return field.derived is None or (field.derived.kind == "word" and field.type != "computed")


def add_values(case: Case, term: Term, values: Iterable[Term]) -> list[Edit]:
    """Add values to a field that holds a list of them."""
    field = case.declaration.field(term)
    if field is None or not field.is_list:
        raise KeyError(term)
    return _add_values(case, field, case.declaration.position(term), list(values))


def _add_values(case: Case, field: Field, at: int, values: list[Term]) -> list[Edit]:
    place = pointer(field.path(at))
    if case.stated(field, at) is None:
        return [add(place, values)]
    return [add(f"{place}/-", value) for value in values]


def set_meaning(case: Case, term: Term, value: Term) -> list[Edit]:
    """Write a value in the place of the words of a field that can mean it beside others."""
    field = case.declaration.field(term)
    if field is None:
        raise KeyError(term)
    if not field.is_list:
        return set_value(case, term, value)
    place = pointer(field.path(case.declaration.position(term)))
    return [{"op": "replace", "path": f"{place}/{at}", "value": value} for at in case.can_mean(term, value)]


def without_unknown(case: Case, term: Term, read: Collection[Term]) -> list[Edit]:
    """Take the words out of a field that are not understood.

    Where a record has to have one, a term takes its place that is none of the values `read`; no edits if there is none.
    """
    field = case.declaration.field(term)
    if field is None:
        raise KeyError(term)
    place = pointer(field.path(case.declaration.position(term)))
    if field.is_list:
        return [{"op": "remove", "path": f"{place}/{at}"} for at in reversed(list(case.not_understood(term)))]
    if not field.required:
        return [{"op": "remove", "path": place}]
    vocabulary = case.vocabulary_of(field)
    terms = vocabulary.terms if vocabulary is not None else ()
    unread = (one for one in terms if not any(wider in read for wider in case.broader(field, one)))
    return [{"op": "replace", "path": place, "value": one} for one in islice(unread, 1)]


def new_identity(label: str) -> str:
    """What identifies an entry that is added, if no other is called so."""
    return f"new-{label}"


def append(case: Case, name: str, content: dict[str, Any], label: str) -> list[Edit]:
    """Add an entry to a list; where entries are identified, it gets an identifier that no other has."""
    declared = case.declaration.entry_lists[name]
    if declared.identifier is not None:
        taken = case.ids(name)
        identity = new_identity(label)
        while identity in taken:
            identity += "-new"
        content = {declared.identifier.key: identity, **content}
    there = case.gives_list(name) or not declared.complete
    return [add(f"/{name}/-", content)] if there else [add(f"/{name}", [content])]


def _name_product(case: Case, field: Field, at: int, name: Any) -> list[Edit]:
    """Name the product; of a family, by a name that it alone has, in the words of the record where possible."""
    found = [candidate.written for candidate in case.candidates_of(field, at) if candidate.key == name]
    if not found:
        products = [product for product in case.catalogue.products if product.key == name]
        found = [case.catalogue.written(product) for product in products] or [name]
    named = next((text for text in found if text is not None), None)
    if named is None:
        return []
    return [add(pointer(field.path(at)), named), *_no_longer(case, field, at, named)]


def _no_longer(case: Case, product: Field, at: int, name: str) -> Iterator[Edit]:
    """Take away what the full form has of the product that was named before, and is not so of this one."""
    match = case.catalogue.lookup(name)
    for field, _ in case.declaration.of_product(product.place) if match is not None else ():
        there = case.in_full((field, at))
        if there is None or case.stated(field, at) is not None:
            continue
        assert isinstance(field.derived, OfProduct)
        own = getattr(match, field.derived.match_name)
        if there != (field.default if own is None else own):
            yield {"op": "remove", "path": pointer(field.path(at))}


def _set_pair(case: Case, field: Field, term: Term, value: Term | float) -> list[Edit]:
    """Relate two entries, or part them, by what identifies them."""
    by = field.derived
    assert isinstance(by, UsedTogether) and isinstance(term, tuple)
    first, second = (part[1] - 1 for part in term[1:] if isinstance(part, tuple) and isinstance(part[1], int))
    return by.pair_edits(case, first, second, value is True)


def _day(value: Any) -> str:
    day = value if isinstance(value, date) else day_of_number(value)
    if day is None:
        raise ValueError(f"{value} is no date (YYYYMMDD)")
    return day.isoformat()


def apply(full: dict[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The record in full form with the edits applied; raises ValueError where one does not fit."""
    import jsonpatch

    try:
        edited: dict[str, Any] = jsonpatch.apply_patch(full, list(edits))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise ValueError(f"the patch does not apply: {error}") from None
    return edited
