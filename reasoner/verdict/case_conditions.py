"""The conditions of one case: their status, what orders sets of them, and the facts that they are in its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from facts.case import Case
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.conditions import Condition
from reasoner.policy.folder import RuleFolder
from reasoner.verdict import wording
from reasoner.verdict.facts import FactMaker
from reasoner.verdict.made_facts import variant_of
from reasoner.verdict.model import Fact, FactStatus

_RECORDED, _NEW = 1000, 3000  # a number that falls short: less than 1000
"""How far a condition is from the record, in thousandths of a change: of what is recorded, of new evidence."""


class Key(NamedTuple):
    """What orders sets: contradicted conditions that cannot be changed, facts, contradicted ones, distance."""

    unchangeable: int
    size: int
    contradicted: int
    distance: int


class CaseConditions:
    """The conditions of one case as facts of its verdict, made when they are first asked for."""

    def __init__(
        self, folder: RuleFolder, case: Case, facts: Iterable[tuple[RecordFact, ...]], answer_set: AnswerSet,
        solver: Solver,
    ) -> None:  # fmt: skip
        """The solver is that of the case, and the answer set its own; the facts of each field come together."""
        self.case = case
        self.order = folder.item_order
        self._folder = folder
        self.pathway_of = folder.pathway_of
        self._relations = folder.relations(case)
        self.variant = variant_of(folder, case, solver.varying_asks, answer_set)
        self.conditions = self.variant.conditions
        self._numbers = {fact.field: fact for own in facts for fact in own if type(fact) is Between}
        self._established, self._contradicted = answer_set["established"], answer_set["contradicted"]
        self.open: dict[Term, None] = {term: None for (term,) in answer_set["open"]}
        self._required = {str(item) for _, item in answer_set["required"]}
        self._concerned: dict[Term, list[str]] = {}
        self.concerns: dict[str, list[Term]] = {}
        order = self.variant.order
        for item, term in sorted(answer_set["concerns"], key=lambda row: order[row[1]]):
            self._concerned.setdefault(term, []).append(str(item))
            self.concerns.setdefault(str(item), []).append(term)
        self._made: dict[tuple[frozenset[Term], str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        self._keys: dict[Term, tuple[int, int, int]] = {}
        self._targets: dict[Term, Term] = {}

    def status(self, term: Term) -> FactStatus:
        """Whether the record establishes or contradicts the condition, or leaves it open."""
        if (term,) in self._established:
            return "established"
        return "contradicted" if (term,) in self._contradicted else "missing"

    def is_open(self, term: Term) -> bool:
        """Whether the condition can be supposed."""
        return term in self.open

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""
        return item in self._required

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""
        return self._numbers.get(field)

    def concerned(self, term: Term) -> Sequence[str]:
        """The items that the condition concerns in this case."""
        return self._concerned.get(term, ())

    def no_way(self, term: Term) -> bool:
        """Whether the record contradicts it and nobody can change that: an age, say."""
        return self.conditions[term].unchangeable and (term,) in self._contradicted

    def target(self, term: Term) -> Term:
        """What is written to establish the condition: a field that the record leaves silent, else the first.

        Of a field that follows from others it is what it follows from; of fields that are changed together the
        first. Conditions of one target are one fact.
        """
        if term not in self._targets:
            condition = self.conditions[term]
            field = next((f for f in condition.fields if self.case.silent(f)), None)
            if field is None and condition.fields:
                field = condition.fields[0]
            self._targets[term] = ("adds", term) if field is None else self._written(field, condition)
        return self._targets[term]

    def _part(self, term: Term) -> Term:
        """What conditions of one fact have in common: their target; of words in a list each meaning is a fact."""
        target = self.target(term)
        return (*target, term) if isinstance(target, tuple) and target[0] == "words" else target

    def _written(self, field: Term, condition: Condition) -> Term:
        declared = self.case.declaration.field(field)
        if condition.identifies and declared is not None and declared.is_list:  # some of its words, beside others
            return "words", field
        return min(self.case.places(other)[0] for other in self._relations.coupled.get(field, (field,)))

    def by_fact(self, terms: Iterable[Term]) -> list[frozenset[Term]]:
        """The conditions in groups, each of which is one fact."""
        groups: dict[Term, list[Term]] = {}
        for term in terms:
            groups.setdefault(self._part(term), []).append(term)
        return [frozenset(group) for group in groups.values()]

    def key(self, terms: frozenset[Term]) -> Key:
        """What orders sets of conditions, best first."""
        unchangeable = contradicted = distance = 0
        for term in terms:
            if term not in self._keys:
                own = (int(self.no_way(term)), int((term,) in self._contradicted), self._distance(term))
                self._keys[term] = own
            own = self._keys[term]
            unchangeable, contradicted, distance = unchangeable + own[0], contradicted + own[1], distance + own[2]
        size = len(terms) if len(terms) < 2 else len(set(map(self._part, terms)))
        return Key(unchangeable, size, contradicted, distance)

    def _distance(self, term: Term) -> int:
        condition = self.conditions[term]
        shortfall = wording.shortfall(condition.asks, self.number, self.case.declaration)
        if shortfall is not None:
            return shortfall.distance
        return _NEW if condition.list else _RECORDED

    def of(self, item: str) -> tuple[Fact, ...]:
        """The conditions that an item asks for; evidence that would be new where there is nothing else."""
        terms = self.concerns.get(item, ())
        recorded = [term for term in terms if not self._is_evidence_to_come(term)]
        return tuple(self.fact(frozenset((term,)), item) for term in recorded or terms)

    def _is_evidence_to_come(self, term: Term) -> bool:
        return bool(self.conditions[term].list) and (term,) not in self._established

    def ordered(self, terms: frozenset[Term], item: str) -> tuple[Fact, ...]:
        """The facts of a set in the policy's order; one alternative stands in many sets."""
        if (terms, item) not in self._ordered:
            facts = [self.fact(group, item) for group in self.by_fact(terms)]
            facts.sort(key=lambda fact: (self.order.get(fact.criterion, 0), fact.record, fact.fact))
            self._ordered[terms, item] = tuple(facts)
        return self._ordered[terms, item]

    def fact(self, terms: frozenset[Term], item: str) -> Fact:
        """Conditions of one target in words, for the need of an item."""
        if (terms, item) not in self._made:
            made = self.variant.made
            self._made[terms, item] = (
                FactMaker(self._folder, self._relations, self).fact(terms, item)
                if made is None
                else made.fact(self, terms, item)
            )
        return self._made[terms, item]
