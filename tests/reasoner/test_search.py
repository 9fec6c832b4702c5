"""The search for minimal sets: two ways to the same ones, whatever was asked before, under a stated limit."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from generate import random_record

from facts.edits import apply
from reasoner import Policy, Record, RecordError, parse_record
from reasoner.verdict import minimal_sets as explain

EXAMPLE = Path(__file__).parents[2] / "facts" / "examples" / "interface.json"


def records(policy: Policy, number: int, first: int = 50_000) -> Iterator[Record]:
    for seed in range(first, first + number):
        record = parse_record(random_record(Random(seed), therapies=seed % 5))
        try:
            policy.normalize(record)
        except RecordError:
            continue
        yield record


def test_all_items_at_once_or_one_after_the_other(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list(records(policy, 400))
    at_once = [policy.judge(record) for record in drawn]
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    assert [policy.judge(record) for record in drawn] == at_once


def test_what_was_judged_before_changes_nothing(policy: Policy) -> None:
    for record in records(policy, 25, first=60_000):
        alone = Policy.load().judge(record)
        assert policy.judge(record).to_json() == alone.to_json()


def test_a_search_that_was_cut_says_so(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    record = parse_record(json.loads(EXAMPLE.read_text()))
    whole = policy.judge(record).explanation
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(explain, "MOST_ALTERNATIVES", 2)
    cut = policy.judge(record).explanation
    assert whole is not None and whole.exact and whole.complete
    assert cut is not None and not cut.exact and not cut.complete
    assert 0 < cut.total < whole.total
    every = {frozenset(fact.fact for fact in found.facts) for found in whole.minimal_sets}
    for found in cut.minimal_sets:
        assert frozenset(fact.fact for fact in found.facts) in every
        edits = [edit for fact in found.facts for edit in fact.edits]
        assert policy.decide(parse_record(apply(policy.normalize(record).full, edits))) == "approved"
