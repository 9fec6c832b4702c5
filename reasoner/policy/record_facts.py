"""The declaration of a record as facts for the solver: its fields for so many entries, and what can be changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import combinations

from facts.catalogue import Catalogue, Product
from facts.coupled import Coupled
from facts.declaration import Declaration, Field
from facts.terms import Term, shown
from facts.words import Vocabulary

Row = tuple[Term, ...]
_LARGEST = 10**9


class Ambiguity(IntEnum):
    """What records leave open that a program is for: nothing; a value of some field; which product a name means."""

    NONE, VALUES, PRODUCTS = range(3)


_LEFT_OUT: dict[Ambiguity, tuple[str, ...]] = {
    Ambiguity.NONE: ("ambiguous", "broader", "confusable", "follows", "family_gives", "of_one_word"),
    Ambiguity.VALUES: ("confusable", "follows", "family_gives"),
    Ambiguity.PRODUCTS: (),
}


def record_facts(
    declaration: Declaration, vocabularies: Mapping[str, Vocabulary], catalogue: Catalogue, entries: int, rules: str,
    ambiguity: Ambiguity,
) -> str:  # fmt: skip
    """The facts, as program text, for records with up to so many entries in each list.

    The values of fields are left out unless the derived `rules` need them.
    """
    rows = dict.fromkeys(_rows(declaration, vocabularies, catalogue, entries))
    left_out = {*(() if "value(" in rules else ("value",)), *_LEFT_OUT[ambiguity]}
    return "\n".join(f"{shown(row)}." for row in rows if row[0] not in left_out)


def coupled_facts(groups: Iterable[Coupled], compared: Mapping[Field, Collection[int]], entries: int) -> str:
    """Numbers that are changed together, as program text: values of all of them, for each way in which they can lie.

    Ways in which a number is missing are of records that do not have it.
    """
    rows: list[Row] = []
    lines: list[str] = []
    for group in groups:
        asked = [field for field in group.fields if field in compared]
        together = group.statable or any(field in group.derived for field in asked)
        regions = [one for one in group.regions(compared) if not one.keys().isdisjoint(asked)] if together else []
        keys = instances(group.bases[0].name, entries) if regions else []
        for place, key in enumerate(keys):
            terms = {field: instances(field.name, entries)[place] for field in asked}
            rows += (("coupled", term, key) for term in terms.values())
            for region, values in enumerate(regions):
                missing = [f"not {name}({shown(terms[one])},_)" for one in asked if one not in values
                           for name in _KNOWN]  # fmt: skip
                lines.append(f"{shown(('witness', key, region))}{' :- ' if missing else ''}{', '.join(missing)}.")
                rows += (("taken", key, region, terms[one], int(2 * values[one])) for one in asked if one in values)
    return "\n".join([*(f"{shown(row)}." for row in rows), *lines])


_KNOWN = ("lowest", "short_of", "highest", "beyond")
"""What holds of a number that a record has (decide.lp)."""


def _rows(
    declaration: Declaration, vocabularies: Mapping[str, Vocabulary], catalogue: Catalogue, entries: int
) -> Iterator[Row]:
    for name, entry_list in declaration.entry_lists.items():
        for number in range(entries):
            yield ("entry", name, entry_list.entry(number))
    for field in declaration.fields:
        for term in instances(field.name, entries):
            yield from _field_rows(declaration, field, term, vocabularies)
    products = {field.place: field for field in declaration.fields if field.type == "product"}
    if products:
        yield from _product_rows(declaration, products, catalogue, entries)


def instances(pattern: Term, entries: int) -> list[Term]:
    """A field's term for each entry of its list, or for each pair of two entries."""
    if not isinstance(pattern, tuple):
        return [pattern]
    name, *of = pattern
    functors = [part[0] for part in of if isinstance(part, tuple)]
    if len(functors) == 1:
        return [(name, (functors[0], number)) for number in range(1, entries + 1)]
    return [
        (name, (functors[0], one), (functors[1], other)) for one, other in combinations(range(1, entries + 1), 2)
    ]  # fmt: skip


def _field_rows(
    declaration: Declaration, field: Field, term: Term, vocabularies: Mapping[str, Vocabulary]
) -> Iterator[Row]:
    yield ("field", term)
    if isinstance(term, tuple):
        yield from (("of_entry", term, entry) for entry in term[1:])
    values = declaration.values(term)
    vocabulary = vocabularies.get(field.vocabulary or "")
    if values is None and vocabulary is not None:
        values = tuple(vocabulary.terms)
    yield from (("value", term, value) for value in values or ())
    if field.is_list:
        yield ("many", term)
    if field.type in ("word", "words"):
        yield ("open_vocabulary", term)
    if can_be_unknown(field):
        yield ("can_be_unknown", term)
    if field.is_number or field.kind == "date":
        if field.type != "decimal":
            yield ("whole", term)
        yield ("range", term, *map(round, number_range(field)))
    if field.change != "free":
        yield (f"{field.change}_field", term)
    if vocabulary is not None:
        if field.is_list:
            yield from (("of_one_word", term, one, other) for one, other in vocabulary.alternatives)
        for meant in vocabulary.ambiguous:
            yield ("ambiguous", term, meant)
            yield from (("broader", term, meant, other) for other in vocabulary.broader(meant)[1:])


def can_be_unknown(field: Field) -> bool:
    """Whether a word in the field that is not understood leaves open what it is; one of a product is unrelated."""
    return field.type in ("word", "words") and field.derived is None and not field.slips_refused


def number_range(field: Field) -> tuple[float, float]:
    """The least and the greatest number of a field, as rules have it; without bounds, what the solver can compute."""
    low, high = (None if bound is None else field.scaled(bound) for bound in (field.low, field.high))
    return (-_LARGEST if low is None else low), (_LARGEST if high is None else high)


def _product_rows(
    declaration: Declaration, products: Mapping[str, Field], catalogue: Catalogue, entries: int
) -> Iterator[Row]:
    """Of each field that a product decides, what each product gives that a name can be confused with others."""
    families = sorted(catalogue.confusable)
    known = {family: _family(catalogue, family) for family in families}
    for place, product in products.items():
        followers = [(field, attribute) for field, attribute in declaration.of_product(place)]
        for number, term in enumerate(instances(product.name, entries)):
            yield from (("confusable", term, family) for family in families)
            for field, attribute in followers:
                follower = instances(field.name, entries)[number]
                yield ("follows", follower, term, attribute)
                yield from (("ambiguous", follower, value) for value in _values(catalogue, attribute))
    for family in families:
        yield from (("family_gives", family, attribute, value) for attribute, value in known[family].items())


def _values(catalogue: Catalogue, attribute: str) -> list[Term]:
    """The values of an attribute that some product has, in the order of the products."""
    found = dict.fromkeys(_attributes(product)[attribute] for product in catalogue.products)
    return [value for value in found if value is not None]


def _attributes(product: Product) -> dict[str, Term | None]:
    return {
        "class": product.class_name, "potency": product.potency, "us_class": product.us_class,
        "prescription": product.prescription,
    }  # fmt: skip


def _family(catalogue: Catalogue, key: str) -> dict[str, Term]:
    """What all products of a family have in common, by attribute."""
    first, *others = (_attributes(product) for product in catalogue.products if product.key == key)
    return {
        name: value for name, value in first.items()
        if value is not None and all(other[name] == value for other in others)
    }  # fmt: skip
