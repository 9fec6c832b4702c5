"""A checked record with its words and products understood: what its facts, verdict and edits are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from facts import full_form
from facts.catalogue import Candidate, Catalogue, Match
from facts.contradictions import identities
from facts.declaration import Declaration, EntryList, Field
from facts.derived import ClassNamed, OfProduct
from facts.function import Bounds
from facts.lookup import looked_up
from facts.periods import number_of_day
from facts.terms import Term
from facts.understanding import NOTHING, Reading, class_in, of_list, of_match, of_word
from facts.values import Data, Source, Values, moved, path_of

if TYPE_CHECKING:
    from facts.model import Record
    from facts.words import Vocabulary


class Case(Values):
    """A checked record, ready to be turned into facts. Entries are meant by their position, from 0."""

    __slots__ = (
        "__dict__",
        "_readings",
        "_titles",
        "catalogue",
        "is_ambiguous",
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
        self.is_ambiguous = False
        """Whether the record leaves open which of several values some field has, so that a CouldBe is of it."""
        self._readings: dict[tuple[Field, int], Reading] = {}
        self._titles: dict[str, tuple[str, ...]] = {}

    @property
    def case_id(self) -> str:
        """The record's identification."""
        return self.record.case_id

    def match(self, field: Field, at: int) -> Match | None:
        """What the catalogue knows of the product in a field; None where it does not know it, or none is named."""
        return self.matches.get((field, at))

    @property
    def longest_list(self) -> int:
        """Entries of the longest of its lists."""
        return max(map(self.count, self.declaration.entry_lists), default=0)

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
            return of_match(self.match(field, at), "key")
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
            return of_list(vocabulary, stated)
        return of_word(vocabulary, stated, other=field.slips_refused)

    def _of_product(self, field: Field, by: OfProduct, stated: Any, at: int) -> Reading:
        match = self.match(by.product, at)
        if stated is not None:
            found = self.understood(field, stated)
            if match is not None and by.match_name == "class_name":
                known = of_match(match, by.match_name)
                if known.values and self.catalogue.is_kind_of(known.values[0], found.values):
                    return Reading((*known.values, *found.values))  # it is of the kind that is stated, too
            if found.values or match is None:
                return found
        if match is not None:
            found = of_match(match, by.match_name)
            if found is not NOTHING and (found.values or field.default is None):
                return found
        return NOTHING if field.default is None else self.understood(field, field.default)

    def _class_named(self, by: ClassNamed, at: int) -> Reading:
        text = self.stated(by.text, at)
        if text is None:
            return NOTHING
        named = class_in(text, self.vocabularies[by.vocabulary], self.catalogue)
        if named is not None:
            return named
        match = self.match(by.text, at)
        return Reading((text,)) if match is None else of_match(match, "class_name")

    def vocabulary_of(self, field: Field) -> Vocabulary | None:
        """The vocabulary whose terms a field has, if it has such."""
        by = field.derived
        name = by.vocabulary if isinstance(by, ClassNamed) else field.vocabulary
        return self.vocabularies.get(name) if name else None

    def can_mean(self, term: Term, value: Term) -> dict[int, str]:
        """The words of a field that can mean a value beside others, by their place in the list (else 0)."""
        return {place: text for place, text, found in self._meanings(term) if len(found) > 1 and value in found}

    def not_understood(self, term: Term) -> dict[int, str]:
        """The words of a field that are not understood, by their place in the list (else 0)."""
        return {place: text for place, text, found in self._meanings(term) if not found}

    def _meanings(self, term: Term) -> Iterator[tuple[int, str, tuple[str, ...]]]:
        field, at = self._located(term)
        stated = self.stated(field.derived.text if isinstance(field.derived, ClassNamed) else field, at)
        vocabulary = self.vocabulary_of(field)
        if stated is not None and vocabulary is not None:
            for place, text in enumerate((stated,) if isinstance(stated, str) else stated):
                yield place, text, (text,) if text in vocabulary.terms else vocabulary.meaning(text)

    def broader(self, field: Field, term: Term) -> tuple[Term, ...]:
        """The term and all that it belongs to."""
        vocabulary = self.vocabulary_of(field)
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
        return tuple(dict.fromkeys(map(path_of, self.sources(field, at))))

    def sources(self, field: Field, at: int) -> Iterator[Source]:
        """Where the value of a field can stand: in fields of the record or an entry, or in a list as a whole."""
        by = field.derived
        if by is None or (isinstance(by, OfProduct) and field.type != "computed"):
            yield field, at
            return
        for base in by.bases:
            if base.list and not field.list:
                for position in range(self.count(base.list)):
                    yield from self.sources(base, position)
                yield base.list, -1
            else:
                yield from self.sources(base, at if base.list else -1)
        if field.type != "computed":
            yield field, at

    def fills(self, source: Source) -> bool:
        """Whether something stands there in the record's full form."""
        field, at = source
        if isinstance(field, str) or field.type == "computed" or (field.list and at >= self.count(field.list)):
            return self.in_full(source) is not None
        return self.stated(field, at) is not None or self.in_full(source) is not None

    def in_full(self, source: Source) -> Any:
        """What stands there in the record's full form; None: nothing."""
        field, at = source
        if isinstance(field, str):
            return self.full.get(field)
        if field.list and at >= self.count(field.list):
            return None
        return full_form.value(self, field, at)

    def silent(self, term: Term) -> bool:
        """Whether the record says nothing in the field."""
        return not any(map(self.fills, self.sources(*self._located(term))))

    def number(self, term: Term) -> Bounds | None:
        """The bounds of the number in a field, as facts have it; None where nothing is known of it."""
        field, at = self._located(term)
        if field.kind == "date":
            day = self.stated(field, at)
            return None if day is None else (number_of_day(day), number_of_day(day))
        found = self.bounds(field, at)
        return None if found is None else scaled(field, found)

    def possible(self, term: Term) -> tuple[Term, ...]:
        """The values that the catalogue admits in the field; empty: any."""
        field, at = self._located(term)
        if isinstance(field.derived, OfProduct):
            match = self.match(field.derived.product, at)
            return () if match is None else field.derived.possible(match)
        return tuple(candidate.key for candidate in self.candidates_of(field, at))

    def candidates_of(self, field: Field, at: int) -> tuple[Candidate, ...]:
        """The families that the product in a field can be, where it can be several."""
        match = self.match(field, at)
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
        declared = self.declaration.list_of(entry)
        if declared is None:
            raise KeyError(entry)
        return self.title_at(declared, self.declaration.position(("", entry)))

    def title_at(self, declared: EntryList, at: int) -> str:
        """An entry of a list by what it is."""
        titles = self._titles.get(declared.name)
        if titles is None:
            from facts.wording import entry_titles

            titles = self._titles[declared.name] = entry_titles(self, declared)
        return titles[at] if at < len(titles) else f"{declared.title} {at + 1}"

    @cached_property
    def written(self) -> dict[str, Any]:
        """The record as it was written, as JSON data, with every section, default and identifier."""
        return full_form.written(self)

    @cached_property
    def full(self) -> dict[str, Any]:
        """The record in full form, as JSON data: with known words as their terms, and what the catalogue adds."""
        return full_form.full(self)

    def moved(self, day: date) -> Case:
        """The same case on another day; what it states beside the dates that it follows from is left to these."""
        return self.with_data(moved(self, day))

    on = moved

    def with_data(self, data: Data) -> Case:
        """A case with other data, in which the same products and words stand."""
        record = type(self.record)(self.case_id, dict(data))
        found = Case(record, self.declaration, self.vocabularies, self.catalogue, self.matches, self.warnings)
        found.is_ambiguous = self.is_ambiguous
        return found


def scaled(field: Field, bounds: Bounds) -> Bounds:
    """The bounds of a number as facts have it."""
    if not field.decimals:
        return bounds
    low, high = (None if bound is None else field.scaled(bound) for bound in bounds)
    return low, high


def normalize(
    record: Record, declaration: Declaration, vocabularies: Mapping[str, Vocabulary], catalogue: Catalogue
) -> Case:
    """Look up the record's products and words.

    Raises RecordError, with every fault, for another thing than the policy speaks of, a name of several
    products at once, and a value that the catalogue contradicts.
    """
    return looked_up(Case(record, declaration, vocabularies, catalogue))
