"""Which items a change of the record touches: what groups of items have to be searched for together, or to stay met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from facts.arithmetic import NumberOf, OfTwo, SumOf
from facts.declaration import Declaration
from facts.terms import Term
from reasoner.policy.conditions import Conditions, Relations
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.standing import by_fact
from reasoner.verdict.state import CaseState

_MOST_KEPT = 2_000
"""Sets of items that stay met that are remembered, at most."""


class Interference:
    """What a change of the record for some items does to others, and what comes along with it, under one program."""

    def __init__(self, folder: RuleFolder, relations: Relations, conditions: Conditions) -> None:
        self._relations = relations
        self._fields = relations.fields
        self.above = folder.required_above
        self._written = {
            term: frozenset().union(*(relations.coupled.get(field, (field,)) for field in condition.fields))
            for term, condition in conditions.items()
        }
        """The fields that a condition asks of, and those that are changed together with these."""
        self.contested = {
            term: self._written[term]
            for term, condition in conditions.items()
            if not relations.contested.isdisjoint(condition.fields)
        }
        """Of conditions of a contested field what they ask of."""
        self.need_not_have_edits = frozenset(
            term
            for term, condition in conditions.items()
            if any(_can_be_fixed(folder.declaration, field) for field in condition.fields)
        )
        """Conditions that perhaps no edit brings about."""
        self._items = {term: frozenset(map(self.above, items)) for term, items in relations.items.items()}
        self._kept: dict[tuple[frozenset[Term], frozenset[str]], frozenset[Term]] = {}

    def kept(self, items: frozenset[Term], met: frozenset[str]) -> frozenset[Term]:
        """Of the items met now those that ask of a field of which these, or others kept, ask as well."""
        found = self._kept.get((items, met))
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[items, met] = self._closed(items, met)
        return found

    def _closed(self, items: frozenset[Term], met: frozenset[str]) -> frozenset[Term]:
        fields, kept = self._fields_of(items), set[Term]()
        while more := {item for item in met - kept if not fields.isdisjoint(self._fields.get(item, ()))}:
            kept |= more
            fields |= self._fields_of(more)
        return frozenset(kept)

    def excluding(self, items: frozenset[Term]) -> frozenset[Term]:
        """The fields of which these items ask that can make something exclude."""
        return self._relations.excluding and self._relations.excluding & self._fields_of(items)

    def writes(self, terms: Iterable[Term]) -> frozenset[Term]:
        """The fields that conditions ask of, and those that are changed together with these."""
        return frozenset().union(*(self._written[term] for term in terms))

    def at_stake(self, kept: frozenset[Term], writes: frozenset[Term]) -> frozenset[Term]:
        """Those of the items kept that ask of what is written."""
        return frozenset(item for item in kept if not writes.isdisjoint(self._fields.get(str(item), ())))

    def _fields_of(self, items: Iterable[Term]) -> frozenset[Term]:
        return frozenset().union(*(self._fields.get(str(item), ()) for item in items))

    def relevant(self, state: CaseState, terms: frozenset[Term], items: frozenset[Term]) -> frozenset[Term]:
        """The set without conditions that another one of their target entails, or that do not concern the items."""
        if len(terms) < 2:
            return terms
        kept: set[Term] = set()
        for group in by_fact(state, terms):
            if len(group) > 1:
                group = frozenset(term for term in group if self.items_of(term) & items) or group
                group = frozenset(self._strongest(sorted(group, key=repr)))
            kept |= group
        return frozenset(kept)

    def items_of(self, term: Term) -> frozenset[Term]:
        """The required items that a condition can concern."""
        return self._items.get(term, frozenset())

    def _strongest(self, terms: Sequence[Term]) -> Iterator[Term]:
        """Of conditions that entail each other the first, of the others those that none entails."""
        entails = self._relations.entails
        for position, term in enumerate(terms):
            if not any(
                (other, term) in entails and ((term, other) not in entails or place < position)
                for place, other in enumerate(terms)
            ):
                yield term


def _can_be_fixed(declaration: Declaration, term: Term) -> bool:
    """Whether there need not be edits of a field: it follows from others, or keeps to them, or stands."""
    field = declaration.field(term)
    return field is not None and (
        field.required
        or field.type == "computed"
        or isinstance(field.derived, (OfTwo, SumOf, NumberOf))
        or any(field in pair for pair in declaration.in_order)
    )
