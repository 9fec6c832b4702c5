"""What a record says, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from facts import full_form
from facts.declaration import EntryList, Field
from facts.derived import OfProduct
from facts.durations import ActiveOn
from facts.terms import Term
from facts.values import Source, path_of

if TYPE_CHECKING:
    from facts.case import Case
    from facts.words import Vocabulary


class Recorded:
    """What records say in some fields, in words, and where: prepared once, but for what hangs on a list as a whole."""

    def __init__(self, case: Case, terms: Sequence[Term]) -> None:
        """Prepared from any case of the declaration."""
        declared = [(case.declaration.field(term), term) for term in terms]
        self._located = [(field, case.declaration.position(term)) for field, term in declared if field]
        self._vocabularies = {field.path(at): case.vocabulary_of(field) for field, at in self._located}
        self._is_end = any(isinstance(field.derived, ActiveOn) for field, _ in self._located)
        self._is_of_several = len(terms) > 1
        is_fixed = all(_has_fixed_sources(field) for field, _ in self._located)
        self._fixed = self._places(case) if is_fixed else None
        each = self._fixed or ()
        self.fixed_paths = (
            tuple(place.path for own in each for place in own) if all(len(own) == 1 for own in each) else ()
        )
        """Where the fields stand, if each can stand in one place alone."""

    def _places(self, case: Case) -> Sequence[Sequence[_Place]]:
        each = (dict.fromkeys(case.sources(*own)) for own in self._located)
        return [[_Place(case, source, self._vocabularies.get(path_of(source))) for source in own] for own in each]

    def paths(self, case: Case) -> tuple[str, ...]:
        """The paths of the fields; of several places of one those that the record fills, if any, else the last."""
        if self.fixed_paths:
            return self.fixed_paths
        found: list[str] = []
        for own in self._fixed or self._places(case):
            found += [place.path for place in own if place.is_filled(case)] or [place.path for place in own[-1:]]
        return tuple(found)

    def text(self, case: Case) -> str:
        """What the record says in these fields, and in which of several it says nothing."""
        places = [place for own in self._fixed or self._places(case) for place in own]
        if self._is_end:
            return f"the record says: {value_text(case.in_full(places[0].source) or None) or 'no end of it'}"
        shown = {place.path: place.text(case) for place in places}
        stated = [(path, text) for path, text in shown.items() if text is not None]
        if not stated:
            return "the record does not say"
        if len(shown) == 1:
            return f"the record says: {stated[0][1]}"
        each = "; ".join([f"{_label(path)}: {text}" for path, text in stated])
        silent = ", ".join([_label(path) for path, text in shown.items() if text is None])
        if self._is_of_several and silent:
            return f"the record says: {each}; it does not say: {silent}"
        return f"the record says: {each}"


class _Place:
    """Where a value can stand in a record, and how it is put into words."""

    __slots__ = ("_field", "_texts", "_vocabulary", "path", "source")

    def __init__(self, case: Case, source: Source, vocabulary: Vocabulary | None) -> None:
        self.source, self.path, self._vocabulary = source, path_of(source), vocabulary
        self._field = None if isinstance(source[0], str) or not full_form.is_as_stated(source[0]) else source[0]
        """The field, where nothing but what is stated stands there."""
        known: Iterable[Term] = ()
        if self._field is not None:
            known = vocabulary.terms if vocabulary is not None else case.declaration.values_of(self._field) or ()
        self._texts = {value: value_text(_titled(value, vocabulary)) for value in known}
        """Those of values that a rule can name."""

    def _stated(self, case: Case, field: Field) -> Any:
        if not field.list:
            return case.stated(field, -1)
        entries, at = case.entries(field.list), self.source[1]
        return entries[at].get(field.key) if at < len(entries) else None

    def is_filled(self, case: Case) -> bool:
        """Whether something stands there in the record's full form."""
        return case.fills(self.source) if self._field is None else self._stated(case, self._field) is not None

    def text(self, case: Case) -> str | None:
        """What stands there in the record's full form, in words; None where nothing does."""
        if self._field is not None:
            stated = self._stated(case, self._field)
            if stated is None:
                return None
            found = self._texts.get(stated) if isinstance(stated, str | bool) else None
            if found is not None:
                return found
        return value_text(_titled(case.in_full(self.source), self._vocabulary))


def _has_fixed_sources(field: Field) -> bool:
    """Whether it can stand in the same places of each record, whatever entries there are."""
    by = field.derived
    if by is None or (isinstance(by, OfProduct) and field.type != "computed"):
        return True
    return all(_has_fixed_sources(base) and (field.list or not base.list) for base in by.bases)


def _titled(value: Any, vocabulary: Vocabulary | None) -> Any:
    """A word of a vocabulary, or each of several, by the title of its term."""
    if vocabulary is None or value is None:
        return value
    if isinstance(value, list):
        return [_titled(one, vocabulary) for one in value]
    return vocabulary.terms.get(str(value), value)


def _label(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")


def value_text(value: Any) -> str | None:
    """A value of a record in words; None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, map(value_text, value))) or "none"
    if isinstance(value, dict):
        if not value or "start" in value or "end" in value:
            start, end = value.get("start"), value.get("end")
            parts = ([f"from {start}"] if start else []) + ([f"to {end}"] if end else [])
            return " ".join(parts) or "without dates"
        return " ".join(filter(None, map(value_text, value.values())))
    return str(value).replace("_", " ")


def entry_titles(case: Case, declared: EntryList) -> tuple[str, ...]:
    """Each entry of a list by what it is, and by what identifies it where several are called so."""
    naming = _naming(case, declared)
    own = [_called(case, declared, naming, at) for at in range(case.count(declared.name))]
    folded = [title.casefold() for title in own]
    if len(set(folded)) == len(own):
        return tuple(own)
    count = Counter(folded)
    ids = case.ids(declared.name) if declared.identifier is not None else range(1, len(own) + 1)
    return tuple(
        title if count[title.casefold()] == 1 else f"{title} ({name})" for title, name in zip(own, ids, strict=True)
    )


def _naming(case: Case, declared: EntryList) -> tuple[Field, ...]:
    """The fields that an entry can be called by, which are remembered."""
    key = _naming, declared
    found: tuple[Field, ...] | None = case.declaration.remembered.get(key)
    if found is None:
        found = case.declaration.remembered[key] = declared.naming
    return found


def _called(case: Case, declared: EntryList, naming: Iterable[Field], at: int) -> str:
    """An entry by its product as written, else by the first of its words."""
    for field in naming:
        stated = case.stated(field, at)
        if stated is not None:
            return _in_words(case, field, stated)
    return f"{declared.title} {at + 1}"


def _in_words(case: Case, field: Field, stated: str) -> str:
    if field.vocabulary:
        values = case.understood(field, stated).values
        terms = case.vocabularies[field.vocabulary].terms
        stated = terms.get(str(values[0]), stated) if values else stated
    return stated.replace("_", " ")
