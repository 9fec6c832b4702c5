"""The conditions of one case: their status, and as facts of its verdict with words and edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from facts import changes
from facts.case import Case
from facts.changes import Edit
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.conditions import Ask, Condition, Conditions, ask_of
from reasoner.policy.folder import RuleFolder
from reasoner.verdict import wording
from reasoner.verdict.edits import edits_of, edits_together
from reasoner.verdict.model import Fact, FactStatus

_RECORDED, _NEW = 1000, 3000  # a number that falls short: less than 1000
"""How far a condition is from the record, in thousandths of a change: of what is recorded, of new evidence."""


class Key(NamedTuple):
    """What orders sets: contradicted conditions that cannot be changed, facts, contradicted ones, distance."""

    unchangeable: int
    size: int
    contradicted: int
    distance: int


def _in_this_case(conditions: Conditions, varying: Iterable[tuple[Term, ...]], answer_set: AnswerSet) -> Conditions:
    """The conditions with what they ask in one case; the `varying` rows of asks/3 are not of every record."""
    gone = {(row[0], ask_of(*row[1:])) for row in varying if row not in answer_set["asks"]}
    if not gone:
        return conditions
    kept = {term: tuple(ask for ask in conditions[term].asks if (term, ask) not in gone) for term, _ in gone}
    return {**conditions, **{term: _asking(conditions[term], asks) for term, asks in kept.items()}}


def _asking(condition: Condition, asks: tuple[Ask, ...]) -> Condition:
    return condition._replace(asks=asks, fields=tuple(dict.fromkeys(ask.field for ask in asks)))


class CaseConditions:
    """The conditions of one case as facts of its verdict, made when they are first asked for."""

    def __init__(
        self, folder: RuleFolder, case: Case, facts: Sequence[RecordFact], answer_set: AnswerSet, solver: Solver
    ) -> None:  # fmt: skip
        """The solver is that of the case, and the answer set its own."""
        conditions = _in_this_case(folder.conditions(case), solver.varying_asks, answer_set)
        self.case = case
        self.conditions = conditions
        self.order = folder.item_order
        self._folder = folder
        self.pathway_of = folder.pathway_of
        self._relations = folder.relations(case)
        self._numbers = {fact.field: fact for fact in facts if type(fact) is Between}
        self._established, self._contradicted = answer_set["established"], answer_set["contradicted"]
        self.open: dict[Term, None] = {term: None for (term,) in answer_set["open"]}
        self._required = {str(item) for _, item in answer_set["required"]}
        self._concerned: dict[Term, list[str]] = {}
        self.concerns: dict[str, list[Term]] = {}
        order = {term: position for position, term in enumerate(conditions)}
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
        shortfall = wording.shortfall(condition.asks, self._numbers, self.case.declaration)
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
        """Conditions of one target in words, for the need of an item: the criterion is that item or below it."""
        if (terms, item) not in self._made:
            first, *others = named = self._named(terms)
            self._made[terms, item] = self._joined(named, terms, item) if others else self._single(first, terms, item)
        return self._made[terms, item]

    def _named(self, terms: frozenset[Term]) -> list[Term]:
        """The conditions of one target that are spoken of: not what other numbers keep to that are changed with it."""
        ordered = sorted(terms, key=repr)
        if any(field in self._relations.coupled for term in terms for field in self.conditions[term].fields):
            return [term for term in ordered if self.status(term) != "established"] or ordered
        return ordered

    def _single(self, term: Term, terms: frozenset[Term], item: str) -> Fact:
        """One condition in words, and the edits that meet all the `terms` of its target."""
        condition, case = self.conditions[term], self.case
        status = self.status(term)
        paths = tuple(path for field in condition.fields for path in case.paths(field))
        shortfall = None
        text = wording.condition_text(term, condition, case)
        if status != "established" and condition.asks:
            shortfall = wording.shortfall(condition.asks, self._numbers, case.declaration)
            text += f"; the record says: {shortfall.words}" if shortfall else f"; {case.recorded(condition.fields)}"
        is_open = term in self.open
        return Fact(
            fact=condition.name,
            criterion=self._criterion(term, item),
            status=status,
            text=text,
            record=paths or (condition.list,),
            edits=tuple(self._edits(terms, self._criterion(term, item))) if is_open else (),
            unchangeable=condition.unchangeable,
            near=shortfall.words if shortfall else None,
        )

    def _joined(self, named: Sequence[Term], terms: frozenset[Term], item: str) -> Fact:
        """Several conditions of one target: values that satisfy all of them, and one edit."""
        parts = sorted((self._single(term, frozenset((term,)), item) for term in named), key=lambda fact: fact.fact)
        statuses = {part.status for part in parts}
        recorded = next((part.text.partition("; ")[2] for part in parts if part.status == "contradicted"), "")
        text = wording.joined_text([(term, self.conditions[term]) for term in named], self.case)
        recorded = recorded or parts[0].text.partition("; ")[2]
        return Fact(
            fact=" and ".join(part.fact for part in parts),
            criterion=min((part.criterion for part in parts), key=lambda criterion: self.order.get(criterion, 0)),
            status="contradicted" if "contradicted" in statuses else "missing",
            text=f"{text}; {recorded}" if recorded else text,
            record=tuple(dict.fromkeys(path for part in parts for path in part.record)),
            edits=tuple(self._edits(terms, parts[0].criterion)),
            unchangeable=any(part.unchangeable for part in parts),
            near=next((part.near for part in parts if part.near is not None), None),
        )

    def _criterion(self, term: Term, item: str) -> str:
        items = self._concerned.get(term) or self._relations.items.get(term) or [item]
        return next((i for i in items if i == item or i.startswith(item + ".")), items[0])

    def _edits(self, terms: frozenset[Term], criterion: str) -> list[Edit]:
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
            beside = [term for term in beside if self.status(term) != "established" or self._can_exclude(term)]
            return edits_together(self.case, together, compared, conditions, [self.conditions[term] for term in beside])
        return edits_of(self.case, conditions, [self.conditions[term] for term in beside], self._folder.case)

    def _label(self, condition: Condition, criterion: str) -> str:
        """What tells an entry that is added for an item from the others of its list that can be added for it."""
        added = (
            other
            for term, other in self.conditions.items()
            if other.list == condition.list
            and (other is condition or criterion in self._concerned.get(term, ()))
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
        pathway = self.pathway_of(criterion)
        items = (item for item in self._relations.items.get(term, ()) if self.pathway_of(item) in (pathway, None))
        return any(self._folder.required_above(item) in self._required for item in items)
