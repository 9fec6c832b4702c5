"""All edits of a minimal set applied: approved. Those of any one fact left out: not approved."""

from math import prod
from pathlib import Path
from random import Random

import pytest
from closure import checked_sets
from generate import random_record, worded_record
from hypothesis import given, settings
from hypothesis import strategies as st

from facts.errors import RecordError
from facts.reading import read_data
from reasoner import Policy
from reasoner.verdict.model import Fact, MinimalSet

EXAMPLES = Path(__file__).parent.parent / "facts" / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.stem)
def test_examples(policy: Policy, path: Path) -> None:
    data = read_data(path)
    assert isinstance(data, dict)
    checked_sets(policy, data, 200)


@pytest.mark.parametrize("block", range(4))
def test_random_records(policy: Policy, block: int) -> None:
    sets = sum(checked_sets(policy, random_record(Random(f"{block}/{seed}")), 4) for seed in range(150))
    assert sets > 200


@pytest.mark.parametrize("block", range(4))
def test_records_as_people_write_them(policy: Policy, block: int) -> None:
    sets = sum(checked(policy, Random(f"worded/{block}/{seed}"), 6) for seed in range(150))
    assert sets > 200


@settings(max_examples=300)
@given(st.randoms(use_true_random=False))
def test_records_that_hypothesis_draws(policy: Policy, random: Random) -> None:
    checked(policy, random, 3)


def checked(policy: Policy, random: Random, most: int) -> int:
    """How many minimal sets were applied; none where the record is refused."""
    data = worded_record(random, therapies=3)
    try:
        policy.case(data)
    except RecordError:
        return 0
    return checked_sets(policy, data, most)


@pytest.mark.parametrize("seed", range(60))
def test_needs_are_the_minimal_sets_factored(policy: Policy, seed: int) -> None:
    explanation = policy.judge(random_record(Random(f"needs/{seed}"), therapies=2), limit=100_000).explanation
    if explanation is None or explanation.needs is None:
        return
    assert prod(len(need.alternatives) for need in explanation.needs) == explanation.total
    ways: list[tuple[Fact, ...]] = [()]
    for need in explanation.needs:
        ways = [(*way, *alternative) for way in ways for alternative in need.alternatives]
    assert {names(MinimalSet(way)) for way in ways} == set(map(names, explanation.minimal_sets))


def names(one: MinimalSet) -> frozenset[str]:
    return frozenset(fact.fact for fact in one.facts)
