"""A record in full form: its words and products understood, its defaults filled in, every section present."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from facts.catalogue import AmbiguousProduct, Candidate, Catalogue, Match
from facts.contradictions import identities
from facts.declaration import Declaration, Field
from facts.derived import ClassNamed, OfProduct
from facts.errors import Fault, RecordError
from facts.function import Bounds
from facts.terms import Term
from facts.values import Data, Values, moved

if TYPE_CHECKING:
    from facts.model import Record
    from facts.words import Vocabulary


class Reading(NamedTuple):
    """What a field is understood to say."""

    values: tuple[Term, ...] = ()
    """Its value; or those of a list."""
    could_be: tuple[Term, ...] = ()
    """Values of which one is meant, and it is open which."""
    unknown: bool = False
    """Whether a word in it is not understood."""


NOTHING = Reading()
NO_VALUE = "none"
"""What stands among the values that a field could have for: none of them."""
_UNKNOWN = Reading((), (), True)


class Case(Values):
    """A checked record, ready to be turned into facts. Entries are meant by their position, from 0."""

    __slots__ = (
        "__dict__",
        "_readings",
        "_titles",
        "catalogue",
        "has_phrases",
        "matches",
        "record",
        "vocabularies",
        "warnings",
    )

    def __init__(
        self,
        record: Record,
        declaration: Declaration,
        vocabularies: Mapping[str, Vocabulary],
        catalogue: Catalogue,
        matches: Mapping[tuple[Field, int], Match | None] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(declaration, record.data)
        self.record = record
        self.vocabularies = vocabularies
        self.catalogue = catalogue
        self.matches: dict[tuple[Field, int], Match | None] = dict(matches or {})
        """What the catalogue knows of each product that the record names; None: it does not know it."""
        self.warnings = warnings
        self.has_phrases = False
        """Whether a word stands for several terms."""
        self._readings: dict[tuple[Field, int], Reading] = {}
        self._titles: dict[str, tuple[str, ...]] = {}

    @property
    def case_id(self) -> str:
        """The record's identification."""
        return self.record.case_id

    @property
    def longest_list(self) -> int:
        """Entries of the longest of its lists."""
        return max((len(self.entries(name)) for name in self.declaration.entry_lists), default=0)

    @cached_property
    def is_ambiguous(self) -> bool:
        """Whether the record leaves open which of several values some field has, so that a CouldBe is of it."""
        return self.has_phrases or any(
            match is not None and len(match.products) > 1 and self.open_after(product, at)
            for (product, at), match in self.matches.items()
        )

    def open_after(self, product: Field, at: int) -> list[tuple[Field, tuple[Term, ...]]]:
        """The fields that follow from a product, itself among them, and could have several values, with these."""
        found = ((field, self.reading(field, at).could_be) for field in _followers(self.declaration, product).all)
        return [(field, could_be) for field, could_be in found if could_be]

    def ids(self, name: str) -> list[str | None]:
        """What identifies each entry of a list: as written, else by its position."""
        return identities(self.declaration.entry_lists[name], self)

    # ── What its words and products say ──────────────────────────────────────

    def reading(self, field: Field, at: int) -> Reading:
        """What a field of words, a choice or a truth is understood to say; of a product its family."""
        key = field, at
        found = self._readings.get(key)
        if found is None:
            found = self._readings[key] = self._read(field, at)
        return found

    def _read(self, field: Field, at: int) -> Reading:
        stated, by = self.stated(field, at), field.derived
        if field.type == "product":
            return _of_match(self.matches.get((field, at)), "key")
        if isinstance(by, OfProduct):
            return self._of_product(field, by, stated, at)
        if isinstance(by, ClassNamed):
            return self._class_named(by, at)
        if by is not None and by.kind == "truth":
            truth = by.truth(self, at)
            return NOTHING if truth is None else Reading((truth,))
        if stated is None:
            stated = field.default
        return NOTHING if stated is None else self.understood(field, stated)

    def understood(self, field: Field, stated: Any) -> Reading:
        """What is understood of a value that is stated in a field."""
        if not field.vocabulary:
            return Reading((stated,))
        vocabulary = self.vocabularies[field.vocabulary]
        if isinstance(stated, list):
            return _of_list(vocabulary, stated)
        return _of_word(vocabulary, stated, other=field.slips_refused)

    def _of_product(self, field: Field, by: OfProduct, stated: Any, at: int) -> Reading:
        match = self.matches.get((by.product, at))
        if stated is not None:
            found = self.understood(field, stated)
            if found.values or match is None:
                return found
        if match is not None:
            found = _of_match(match, by.match_name)
            if found is not NOTHING and (found.values or field.default is None):
                return found
        return NOTHING if field.default is None else self.understood(field, field.default)

    def _class_named(self, by: ClassNamed, at: int) -> Reading:
        text = self.stated(by.text, at)
        if text is None:
            return NOTHING
        named = _class_in(text, self.vocabularies[by.vocabulary], self.catalogue)
        if named is not None:
            return named
        match = self.matches.get((by.text, at))
        return Reading((text,)) if match is None else _of_match(match, "class_name")

    def broader(self, field: Field, term: Term) -> tuple[Term, ...]:
        """The term and all that it belongs to."""
        by = field.derived
        name = by.vocabulary if isinstance(by, ClassNamed) else field.vocabulary
        vocabulary = self.vocabularies.get(name) if name else None
        if vocabulary is None or not isinstance(term, str) or term not in vocabulary.terms:
            return (term,)
        return vocabulary.broader(term)

    def has(self, field: Field, at: int, value: Term) -> bool | None:
        """Whether the field has the value; None where that is not known."""
        found = self.reading(field, at)
        if any(value in self.broader(field, term) for term in found.values):
            return True
        if found.could_be:
            each = [value in self.broader(field, term) for term in found.could_be]
            return True if all(each) else None if any(each) or found.unknown else False
        if found.unknown or (not found.values and self.stated(field, at) is None):
            return None
        return False

    def compared(self, field: Field, at: int) -> object:
        """What the field says, for a comparison with that of another entry."""
        if field.type == "text":
            return self.stated(field, at)
        found = self.reading(field, at)
        return self.stated(field, at) if found.unknown else found

    # ── What the verdict asks ────────────────────────────────────────────────

    def _located(self, term: Term) -> tuple[Field, int]:
        field = self.declaration.field(term)
        if field is None:
            raise KeyError(term)
        return field, self.declaration.position(term)

    def places(self, term: Term) -> tuple[str, ...]:
        """The paths at which a field can stand: first what it follows from, last where it is stated itself."""
        return self.places_of(*self._located(term))

    def places_of(self, field: Field, at: int) -> tuple[str, ...]:
        """The paths at which a field can stand."""
        by = field.derived
        if by is None or (isinstance(by, OfProduct) and field.type != "computed"):
            return (field.path(at),)
        found = [place for base in by.bases for place in self._base_places(field, base, at)]
        if field.type != "computed":
            found.append(field.path(at))
        return tuple(dict.fromkeys(found))

    def _base_places(self, field: Field, base: Field, at: int) -> Iterator[str]:
        if base.list and not field.list:
            for position in range(len(self.entries(base.list))):
                yield from self.places_of(base, position)
            yield base.list
        else:
            yield from self.places_of(base, at if base.list else -1)

    def paths(self, term: Term) -> tuple[str, ...]:
        """The paths of a field; of several places those that the record fills, if any, else the last."""
        possible = self.places(term)
        return tuple(place for place in possible if self._filled(place)) or possible[-1:]

    def _filled(self, place: str) -> bool:
        from facts.paths import value_at

        return value_at(self.full, place) is not None

    def silent(self, term: Term) -> bool:
        """Whether the record says nothing in the field."""
        return not any(self._filled(place) for place in self.places(term))

    def number(self, term: Term) -> Bounds | None:
        """The bounds of the number in a field, as facts have it; None where nothing is known of it."""
        field, at = self._located(term)
        found = self.bounds(field, at)
        return None if found is None else scaled(field, found)

    def possible(self, term: Term) -> tuple[Term, ...]:
        """The values that the catalogue admits in the field; empty: any."""
        field, at = self._located(term)
        if isinstance(field.derived, OfProduct):
            match = self.matches.get((field.derived.product, at))
            return () if match is None else field.derived.possible(match)
        return tuple(candidate.key for candidate in self.candidates_of(field, at))

    def candidates_of(self, field: Field, at: int) -> tuple[Candidate, ...]:
        """The families that the product in a field can be, where it can be several."""
        match = self.matches.get((field, at))
        return () if match is None else match.candidates

    def candidates(self, entry: Term) -> tuple[Candidate, ...]:
        """The families that the product of an entry can be, where it can be several."""
        declared = self.declaration.list_of(entry)
        if declared is None:
            raise KeyError(entry)
        at = self.declaration.position(("", entry))
        found = (self.candidates_of(field, at) for field in declared.fields if field.type == "product")
        return next(filter(None, found), ())

    def entry_title(self, entry: Term) -> str:
        """An entry by what it is, and by what identifies it where several are called so."""
        from facts.wording import entry_titles

        declared = self.declaration.list_of(entry)
        if declared is None:
            raise KeyError(entry)
        if declared.name not in self._titles:
            self._titles[declared.name] = entry_titles(self, declared)
        titles, at = self._titles[declared.name], self.declaration.position(("", entry))
        return titles[at] if at < len(titles) else f"{declared.title} {at + 1}"

    def recorded(self, terms: Sequence[Term]) -> str:
        """What the record says in these fields, and in which of several it says nothing."""
        from facts.wording import recorded

        return recorded(self, terms)

    @cached_property
    def written(self) -> dict[str, Any]:
        """The record as it was written, as JSON data, with every section, default and identifier."""
        from facts.full_form import written

        return written(self)

    @cached_property
    def full(self) -> dict[str, Any]:
        """The record in full form, as JSON data: with known words as their terms, and what the catalogue adds."""
        from facts.full_form import full

        return full(self)

    def moved(self, day: date) -> Case:
        """The same case on another day; what it states beside the dates that it follows from is left to these."""
        return self.with_data(moved(self, day))

    on = moved

    def with_data(self, data: Data) -> Case:
        """A case with other data, in which the same products and words stand."""
        record = type(self.record)(self.case_id, dict(data))
        found = Case(record, self.declaration, self.vocabularies, self.catalogue, self.matches, self.warnings)
        found.has_phrases = self.has_phrases
        return found


