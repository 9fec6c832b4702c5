"""The items of the policy in one case: a tree of statuses with the facts that made them."""

from __future__ import annotations

from facts.symbols import Term
from reasoner.engine.solver import World
from reasoner.policy.policy import Policy
from reasoner.verdict.conditions import CaseFacts
from reasoner.verdict.model import Criterion, ItemStatus


def criteria(policy: Policy, facts: CaseFacts, world: World, hopeful: frozenset[Term]) -> tuple[Criterion, ...]:
    """The items of the indication asked for (of every one, when it is missing) and the exclusions.

    `hopeful` are the items met with everything supplied that is missing: any other item that is not
    met is contradicted.
    """
    request = facts.case.record.request
    tops: list[Criterion] = []
    for pathway in policy.asked_pathways(request.indication):
        tops.append(_criterion(policy, facts, world, hopeful, pathway, with_children=False))
        tops += [_criterion(policy, facts, world, hopeful, item) for item in policy.children(pathway)]
    if request.type == "reauthorization":
        tops += [_criterion(policy, facts, world, hopeful, item) for item in policy.summaries]
    tops += [_criterion(policy, facts, world, hopeful, item) for item in policy.exclusions]
    return tuple(tops)


def _criterion(
    policy: Policy,
    facts: CaseFacts,
    world: World,
    hopeful: frozenset[Term],
    item: str,
    *,
    with_children: bool = True,
) -> Criterion:
    children = policy.children(item) if with_children else ()
    return Criterion(
        item,
        policy.items[item].title,
        policy.citations[item],
        _status(policy, world, hopeful, item),
        facts.of(item),
        tuple(_criterion(policy, facts, world, hopeful, child) for child in children),
    )


def _status(policy: Policy, world: World, hopeful: frozenset[Term], item: str) -> ItemStatus:
    if item in policy.exclusions:
        return "excludes" if (item,) in world["excludes"] else "clear"
    if (item,) in world["met"]:
        return "met"
    return "missing" if item in hopeful else "contradicted"
