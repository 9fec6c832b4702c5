"""The rules against the judgement written out by hand, over thousands of random records."""

from collections.abc import Iterator
from random import Random

import pytest
from by_hand import ByHand
from generate import random_record

from reasoner import Policy, parse_record
from reasoner.verdict.model import Criterion

BLOCKS = range(8)
SMALL = 10
"""Facts that may be supposed, at most, where the sets are found by brute force."""


def flat(items: tuple[Criterion, ...]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.status
        yield from flat(item.children)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_part_of_the_verdict_agrees(policy: Policy, block: int) -> None:
    kinds: dict[str, int] = {}
    for seed in range(400):
        record = parse_record(random_record(Random(f"{block}/{seed}"), therapies=2 + seed % 5))
        case = policy.normalize(record)
        by_hand, verdict = ByHand(case), policy.judge(record)
        assert verdict.decision == by_hand.decision() == policy.decide(record), seed
        kind = verdict.denial.kind if verdict.denial else verdict.decision
        kinds[kind] = kinds.get(kind, 0) + 1
        if verdict.decision == "out_of_scope":
            continue
        assert verdict.decided_by == by_hand.decided_by(), seed
        assert verdict.medically_necessary == by_hand.necessary(frozenset()), seed
        assert list(verdict.hinges_on) == by_hand.hinges(), seed
        assert sorted(a.id for a in verdict.advisories) == sorted(by_hand.advisories()), seed
        for item, status in flat(verdict.criteria):
            assert status == by_hand.item_status(item), (seed, item)
    assert set(kinds) == {
        "approved", "out_of_scope", "plan_exclusion", "not_covered", "criteria_not_met", "missing_information",
    }  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_no_minimal_set_is_missed_and_none_is_too_many(policy: Policy, block: int) -> None:
    compared = 0
    for seed in range(300):
        record = parse_record(random_record(Random(f"sets/{block}/{seed}"), therapies=2))
        case = policy.normalize(record)
        by_hand = ByHand(case)
        if by_hand.decision() != "denied" or max(len(by_hand.supposable(p)) for p in "12") > SMALL:
            continue
        explanation = policy.judge(record, limit=100_000).explanation
        assert explanation is not None and explanation.complete
        found = [frozenset(fact.fact for fact in one.facts) for one in explanation.minimal_sets]
        assert len(found) == len(set(found)) == explanation.total
        assert set(found) == by_hand.minimal_sets(), seed
        compared += 1
    assert compared > 50
