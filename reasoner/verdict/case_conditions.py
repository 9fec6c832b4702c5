"""The conditions of one case: their status, what orders sets of them, and the facts that they are in its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import compress

from facts.case import Case
from facts.changes import Edit
from facts.function import Bounds
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.bits import union
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.facts import FactPlan, NumberIn, joined
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.standing import Key, Standings
from reasoner.verdict.variants import Variant, variant_of
from reasoner.verdict.wording import Shortfall


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
        self.variant = variant = variant_of(folder, case, solver, answer_set)
        self.conditions = variant.conditions
        self._number: NumberIn = _Numbers(case).__getitem__
        if facts_instead is not None:
            self._number = {one.field: (one.low, one.high) for one in facts_instead if isinstance(one, Between)}.get
        self._established, self._contradicted, self._open = (
            set(compress(plans, answer_set.holds(status))) for status, plans in variant.of_status.items()
        )
        self._answer_set = answer_set
        self._required = variant.required(answer_set)
        self._concerns = answer_set.holds("concerns")
        self._concerned: dict[FactPlan, Sequence[str]] = {}
        self._ids: dict[str, list[str | None]] = {}
        self._made: dict[tuple[FactPlan, str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        shortfall = partial(_shortfall, variant, case, self._number)
        self.standings = Standings(variant.targets, case, solver.statuses(answer_set), shortfall)

    def _status(self, plan: FactPlan) -> FactStatus:
        if plan in self._established:
            return "established"
        return "contradicted" if plan in self._contradicted else "missing"

    def is_established(self, term: Term) -> bool:
        """Whether the record establishes the condition."""
        return self.variant.plans[term] in self._established

    def is_of_concern(self, term: Term) -> bool:
        """Whether the condition concerns some item in this case."""
        return bool(self.concerned(self.variant.plans[term]))

    def concerned(self, plan: FactPlan) -> Sequence[str]:
        """The items that the condition concerns in this case."""
        found = self._concerned.get(plan)
        if found is None:
            holds = self._concerns
            found = self._concerned[plan] = [item for item, place in plan.concerns if holds[place]]
        return found

    def concerns(self, item: str) -> list[FactPlan]:
        """The conditions that concern the item in this case, in their order."""
        rows = self.variant.of_items.get(item)
        return [] if rows is None else [*compress(rows[0], rows[1](self._concerns))]

    @property
    def open(self) -> dict[Term, None]:
        """The conditions that can be supposed, in the order of the rules."""
        return {term: None for (term,) in self._answer_set["open"]}

    def contested(self, items: int) -> int:
        """The contested fields of which items ask in this case, and those below them."""
        return self.variant.interference.contested(items, self._concerns)

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

    # ── The facts ────────────────────────────────────────────────────────────────────────────────

    def of(self, item: str) -> tuple[Fact, ...]:
        """The conditions that an item asks for; evidence that would be new where there is nothing else."""
        plans = self.concerns(item)
        if not plans:
            return ()
        established = self._established
        recorded = [plan for plan in plans if not plan.condition.list or plan in established]
        return tuple([self._fact(plan, item) for plan in recorded or plans])

    def ordered(self, terms: frozenset[Term], item: str) -> tuple[Fact, ...]:
        """The facts of a set in the policy's order; one alternative stands in many sets."""
        found = self._ordered.get((terms, item))
        if found is None:
            facts = [self.fact(group, item) for group in ([terms] if len(terms) == 1 else self.by_fact(terms))]
            facts.sort(key=lambda fact: (self.order.get(fact.criterion, 0), fact.record, fact.fact))
            found = self._ordered[terms, item] = tuple(facts)
        return found

    def fact(self, terms: frozenset[Term], item: str) -> Fact:
        """Conditions of one target in words, for the need of an item."""
        plans = [self.variant.plans[term] for term in terms]
        if len(plans) == 1:
            return self._fact(plans[0], item)
        named = self._named(plans)
        if len(named) > 1:
            return self._joined(plans, named, item)
        (plan,) = named
        criterion = self._criterion(plan, item)
        edits = self._edits(plans, criterion) if plan in self._open else ()
        return plan.fact(self.case, criterion, self._status(plan), self._number, edits)

    def _named(self, plans: list[FactPlan]) -> list[FactPlan]:
        """The conditions of one target that are spoken of: not what other numbers keep to that are changed with it."""
        ordered = sorted(plans, key=lambda plan: repr(plan.term))
        coupled = self.variant.relations.coupled
        if any(field in coupled for plan in plans for field in plan.condition.fields):
            return [plan for plan in ordered if plan not in self._established] or ordered
        return ordered

    def _fact(self, plan: FactPlan, item: str) -> Fact:
        """One condition in words, for the need of an item."""
        criterion = self._criterion(plan, item)
        key = plan, criterion
        found = self._made.get(key)
        if found is None:
            edits = self._edits([plan], criterion) if plan in self._open else ()
            found = plan.fact(self.case, criterion, self._status(plan), self._number, edits)
            self._made[key] = found
        return found

    def _joined(self, plans: list[FactPlan], named: list[FactPlan], item: str) -> Fact:
        """Several conditions of one target: values that satisfy all of them, and one edit."""
        parts = [plan.fact(self.case, self._criterion(plan, item), self._status(plan), self._number) for plan in named]
        parts.sort(key=lambda fact: fact.fact)
        text = self.variant.joined_words(tuple(named), self.case).of(self.case)
        criterion = min((part.criterion for part in parts), key=lambda name: self.order.get(name, 0))
        return joined(parts, text, criterion, self._edits(plans, parts[0].criterion))

    def _criterion(self, plan: FactPlan, item: str) -> str:
        """The criterion of a condition for the need of an item: that item or one below it, if it concerns such."""
        holds = self._concerns
        for own, place in plan.serving(item):
            if holds[place]:
                return own
        if concerned := self.concerned(plan):
            return concerned[0]
        below = f"{item}."
        return next((own for own in plan.items if own == item or own.startswith(below)), (*plan.items, item)[0])

    def _edits(self, plans: list[FactPlan], criterion: str) -> tuple[Edit, ...]:
        """How conditions of one target are established, for a criterion."""
        if plans[0].condition.list:
            (plan,) = plans
            return plan.appended(self.case, self._taken(plan.condition.list), criterion, self._place(plan, criterion))
        edits = self.variant.edits(self.case, tuple(plans), criterion, self._required)
        return tuple(edits(self.case, self.is_established))

    def _taken(self, name: str) -> list[str | None]:
        """What identifies the entries of a list."""
        found = self._ids.get(name)
        if found is None:
            found = self._ids[name] = self.case.ids(name)
        return found

    def _place(self, plan: FactPlan, criterion: str) -> int:
        """Which of the entries of its list that can be added for a criterion a condition adds: the first is 1."""
        before = (
            other
            for other in self.concerns(criterion)
            if other.condition.list == plan.condition.list and other.number < plan.number
        )
        return 1 + sum(self._criterion(other, criterion) == criterion for other in before)


class _Numbers(dict[Term, Bounds | None]):
    """What is known of the number in each field of a case that was asked for."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self._case = case

    def __missing__(self, field: Term) -> Bounds | None:
        declared, at = self._case.declaration.field(field), self._case.declaration.position(field)
        is_there = declared is not None and at < self._case.count(declared.list)
        found = self[field] = self._case.number(field) if is_there else None
        return found


def _shortfall(variant: Variant, case: Case, number: NumberIn, term: Term) -> Shortfall | None:
    """How a number misses what a condition asks of it."""
    return variant.plans[term].shortfall(case, number)
