"""Conditions: what the rules say of each, and each as a fact of one case with words and edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from facts import edits, fields
from facts.normalize import Case
from facts.symbols import Between, Term
from facts.symbols import Fact as Said
from reasoner.engine.solver import Ask, Decider, World
from reasoner.verdict import wording
from reasoner.verdict.model import Fact, FactStatus

Key = tuple[int, int, int]
"""What orders sets: facts, then contradicted ones, then the distance from the record."""


_RECORDED, _NEW = 1000, 3000  # a number that falls short: less than 1000
"""How far a condition is from the record, in thousandths of a change: of what is recorded, of new evidence."""


class Condition(NamedTuple):
    """A condition as the rules describe it: its words, what it asks, or the entry it needs."""

    name: str
    words: str
    options: str
    asks: tuple[Ask, ...]
    fields: tuple[Term, ...]
    section: str
    content: dict[str, Any]
    unchangeable: bool


Conditions = dict[Term, Condition]


def conditions_of(decider: Decider) -> Conditions:
    """The conditions of a ground program."""
    asks: dict[Term, list[Ask]] = {}
    for term, field, wanted in decider.rows("asks"):
        asks.setdefault(term, []).append(_ask(field, wanted))
    entries: dict[Term, tuple[str, dict[str, Any]]] = {}
    for term, section, name, value in decider.rows("entry"):
        entries.setdefault(term, (str(section), {}))[1][str(name)] = value
    words = {term: str(text) for term, text in decider.rows("words")}
    unchangeable = {row[0] for row in decider.rows("unchangeable")}
    return {
        term: Condition(
            wording.term(term),
            words.get(term, ""),
            wording.options(asks.get(term, ())),
            tuple(asks.get(term, ())),
            tuple(dict.fromkeys(ask.field for ask in asks.get(term, ()))),
            *entries.get(term, ("", {})),
            term in unchangeable,
        )
        for (term,) in decider.rows("condition")
    }


def in_this_case(conditions: Conditions, varying: Iterable[tuple[Term, ...]], world: World) -> Conditions:
    """The conditions with what they ask in one case; the `varying` rows of asks/3 are not of every record."""
    gone = {(row[0], _ask(*row[1:])) for row in varying if row not in world["asks"]}
    if not gone:
        return conditions
    kept = {term: tuple(ask for ask in conditions[term].asks if (term, ask) not in gone) for term, _ in gone}
    return {**conditions, **{term: _asking(conditions[term], asks) for term, asks in kept.items()}}


def _asking(condition: Condition, asks: tuple[Ask, ...]) -> Condition:
    fields = tuple(dict.fromkeys(ask.field for ask in asks))
    return condition._replace(options=wording.options(asks), asks=asks, fields=fields)


def _ask(field: Term, wanted: Term) -> Ask:
    assert isinstance(wanted, tuple)
    return Ask(field, str(wanted[0]), wanted[1])


class CaseFacts:
    """The conditions of one case as facts of its verdict, made when they are first asked for."""

    def __init__(
        self, case: Case, said: Sequence[Said], world: World, conditions: Conditions, order: dict[str, int]
    ) -> None:
        self.case = case
        self.conditions = conditions
        self.order = order
        self._numbers = {fact.field: fact for fact in said if type(fact) is Between}
        self._established, self._contradicted = world["established"], world["contradicted"]
        self._open = world["open"]
        self._concerned: dict[Term, list[str]] = {}
        self.concerns: dict[str, list[Term]] = {}
        for item, term in world["concerns"]:
            self._concerned.setdefault(term, []).append(str(item))
            self.concerns.setdefault(str(item), []).append(term)
        self._made: dict[tuple[Term, str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        self._keys: dict[Term, tuple[int, int]] = {}

    def status(self, term: Term) -> FactStatus:
        """Whether the record establishes or contradicts the condition, or leaves it open."""
        if (term,) in self._established:
            return "established"
        return "contradicted" if (term,) in self._contradicted else "missing"

    def unchangeable(self, term: Term) -> bool:
        """Whether nobody can change it: an age, say."""
        return self.conditions[term].unchangeable

    def key(self, terms: Iterable[Term]) -> Key:
        """What orders sets of conditions, best first."""
        size = contradicted = far = 0
        for term in terms:
            if term not in self._keys:
                self._keys[term] = (int((term,) in self._contradicted), self._far(term))
            own = self._keys[term]
            size, contradicted, far = size + 1, contradicted + own[0], far + own[1]
        return size, contradicted, far

    def _far(self, term: Term) -> int:
        condition = self.conditions[term]
        near, far = wording.shortfall(condition.asks, self._numbers)
        if near is not None:
            return far
        return _NEW if condition.section else _RECORDED

    def of(self, item: str) -> tuple[Fact, ...]:
        """The conditions that an item asks for; evidence that would be new where there is nothing else."""
        terms = self.concerns.get(item, ())
        recorded = [term for term in terms if not self._is_evidence_to_come(term)]
        return tuple(self.fact(term, item) for term in recorded or terms)

    def _is_evidence_to_come(self, term: Term) -> bool:
        return bool(self.conditions[term].section) and (term,) not in self._established

    def ordered(self, terms: frozenset[Term], item: str) -> tuple[Fact, ...]:
        """The facts of a set in the policy's order; one alternative stands in many sets."""
        if (terms, item) not in self._ordered:
            facts = [self.fact(term, item) for term in terms]
            facts.sort(key=lambda fact: (self.order.get(fact.criterion, 0), fact.record, fact.fact))
            self._ordered[terms, item] = tuple(facts)
        return self._ordered[terms, item]

    def fact(self, term: Term, item: str) -> Fact:
        """The condition in words, for the need of an item: its criterion is that item or below it."""
        if (term, item) not in self._made:
            self._made[term, item] = self._make(term, item)
        return self._made[term, item]

    def _make(self, term: Term, item: str) -> Fact:
        condition, full = self.conditions[term], self.case.full
        status = self.status(term)
        items = self._concerned.get(term, [item])
        criterion = next((i for i in items if i == item or i.startswith(item + ".")), items[0])
        places = tuple(place for field in condition.fields for place in fields.paths(field, full))
        text, near = (
            wording.condition(term, condition.words, condition.options, condition.content, self.case),
            None,
        )
        if status != "established" and condition.asks:
            near, _ = wording.shortfall(condition.asks, self._numbers)
            text += f"; the record says: {near}" if near else f"; {wording.recorded(condition.fields, full)}"
        return Fact(
            fact=condition.name,
            criterion=criterion,
            status=status,
            text=text,
            record=places or (condition.section,),
            edits=tuple(self._edits(condition, criterion)) if (term,) in self._open else (),
            unchangeable=condition.unchangeable,
            near=near,
        )

    def _edits(self, condition: Condition, criterion: str) -> list[edits.Edit]:
        if condition.section:
            return edits.append(self.case, condition.section, condition.content, criterion)
        asks, full = condition.asks, self.case.full
        if not asks:  # none of this version
            return []
        field = next((f for f in condition.fields if fields.silent(f, full)), asks[0].field)
        wanted = [ask for ask in asks if ask.field == field]
        if wanted[0].relation == "one_of":
            return edits.set_value(self.case, field, [ask.value for ask in wanted])
        bound = wanted[0].value
        assert isinstance(bound, int)
        change = edits.raise_to if wanted[0].relation == "at_least" else edits.lower_to
        return change(self.case, field, bound)
