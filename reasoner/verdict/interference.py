"""Which items a change of the record touches: what groups of items have to be searched for together, or to stay met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from facts.terms import Term
from reasoner.engine.solver import AnswerSet
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.case_conditions import CaseConditions


class Interference:
    """What a change of the record for some items does to others, and what comes along with it."""

    def __init__(
        self, folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, unmet: Mapping[str, Sequence[str]]
    ) -> None:
        self._conditions = conditions
        self._answer_set = answer_set
        self._relations = folder.relations(conditions.case)
        self._fields = self._relations.fields
        self._above = folder.required_above
        self._met: dict[Term, set[Term]] = {}
        for pathway, item in answer_set["required"]:
            if item not in unmet[str(pathway)]:
                self._met.setdefault(pathway, set()).add(str(item))
        self._read: dict[str, set[Term]] = {}
        for item, terms in conditions.concerns.items():
            for term in terms:
                if not self._relations.contested.isdisjoint(conditions.conditions[term].fields):
                    self._read.setdefault(self._above(item), set()).update(self.writes((term,)))
        self._kept: dict[tuple[frozenset[Term], Term], frozenset[Term]] = {}

    @property
    def can_be_supposed(self) -> list[Term]:
        """The open conditions, and those that a value in place of the recorded one has to meet as well."""
        kept = {
            term for field in self._relations.crowded for term in self._relations.by_field[field]
            if (term,) in self._answer_set["established"]
        }  # fmt: skip
        return [args[0] for args in self._answer_set["open"]] + sorted(kept, key=repr)

    def kept(self, items: frozenset[Term], pathway: Term) -> frozenset[Term]:
        """The items of a pathway that are met now and ask of a field of which these, or others kept, ask as well."""
        if (items, pathway) not in self._kept:
            fields, met = self._fields_of(items), self._met.get(pathway, set())
            kept: set[Term] = set()
            while more := {item for item in met - kept if not fields.isdisjoint(self._fields.get(str(item), ()))}:
                kept |= more
                fields |= self._fields_of(more)
            self._kept[items, pathway] = frozenset(kept)
        return self._kept[items, pathway]

    def reads(self, items: frozenset[Term]) -> frozenset[Term]:
        """The contested fields of which these items ask in this case, and what can make one of them exclude."""
        excluding = self._relations.excluding and self._relations.excluding & self._fields_of(items)
        return frozenset(excluding).union(*(self._read.get(str(item), ()) for item in items))

    def writes(self, terms: Iterable[Term]) -> frozenset[Term]:
        """The fields that conditions ask of, and those that are changed together with these."""
        coupled = self._relations.coupled
        asked = (field for term in terms for field in self._conditions.conditions[term].fields)
        return frozenset().union(*(coupled.get(field, (field,)) for field in asked))

    def at_stake(self, kept: frozenset[Term], writes: frozenset[Term]) -> frozenset[Term]:
        """Those of the items kept that ask of what is written."""
        return frozenset(item for item in kept if not writes.isdisjoint(self._fields.get(str(item), ())))

    def _fields_of(self, items: Iterable[Term]) -> frozenset[Term]:
        return frozenset().union(*(self._fields.get(str(item), ()) for item in items))

    def relevant(self, terms: frozenset[Term], items: frozenset[Term]) -> frozenset[Term]:
        """The set without conditions that another one of their target entails, or that do not concern the items."""
        if len(terms) < 2:
            return terms
        kept: set[Term] = set()
        for group in self._conditions.by_fact(terms):
            if len(group) > 1:
                group = frozenset(term for term in group if self.items_of(term) & items) or group
                group = frozenset(self._strongest(sorted(group, key=repr)))
            kept |= group
        return frozenset(kept)

    def items_of(self, term: Term) -> set[Term]:
        """The required items that a condition can concern."""
        return {self._above(item) for item in self._relations.items.get(term, ())}

    def _strongest(self, terms: Sequence[Term]) -> Iterator[Term]:
        """Of conditions that entail each other the first, of the others those that none entails."""
        entails = self._relations.entails
        for position, term in enumerate(terms):
            if not any(
                (other, term) in entails and ((term, other) not in entails or place < position)
                for place, other in enumerate(terms)
            ):
                yield term
