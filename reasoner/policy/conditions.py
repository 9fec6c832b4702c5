"""Conditions as the rules have them: what each asks of the record, or the entry that it adds, and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from facts.declaration import Declaration, Field
from facts.terms import Term
from reasoner.engine.solver import Solver

IDENTITIES = ("product_is", "meant", "unrelated")
"""The functors of conditions that the engine gives: which product a name means, which term a word, or none."""


class Ask(NamedTuple):
    """What a condition asks of a field: one_of a value, at_least or at_most a number, or within two of them."""

    field: Term
    relation: str
    values: tuple[Term, ...]

    @property
    def low(self) -> int | None:
        """The least number that will do."""
        return _number(self.values[0]) if self.relation in ("at_least", "within") else None

    @property
    def high(self) -> int | None:
        """The greatest number that will do."""
        return _number(self.values[-1]) if self.relation in ("at_most", "within") else None


class Condition(NamedTuple):
    """A condition: its words as a template, what it asks, or the entry that it adds to a list of the record."""

    name: str
    words: str
    asks: tuple[Ask, ...]
    fields: tuple[Term, ...]
    list: str
    content: dict[str, Any]
    unchangeable: bool
    phrases: Mapping[str, str]
    """How its first field is spoken of, by what is asked of it."""
    identifies: str
    """Which of IDENTITIES it is, if it says what a word of the record means; else empty."""

    def values(self, field: Term) -> tuple[Term, ...]:
        """The values of a field of which any one establishes it."""
        return tuple(ask.values[0] for ask in self.asks if ask.field == field and ask.relation == "one_of")


Conditions = dict[Term, Condition]


class Relations(NamedTuple):
    """How the conditions of a ground program stand to each other, and to the items."""

    by_field: Mapping[Term, tuple[Term, ...]]
    """The conditions that ask of a field."""
    crowded: frozenset[Term]
    """The fields of which several conditions ask, neither of which entails the other."""
    contested: frozenset[Term]
    """The crowded fields, and those that rules read past their conditions as well."""
    excluding: frozenset[Term]
    """The fields of conditions that can make something exclude."""
    coupled: Mapping[Term, frozenset[Term]]
    """Of a field that is changed together with others, all of these, with itself."""
    read: Mapping[Term, frozenset[Term]]
    """The values of a field that some rule reads."""
    entails: frozenset[tuple[Term, ...]]
    """Pairs of conditions of one field: each value that meets the first one meets the second one as well."""
    items: Mapping[Term, tuple[str, ...]]
    """The items that a condition can concern in some case."""
    fields: Mapping[str, frozenset[Term]]
    """The fields of which an item, or an item below it, can ask in some case."""


def relations_of(solver: Solver, conditions: Conditions, required_above: Callable[[str], str]) -> Relations:
    """The relations between the conditions of a program; `required_above`: of an item, the one that is required."""
    by_field: dict[Term, list[Term]] = {}
    for term, condition in conditions.items():
        for field in condition.fields:
            by_field.setdefault(field, []).append(term)
    items: dict[Term, list[str]] = {}
    for item, term in solver.rows("concerns"):
        items.setdefault(term, []).append(str(item))
    together: dict[Term, set[Term]] = {}
    for field, key in solver.rows("coupled"):
        together.setdefault(key, set()).add(field)
    coupled = {field: frozenset(own) for own in together.values() for field in own}
    read: dict[Term, set[Term]] = {}
    for field, value in solver.rows("expected"):
        read.setdefault(field, set()).add(value)
    fields: dict[str, set[Term]] = {}
    for item, term in solver.rows("concerns"):
        if term in conditions:
            asked = (coupled.get(field, (field,)) for field in conditions[term].fields)
            fields.setdefault(required_above(str(item)), set()).update(*asked)
    return Relations(
        {field: tuple(terms) for field, terms in by_field.items()},
        crowded := frozenset(row[0] for row in solver.rows("crowded")),
        crowded.union(row[0] for row in solver.rows("reads_value") if row[0] in by_field),
        frozenset(field for (term,) in solver.rows("can_exclude") for field in conditions[term].fields),
        coupled,
        {field: frozenset(values) for field, values in read.items()},
        frozenset(solver.rows("entails")),
        {term: tuple(names) for term, names in items.items()},
        {item: frozenset(own) for item, own in fields.items()},
    )


Phrases = Mapping[str, Mapping[str, str]]
"""Templates by the place of a field and by what is asked of it: at_least, one_of(true), …"""


def conditions_of(solver: Solver, declaration: Declaration, phrases: Phrases, order: Sequence[str]) -> Conditions:
    """The conditions of a ground program; `order` has their functors as the rules name them one after the other."""
    asks: dict[Term, list[Ask]] = {}
    for term, field, wanted in solver.rows("asks"):
        asks.setdefault(term, []).append(ask_of(field, wanted))
    for term, field, family in solver.rows("identity"):
        asks[term] = [Ask(field, "one_of", (family,))]
    added: dict[Term, tuple[str, dict[str, Any]]] = {}
    for term, name, pair in solver.rows("adds"):
        assert isinstance(pair, tuple)
        added.setdefault(term, (str(name), {}))[1][str(pair[1])] = pair[2]
    position = {functor: number for number, functor in enumerate(order)}
    words = {term: str(text) for term, text in solver.rows("words")}
    unchangeable = {row[0] for row in solver.rows("unchangeable")}
    return {
        term: Condition(
            name_of(term),
            words.get(term) or _words(declaration, phrases, asks.get(term, [])),
            tuple(asks.get(term, ())),
            tuple(dict.fromkeys(ask.field for ask in asks.get(term, ()))),
            *added.get(term, ("", {})),
            term in unchangeable,
            _phrases_of(declaration, phrases, asks[term][0].field) if term in asks else {},
            functor_of(term) if functor_of(term) in IDENTITIES else "",
        )
        for term in sorted((*asks, *added), key=lambda term: position.get(functor_of(term), len(position)))
    }


def ask_of(field: Term, wanted: Term) -> Ask:
    """What a row of asks/3 says."""
    assert isinstance(wanted, tuple)
    return Ask(field, str(wanted[0]), wanted[1:])


def name_of(value: Term) -> str:
    """A term as the rules write it, without quotes."""
    if isinstance(value, tuple):
        return f"{value[0]}({','.join(map(name_of, value[1:]))})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def functor_of(term: Term) -> str:
    """The name of a term."""
    return str(term[0]) if isinstance(term, tuple) else str(term)


# ── Words: those of the rules, else those of the declaration ─────────────────────────────────────


def _words(declaration: Declaration, phrases: Phrases, asks: Sequence[Ask]) -> str:
    """A template from what the condition asks; of several fields, each in turn."""
    first = {ask.field: ask for ask in reversed(asks)}
    parts = [_phrase(declaration, phrases, first[field]) for field in dict.fromkeys(ask.field for ask in asks)]
    return " or ".join(dict.fromkeys(parts))


def _phrases_of(declaration: Declaration, phrases: Phrases, term: Term) -> Mapping[str, str]:
    field = declaration.field(term)
    return phrases.get(field.place, {}) if field is not None else {}


def _phrase(declaration: Declaration, phrases: Phrases, ask: Ask) -> str:
    field = declaration.field(ask.field)
    if field is None:
        return ""
    own = _phrases_of(declaration, phrases, ask.field)
    return own.get(name_of((ask.relation, *ask.values))) or own.get(ask.relation) or default_phrase(field, ask)


def default_phrase(field: Field, ask: Ask) -> str:
    """What is asked of a field, in the words of its declaration."""
    of = " of {entry}" if isinstance(ask.field, tuple) else ""
    unit = f" {field.unit}" if field.unit else ""
    more, less = ("later", "earlier") if field.kind == "date" else ("more", "less")
    if ask.relation == "at_least":
        return f"the {field.title}{of} is {{n}}{unit} or {more}"
    if ask.relation == "at_most":
        return f"the {field.title}{of} is {{m}}{unit} or {less}"
    if ask.relation == "within" and ask.low == ask.high:
        return f"the {field.title}{of} is {{n}}{unit}"
    if ask.relation == "within":
        return f"the {field.title}{of} is from {{n}} to {{m}}{unit}"
    if field.type == "truth":
        return f"{'{entry}: ' if of else ''}{field.title} is {{values}}"
    if field.type == "words":
        return f"one {field.title}{of} is {{values}}"
    return f"the {field.title}{of} is {{values}}"


def _number(value: Term) -> int:
    assert isinstance(value, int)
    return value
