"""A denial: its kind, the items that stand in the way, and every smallest way to an approval."""

from __future__ import annotations

from reasoner.engine.solver import Explainer, World
from reasoner.policy.policy import Policy
from reasoner.verdict.conditions import CaseFacts
from reasoner.verdict.minimal_sets import Routes, find
from reasoner.verdict.model import Denial, Explanation, Kind, MinimalSet, Need


def explain(
    policy: Policy,
    facts: CaseFacts,
    world: World,
    explainer: Explainer,
    unmet: dict[str, tuple[str, ...]],
    limit: int,
) -> tuple[Denial, Explanation]:
    """Explain a denied case; the explainer has been told its facts. `unmet`: what fails on each pathway."""
    order = policy.item_order
    barring = {*policy.exclusions, *policy.authorities}
    asked = policy.asked_pathways(facts.case.record.request.indication)
    routes = find(
        explainer,
        [unmet[pathway] for pathway in sorted(unmet, key=lambda p: (p not in asked, len(unmet[p])))],
        [args[0] for args in world["open"]],
        facts.unchangeable,
        facts.key,
    )
    reasons = {item for pathway, items in unmet.items() for item in items if pathway in asked or item in barring}
    ordered = tuple(sorted(reasons, key=order.__getitem__))
    return Denial(_kind(policy, world, routes), ordered), _explanation(routes, facts, limit)


def unmet_items(policy: Policy, world: World) -> dict[str, tuple[str, ...]]:
    """The items that fail, of each pathway, in the policy's order."""
    met, excluding = world["met"], world["excludes"]
    barring = {*policy.exclusions, *policy.authorities}
    failing: dict[str, set[str]] = {pathway: set() for pathway in policy.pathways}
    for pathway, item in world["required"]:
        if (item,) in excluding if item in barring else (item,) not in met:
            failing[str(pathway)].add(str(item))
    order = policy.item_order.__getitem__
    return {pathway: tuple(sorted(items, key=order)) for pathway, items in failing.items()}


def _kind(policy: Policy, world: World, routes: Routes) -> Kind:
    if ("coverage_policy",) not in world["decided_by"]:
        return "plan_exclusion"
    if any((item,) in world["excludes"] for item in policy.exclusions):
        return "not_covered"
    missing_only = any(
        all(any(contradicted == 0 for _, contradicted, _ in group.keys) for group in route.groups)
        for route in routes.routes
    )
    return "missing_information" if missing_only else "criteria_not_met"


def _explanation(routes: Routes, facts: CaseFacts, limit: int) -> Explanation:
    needs: tuple[Need, ...] | None = None
    if len(routes.routes) == 1 and all(len(group.items) == 1 for group in routes.routes[0].groups):
        needs = tuple(
            Need(
                str(group.items[0]),
                tuple(facts.ordered(terms, str(group.items[0])) for terms in group.alternatives),
            )
            for group in routes.routes[0].groups
        )
    listed = []
    for choice, groups in routes.sets(limit):
        found = [facts.ordered(terms, str(items[0])) for terms, items in zip(choice, groups, strict=True)]
        listed.append(MinimalSet(tuple(fact for part in found for fact in part)))
    total, exact = routes.total, routes.exact
    return Explanation(needs, total, tuple(listed), exact and len(listed) == total, exact, limit)
