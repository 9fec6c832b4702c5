"""A denial: its kind, the items that stand in the way, and every smallest way to an approval."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from reasoner.engine.solver import AnswerSet
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.criteria import pathways_of
from reasoner.verdict.minimal_sets import Routes
from reasoner.verdict.model import Denial, Explanation, Kind, MinimalSet, Need
from reasoner.verdict.routes import Unmet


def explain(
    folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, routes: Routes, unmet: Unmet, limit: int
) -> tuple[Denial, Explanation]:
    """Explain a denied case by its routes to an approval."""
    order = folder.item_order
    barring = {*folder.exclusions, *folder.authorities}
    asked = pathways_of(folder, conditions.case, answer_set)
    reasons = {item for pathway, items in unmet.items() for item in items if pathway in asked or item in barring}
    ordered = tuple(sorted(reasons, key=order.__getitem__))
    return Denial(_kind(folder, answer_set, routes), ordered), _explanation(routes, conditions, asked, limit)


def _kind(folder: RuleFolder, answer_set: AnswerSet, routes: Routes) -> Kind:
    if ("coverage_policy",) not in answer_set["decided_by"]:
        return "plan_exclusion"
    if any((item,) in answer_set["excludes"] for item in folder.exclusions):
        return "not_covered"
    missing_only = any(
        all(any(key.contradicted == 0 for key in group.keys) for group in route.groups) for route in routes.routes
    )
    return "missing_information" if missing_only else "criteria_not_met"


def _explanation(routes: Routes, conditions: CaseConditions, asked: Collection[str], limit: int) -> Explanation:
    needs: tuple[Need, ...] | None = None
    if len(routes.routes) == 1 and all(len(group.items) == 1 for group in routes.routes[0].groups):
        needs = tuple(
            Need(
                str(group.items[0]),
                tuple(conditions.ordered(terms, str(group.items[0])) for terms in group.alternatives),
            )
            for group in routes.routes[0].groups
        )
    listed = []
    for choice, groups in routes.sets(limit):
        parts = [conditions.ordered(terms, str(items[0])) for terms, items in zip(choice, groups, strict=True)]
        listed.append(MinimalSet(tuple(chain.from_iterable(parts))))
    total, exact = routes.total, routes.exact
    because = _because(routes, conditions, asked)
    return Explanation(
        not because, because, needs, total, tuple(listed), exact and len(listed) == total, exact, limit
    )  # fmt: skip


def _because(routes: Routes, conditions: CaseConditions, asked: Collection[str]) -> tuple[str, ...]:
    """The items for which every minimal set contradicts something that cannot be changed; none: there is a way.

    Where there is no minimal set at all, the items that nothing could meet. Of several pathways those that
    were asked for tell why.
    """
    found: set[str] = set(map(str, routes.unreachable))
    for route in routes.routes:
        standing = {
            conditions.fact(frozenset((term,)), str(group.items[0])).criterion
            for group in route.groups
            for terms in group.alternatives
            for term in terms
            if conditions.is_beyond_change(term)
        }
        if not standing:
            return ()
        found |= standing
    ordered = sorted(found, key=lambda item: conditions.order.get(item, 0))
    return tuple(item for item in ordered if conditions.pathway_of(item) in (None, *asked)) or tuple(ordered)
