"""Evidence that could be added to lists that other rules read: each set is closed, and hardly one is missed."""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from pathlib import Path
from random import Random

import pytest
from closure import checked_sets
from generated_evidence import FoldersOfEvidence, data_of_tests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facts.changes import apply
from reasoner import Policy, RecordError, RulesError
from reasoner.verdict.model import Criterion, Fact

RECORDS, SETS = 4, 8


def load(folder: Path, random: Random) -> Policy | None:
    """A folder; None for one that is refused."""
    FoldersOfEvidence(random).write(folder)
    try:
        return Policy.load(folder, cache=False)
    except RulesError:
        return None


@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folders=st.randoms(use_true_random=False), records=st.randoms(use_true_random=False))
def test_each_set_is_closed(tmp_path_factory: pytest.TempPathFactory, folders: Random, records: Random) -> None:
    policy = load(tmp_path_factory.mktemp("generated") / "policy", folders)
    for _ in range(RECORDS if policy is not None else 0):
        assert policy is not None
        checked_sets(policy, data_of_tests(records), SETS)


def test_most_folders_have_side_effects_and_sets(tmp_path: Path) -> None:
    """The generator makes folders worth looking at."""
    policies = [load(tmp_path / str(seed), Random(f"evidence {seed}")) for seed in range(16)]
    loaded = [policy for policy in policies if policy is not None]
    assert sum(policy.edits_have_side_effects for policy in loaded) > 8
    sets = [checked_sets(one, data_of_tests(Random(n)), SETS) for n, one in enumerate(loaded) for _ in range(2)]
    assert sum(sets) > 13


def test_ways_of_one_or_two_facts_are_found(tmp_path: Path) -> None:
    """All but a few of those that are found by trying the facts of the items; where there are ways, there are sets."""
    found = missed = 0
    for seed in range(16):
        policy = load(tmp_path / str(seed), Random(f"ways {seed}"))
        for n in range(3 if policy is not None else 0):
            assert policy is not None
            data = data_of_tests(Random(f"{seed}/{n}"))
            explanation = policy.judge(data, limit=200).explanation
            if explanation is None:
                continue
            sets = {frozenset(fact.fact for fact in one.facts) for one in explanation.minimal_sets}
            facts = {fact.fact: fact for item in items(policy.judge(data).criteria) for fact in item.facts}
            facts |= {fact.fact: fact for one in explanation.minimal_sets for fact in one.facts}
            for way in ways(policy, data, facts.values()):
                found, missed = found + (way in sets), missed + (way not in sets)
                assert sets or not explanation.approvable
    assert found > 16 and missed * 8 < found


def items(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    for one in criteria:
        yield one
        yield from items(one.children)


def ways(policy: Policy, data: dict[str, object], facts: Iterable[Fact]) -> list[frozenset[str]]:
    """The smallest ways to an approval by one or two of some facts."""
    by_name = {fact.fact: fact.edits for fact in facts if fact.edits}
    full = policy.case(data).full
    found: list[frozenset[str]] = []
    for size in (1, 2):
        for names in map(frozenset, combinations(by_name, size)):
            if any(one <= names for one in found):
                continue
            try:
                decision = policy.decide(apply(full, chain.from_iterable(by_name[name] for name in sorted(names))))
            except RecordError:
                continue
            if decision == "approved":
                found.append(names)
    return found
