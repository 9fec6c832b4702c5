"""The conditions of one case: their status, what orders sets of them, and the facts that they are in its verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import compress

from facts.case import Case
from facts.changes import Edit
from facts.terms import Between, Term
from facts.terms import Fact as RecordFact
from reasoner.engine.bits import union
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.facts import FactPlan, joined
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.standing import NEW, RECORDED, Key, Position, Standings
from reasoner.verdict.variants import variant_of
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
        self._numbers = (
            None if facts_instead is None else {fact.field: fact for fact in facts_instead if isinstance(fact, Between)}
        )
        self._established, self._contradicted, self._open = (
            set(compress(plans, answer_set.holds(status))) for status, plans in variant.of_status.items()
        )
        self._answer_set = answer_set
        self._required = variant.required(answer_set)
        concerned, concerns = defaultdict[FactPlan, list[str]](list), defaultdict[str, list[FactPlan]](list)
        for item, plan in compress(variant.concerns, variant.in_order(answer_set.holds("concerns"))):
            concerned[plan].append(item)
            concerns[item].append(plan)
        self._concerned: Mapping[FactPlan, list[str]] = concerned
        self.concerns: Mapping[str, list[FactPlan]] = concerns
        self._contested: dict[int, int] | None = None
        self._made: dict[tuple[FactPlan, str], Fact] = {}
        self._ordered: dict[tuple[frozenset[Term], str], tuple[Fact, ...]] = {}
        self._shortfalls: dict[FactPlan, Shortfall | None] = {}
        self.standings = Standings(variant.targets, case, solver.statuses(answer_set), self.distance)

    def _status(self, plan: FactPlan) -> FactStatus:
        if plan in self._established:
            return "established"
        return "contradicted" if plan in self._contradicted else "missing"

    def position(self, term: Term) -> Position:
        """What follows of the condition from the record."""
        plan = self.variant.plans[term]
        return Position(self._status(plan), plan in self._open, tuple(self._concerned.get(plan, ())))

    @property
    def open(self) -> dict[Term, None]:
        """The conditions that can be supposed, in the order of the rules."""
        return {term: None for (term,) in self._answer_set["open"]}

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

    def contested(self, items: int) -> int:
        """The contested fields of which items ask in this case, and those below them."""
        if self._contested is None:
            interference, found = self.variant.interference, dict[int, int]()
            for term, fields in interference.contested.items():
                for item in self._concerned.get(self.variant.plans[term], ()):
                    above = interference.items.get(interference.above(item), 0)
                    found[above] = found.get(above, 0) | fields
            self._contested = found
        return union(fields for item, fields in self._contested.items() if item & items)

    @property
    def can_be_supposed(self) -> int:
        """The open conditions, and those that a value in place of the recorded one has to meet as well."""
        return self.standings.open | self.standings.established & self.variant.interference.crowded

    def _shortfall(self, plan: FactPlan) -> Shortfall | None:
        """How a number on the record misses what the condition asks of it; None: it does not, or is not known."""
        limits = plan.limits(self.case)
        if not limits:
            return None
        if plan not in self._shortfalls:
            missed = (one.missed(self.number(one.field)) for one in limits)
            self._shortfalls[plan] = next((one for one in missed if one is not None), None)
        return self._shortfalls[plan]

    def distance(self, term: Term) -> int:
        """How far the condition is from the record, in thousandths of a change."""
        plan = self.variant.plans[term]
        shortfall = self._shortfall(plan)
        return shortfall.distance if shortfall is not None else NEW if plan.condition.list else RECORDED

    def key(self, terms: frozenset[Term]) -> Key:
        """What orders sets of conditions, best first."""
        return self.standings.key(union(map(self.variant.targets.bits.__getitem__, terms)))

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
        plans = self.concerns.get(item)
        if plans is None:
            return ()
        established = self._established
        recorded = [plan for plan in plans if not plan.condition.list or plan in established]
        return tuple([self._fact(plan, item) for plan in recorded or plans])

    def ordered(self, terms: frozenset[Term], item: str) -> tuple[Fact, ...]:
        """The facts of a set in the policy's order; one alternative stands in many sets."""
        found = self._ordered.get((terms, item))
        if found is None:
            groups = [terms] if len(terms) == 1 else self.by_fact(terms)
            facts = [self.fact(group, item) for group in groups]
            facts.sort(key=lambda fact: (self.order.get(fact.criterion, 0), fact.record, fact.fact))
            found = self._ordered[terms, item] = tuple(facts)
        return found

    def fact(self, terms: frozenset[Term], item: str) -> Fact:
        """Conditions of one target in words, for the need of an item."""
        plans = [self.variant.plans[term] for term in terms]
        named = self._named(plans)
        if len(named) > 1:
            return self._joined(plans, named, item)
        (plan,) = named
        if len(plans) == 1:
            return self._fact(plan, item)
        criterion = self._criterion(plan, item)
        return self._worded(plan, criterion, self._edits(plans, criterion) if plan in self._open else ())

    def _named(self, plans: list[FactPlan]) -> list[FactPlan]:
        """The conditions of one target that are spoken of: not what other numbers keep to that are changed with it."""
        if len(plans) == 1:
            return plans
        ordered = sorted(plans, key=lambda plan: repr(plan.term))
        coupled = self.variant.relations.coupled
        if any(field in coupled for plan in plans for field in plan.condition.fields):
            return [plan for plan in ordered if plan not in self._established] or ordered
        return ordered

    def _fact(self, plan: FactPlan, item: str) -> Fact:
        """One condition in words, for the need of an item."""
        criterion = self._criterion(plan, item)
        found = self._made.get((plan, criterion))
        if found is None:
            edits = self._edits([plan], criterion) if plan in self._open else ()
            found = self._made[plan, criterion] = self._worded(plan, criterion, edits)
        return found

    def _worded(self, plan: FactPlan, criterion: str, edits: tuple[Edit, ...] = ()) -> Fact:
        status = self._status(plan)
        shortfall = None if status == "established" else self._shortfall(plan)
        return plan.fact(self.case, criterion, status, shortfall, edits)

    def _joined(self, plans: list[FactPlan], named: list[FactPlan], item: str) -> Fact:
        """Several conditions of one target: values that satisfy all of them, and one edit."""
        parts = [self._worded(plan, self._criterion(plan, item)) for plan in named]
        parts.sort(key=lambda fact: fact.fact)
        text = self.variant.joined_words(tuple(named), self.case).of(self.case)
        criterion = min((part.criterion for part in parts), key=lambda name: self.order.get(name, 0))
        return joined(parts, text, criterion, self._edits(plans, parts[0].criterion))

    def _criterion(self, plan: FactPlan, item: str) -> str:
        """The criterion of a condition for the need of an item: that item or one below it, if it concerns such."""
        items = self._concerned.get(plan) or plan.items or (item,)
        if len(items) == 1:
            return items[0]
        below = f"{item}."
        return next((one for one in items if one == item or one.startswith(below)), items[0])

    def _edits(self, plans: list[FactPlan], criterion: str) -> tuple[Edit, ...]:
        """How conditions of one target are established, for a criterion."""
        if plans[0].condition.list:
            (plan,) = plans
            return plan.appended(self.case, criterion, self._place(plan, criterion))
        return tuple(self.variant.edits(tuple(plans), criterion, self._required)(self))

    def _place(self, plan: FactPlan, criterion: str) -> int:
        """Which of the entries of its list that can be added for a criterion a condition adds: the first is 1."""
        before = (
            other
            for other in self.concerns.get(criterion, ())
            if other.condition.list == plan.condition.list and other.number < plan.number
        )
        return 1 + sum(self._criterion(other, criterion) == criterion for other in before)
