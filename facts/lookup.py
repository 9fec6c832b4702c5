"""Words and products of a record looked up: what is wrong with them, and what people should know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from facts.catalogue import AmbiguousProduct, Catalogue, Match
from facts.declaration import Declaration, Field
from facts.derived import ATTRIBUTES, ClassNamed, OfProduct
from facts.errors import Fault, RecordError
from facts.phrases import one_of, quoted
from facts.terms import Term
from facts.understanding import class_in, of_match

if TYPE_CHECKING:
    from facts.case import Case
    from facts.words import Vocabulary

_EMPTY: dict[str, Any] = {}
_Examined = Sequence[tuple[str, Field, Mapping[str, str] | None]]
"""Fields that are examined: their keys, and the terms of their vocabularies."""


def looked_up(case: Case) -> Case:
    """The case with its products and words looked up; raises RecordError with every fault."""
    declaration, vocabularies, data = case.declaration, case.vocabularies, case.data
    plan: _Plan | None = declaration.remembered.get(_Plan)
    if plan is None or plan.vocabularies is not vocabularies or plan.catalogue is not case.catalogue:
        plan = declaration.remembered[_Plan] = _Plan(declaration, vocabularies, case.catalogue)
    check = Check(case, plan.products)
    for section, fields in plan.of_record:
        part = data.get(section, _EMPTY) if section else data
        _check(check, part, fields, -1)
    for name, fields in plan.of_entries:
        for at, entry in enumerate(data.get(name, ())):
            _check(check, entry, fields, at)
    if plan.derived and not check.faults:
        check.derived(plan.derived)
    if check.faults:
        raise RecordError(tuple(check.faults))
    if check.warnings:
        case.warnings = tuple(check.warnings)
    return case


class _Known(NamedTuple):
    """What is known of a product's name, and of what is stated beside it."""

    is_class: bool
    """Whether it names a class, and no product."""
    match: Match | None
    warnings: tuple[str, ...]
    faults: tuple[tuple[Field, str], ...] = ()
    is_open: bool = False
    """Whether it is left open which of several values some field has that follows from it."""


_REMEMBERED = 10_000
"""Names of products that are remembered, each with what is stated beside it."""


class _Plan:
    """What of a declaration's records is to be understood."""

    def __init__(self, declaration: Declaration, vocabularies: Mapping[str, Vocabulary], catalogue: Catalogue) -> None:
        self.vocabularies, self.catalogue = vocabularies, catalogue
        self.products: dict[tuple[Any, ...], _Known] = {}
        """What was found of names, by these and by what is stated of what follows from them."""
        sections = dict.fromkeys(one.section for one in declaration.of_record)
        parts = [(name, [one for one in declaration.of_record if one.section == name]) for name in sections]
        lists = [(name, declared.fields) for name, declared in declaration.entry_lists.items()]
        self.of_record = [(name, examined) for name, fields in parts if (examined := self._examined(fields))]
        self.of_entries = [(name, examined) for name, fields in lists if (examined := self._examined(fields))]
        self.derived = [
            one
            for one in declaration.fields
            if one.derived is not None
            and one.derived.after_reading
            and one.derived.kind == "number"
            and one.type != "computed"
        ]

    def _examined(self, fields: Iterable[Field]) -> _Examined:
        return [
            (one.key, one, self.vocabularies[one.vocabulary].terms if one.vocabulary else None)
            for one in fields
            if one.type in ("subject", "product") or (one.vocabulary and one.type != "computed")
        ]


def _check(check: Check, part: Mapping[str, Any], fields: _Examined, at: int) -> None:
    """Look at the fields of one object; what are plain terms needs no more."""
    for key, field, terms in fields:
        stated = part.get(key)
        if stated is None:
            continue
        if terms is None:
            check.named(field, at, stated, part)
        elif type(stated) is str:
            if stated not in terms:
                check.word(field, field.path(at), stated)
        else:
            for place, text in enumerate(stated):
                if text not in terms:
                    check.word(field, f"{field.path(at)}[{place}]", text)


