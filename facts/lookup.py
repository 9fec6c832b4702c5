"""Words and products of a record looked up: what is wrong with them, and what people should know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from facts.catalogue import AmbiguousProduct, Catalogue, Match
from facts.declaration import Declaration, Field
from facts.derived import ClassNamed, OfProduct
from facts.errors import Fault, RecordError
from facts.phrases import one_of, quoted
from facts.understanding import class_in

if TYPE_CHECKING:
    from facts.case import Case
    from facts.words import Vocabulary

_EMPTY: dict[str, Any] = {}
_Looked = Sequence[tuple[str, Field, Mapping[str, str] | None]]
"""Fields that are looked at: their keys, and the terms of their vocabularies."""


def looked_up(case: Case) -> Case:
    """The case with its products and words looked up; raises RecordError with every fault."""
    declaration, vocabularies, data = case.declaration, case.vocabularies, case.data
    plan: _Plan | None = declaration.remembered.get(_Plan)
    if plan is None or plan.vocabularies is not vocabularies:
        plan = declaration.remembered[_Plan] = _Plan(declaration, vocabularies)
    check = Check(case)
    for section, fields in plan.of_record:
        part = data.get(section, _EMPTY) if section else data
        _look(check, part, fields, -1)
    for name, fields in plan.of_entries:
        for at, entry in enumerate(data.get(name, ())):
            _look(check, entry, fields, at)
    if plan.derived and not check.faults:
        check.derived(plan.derived)
    if check.faults:
        raise RecordError(tuple(check.faults))
    if check.warnings:
        case.warnings = tuple(check.warnings)
    return case


class _Plan:
    """What of a declaration's records is to be understood."""

    def __init__(self, declaration: Declaration, vocabularies: Mapping[str, Vocabulary]) -> None:
        self.vocabularies = vocabularies
        sections = dict.fromkeys(one.section for one in declaration.of_record)
        parts = [(name, [one for one in declaration.of_record if one.section == name]) for name in sections]
        lists = [(name, declared.fields) for name, declared in declaration.entry_lists.items()]
        self.of_record = [(name, looked) for name, fields in parts if (looked := self._looked(fields))]
        self.of_entries = [(name, looked) for name, fields in lists if (looked := self._looked(fields))]
        self.derived = [
            one
            for one in declaration.fields
            if one.derived is not None
            and one.derived.after_reading
            and one.derived.kind == "number"
            and one.type != "computed"
        ]

    def _looked(self, fields: Iterable[Field]) -> _Looked:
        return [
            (one.key, one, self.vocabularies[one.vocabulary].terms if one.vocabulary else None)
            for one in fields
            if one.type in ("subject", "product") or (one.vocabulary and one.type != "computed")
        ]


def _look(check: Check, part: Mapping[str, Any], fields: _Looked, at: int) -> None:
    """Look at the fields of one object; what are plain terms needs no more."""
    for key, field, terms in fields:
        stated = part.get(key)
        if stated is None:
            continue
        if terms is None:
            check.named(field, at, stated)
        elif type(stated) is str:
            if stated not in terms:
                check.word(field, field.path(at), stated)
        else:
            for place, text in enumerate(stated):
                if text not in terms:
                    check.word(field, f"{field.path(at)}[{place}]", text)


class Check:
    """What is wrong with the words and products of a record, and what people should know of them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.faults: list[Fault] = []
        self.warnings: list[str] = []

    def named(self, field: Field, at: int, stated: str) -> None:
        """Look up a product; a subject has to be the one that there is."""
        if field.type == "product":
            self._product(field, at, stated)
            return
        (allowed,) = field.allowed
        if stated.casefold() != allowed.casefold():
            self.faults.append(Fault(field.path(at), f"this policy speaks of {allowed} only, not of {stated!r}"))

    def word(self, field: Field, path: str, text: str) -> None:
        """Warn of a word that is no term, if it is not understood to be one."""
        vocabulary = self.case.vocabularies[field.vocabulary or ""]
        meaning = vocabulary.meaning(text)
        if len(meaning) > 1:
            self.case.has_phrases = True
            titles = one_of([vocabulary.terms[term] for term in meaning])
            self.warnings.append(f"{path}: {quoted(text)} can be {titles}")
        if meaning:
            return
        near = vocabulary.nearest(text)
        taken = "is no known word and taken as something else" if field.slips_refused else (
            "is not understood and leaves open what depends on it"
        )  # fmt: skip
        self.warnings.append(f"{path}: {quoted(text)} {taken}" + (f"; nearest: {near}" if near else ""))

    def _product(self, field: Field, at: int, name: str) -> None:
        case, path = self.case, field.path(at)
        followers = case.declaration.followers(field)
        for one in followers.class_named:
            assert isinstance(one.derived, ClassNamed)
            if class_in(name, case.vocabularies[one.derived.vocabulary], case.catalogue) is not None:
                return
        stated = {attribute: (one, case.stated(one, at)) for one, attribute in followers.of_product}
        class_name = None
        if "class" in stated and stated["class"][1] is not None:
            values = case.understood(*stated["class"]).values
            class_name = str(values[0]) if values else stated["class"][1]
        try:
            match = case.catalogue.lookup(name, class_name)
        except AmbiguousProduct as error:
            self.faults.append(Fault(path, str(error)))
            return
        case.matches[field, at] = match
        if match is None:
            self.warnings.append(_not_there(name, path, case.catalogue, stated.get("class", (None, None))[1]))
            return
        if match.ignored:
            self.warnings.append(f"{path}: not understood and left aside: {', '.join(match.ignored)}")
        if match.candidates:
            titles = one_of([candidate.title for candidate in match.candidates])
            self.warnings.append(f"{path}: {quoted(name)} can be {titles}")
        for one, value in stated.values():
            if value is not None:
                self._agrees(one, at, name, match, value)
        if len(match.products) > 1 and not match.candidates:
            self._open(field, at, name)

    def _open(self, product: Field, at: int, name: str) -> None:
        """Warn of what a name leaves open of one product, where a record could state it."""
        for field, could_be in self.case.open_after(product, at):
            if field.type != "computed":
                values = [value for value in field.allowed if value in could_be] or [str(value) for value in could_be]
                message = f"{quoted(name)} leaves the {field.title} open: {one_of(values).replace('_', ' ')}"
                self.warnings.append(f"{product.path(at)}: {message}")

    def _agrees(self, field: Field, at: int, name: str, match: Match, value: Any) -> None:
        """Whether the catalogue admits what is stated of a product."""
        by = field.derived
        assert isinstance(by, OfProduct)
        found = self.case.understood(field, value)
        wrong = by.contradiction(match, name, (*found.values, *found.could_be) or (value,), self.case.catalogue)
        if wrong is not None:
            self.faults.append(Fault(field.path(at), wrong))

    def derived(self, fields: Iterable[Field]) -> None:
        """Look for stated values that do not agree with what words and products give."""
        for field in fields:
            for at in range(len(self.case.entries(field.list))) if field.list else (-1,):
                assert field.derived is not None
                self.faults += [Fault(*fault) for fault in field.derived.faults(self.case, field, at)]


def _not_there(name: str, path: str, catalogue: Catalogue, class_name: str | None) -> str:
    near = ", ".join(catalogue.nearest(name))
    taken = "taken as unrelated" if class_name is None else f"taken as {class_name}, as stated"
    return f"{path}: {quoted(name)} is not in the catalogue and {taken}" + (f"; nearest: {near}" if near else "")
