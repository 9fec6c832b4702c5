"""A record in full form, as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facts.declaration import Declaration, Field
from facts.derived import OfProduct

if TYPE_CHECKING:
    from facts.case import Case


def written(case: Case) -> dict[str, Any]:
    """The record as it was written, with every section, default and identifier."""
    return _form(case, as_understood=False)


def full(case: Case) -> dict[str, Any]:
    """The record as it is understood: known words as their terms, and what the catalogue knows of products."""
    return _form(case, as_understood=True)


def _form(case: Case, *, as_understood: bool) -> dict[str, Any]:
    declaration = case.declaration
    found: dict[str, Any] = {}
    sections = _by_section(declaration)
    for name in declaration.order:
        if name in declaration.entry_lists:
            if declaration.entry_lists[name].complete and not case.gives_list(name):
                continue  # an empty list would say that there are none
            fields, ids = declaration.entry_lists[name].fields, case.ids(name)
            found[name] = [_object(case, fields, at, own, as_understood) for at, own in enumerate(ids)]
        elif name in declaration.sections:
            found[name] = _object(case, sections[name], -1, None, as_understood)
        else:
            found |= _object(case, sections[name], -1, None, as_understood)
    return found


def _by_section(declaration: Declaration) -> dict[str, tuple[Field, ...]]:
    """The fields of each section, and of each name that is a field by itself."""
    found: dict[str, tuple[Field, ...]] | None = declaration.remembered.get(_by_section)
    if found is None:
        names = (*declaration.sections, *(one.key for one in declaration.of_record if not one.section))
        found = declaration.remembered[_by_section] = {
            name: tuple(one for one in declaration.of_record if (one.section or one.key) == name) for name in names
        }
    return found


def _object(
    case: Case, fields: tuple[Field, ...], at: int, identity: str | None, as_understood: bool
) -> dict[str, Any]:
    found = {}
    for field in fields:
        own = value(case, field, at, as_understood=as_understood) if field.type != "identifier" else identity
        if own is not None:
            found[field.key] = own
    return found


def value(case: Case, field: Field, at: int, *, as_understood: bool = True) -> Any:
    """What stands in a field; None: it is left out."""
    if field.type == "computed":
        return None
    if field.type == "identifier":
        return case.ids(field.list)[at]
    stated = case.stated(field, at)
    if isinstance(field.derived, OfProduct):
        if not as_understood:
            return stated
        values = case.reading(field, at).values
        return values[0] if values else stated
    if stated is None:
        return _default(field)
    match field.type:
        case "date":
            return stated.isoformat()
        case "periods":
            return [{name: day.isoformat() for name, day in period.items()} for period in stated]
        case "subject":
            return field.allowed[0]
        case "words":
            if not as_understood:
                return list(stated)
            each = (case.understood(field, text) for text in stated)
            return [one.values[0] if one.values else text for one, text in zip(each, stated, strict=True)]
        case "references":
            return list(stated)
    if as_understood and field.vocabulary:
        values = case.understood(field, stated).values
        return values[0] if values else stated
    return stated


def is_as_stated(field: Field) -> bool:
    """Whether something stands in the field where a record states it, and nowhere else."""
    of_itself = field.type not in ("computed", "identifier") and not isinstance(field.derived, OfProduct)
    return of_itself and _default(field) is None


def _default(field: Field) -> Any:
    if field.type == "references":
        return []
    return field.allowed[0] if field.type == "subject" else field.default
