"""The facts of a verdict: conditions of one case in words, with what the record says of them, and their edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facts import changes
from facts.changes import Edit
from facts.terms import Term
from reasoner.policy.conditions import Condition, Relations
from reasoner.policy.folder import RuleFolder
from reasoner.verdict import wording
from reasoner.verdict.edits import Wanted, edits_of, edits_together
from reasoner.verdict.model import Fact
from reasoner.verdict.state import CaseState


class Worded(NamedTuple):
    """A fact but for its edits, and the criterion for which it has some."""

    fact: Fact
    edited_for: str | None
    """None where nobody could establish it."""


def worded(folder: RuleFolder, relations: Relations, state: CaseState, terms: frozenset[Term], item: str) -> Worded:
    """Conditions of one target in words, for the need of an item: the criterion is that item or below it."""
    return _FactMaker(folder, relations, state).worded(terms, item)


def edits_for(
    folder: RuleFolder, relations: Relations, state: CaseState, terms: frozenset[Term], criterion: str
) -> tuple[Edit, ...] | Wanted:
    """How conditions of one target are established, for a criterion."""
    edits = _FactMaker(folder, relations, state).edits(terms, criterion)
    return edits if isinstance(edits, Wanted) else tuple(edits)


class _FactMaker:
    """Makes the facts of one case."""

    def __init__(self, folder: RuleFolder, relations: Relations, state: CaseState) -> None:
        self._folder = folder
        self._state = state
        self.case = state.case
        self.conditions = state.conditions
        self._relations = relations

    def worded(self, terms: frozenset[Term], item: str) -> Worded:
        """Conditions of one target in words, for the need of an item."""
        first, *others = named = self._named(terms)
        if others:
            return self._joined(named, item)
        fact = self._single(first, item)
        return Worded(fact, fact.criterion if self._state.position(first).is_open else None)

    def _named(self, terms: frozenset[Term]) -> list[Term]:
        """The conditions of one target that are spoken of: not what other numbers keep to that are changed with it."""
        ordered = sorted(terms, key=repr)
        if any(field in self._relations.coupled for term in terms for field in self.conditions[term].fields):
            return [term for term in ordered if self._state.position(term).status != "established"] or ordered
        return ordered

    def _single(self, term: Term, item: str) -> Fact:
        """One condition in words."""
        condition, case = self.conditions[term], self.case
        status = self._state.position(term).status
        paths = tuple(path for field in condition.fields for path in case.paths(field))
        shortfall = None
        text = wording.condition_text(term, condition, case)
        if status != "established" and condition.asks:
            shortfall = wording.shortfall(condition.asks, self._state.number, case.declaration)
            text += f"; the record says: {shortfall.words}" if shortfall else f"; {case.recorded(condition.fields)}"
        return Fact(
            fact=condition.name,
            criterion=self._criterion(term, item),
            status=status,
            text=text,
            record=paths or (condition.list,),
            edits=(),
            unchangeable=condition.unchangeable,
            near=shortfall.words if shortfall else None,
        )

    def _joined(self, named: Sequence[Term], item: str) -> Worded:
        """Several conditions of one target: values that satisfy all of them, and one edit."""
        parts = sorted((self._single(term, item) for term in named), key=lambda fact: fact.fact)
        statuses = {part.status for part in parts}
        recorded = next((part.text.partition("; ")[2] for part in parts if part.status == "contradicted"), "")
        text = wording.joined_text([(term, self.conditions[term]) for term in named], self.case)
        recorded = recorded or parts[0].text.partition("; ")[2]
        fact = Fact(
            fact=" and ".join(part.fact for part in parts),
            criterion=min((part.criterion for part in parts), key=lambda name: self._folder.item_order.get(name, 0)),
            status="contradicted" if "contradicted" in statuses else "missing",
            text=f"{text}; {recorded}" if recorded else text,
            record=tuple(dict.fromkeys(path for part in parts for path in part.record)),
            edits=(),
            unchangeable=any(part.unchangeable for part in parts),
            near=next((part.near for part in parts if part.near is not None), None),
        )
        return Worded(fact, parts[0].criterion)

    def _criterion(self, term: Term, item: str) -> str:
        items = self._state.position(term).concerned or self._relations.items.get(term) or [item]
        return next((i for i in items if i == item or i.startswith(item + ".")), items[0])

    def edits(self, terms: frozenset[Term], criterion: str) -> list[Edit] | Wanted:
        """How the conditions are established, those of the same field by one value."""
        conditions = sorted((self.conditions[term] for term in terms), key=lambda condition: condition.name)
        if conditions[0].identifies in ("meant", "unrelated"):
            return self._meaning(conditions[0])
        if conditions[0].list:
            (condition,) = conditions
            return changes.append(self.case, condition.list, condition.content, self._label(condition, criterion))
        coupled, by_field = self._relations.coupled, self._relations.by_field
        fields = {other for c in conditions for field in c.fields for other in coupled.get(field, (field,))}
        asking = {term for field in fields for term in by_field.get(field, ())}
        beside = [term for term in asking if self._matters_beside(term, criterion)]
        if all(condition.fields[0] in coupled and len(condition.fields) == 1 for condition in conditions):
            together, compared = self._folder.coupled_with(conditions[0].fields[0])
            beside = [
                term for term in beside if self._state.position(term).status != "established" or self._can_exclude(term)
            ]
            return edits_together(self.case, together, compared, conditions, [self.conditions[term] for term in beside])
        return edits_of(self.case, conditions, [self.conditions[term] for term in beside], self._folder.case)

    def _label(self, condition: Condition, criterion: str) -> str:
        """What tells an entry that is added for an item from the others of its list that can be added for it."""
        added = (
            other
            for term, other in self.conditions.items()
            if other.list == condition.list
            and (other is condition or criterion in self._state.position(term).concerned)
            and self._criterion(term, criterion) == criterion
        )
        place = next(number for number, other in enumerate(added, start=1) if other is condition)
        return criterion if place == 1 else f"{criterion}-{place}"

    def _meaning(self, condition: Condition) -> list[Edit]:
        """The edits that say what a word means."""
        (ask,) = condition.asks
        if condition.identifies == "unrelated":
            return changes.without_unknown(self.case, ask.field, self._relations.read.get(ask.field, ()))
        return changes.set_meaning(self.case, ask.field, ask.values[0])

    def _can_exclude(self, term: Term) -> bool:
        """Whether a condition can make something exclude."""
        return not {*self._folder.exclusions, *self._folder.authorities}.isdisjoint(self._relations.items.get(term, ()))

    def _matters_beside(self, term: Term, criterion: str) -> bool:
        """Whether a condition can concern an item that is required beside this one in this case."""
        pathway = self._folder.pathway_of(criterion)
        items = (
            item for item in self._relations.items.get(term, ()) if self._folder.pathway_of(item) in (pathway, None)
        )
        return any(self._state.is_required(self._folder.required_above(item)) for item in items)
