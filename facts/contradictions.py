"""Where parts of a record do not fit together: path and message of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from facts.declaration import EntryList, Field
from facts.periods import Period
from facts.values import Values

Misfit = tuple[str, str]
Parts = Collection[tuple[str | int, ...]]
"""Parts of a record, as the steps to them, that have a fault already: nothing is known of them."""


def misfits(values: Values, faulty: Parts = ()) -> list[Misfit]:
    """Parts of one entry, or of one period, that do not fit beside each other."""
    found: list[Misfit] = []
    data = values.data
    for declared in values.declaration.entry_lists.values():
        if not declared.fits_together:
            continue
        for at, entry in enumerate(data.get(declared.name, ())):
            for one, other in declared.one_of:
                if one.key not in entry and other.key not in entry and not _any(faulty, declared, at, one, other):
                    found.append((one.path(at), f"give the {one.title}, or else the {other.title}"))
            for one, other in declared.not_above:
                if one.key in entry and other.key in entry and entry[one.key] > entry[other.key]:
                    found.append((one.path(at), _above(one, other, entry[one.key])))
            for field in declared.periods:
                if field.key in entry:
                    found += _periods(entry[field.key], field, at)
    for field in values.declaration.periods:
        found += _periods(values.stated(field, -1) or (), field, -1)
    return found


def _any(faulty: Parts, declared: EntryList, at: int, *fields: Field) -> bool:
    """Whether one of the fields of an entry has a fault, or a name that is unknown stands for it, perhaps."""
    others = {field.key for field in declared.fields if field not in fields}
    return any(place[:2] == (declared.name, at) and place[2:3] not in {(key,) for key in others} for place in faulty)


def _above(one: Field, other: Field, value: object) -> str:
    return f"is after the {other.title}" if isinstance(value, date) else f"is more than {other.title}"


def _periods(periods: Sequence[Period], field: Field, at: int) -> list[Misfit]:
    found = []
    for number, period in enumerate(periods):
        if "start" in period and "end" in period and period["start"] > period["end"]:
            found.append((f"{field.path(at)}[{number}].start", "is after the end of the period"))
    return found


def contradictions(values: Values, faulty: Parts = ()) -> list[Misfit]:
    """Parts of a record that contradict each other, where each entry by itself is right."""
    declaration, data = values.declaration, values.data
    found: list[Misfit] = []
    for one, other in declaration.one_of:
        part = values.part(one, -1)
        if one.key not in part and other.key not in part and not _any_at(faulty, one, other):
            found.append((one.place, f"give the {one.title}, or else the {other.title}"))
    for one, other in declaration.not_above:
        stated, limit = values.stated(one, -1), values.stated(other, -1)
        if stated is not None and limit is not None and stated > limit:
            found.append((one.place, _above(one, other, stated)))
    for field in declaration.checked:
        assert field.derived is not None
        found += field.derived.faults(values, field, -1)
    for name, declared in declaration.entry_lists.items():
        entries = data.get(name)
        if entries:
            found += _of_entries(values, declared, entries, faulty)
    return found


def _any_at(faulty: Parts, *fields: Field) -> bool:
    """Whether one of the fields, or the section of one, has a fault."""
    return any((field.section,) in faulty or tuple(field.place.split(".")) in faulty for field in fields)


def _of_entries(
    values: Values, declared: EntryList, entries: Sequence[Mapping[str, Any]], faulty: Parts
) -> list[Misfit]:
    found: list[Misfit] = []
    ids = identities(declared, values, faulty) if declared.identifier is not None else []
    for at, entry in enumerate(entries):
        for one, other in declared.not_above_record:
            limit = values.stated(other, -1) if one.key in entry else None
            if limit is not None and entry[one.key] > limit:
                found.append((one.path(at), _above(one, other, entry[one.key])))
        if ids and ids.index(ids[at]) < at and ids[at] is not None:
            found.append(_same_identity(declared, ids, at))
        for field in declared.references:
            if field.key in entry:
                found += _strangers(declared, field, ids, at, entry[field.key])
        for field in declared.checked:
            by = field.derived
            assert by is not None
            if field.key in entry or by.checks_bases:
                found += by.faults(values, field, at)
    return found


def _same_identity(declared: EntryList, ids: Sequence[str | None], at: int) -> Misfit:
    assert declared.identifier is not None
    first = f"{declared.name}[{ids.index(ids[at])}]"
    return declared.identifier.path(at), f"{ids[at]!r} is the {declared.identifier.key} of {first} too"


def _strangers(
    declared: EntryList, field: Field, ids: Sequence[str | None], at: int, named: Sequence[str]
) -> Iterator[Misfit]:
    """Identifiers in a field that are those of no other entry."""
    assert declared.identifier is not None
    for place, other in enumerate(named):
        if other == ids[at] or (other not in ids and None not in ids):
            message = f"{other!r} is not the {declared.identifier.key} of another {declared.title}"
            yield f"{field.path(at)}[{place}]", message


def identities(declared: EntryList, values: Values, faulty: Parts = ()) -> list[str | None]:
    """What identifies each entry of a list: as written, else by its position; None where that is faulty."""
    key = declared.identifier.key if declared.identifier is not None else ""
    initial = declared.functor[0]
    own = [entry.get(key) or f"{initial}{at}" for at, entry in enumerate(values.entries(declared.name), start=1)]
    if not faulty:
        return own
    unknown = ((declared.name, at) in faulty or (declared.name, at, key) in faulty for at in range(len(own)))
    return [None if gone else identity for gone, identity in zip(unknown, own, strict=True)]
