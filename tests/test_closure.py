"""All edits of a minimal set applied: approved. Those of any one fact left out: not approved."""

import json
from itertools import chain
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generate import random_record
from hypothesis import given, settings
from hypothesis import strategies as st

from facts.edits import apply
from facts.load import read_data
from reasoner import Policy, parse_record
from reasoner.verdict.model import Fact, MinimalSet

EXAMPLES = Path(__file__).parent.parent / "facts" / "examples"


def check(policy: Policy, data: Any, most: int) -> int:
    record = parse_record(data)
    verdict = policy.judge(record, limit=most)
    if verdict.explanation is None:
        assert verdict.decision != "denied"
        return 0
    assert verdict.explanation.minimal_sets
    full = policy.normalize(record).full
    for found in verdict.explanation.minimal_sets:
        parts = [list(fact.edits) for fact in found.facts]
        assert decided(policy, full, parts) == "approved", json.dumps([data, parts])
        for left in range(len(parts)):
            assert decided(policy, full, parts[:left] + parts[left + 1 :]) == "denied", json.dumps([data, parts])
    return len(verdict.explanation.minimal_sets)


def decided(policy: Policy, full: dict[str, Any], parts: list[list[dict[str, Any]]]) -> str:
    return policy.decide(parse_record(apply(full, list(chain.from_iterable(parts)))))


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.stem)
def test_examples(policy: Policy, path: Path) -> None:
    check(policy, read_data(path), 200)


@pytest.mark.parametrize("block", range(4))
def test_random_records(policy: Policy, block: int) -> None:
    sets = sum(check(policy, random_record(Random(f"{block}/{seed}")), 4) for seed in range(150))
    assert sets > 200


@settings(max_examples=300)
@given(st.randoms(use_true_random=False))
def test_records_that_hypothesis_draws(policy: Policy, random: Random) -> None:
    check(policy, random_record(random, therapies=3), 3)


@pytest.mark.parametrize("seed", range(60))
def test_needs_are_the_minimal_sets_factored(policy: Policy, seed: int) -> None:
    record = parse_record(random_record(Random(f"needs/{seed}"), therapies=2))
    explanation = policy.judge(record, limit=100_000).explanation
    if explanation is None or explanation.needs is None:
        return
    assert prod(len(need.alternatives) for need in explanation.needs) == explanation.total
    ways: list[tuple[Fact, ...]] = [()]
    for need in explanation.needs:
        ways = [(*way, *alternative) for way in ways for alternative in need.alternatives]
    assert {names(MinimalSet(way)) for way in ways} == set(map(names, explanation.minimal_sets))


def names(one: MinimalSet) -> frozenset[str]:
    return frozenset(fact.fact for fact in one.facts)
