"""The pipeline on one screen: a case becomes facts, the solver derives, a verdict comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from facts import fields
from facts.normalize import Case
from facts.symbols import Fact as Said
from facts.symbols import Given, facts_of
from reasoner.engine.solver import World
from reasoner.errors import RulesError
from reasoner.policy.policy import Policy
from reasoner.verdict.authorization import authorize
from reasoner.verdict.conditions import CaseFacts, in_this_case
from reasoner.verdict.criteria import criteria
from reasoner.verdict.denial import explain, unmet_items
from reasoner.verdict.earliest import earliest_approval, time_can_cure
from reasoner.verdict.model import Advisory, Authority, Decision, PolicyVersion, Verdict


def judge(policy: Policy, case: Case, limit: int, facts_instead: list[Said] | None = None) -> Verdict:
    """The whole verdict of a case, with at most `limit` minimal sets listed.

    `facts_instead` are judged in place of the case's own; no date then cures a denial.
    """
    explainer = policy.explainer(case)
    said = facts_of(case) if facts_instead is None else facts_instead
    explainer.tell(said)
    world, hopeful, hinges = explainer.readings()
    version = _only(world, "in_force")
    warnings = (*case.warnings, *_spellings(policy, case, said))
    head = (case.record.case_id, PolicyVersion(policy.id, version))
    decision = cast(Decision, _only(world, "outcome"))
    if decision == "out_of_scope":
        return Verdict(*head, "out_of_scope", None, None, None, None, (), None, (), warnings, (), None)
    conditions = in_this_case(policy.conditions(case), explainer.varying_asks, world)
    facts = CaseFacts(case, said, world, conditions, policy.item_order)
    items = criteria(policy, facts, world, hopeful)
    denial = explanation = authorization = None
    unmet = unmet_items(policy, world)
    if decision == "approved":
        authorization = authorize(policy, case, world)
    else:
        denial, explanation = explain(policy, facts, world, explainer, unmet, limit)
    earliest = None
    if denial is not None and facts_instead is None and time_can_cure(policy, facts, unmet.values()):
        earliest = earliest_approval(explainer, case)
    return Verdict(
        *head,
        decision,
        cast(Authority, _only(world, "decided_by")),
        bool(world["medically_necessary"]),
        denial,
        authorization,
        items,
        explanation,
        tuple(_advisory(policy, name) for name in policy.advisory_texts if (name,) in world["advisory"]),
        warnings,
        tuple(choice for choice in policy.choices if choice in hinges),
        earliest.isoformat() if earliest is not None else None,
    )


def _spellings(policy: Policy, case: Case, said: Sequence[Said]) -> Iterator[str]:
    """Words of the record that differ from a word of the rules in capitals, spaces or hyphens alone."""
    for fact in said:
        if isinstance(fact, Given) and fact.field in fields.WORDED:
            known = policy.words_of(fact.field)
            value = str(fact.value)
            meant = "_".join(value.casefold().replace("-", " ").split())
            if value not in known and meant in known:
                (path, *_) = fields.paths(fact.field, case.full)
                yield f"{path}: {value!r} is another word than {meant!r}; is that meant?"


def _only(world: World, table: str) -> str:
    """The one value that the rules derive for every case."""
    found = [str(args[0]) for args in world[table]]
    if len(found) != 1:
        shown = " and ".join(found) or "nothing"
        raise RulesError(f"{table}/1: {shown} is derived for this case, where one value is needed")
    return found[0]


def _advisory(policy: Policy, advisory: str) -> Advisory:
    limits = [str(n) for item, _, n in policy.thresholds if item == advisory]
    text = policy.advisory_texts[advisory].format(n=", ".join(limits))
    return Advisory(advisory, text, policy.citations[advisory])
