"""A record as a form: a control for each field that the policy declares, whatever stands in the record.

The record may have faults: each stands beside the control that it is about, with what was typed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from facts.case import Case
from facts.declaration import Declaration, EntryList, Field
from facts.derived import ClassNamed
from facts.errors import Fault
from facts.full_form import value
from facts.function import number_text
from reasoner.policy.folder import RuleFolder


class Option(NamedTuple):
    """What can be chosen, and what it is called."""

    value: str
    title: str


class FormField(NamedTuple):
    """A field to fill in. `kind` is the type that the field is declared with."""

    path: str
    title: str
    kind: str
    unit: str
    stated: Any
    """What stands in the record there; None: nothing."""
    options: tuple[Option, ...]
    completion: str
    """The name of the list that completes what is typed; empty: there is none."""
    hint: str
    """What holds where nothing is stated, or how it is understood."""
    required: bool
    faults: tuple[str, ...]
    before: str | None
    """What it was in the first record, where it was something else."""


class Entry(NamedTuple):
    """An entry of a list."""

    path: str
    title: str
    controls: tuple[FormField, ...]
    is_new: bool
    faults: tuple[str, ...]


class Part(NamedTuple):
    """A section of the form: the controls of a section of the record, or the entries of a list."""

    name: str
    title: str
    controls: tuple[FormField, ...]
    entries: tuple[Entry, ...]
    entry_title: str
    """What an entry is called; empty: the part is no list."""
    stands: bool
    """Whether the list is there, be it empty."""
    is_complete: bool
    """Whether a list that is there says that there are no other entries."""
    faults: tuple[str, ...]
    gone: tuple[str, ...]
    """Entries of the first record that are no more."""


class Form(NamedTuple):
    """All that a record can say, and what is wrong with what it says."""

    parts: tuple[Part, ...]
    faults: tuple[Fault, ...]
    unplaced: tuple[Fault, ...]
    """Faults of which no control is: of the record as a whole, or of fields that the policy does not declare."""


def form_of(
    folder: RuleFolder, data: Mapping[str, Any], case: Case | None, faults: Sequence[Fault] = (),
    first: Case | None = None,
) -> Form:  # fmt: skip
    """The form of a record; `case` is the record where it is right, and `first` the one that it is compared with."""
    return _Builder(folder, data, case, faults, first).form()


class _Builder:
    def __init__(
        self, folder: RuleFolder, data: Mapping[str, Any], case: Case | None, faults: Sequence[Fault],
        first: Case | None,
    ) -> None:  # fmt: skip
        self._folder, self._data, self._case, self._first = folder, data, case, first
        self._faults: dict[str, list[str]] = defaultdict(list)
        for fault in faults:
            self._faults[fault.path].append(fault.message)
        self._all = tuple(faults)
        self._placed: set[str] = set()
        self._partners = _partners(case, first) if case is not None and first is not None else {}

    def form(self) -> Form:
        declaration = self._folder.declaration
        single = [one for one in declaration.of_record if not one.section]
        parts = [self._section("", "The case", single)] if single else []
        for name in declaration.order:
            if name in declaration.entry_lists:
                parts.append(self._list(declaration.entry_lists[name]))
            elif name in declaration.sections:
                own = [one for one in declaration.of_record if one.section == name]
                parts.append(self._section(name, declaration.sections[name], own))
        unplaced = tuple(fault for fault in self._all if fault.path not in self._placed)
        return Form(tuple(parts), self._all, unplaced)

    def _section(self, name: str, title: str, fields: Iterable[Field]) -> Part:
        part = self._data.get(name, {}) if name else self._data
        stated = part if isinstance(part, Mapping) else {}
        controls = tuple(self._control(one, -1, stated, -1) for one in fields if one.type != "computed")
        return Part(name, title, controls, (), "", True, False, self._take(name), ())

    def _list(self, declared: EntryList) -> Part:
        own = self._data.get(declared.name)
        entries = own if isinstance(own, list) else []
        found = tuple(self._entry(declared, at, entry) for at, entry in enumerate(entries))
        return Part(
            declared.name, _heading(declared.name), (), found, declared.title, isinstance(own, list),
            declared.complete, self._take(declared.name), tuple(self._gone(declared)),
        )  # fmt: skip

    def _entry(self, declared: EntryList, at: int, entry: Any) -> Entry:
        path = f"{declared.name}[{at}]"
        stated = entry if isinstance(entry, Mapping) else {}
        partner = self._partners.get((declared.name, at))
        is_new = self._first is not None and self._case is not None and partner is None
        controls = tuple(
            self._control(one, at, stated, -2 if partner is None else partner)
            for one in declared.fields
            if one.type != "computed"
        )
        names = (stated.get(one.key) for one in (*declared.naming, declared.identifier) if one is not None)
        title = next((name for name in names if isinstance(name, str) and name), "")
        return Entry(path, title.replace("_", " "), controls, is_new, self._take(path))

    def _gone(self, declared: EntryList) -> Iterator[str]:
        """What entries of the first record were called that are no more."""
        if self._first is None or self._case is None:
            return
        kept = {partner for (name, _), partner in self._partners.items() if name == declared.name}
        for at, entry in enumerate(self._first.entries(declared.name)):
            if at not in kept:
                names = (entry.get(one.key) for one in declared.naming)
                yield next((str(name) for name in names if name), f"{declared.title} {at + 1}").replace("_", " ")

    def _control(self, field: Field, at: int, stated: Mapping[str, Any], partner: int) -> FormField:
        path = field.path(at)
        return FormField(
            path, field.title or _heading(field.key), field.type, field.unit, stated.get(field.key),
            tuple(self._options(field, at)), self._completion(field), self._hint(field, at), field.required,
            self._below(path), self._before(field, at, partner),
        )  # fmt: skip

    def _options(self, field: Field, at: int) -> Iterator[Option]:
        if field.type == "choice":
            terms = self._folder.vocabularies[field.vocabulary].terms if field.vocabulary else {}
            names = terms or {one: one.replace("_", " ") for one in field.allowed}
            yield from (Option(name, title) for name, title in names.items())
        elif field.type == "references":
            own = self._data.get(field.references)
            for number, entry in enumerate(own if isinstance(own, list) else ()):
                if number != at and isinstance(entry, Mapping):
                    yield Option(*self._identity(field.references, number, entry))

    def _identity(self, name: str, at: int, entry: Mapping[str, Any]) -> tuple[str, str]:
        """What an entry is referred to by, and what it is called."""
        declared = self._folder.declaration.entry_lists[name]
        by = declared.identifier
        identity = entry.get(by.key) if by is not None else None
        if not isinstance(identity, str):
            ids = self._case.ids(name) if self._case is not None else []
            identity = (ids[at] if at < len(ids) else None) or f"{name[:1]}{at + 1}"
        names = (entry.get(one.key) for one in declared.naming)
        called = next((one for one in names if isinstance(one, str) and one), "")
        return identity, f"{identity} · {called.replace('_', ' ')}" if called else identity

    def _completion(self, field: Field) -> str:
        return _completed_by(self._folder.declaration, field)

    def _hint(self, field: Field, at: int) -> str:
        case = self._case
        if case is None:
            return ""
        stated = case.stated(field, at)
        if stated is not None and field.type not in ("word", "words", "product", "choice"):
            return ""
        if stated is None and field.is_number:
            low, high = case.bounds(field, at) or (None, None)
            if low is None or low != high:
                return ""
            return f"follows: {number_text(low)}" if field.derived is not None else _or_else(field.default)
        understood = value(case, field, at)
        if stated is None:
            found = _shown(understood) if understood not in (None, [], "") else ""
            if not found:
                return ""
            return (
                f"follows: {found}"
                if field.derived is not None and field.default is None
                else f"unless stated: {found}"
            )
        if field.type == "product":
            match = case.match(field, at)
            if match is None:
                return "not in the catalogue"
            return "; or ".join(candidate.title for candidate in match.candidates) if match.candidates else ""
        return f"taken for {self._terms(field, understood)}" if understood != stated else ""

    def _terms(self, field: Field, understood: Any) -> str:
        terms = self._folder.vocabularies[field.vocabulary].terms if field.vocabulary else {}
        each = understood if isinstance(understood, list) else [understood]
        return ", ".join(terms.get(one, _shown(one)) for one in each)

    def _before(self, field: Field, at: int, partner: int) -> str | None:
        if self._case is None or self._first is None or (at >= 0 and partner < 0):
            return None
        now, before = value(self._case, field, at), value(self._first, field, partner if at >= 0 else -1)
        if now == before or (now in (None, []) and before in (None, [])):
            return None
        return _shown(before) if before not in (None, [], "") else "not stated"

    def _take(self, path: str) -> tuple[str, ...]:
        self._placed.add(path)
        return tuple(self._faults.get(path, ()))

    def _below(self, path: str) -> tuple[str, ...]:
        """The faults of a field, and of what stands in it."""
        found = [own for own in self._faults if own == path or own.startswith((f"{path}[", f"{path}."))]
        self._placed |= set(found)
        return tuple(
            message if own == path else f"{own.removeprefix(path).lstrip('.')}: {message}"
            for own in found
            for message in self._faults[own]
        )


def _partners(case: Case, first: Case) -> dict[tuple[str, int], int]:
    """By list and position, the position of the same entry in the first record: by what identifies it, or its place."""
    found: dict[tuple[str, int], int] = {}
    for name, declared in case.declaration.entry_lists.items():
        if declared.identifier is None:
            both = min(case.count(name), first.count(name))
            found |= {(name, at): at for at in range(both)}
        else:
            before = {identity: at for at, identity in enumerate(first.ids(name))}
            for at, identity in enumerate(case.ids(name)):
                if identity in before:
                    found[name, at] = before[identity]
    return found


def completions(folder: RuleFolder) -> dict[str, list[str]]:
    """What can be typed, by the names of lists: words of vocabularies, names of products, what a request is about."""
    products = {name for product in folder.catalogue.products for name in product.names}
    found: dict[str, list[str]] = {}
    for one in folder.declaration.fields:
        words: set[str] = set(one.allowed) if one.type == "subject" else set()
        if one.type == "product":
            words |= products
        if vocabulary := _vocabulary_of(folder.declaration, one):
            words |= set(folder.vocabularies[vocabulary].terms.values())
        if name := _completed_by(folder.declaration, one):
            found[name] = sorted(words, key=lambda word: (word.casefold(), word))
    return found


def _completed_by(declaration: Declaration, field: Field) -> str:
    """The name of the list that completes what is typed into a field; empty: there is none."""
    vocabulary = _vocabulary_of(declaration, field)
    match field.type:
        case "subject":
            return f"subject-{field.key}"
        case "product":
            return f"products-{vocabulary}" if vocabulary else "products"
        case "word" | "words":
            return vocabulary
    return ""


def _vocabulary_of(declaration: Declaration, field: Field) -> str:
    """The vocabulary whose words a field takes: its own, or that of the class which its text can name."""
    for one in declaration.fields:
        if isinstance(one.derived, ClassNamed) and one.derived.text is field:
            return one.derived.vocabulary
    return field.vocabulary or ""


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _or_else(default: object) -> str:
    return "" if default is None else f"unless stated: {_shown(default)}"


def _shown(found: Any) -> str:
    """A value of a record in words."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int | float):
        return number_text(found)
    if isinstance(found, list):
        return ", ".join(map(_shown, found))
    if isinstance(found, Mapping):
        return " to ".join(str(day) for day in (found.get("start", "…"), found.get("end", "…")))
    return str(found).replace("_", " ")
