"""Where parts of a record do not fit together: path and message of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from facts.declaration import EntryList, Field
from facts.values import Values

Misfit = tuple[str, str]
Places = Collection[tuple[str | int, ...]]
"""Parts of a record, as the steps to them, that have a fault already: nothing is known of them."""


def misfits(values: Values, faulty: Places = ()) -> list[Misfit]:
    """Parts of one entry, or of one period, that do not fit beside each other."""
    found: list[Misfit] = []
    for declared in values.declaration.entry_lists.values():
        for at, entry in enumerate(values.entries(declared.name)):
            for one, other in declared.one_of:
                if one.key not in entry and other.key not in entry and not _any(faulty, declared.name, at, one, other):
                    found.append((one.path(at), f"give the {one.title}, or else the {other.title}"))
            for one, other in declared.not_above:
                if other.list and one.key in entry and other.key in entry and entry[one.key] > entry[other.key]:
                    found.append((one.path(at), _above(one, other, entry[one.key])))
            for field in declared.periods:
                if field.key in entry:
                    found += _periods(values, field, at)
    for field in values.declaration.periods:
        found += _periods(values, field, -1)
    return found


def _any(faulty: Places, name: str, at: int, *fields: Field) -> bool:
    return bool(faulty) and ((name, at) in faulty or any((name, at, field.key) in faulty for field in fields))


def _above(one: Field, other: Field, value: object) -> str:
    return f"is {'after' if isinstance(value, date) else 'more than'} {_the(other)}{other.title}"


def _the(field: Field) -> str:
    return "the " if field.type == "date" else ""


def _periods(values: Values, field: Field, at: int) -> Iterator[Misfit]:
    for number, period in enumerate(values.stated(field, at) or ()):
        if "start" in period and "end" in period and period["start"] > period["end"]:
            yield f"{field.path(at)}[{number}].start", "is after the end of the period"


def contradictions(values: Values, faulty: Places = ()) -> list[Misfit]:
    """Parts of a record that contradict each other, where each entry by itself is right."""
    declaration = values.declaration
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
    for declared in declaration.entry_lists.values():
        entries = values.entries(declared.name)
        if not entries:
            continue
        ids = identities(declared, values, faulty) if declared.identifier is not None else ()
        for at in range(len(entries)):
            found += _of_entry(values, declared, at, ids)
    return found


def _any_at(faulty: Places, *fields: Field) -> bool:
    """Whether one of the fields, or the section of one, has a fault."""
    return any((field.section,) in faulty or tuple(field.place.split(".")) in faulty for field in fields)


def _of_entry(values: Values, declared: EntryList, at: int, ids: Sequence[str | None]) -> list[Misfit]:
    found: list[Misfit] = []
    entry = values.entries(declared.name)[at]
    for one, other in declared.not_above:
        if not other.list and one.key in entry:
            limit = values.stated(other, -1)
            if limit is not None and entry[one.key] > limit:
                found.append((one.path(at), _above(one, other, entry[one.key])))
    if declared.identifier is not None:
        own, key = ids[at], declared.identifier.key
        if own is not None and ids.index(own) < at:
            first = f"{declared.name}[{ids.index(own)}]"
            found.append((declared.identifier.path(at), f"{own!r} is the {key} of {first} too"))
        for field in declared.references:
            for place, other_id in enumerate(entry.get(field.key, ())):
                if other_id == own or (other_id not in ids and None not in ids):
                    where = f"{field.path(at)}[{place}]"
                    found.append((where, f"{other_id!r} is not the {key} of another {declared.title}"))
    for field in declared.checked:
        assert field.derived is not None
        if field.key in entry or field.derived.checks_bases:
            found += field.derived.faults(values, field, at)
    return found


def identities(declared: EntryList, values: Values, faulty: Places = ()) -> list[str | None]:
    """What identifies each entry of a list: as written, else by its position; None where that is faulty."""
    key = declared.identifier.key if declared.identifier is not None else ""
    initial = declared.functor[0]
    own = [entry.get(key) or f"{initial}{at}" for at, entry in enumerate(values.entries(declared.name), start=1)]
    if not faulty:
        return own
    unknown = ((declared.name, at) in faulty or (declared.name, at, key) in faulty for at in range(len(own)))
    return [None if gone else identity for gone, identity in zip(unknown, own, strict=True)]
