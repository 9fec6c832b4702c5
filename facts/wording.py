"""What a record says, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from facts.declaration import EntryList, Field
from facts.durations import ActiveOn
from facts.terms import Term
from facts.values import path_of

if TYPE_CHECKING:
    from facts.case import Case
    from facts.words import Vocabulary


def recorded(case: Case, terms: Sequence[Term]) -> str:
    """What the record says in these fields, and in which of several it says nothing."""
    fields = [case.declaration.field(term) for term in terms]
    located = [(field, case.declaration.position(term)) for field, term in zip(fields, terms, strict=True) if field]
    if any(isinstance(field.derived, ActiveOn) for field, _ in located):
        (source, *_) = case.sources(*located[0])
        return f"the record says: {value_text(case.in_full(source) or None) or 'no end of it'}"
    vocabularies = {field.path(at): case.vocabulary_of(field) for field, at in located}
    sources = {path_of(source): source for field, at in located for source in case.sources(field, at)}
    places = list(sources)
    found = {
        place: value_text(_titled(case.in_full(source), vocabularies.get(place))) for place, source in sources.items()
    }
    stated = {place: text for place, text in found.items() if text is not None}
    if not stated:
        return "the record does not say"
    if len(places) == 1:
        return f"the record says: {stated[places[0]]}"
    shown = "; ".join(f"{_label(place)}: {text}" for place, text in stated.items())
    silent = [_label(place) for place in places if place not in stated]
    if len(terms) > 1 and silent:
        return f"the record says: {shown}; it does not say: {', '.join(silent)}"
    return f"the record says: {shown}"


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
    own = [_called(case, declared, at) for at in range(case.count(declared.name))]
    count = Counter(title.casefold() for title in own)
    if len(count) == len(own):
        return tuple(own)
    ids = case.ids(declared.name) if declared.identifier is not None else range(1, len(own) + 1)
    return tuple(
        title if count[title.casefold()] == 1 else f"{title} ({name})" for title, name in zip(own, ids, strict=True)
    )


def _called(case: Case, declared: EntryList, at: int) -> str:
    """An entry by its product as written, else by the first of its words."""
    for field in declared.naming:
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
