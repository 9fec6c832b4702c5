"""The rules against the judgement written out by hand, over thousands of random records."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from by_hand import ByHand
from generate import random_record, worded_record

from facts.errors import RecordError
from reasoner import Policy
from reasoner.verdict.model import Criterion, Verdict

BLOCKS = range(8)
SMALL = 10
"""Facts that may be supposed, at most, where the sets are found by brute force."""


def test_the_plain_records_stay_the_same() -> None:
    """Other programs and earlier figures are compared on them: a seed gives the same record for ever."""
    drawn = json.dumps([random_record(Random(seed)) for seed in range(200)]).encode()
    assert sha256(drawn).hexdigest() == "1dd779e2661580825320c8e5e4dc5d8eda11b5af75b7a8cfce0261eb2dd4a47c"


def flat(items: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.status
        yield from flat(item.children)


def compare(by_hand: ByHand, verdict: Verdict, shown: Any) -> str:
    """Every part of a verdict but the minimal sets; what kind of case it was."""
    assert verdict.decision == by_hand.decision(), shown
    if verdict.decision == "out_of_scope":
        return verdict.decision
    assert verdict.decided_by == by_hand.decided_by(), shown
    assert verdict.medically_necessary == by_hand.necessary(frozenset()), shown
    assert list(verdict.hinges_on) == by_hand.hinges(), shown
    assert sorted(a.id for a in verdict.advisories) == sorted(by_hand.advisories()), shown
    for item, status in flat(verdict.criteria):
        assert status == by_hand.item_status(item), (shown, item)
    if verdict.denial is None:
        return verdict.decision
    assert list(verdict.denial.reasons) == by_hand.reasons(), shown
    return verdict.denial.kind


ALL_KINDS = {
    "approved", "out_of_scope", "plan_exclusion", "not_covered", "criteria_not_met", "missing_information",
}  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_every_part_of_the_verdict_agrees(policy: Policy, block: int) -> None:
    kinds = set()
    for seed in range(400):
        data = random_record(Random(f"{block}/{seed}"), therapies=2 + seed % 5)
        verdict = policy.judge(data)
        assert verdict.decision == policy.decide(data), seed
        kinds.add(compare(ByHand(data), verdict, seed))
    assert kinds == ALL_KINDS


@pytest.mark.parametrize("block", BLOCKS)
def test_every_part_agrees_on_records_as_people_write_them(policy: Policy, block: int) -> None:
    kinds, refused, unclear = set(), 0, 0
    for seed in range(400):
        data = worded_record(Random(f"worded/{block}/{seed}"), therapies=1 + seed % 4)
        by_hand = ByHand(data)
        if by_hand.refused():
            with pytest.raises(RecordError, match=r"request\.indication: .* is .* meant\?"):
                policy.judge(data)
            refused += 1
            continue
        verdict = policy.judge(data)
        kinds.add(compare(by_hand, verdict, data))
        assert any(item in ("X.1", "X.2") and status == "missing" for item, status in flat(verdict.criteria)) == (
            verdict.decision != "out_of_scope" and any(by_hand.unclear(item, frozenset()) for item in ("X.1", "X.2"))
        )
        unclear += any(by_hand.unclear(item, frozenset()) for item in ("X.1", "X.2"))
        places = {warning.partition(": ")[0] for warning in verdict.warnings}
        assert by_hand.warned() <= places <= by_hand.warned() | by_hand.of_several_meanings(), data
    assert kinds == ALL_KINDS
    assert refused > 5 and unclear > 20


@pytest.mark.parametrize("block", range(6))
def test_no_minimal_set_is_missed_and_none_is_too_many(policy: Policy, block: int) -> None:
    drawn = (random_record(Random(f"sets/{block}/{seed}"), therapies=2) for seed in range(300))
    assert sum(compare_sets(policy, data) is not None for data in drawn) > 50


@pytest.mark.parametrize("block", range(4))
def test_no_minimal_set_is_missed_on_records_as_people_write_them(policy: Policy, block: int) -> None:
    drawn = (worded_record(Random(f"worded sets/{block}/{seed}"), therapies=2) for seed in range(300))
    assert sum(compare_sets(policy, data) is not None for data in drawn) > 50


@pytest.mark.parametrize("block", range(4))
def test_no_minimal_set_is_missed_where_products_are_ambiguous(policy: Policy, block: int) -> None:
    """Records that fit but for their therapies: most of their sets tell which product it was."""
    drawn = [worded_record(Random(f"products/{block}/{seed}"), therapies=2, often=0.7) for seed in range(200)]
    for data in drawn:
        data["request"]["indication"] = "AD" if data["request"]["applications_per_day"] else "NSV"
        data["patient"] = {"age_years": 30}
        data["disease"] = {"severity": "mild to moderate", "vitiligo_type": "Generalized", "bsa_percent": 5}
        data["disease"]["sites"] = ["left palm"]
        data["prescriber"], data["plan"], data["intolerances"] = {"specialty": "Dermatologist"}, {}, []
    compared = [found for found in (compare_sets(policy, data) for data in drawn) if found is not None]
    assert sum("product_is" in str(found) for found in compared) > 15


def compare_sets(policy: Policy, data: dict[str, Any]) -> set[frozenset[str]] | None:
    """The minimal sets of a small denied case, after comparison; None of any other."""
    by_hand = ByHand(data)
    if by_hand.refused() or by_hand.decision() != "denied" or max(len(by_hand.supposable(p)) for p in "12") > SMALL:
        return None
    verdict = policy.judge(data, limit=100_000)
    explanation, denial = verdict.explanation, verdict.denial
    assert explanation is not None and explanation.complete and denial is not None
    found = [frozenset(fact.fact for fact in one.facts) for one in explanation.minimal_sets]
    assert len(found) == len(set(found)) == explanation.total
    expected = by_hand.minimal_sets()
    assert set(found) == expected, data
    assert denial.kind == by_hand.kind(expected), data
    assert set(explanation.because) == by_hand.because(expected), data
    assert explanation.approvable == (not explanation.because), data
    statuses = {fact.fact: fact.status for one in explanation.minimal_sets for fact in one.facts}
    assert statuses == {fact: by_hand.status[fact] for fact in statuses}, data
    keys = [
        (len(one.facts), sum(fact.status == "contradicted" for fact in one.facts)) for one in explanation.minimal_sets
    ]
    assert keys == sorted(keys), data
    return expected
