"""The conditions of one case: their status, what orders sets of them, and the facts that they are in its verdict."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from msgspec.structs import replace

from facts.case import Case
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.bits import union
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.edits import Wanted
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.standing import Key, Position, Standings
from reasoner.verdict.traces import Query
from reasoner.verdict.variants import variant_of


class CaseConditions:
    """The conditions of one case, and what is worked out of them when it is first asked for."""

    def __init__(
        self, folder: RuleFolder, case: Case, facts: Iterable[tuple[RecordFact, ...]], answer_set: AnswerSet,
        solver: Solver,
    ) -> None:  # fmt: skip
        """The solver is that of the case, and the answer set its own; the facts of each field come together."""
        self.case = case
        self.order = folder.item_order
        self.pathway_of = folder.pathway_of
        self.variant = variant_of(folder, case, solver.varying_asks, answer_set)
        self.conditions = self.variant.conditions
        self.answers: dict[Query, Hashable] = {}
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
        self._contested: dict[int, int] | None = None
        self._made: dict[tuple[frozenset[Term], str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        self.standings = Standings(self.variant.targets, case, solver.statuses(answer_set), self.number)

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
        return self._numbers.get(field)

    def contested(self, items: int) -> int:
        """The contested fields of which items ask in this case, and those below them."""
        if self._contested is None:
            interference, found = self.variant.interference, dict[int, int]()
            for term, fields in interference.contested.items():
                for item in self._concerned.get(term, ()):
                    above = interference.items.get(interference.above(item), 0)
                    found[above] = found.get(above, 0) | fields
            self._contested = found
        return union(fields for item, fields in self._contested.items() if item & items)

    @property
    def can_be_supposed(self) -> int:
        """The open conditions, and those that a value in place of the recorded one has to meet as well."""
        return self.standings.open | self.standings.established & self.variant.interference.crowded

    def key(self, terms: frozenset[Term]) -> Key:
        """What orders sets of conditions, best first."""
        conditions = union(map(self.variant.targets.bits.__getitem__, terms))
        return self.standings.key(conditions, len(self.standings.facts(conditions)))

    def by_fact(self, terms: Iterable[Term]) -> list[frozenset[Term]]:
        """The conditions in groups, each of which is one fact."""
        facts = self.standings.facts(union(map(self.variant.targets.bits.__getitem__, terms)))
        return list(map(self.variant.interference.terms, facts))

    def is_beyond_change(self, term: Term) -> bool:
        """Whether the record contradicts a condition and nobody can change that: an age, say."""
        return bool(self.variant.targets.bits[term] & self.standings.no_way)

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
