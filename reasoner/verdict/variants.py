"""The conditions of a program as some cases have them, and what was worked out of cases with these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from facts.case import Case
from facts.terms import Term
from reasoner.engine.evaluator import Row
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.conditions import Ask, Condition, ask_of
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.edits import Edits, edits_of
from reasoner.verdict.facts import FactPlan
from reasoner.verdict.interference import Interference
from reasoner.verdict.standing import Targets
from reasoner.verdict.wording import Words, joined_words

MOST_REMEMBERED = 10_000
"""What is prepared for conditions of one fact, at most, of each kind; were there more, all is forgotten."""

Plans = tuple[FactPlan, ...]


class Variant:
    """The conditions of a program as some cases have them, in their order, and what was worked out of cases."""

    def __init__(self, folder: RuleFolder, case: Case, solver: Solver, gone: frozenset[tuple[Term, Ask]]) -> None:
        """`gone` is what the conditions do not ask of these cases."""
        self._folder = folder
        conditions, self.relations = folder.conditions(case), folder.relations(case)
        kept = {term: tuple(ask for ask in conditions[term].asks if (term, ask) not in gone) for term, _ in gone}
        self.conditions = {**conditions, **{term: _asking(conditions[term], asks) for term, asks in kept.items()}}
        self.interference = Interference(folder, self.relations, self.conditions, solver.assumptions)
        self.targets = Targets(self.relations, self.conditions, solver.assumptions)
        concerns: dict[Term, list[tuple[str, int]]] = {}
        for place, (item, term) in enumerate(solver.tables["concerns"].rows):
            concerns.setdefault(term, []).append((str(item), place))
        self.plans = {
            term: FactPlan(term, condition, number, self.relations.items.get(term, ()), concerns.get(term, ()))
            for number, (term, condition) in enumerate(self.conditions.items())
        }
        self.of_status = {
            status: [self.plans[term] for (term,) in solver.tables[status].rows]
            for status in ("established", "contradicted", "open")
        }
        """The conditions of which an answer set has the status."""
        of_items: dict[str, list[tuple[FactPlan, int]]] = {}
        for plan in self.plans.values():
            for item, place in plan.concerns:
                of_items.setdefault(item, []).append((plan, place))
        self.of_items = {
            item: ([plan for plan, _ in rows], _picking([place for _, place in rows]))
            for item, rows in of_items.items()
        }
        """The conditions that can concern an item, in their order, and what of concerns/2 is of these."""
        self._required: dict[bytes, frozenset[str]] = {}
        self._edits: dict[tuple[Plans, str, frozenset[str]], Edits] = {}
        self._joined: dict[Plans, Words] = {}

    def required(self, answer_set: AnswerSet) -> frozenset[str]:
        """The items that some pathway requires; the same set where they are the same."""
        key = bytes(answer_set.holds("required"))
        found = self._required.get(key)
        if found is None:
            _make_room(self._required)
            found = self._required[key] = frozenset(str(item) for _, item in answer_set["required"])
        return found

    def edits(self, case: Case, plans: Plans, criterion: str, required: frozenset[str]) -> Edits:
        """How conditions of one target are established for a criterion, beside the items that are required."""
        key = plans, criterion, required
        found = self._edits.get(key)
        if found is None:
            _make_room(self._edits)
            terms = [plan.term for plan in plans]
            made = edits_of(self._folder, case, self.relations, self.conditions, terms, criterion, required)
            found = self._edits[key] = made
        return found

    def joined_words(self, plans: Plans, case: Case) -> Words:
        """The words of several conditions of one target."""
        found = self._joined.get(plans)
        if found is None:
            _make_room(self._joined)
            found = self._joined[plans] = joined_words([(plan.term, plan.condition) for plan in plans], case)
        return found


def variant_of(folder: RuleFolder, case: Case, solver: Solver, answer_set: AnswerSet) -> Variant:
    """The conditions with what they ask in one case; some rows of asks/3 are not of every record."""
    varying = solver.tables["asks"].rows
    gone = frozenset((row[0], ask_of(*row[1:])) for row in varying if row not in answer_set["asks"])
    key = solver, gone
    variants: dict[Any, Variant] = folder.remembered.setdefault(Variant, {})
    if key not in variants:
        variants[key] = Variant(folder, case, solver, gone)
    return variants[key]


def _make_room(remembered: dict[Any, Any]) -> None:
    """Forget what is remembered, where one more would be too much."""
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()


def _picking(places: Sequence[int]) -> Callable[[Row], Row]:
    """What takes from a row what stands in these places."""
    return itemgetter(*places) if len(places) > 1 else lambda row: [row[place] for place in places]


def _asking(condition: Condition, asks: tuple[Ask, ...]) -> Condition:
    return condition._replace(asks=asks, fields=tuple(dict.fromkeys(ask.field for ask in asks)))