class Check:
    """What is wrong with the words and products of a record, and what people should know of them."""

    def __init__(self, case: Case, products: dict[tuple[Any, ...], _Known]) -> None:
        self.case, self.products = case, products
        self.faults: list[Fault] = []
        self.warnings: list[str] = []

    def named(self, field: Field, at: int, stated: str, part: Mapping[str, Any]) -> None:
        """Look up a product; a subject has to be the one that there is."""
        if field.type == "subject":
            (allowed,) = field.allowed
            if stated.casefold() != allowed.casefold():
                self.faults.append(Fault(field.path(at), f"this policy speaks of {allowed} only, not of {stated!r}"))
            return
        case, followers = self.case, self.case.declaration.followers(field)
        key = field, stated, *[case.stated(one, at) for one, _ in followers.of_product]
        known = self.products.get(key)
        if known is None:
            beside = [(one, attribute) for one, attribute in followers.of_product if one.key in part]
            try:
                known = self._product(field, at, stated, beside)
            except AmbiguousProduct as error:
                self.faults.append(Fault(field.path(at), str(error)))
                return
            if len(self.products) >= _REMEMBERED:
                self.products.clear()
            self.products[key] = known
        if not known.is_class:
            case.matches[field, at] = known.match
        case.is_ambiguous |= known.is_open
        self.faults += [Fault(one.path(at), wrong) for one, wrong in known.faults]
        for warning in known.warnings:
            self.warnings.append(f"{field.path(at)}: {warning}")

    def word(self, field: Field, path: str, text: str) -> None:
        """Warn of a word that is no term, if it is not understood to be one."""
        vocabulary = self.case.vocabularies[field.vocabulary or ""]
        meaning = vocabulary.meaning(text)
        if len(meaning) > 1:
            self.case.is_ambiguous = True
        self.warnings += (f"{path}: {warning}" for warning in _can_be(text, vocabulary, meaning))
        if meaning:
            return
        near = vocabulary.nearest(text)
        taken = "is no known word and taken as something else" if field.slips_refused else (
            "is not understood and leaves open what depends on it"
        )  # fmt: skip
        self.warnings.append(f"{path}: {quoted(text)} {taken}" + (f"; nearest: {near}" if near else ""))

    def _product(self, field: Field, at: int, name: str, beside: Sequence[tuple[Field, str]]) -> _Known:
        """What is known of a name, and of what is stated beside it. Raises AmbiguousProduct."""
        case, followers = self.case, self.case.declaration.followers(field)
        for one in followers.class_named:
            assert isinstance(one.derived, ClassNamed)
            vocabulary = case.vocabularies[one.derived.vocabulary]
            named = class_in(name, vocabulary, case.catalogue)
            if named is not None:
                return _Known(True, None, _can_be(name, vocabulary, named.could_be))
        stated = {attribute: case.stated(one, at) for one, attribute in beside}
        understood = {
            attribute: str(values[0])
            for one, attribute in beside
            if stated[attribute] is not None and (values := case.understood(one, stated[attribute]).values)
        }
        class_name = stated.get("class")
        match = case.catalogue.lookup(name, understood.get("class", class_name), understood.get("potency"))
        if match is None:
            return _Known(False, None, (_not_there(name, case.catalogue, class_name),))
        warnings = [f"not understood and left aside: {', '.join(match.ignored)}"] if match.ignored else []
        if match.candidates:
            warnings.append(f"{quoted(name)} can be {one_of([candidate.title for candidate in match.candidates])}")
        faults = ((one, self._contradiction(one, name, match, case.stated(one, at))) for one, _ in beside)
        if len(match.products) > 1 and not match.candidates:
            warnings += self._open(name, match, [one for one in followers.of_product if one not in beside])
        case.matches[field, at] = match
        is_open = len(match.products) > 1 and any(case.reading(one, at).could_be for one in followers.all)
        return _Known(
            False, match, tuple(warnings), tuple((one, wrong) for one, wrong in faults if wrong is not None), is_open
        )

    @staticmethod
    def _open(name: str, match: Match, fields: Iterable[tuple[Field, str]]) -> Iterator[str]:
        """What a name leaves open of one product, where a record could state it."""
        for field, attribute in fields:
            could_be = of_match(match, ATTRIBUTES[attribute]).could_be if field.type != "computed" else ()
            if could_be and field.default is None:
                values = [value for value in field.allowed if value in could_be] or [str(value) for value in could_be]
                yield f"{quoted(name)} leaves the {field.title} open: {one_of(values).replace('_', ' ')}"

    def _contradiction(self, field: Field, name: str, match: Match, value: Any) -> str | None:
        """What is wrong with what is stated of a product, by the catalogue."""
        by = field.derived
        assert isinstance(by, OfProduct)
        found = self.case.understood(field, value)
        return by.contradiction(match, name, (*found.values, *found.could_be) or (value,), self.case.catalogue)

    def derived(self, fields: Iterable[Field]) -> None:
        """Look for stated values that do not agree with what words and products give."""
        for field in fields:
            for at in range(len(self.case.entries(field.list))) if field.list else (-1,):
                assert field.derived is not None
                self.faults += [Fault(*fault) for fault in field.derived.faults(self.case, field, at)]


def _can_be(text: str, vocabulary: Vocabulary, meaning: Sequence[Term]) -> tuple[str, ...]:
    """The warning of a text that stands for several terms, if it does."""
    if len(meaning) < 2:
        return ()
    return (f"{quoted(text)} can be {one_of([vocabulary.terms[str(term)] for term in meaning])}",)


def _not_there(name: str, catalogue: Catalogue, class_name: str | None) -> str:
    near = ", ".join(catalogue.nearest(name))
    taken = "taken as unrelated" if class_name is None else f"taken as {class_name}, as stated"
    return f"{quoted(name)} is not in the catalogue and {taken}" + (f"; nearest: {near}" if near else "")
