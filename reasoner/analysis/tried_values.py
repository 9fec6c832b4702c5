"""The values that are tried in a field of words, a product or a truth: all that may matter to the rules."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from facts.catalogue import AmbiguousProduct, Catalogue
from facts.declaration import Field
from facts.derived import ClassNamed
from facts.terms import Term
from facts.words import Vocabulary
from reasoner.analysis.reads import Reads
from reasoner.policy.folder import RuleFolder

_UNKNOWN = ("something else", "quite something else", "zzz zzz")
"""Texts of which the first is taken that a vocabulary does not understand."""


def tried_values(folder: RuleFolder, one: Field, reads: Reads) -> list[Any]:
    """What can stand in a field, as far as it may matter."""
    read = reads.values.get(one.place, frozenset())
    if one.type == "truth":
        return [True, False]
    if one.vocabulary:
        words = _words(folder.vocabularies[one.vocabulary], read, is_open=one.type != "choice")
        return [[word] for word in words] if one.is_list else words
    if one.type == "choice":
        return list(one.allowed)
    named = [other for other in folder.declaration.fields if isinstance(other.derived, ClassNamed)]
    found: dict[str, None] = {}
    for other in named:
        by = other.derived
        if isinstance(by, ClassNamed) and by.text == one:
            classes = reads.values.get(other.place, frozenset())
            found.update(dict.fromkeys(_words(folder.vocabularies[by.vocabulary], classes, is_open=True)))
    if one.type == "product":
        found.update(dict.fromkeys(_product_names(folder.catalogue)))
    return [*found]


def _words(vocabulary: Vocabulary, read: frozenset[Term], *, is_open: bool) -> list[str]:
    """Terms that belong to different ones of those that are read, phrases for several, and a word that is none."""
    found: dict[frozenset[Term], list[str]] = {}
    for term in sorted(vocabulary.terms, key=lambda term: term not in read):
        found.setdefault(frozenset(vocabulary.broader(term)) & read, []).append(term)
    words = [term for meaning, terms in found.items() for term in terms[: 1 if meaning else 2]]
    phrases: dict[frozenset[frozenset[Term]], str] = {}
    for text, meaning in vocabulary.phrases.items():
        phrases.setdefault(frozenset(frozenset(vocabulary.broader(term)) & read for term in meaning), text)
    unknown = [text for text in _UNKNOWN if not vocabulary.meaning(text) and vocabulary.slip(text) is None]
    return [*words, *phrases.values(), *(unknown[:1] if is_open else ())]


@lru_cache(maxsize=4)
def _product_names(catalogue: Catalogue) -> tuple[str, ...]:
    """A name of each product alone, and each name that fits several."""
    found = dict.fromkeys(catalogue.written(product) for product in catalogue.products)
    for name in sorted({name for product in catalogue.products for name in product.names}):
        try:
            match = catalogue.lookup(name)
        except AmbiguousProduct:
            continue
        if match is not None and len(match.products) > 1:
            found[name] = None
    return tuple(name for name in found if name is not None)
