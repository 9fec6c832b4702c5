"""The search for minimal sets: two ways to the same ones, whatever was asked before, under a stated limit."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from by_hand import ByHand
from generate import random_record, worded_record

from facts.changes import apply
from reasoner import Policy
from reasoner.verdict import minimal_sets as explain
from reasoner.verdict.standing import Key

EXAMPLE = Path(__file__).parents[2] / "facts" / "examples" / "interface.json"


def records(number: int, first: int = 50_000) -> Iterator[dict[str, Any]]:
    """Plain records, and as many as people write them."""
    for seed in range(first, first + number):
        yield random_record(Random(seed), therapies=seed % 5)
        worded = worded_record(Random(seed), therapies=seed % 5)
        if not ByHand(worded).refused():
            yield worded


def test_all_items_at_once_or_one_after_the_other(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list(records(300))
    at_once = [policy.judge(data) for data in drawn]
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    assert [policy.judge(data) for data in drawn] == at_once


def test_what_was_judged_before_changes_nothing(policy: Policy) -> None:
    for data in records(15, first=60_000):
        alone = Policy.load().judge(data)
        assert policy.judge(data).to_json() == alone.to_json()


def test_a_search_that_was_cut_says_so(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(EXAMPLE.read_text())
    whole = policy.judge(data).explanation
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(explain, "MOST_ALTERNATIVES", 2)
    cut = policy.judge(data).explanation
    assert whole is not None and whole.exact and whole.complete
    assert cut is not None and not cut.exact and not cut.complete
    assert 0 < cut.total < whole.total
    every = {frozenset(fact.fact for fact in found.facts) for found in whole.minimal_sets}
    for found in cut.minimal_sets:
        assert frozenset(fact.fact for fact in found.facts) in every
        edits = [edit for fact in found.facts for edit in fact.edits]
        assert policy.decide(apply(policy.case(data).full, edits)) == "approved"


@pytest.mark.parametrize("seed", range(40))
def test_the_first_sets_are_those_of_all_combinations_in_order(seed: int) -> None:
    draw = Random(seed)

    def group(number: int) -> explain.Needed:
        keys = sorted(Key(draw.randint(0, 1), draw.randint(1, 3), draw.randint(0, 2), 0) for _ in range(number))
        alternatives = tuple(frozenset((f"{number}", f"{place}")) for place in range(number))
        return explain.Needed((f"{number}",), alternatives, tuple(keys))

    routes = tuple(
        explain.Route(tuple(group(draw.randint(1, 6)) for _ in range(draw.randint(1, 4))))
        for _ in range(draw.randint(1, 3))
    )
    every = sorted(
        (tuple(map(sum, zip(*(one.keys[at] for one, at in zip(route.groups, choice, strict=True)), strict=True))),
         number, choice)
        for number, route in enumerate(routes)
        for choice in product(*(range(len(one.keys)) for one in route.groups))
    )  # fmt: skip
    wanted = [
        tuple(one.alternatives[at] for one, at in zip(routes[number].groups, choice, strict=True))
        for _, number, choice in every
    ]
    for limit in (0, 1, 7, 50, len(every)):
        found = explain.Routes(routes, True, ()).sets(limit)
        assert [choice for choice, _ in found] == wanted[:limit]
