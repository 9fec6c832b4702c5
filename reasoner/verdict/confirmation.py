"""Minimal sets confirmed on the record: their edits are applied, and the edited records decided.

What follows from a supposition is what follows from the record with the edits of its facts, but for folders in which
edits have side effects (policy/side_effects.py). There the sets that the search finds are tried, and alone what adds
entries or is asked of all. Of what approves the smallest parts are the sets; what is denied with all its edits is tried
once more, with what the record that is edited so needs then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations

from facts.arithmetic import NumberOf, SumOf
from facts.case import Case
from facts.changes import apply
from facts.errors import RecordError
from facts.terms import Term
from reasoner.policy.folder import RuleFolder
from reasoner.policy.side_effects import counted_fields
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.groups import Alternative
from reasoner.verdict.minimal_sets import Needed, Route, Routes
from reasoner.verdict.model import Fact
from reasoner.verdict.routes import Unmet, routes_of, unmet_items

_TRIED = 100, 1_000
"""Sets of the search that are tried, at the least and at the most. Of more their number is not known."""
_MOST_IN_PAIRS = 6
"""Entries that could be added, at the most, of which each two are tried together."""
_MOST_DECISIONS = 1_000
"""Decisions after which of each set one smallest part is looked for, and not all of them."""
_MOST_BEYOND = 5
"""Sets of a record that is edited, and still denied, that are tried beside those edits."""


def confirmed(folder: RuleFolder, conditions: CaseConditions, routes: Routes, unmet: Unmet, limit: int) -> Routes:
    """The routes, where their sets do what they say, and no other is found; else what there is, as one group."""
    trial = _Trial(folder, conditions)
    least, most = _TRIED
    listed = routes.sets(min(max(limit, least), most))
    sets = [frozenset().union(*choice) for choice, _ in listed]
    items = tuple(dict.fromkeys(item for _, groups in listed for group in groups for item in group))
    items = items or tuple(dict.fromkeys(item for failing in unmet.values() for item in failing))
    smallest = trial.smallest(sets, str(items[0]))
    as_listed = (_facts(conditions, choice, groups) for choice, groups in listed)
    if routes.total == len(sets) and smallest == {*sets} and all(map(trial.is_minimal, as_listed)):
        return routes
    keys = {terms: conditions.key(terms) for terms in smallest}
    unchangeable = min((key.unchangeable for key in keys.values()), default=0)
    ranked = sorted(
        (key, sorted(map(repr, terms)), terms) for terms, key in keys.items() if key.unchangeable == unchangeable
    )  # fmt: skip
    if not ranked:
        return Routes((), False, routes.unreachable or items)
    group = Needed(items, tuple(terms for _, _, terms in ranked), tuple(key for key, _, _ in ranked))
    return Routes((Route((group,)),), False, ())


def _facts(
    conditions: CaseConditions, choice: Sequence[Alternative], groups: Sequence[tuple[Term, ...]]
) -> list[Fact]:  # fmt: skip
    """The facts of a set, as it is listed."""
    parts = (conditions.ordered(terms, str(items[0])) for terms, items in zip(choice, groups, strict=True))
    return list(chain.from_iterable(parts))


class _Trial:
    """Tries sets of facts on the record."""

    def __init__(self, folder: RuleFolder, conditions: CaseConditions) -> None:
        self._folder = folder
        self._conditions = conditions
        self._approved: dict[Alternative, bool] = {}

    def is_minimal(self, facts: Sequence[Fact]) -> bool:
        """Whether the edits of all the facts approve, and with those of any one left out do not."""
        each = range(len(facts))
        return self._approves(facts) and not any(self._approves((*facts[:n], *facts[n + 1 :])) for n in each)

    def smallest(self, sets: Iterable[Alternative], item: str) -> set[Alternative]:
        """The smallest sets that approve among the parts of some, and of what is found beyond those that do not."""
        found: set[Alternative] = set()
        seen: set[Alternative] = set()
        for terms in filter(None, dict.fromkeys((*sets, *self._of_entries()))):
            tried = (terms,) if self._is_approved(terms, item) else self._beyond(terms, item)
            found.update(part for one in tried for part in self._parts(one, item, seen))
        return {terms for terms in found if not any(other < terms for other in found)}

    def _of_entries(self) -> Iterator[Alternative]:
        """What changes entries that are counted, one by one, and what adds some, in pairs and all together, too."""
        conditions, counted = self._conditions, counted_fields(self._folder)
        added = []
        for term in conditions.open:
            condition = conditions.conditions[term]
            asked = [field for field in map(self._folder.declaration.field, condition.fields) if field is not None]
            is_asked_of_all = any(isinstance(field.derived, SumOf | NumberOf) for field in asked)
            if condition.list:
                added.append(term)
            elif not counted.isdisjoint(asked) or (is_asked_of_all and conditions.is_of_concern(term)):
                yield frozenset((term,))
        sizes = (1, 2) if len(added) <= _MOST_IN_PAIRS else (1,)
        yield from (frozenset(some) for size in sizes for some in combinations(added, size))
        yield frozenset(added)

    def _parts(self, terms: Alternative, item: str, seen: set[Alternative]) -> Iterator[Alternative]:
        """The smallest parts of a set, by facts, that approve, but for those seen; none of one that is denied."""
        if terms in seen or not self._is_approved(terms, item):
            return
        seen.add(terms)
        smaller = [terms - fact for fact in self._conditions.by_fact(sorted(terms, key=repr))]
        approved = [rest for rest in smaller if self._is_approved(rest, item)]
        if not approved:
            yield terms
        for rest in approved if len(self._approved) < _MOST_DECISIONS else approved[:1]:
            yield from self._parts(rest, item, seen)

    def _beyond(self, terms: Alternative, item: str) -> Iterator[Alternative]:
        """The set with what the record needs that is denied with its edits, as far as this record can say it, too."""
        case = self._edited(self._conditions.ordered(terms, item))
        if case is None:
            return
        solver = self._folder.solver(case)
        solver.take(solver.ground.situation(case))
        answer_set = solver.answer_set()
        if ("denied",) not in answer_set["outcome"]:
            return
        conditions = CaseConditions(self._folder, case, answer_set, solver)
        routes = routes_of(self._folder, conditions, answer_set, solver, unmet_items(self._folder, answer_set))
        for choice, _ in routes.sets(_MOST_BEYOND):
            needed = frozenset().union(*choice)
            if needed <= self._conditions.open.keys():
                yield terms | needed

    def _is_approved(self, terms: Alternative, item: str) -> bool:
        if terms not in self._approved:
            self._approved[terms] = self._approves(self._conditions.ordered(terms, item))
        return self._approved[terms]

    def _approves(self, facts: Iterable[Fact]) -> bool:
        case = self._edited(facts)
        if case is None:
            return False
        decider = self._folder.decider(case)
        decider.take(decider.ground.situation(case))
        return decider.decision() == "approved"

    def _edited(self, facts: Iterable[Fact]) -> Case | None:
        """The record with the edits of facts; None where it is refused."""
        try:
            return self._folder.case(apply(self._conditions.case.full, chain.from_iterable(one.edits for one in facts)))
        except (RecordError, ValueError):
            return None