def scaled(field: Field, bounds: Bounds) -> Bounds:
    """The bounds of a number as facts have it."""
    if not field.decimals:
        return bounds
    low, high = (None if bound is None else field.scaled(bound) for bound in bounds)
    return low, high


def _of_match(match: Match | None, name: str) -> Reading:
    """What the products that a name fits say; where they differ, each of it."""
    if match is None:
        return NOTHING
    value = getattr(match, name)
    if value is not None:
        return Reading((value,))
    if name == "prescription":
        return NOTHING
    found = {getattr(product, name) for product in match.products}
    known = sorted(value for value in found if value is not None)
    return Reading((), (*known, *([NO_VALUE] if None in found else []))) if known else NOTHING


def _of_word(vocabulary: Vocabulary, text: str, *, other: bool = False) -> Reading:
    """What a word stands for; `other`: a word that is not known is another value, and no unknown one."""
    meaning: tuple[Term, ...] = (text,) if text in vocabulary.terms else vocabulary.meaning(text)
    if len(meaning) > 1:
        return Reading((), meaning)
    return Reading(meaning) if meaning else Reading((text,)) if other else _UNKNOWN


def _of_list(vocabulary: Vocabulary, texts: Iterable[str]) -> Reading:
    each = [_of_word(vocabulary, text) for text in texts]
    return Reading(
        tuple(dict.fromkeys(value for one in each for value in one.values)),
        tuple(dict.fromkeys(value for one in each for value in one.could_be)),
        any(one.unknown for one in each),
    )


