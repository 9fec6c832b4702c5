"""What a record says, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
        self._fixed = self._places(case) if all(_has_fixed_sources(field) for field, _ in self._located) else None
        each = self._fixed or ()
        self._paths = tuple(path for own in each for path in own) if all(len(own) == 1 for own in each) else ()
        self._only = self._paths[0] if len(self._paths) == 1 and not self._is_end else None

    def _places(self, case: Case) -> _Places:
        return [{path_of(source): source for source in case.sources(*own)} for own in self._located]

    def _sources(self, case: Case) -> _Places:
        return self._places(case) if self._fixed is None else self._fixed

    def paths(self, case: Case) -> tuple[str, ...]:
        """The paths of the fields; of several places of one those that the record fills, if any, else the last."""
        if self._paths:
            return self._paths
        found: list[str] = []
        for own in self._sources(case):
            found += [path for path, source in own.items() if case.fills(source)] or [*own][-1:]
        return tuple(found)

    def text(self, case: Case) -> str:
        """What the record says in these fields, and in which of several it says nothing."""
        if self._only is not None:
            text = self._text(case, self._only, *self._located)
            return "the record does not say" if text is None else f"the record says: {text}"
        sources = {path: source for own in self._sources(case) for path, source in own.items()}
        if self._is_end:
            return f"the record says: {value_text(case.in_full(next(iter(sources.values()))) or None) or 'no end of it'}"
        shown = {path: self._text(case, path, source) for path, source in sources.items()}
        stated = {path: text for path, text in shown.items() if text is not None}
        if not stated:
            return "the record does not say"
        if len(shown) == 1:
            return f"the record says: {next(iter(stated.values()))}"
        each = "; ".join(f"{_label(path)}: {text}" for path, text in stated.items())
        silent = ", ".join(_label(path) for path in shown if path not in stated)
        if self._is_of_several and silent:
            return f"the record says: {each}; it does not say: {silent}"
        return f"the record says: {each}"

    def _text(self, case: Case, path: str, source: Source) -> str | None:
        return value_text(_titled(case.in_full(source), self._vocabularies.get(path)))


_Places = list[dict[str, Source]]
"""Of each field where it can stand, by path."""


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
