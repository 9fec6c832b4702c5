"""The conditions of one case: their status, what orders sets of them, and the facts that they are in its verdict."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from msgspec.structs import replace

from facts.case import Case
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.edits import Wanted
from reasoner.verdict.groups import Alternative, Group, Ranked
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.standing import Key, Position, Standing, by_fact, distance_of, key_of
from reasoner.verdict.traces import Query
from reasoner.verdict.variants import variant_of

_NOTHING: frozenset[Term] = frozenset()


class CaseConditions:
    """The conditions of one case, and what is worked out of them when it is first asked for."""

    def __init__(
        self, folder: RuleFolder, case: Case, answer_set: AnswerSet, solver: Solver,
        facts_instead: Iterable[RecordFact] | None = None,
    ) -> None:  # fmt: skip
        """The solver is that of the case, and the answer set its own, or that of facts in place of the case's."""
        self.case = case
        self.order = folder.item_order
        self.pathway_of = folder.pathway_of
        self.variant = variant_of(folder, case, solver.varying_asks, answer_set)
        self.conditions = self.variant.conditions
        self.answers: dict[Query, Hashable] = {}
        self._numbers = (
            None if facts_instead is None else {fact.field: fact for fact in facts_instead if isinstance(fact, Between)}
        )
        self._established, self._contradicted = answer_set["established"], answer_set["contradicted"]
        self.open: dict[Term, None] = {term: None for (term,) in answer_set["open"]}
        self._required = {str(item) for _, item in answer_set["required"]}
        self._concerned: dict[Term, list[str]] = {}
        self.concerns: dict[str, list[Term]] = {}
        order = self.variant.order
        for item, term in sorted(answer_set["concerns"], key=lambda row: order[row[1]]):
            self._concerned.setdefault(term, []).append(str(item))
            self.concerns.setdefault(str(item), []).append(term)
        self._contested: dict[str, frozenset[Term]] | None = None
        self._made: dict[tuple[frozenset[Term], str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        self._standings: dict[Term, Standing] = {}
        self._distances: dict[Term, int] = {}

    def position(self, term: Term) -> Position:
        """What follows of the condition from the record."""
        status: FactStatus = "missing"
        if (term,) in self._established:
            status = "established"
        elif (term,) in self._contradicted:
            status = "contradicted"
        return Position(status, term in self.open, tuple(self._concerned.get(term, ())))

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""
        return item in self._required

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""
        if self._numbers is not None:
            return self._numbers.get(field)
        declared = self.case.declaration.field(field)
        if declared is None or self.case.declaration.position(field) >= self.case.count(declared.list):
            return None
        bounds = self.case.number(field)
        return None if bounds is None else Between(field, *bounds)

    def contested(self, item: str) -> frozenset[Term]:
        """The contested fields of which an item asks in this case, and those below it."""
        if self._contested is None:
            interference, found = self.variant.interference, dict[str, frozenset[Term]]()
            for term, items in self._concerned.items():
                for above in map(interference.above, items if term in interference.contested else ()):
                    found[above] = found.get(above, _NOTHING) | interference.contested[term]
            self._contested = found
        return self._contested.get(item, _NOTHING)

    @property
    def can_be_supposed(self) -> Iterator[Term]:
        """The open conditions, and those that a value in place of the recorded one has to meet as well."""
        relations = self.variant.relations
        yield from self.open
        crowded = {term for field in relations.crowded for term in relations.by_field[field]}
        yield from sorted((term for term in crowded if (term,) in self._established), key=repr)

    def standing(self, term: Term) -> Standing:
        """How the record stands to the condition."""
        found = self._standings.get(term)
        if found is None:
            found = self._standings[term] = self.variant.standings.value(self, term)
        return found

    def distance(self, term: Term) -> int:
        """How far the condition is from the record, in thousandths of a change."""
        found = self._distances.get(term)
        if found is None:
            found = self._distances[term] = distance_of(self, term)
        return found

    def has_edits(self, term: Term, item: str) -> bool:
        """Whether some edit of the record brings the condition about, for the need of an item."""
        return bool(self.fact(frozenset((term,)), item).edits)

    def group(self, items: frozenset[Term], kept: frozenset[Term], sets: tuple[Alternative, ...]) -> Group:
        """Items that are met by one of the sets of conditions, while those that are kept stay met."""
        return self.variant.groups.value(self, items, kept, sets)

    def ranked(self, sets: tuple[Alternative, ...], items: frozenset[Term]) -> Ranked:
        """The best of the sets, best first; without what does not concern these items."""
        return self.variant.ranked.value(self, sets, items)

    def key(self, terms: frozenset[Term]) -> Key:
        """What orders sets of conditions, best first."""
        return key_of(self, terms)

    def by_fact(self, terms: Iterable[Term]) -> list[frozenset[Term]]:
        """The conditions in groups, each of which is one fact."""
        return by_fact(self, terms)

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
            groups = [terms] if len(terms) == 1 else self.by_fact(terms)
            facts = [self.fact(group, item) for group in groups]
            facts.sort(key=lambda fact: (self.order.get(fact.criterion, 0), fact.record, fact.fact))
            self._ordered[terms, item] = tuple(facts)
        return self._ordered[terms, item]

    def fact(self, terms: frozenset[Term], item: str) -> Fact:
        """Conditions of one target in words, for the need of an item."""
        found = self._made.get((terms, item))
        if found is None:
            fact, edited_for = self.variant.worded.value(self, terms, item)
            if edited_for is not None:
                edits = self.variant.edits.value(self, terms, edited_for)
                fact = replace(fact, edits=edits.edits(self.case) if isinstance(edits, Wanted) else edits)
            found = self._made[terms, item] = fact
        return found