def _class_in(text: str, vocabulary: Vocabulary, catalogue: Catalogue) -> Reading | None:
    """The classes that a text names by itself; None: it names none."""
    found = _of_word(vocabulary, text)
    if not found.unknown:
        return found
    return Reading((text,)) if text in catalogue.classes else None


def normalize(
    record: Record, declaration: Declaration, vocabularies: Mapping[str, Vocabulary], catalogue: Catalogue
) -> Case:
    """Look up the record's products and words.

    Raises RecordError, with every fault, for another thing than the policy speaks of, a name of several
    products at once, and a value that the catalogue contradicts.
    """
    case = Case(record, declaration, vocabularies, catalogue)
    plan: _Plan | None = declaration.remembered.get(_Plan)
    if plan is None or plan.vocabularies is not vocabularies:
        plan = declaration.remembered[_Plan] = _Plan(declaration, vocabularies)
    check = _Check(case)
    data = record.data
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


_EMPTY: dict[str, Any] = {}
_Looked = Sequence[tuple[str, Field, Mapping[str, str] | None]]
"""Fields that are looked at: their keys, and the terms of their vocabularies."""


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


def _look(check: _Check, part: Mapping[str, Any], fields: _Looked, at: int) -> None:
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


class _Check:
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
            titles = _one_of([vocabulary.terms[term] for term in meaning])
            self.warnings.append(f"{path}: {_short(text)} can be {titles}")
        if meaning:
            return
        near = vocabulary.nearest(text)
        taken = "is no known word and taken as something else" if field.slips_refused else (
            "is not understood and leaves open what depends on it"
        )  # fmt: skip
        self.warnings.append(f"{path}: {_short(text)} {taken}" + (f"; nearest: {near}" if near else ""))

    def _product(self, field: Field, at: int, name: str) -> None:
        case, path = self.case, field.path(at)
        followers = _followers(case.declaration, field)
        for one in followers.class_named:
            assert isinstance(one.derived, ClassNamed)
            if _class_in(name, case.vocabularies[one.derived.vocabulary], case.catalogue) is not None:
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
            titles = _one_of([candidate.title for candidate in match.candidates])
            self.warnings.append(f"{path}: {_short(name)} can be {titles}")
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
                message = f"{_short(name)} leaves the {field.title} open: {_one_of(values).replace('_', ' ')}"
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


class _Followers(NamedTuple):
    of_product: tuple[tuple[Field, str], ...]
    class_named: tuple[Field, ...]
    all: tuple[Field, ...]


def _followers(declaration: Declaration, product: Field) -> _Followers:
    """The fields that follow from a product."""
    found: _Followers | None = declaration.remembered.get(product)
    if found is None:
        of_product = declaration.of_product(product.place)
        named = tuple(
            one for one in declaration.fields if isinstance(one.derived, ClassNamed) and one.derived.text is product
        )
        every = (product, *(one for one, _ in of_product), *named)
        found = declaration.remembered[product] = _Followers(of_product, named, every)
    return found


def _not_there(name: str, path: str, catalogue: Catalogue, class_name: str | None) -> str:
    near = ", ".join(catalogue.nearest(name))
    taken = "taken as unrelated" if class_name is None else f"taken as {class_name}, as stated"
    return f"{path}: {_short(name)} is not in the catalogue and {taken}" + (f"; nearest: {near}" if near else "")


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _one_of(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
