"""A second, wholly different policy, judged and explained by the same engine."""

from pathlib import Path
from typing import Any

import pytest
from test_closure import check

from reasoner import Policy, Verdict, parse_record

FOLDER = Path(__file__).parent.parent / "hand_eczema"

APPROVABLE: dict[str, Any] = {
    "case_id": "he-1",
    "request": {"date": "2025-01-31", "type": "initial", "product": "coolbalm", "indication": "hand eczema"},
    "patient": {"age_years": 40},
    "disease": {"severity": "severe", "bsa_percent": 6},
    "prescriber": {"consulted": ["occupational medicine"]},
}


@pytest.fixture(scope="module")
def balm() -> Policy:
    return Policy.load(FOLDER)


def judge(balm: Policy, **changes: Any) -> Verdict:
    return balm.judge(parse_record(APPROVABLE | changes))


def sets(verdict: Verdict) -> set[frozenset[str]]:
    assert verdict.explanation is not None and verdict.explanation.complete
    return {frozenset(fact.fact for fact in one.facts) for one in verdict.explanation.minimal_sets}


def test_an_approval_runs_for_the_months_of_this_policy(balm: Policy) -> None:
    verdict = judge(balm)
    assert (verdict.decision, verdict.policy.id, verdict.policy.version) == ("approved", "HE-7", "1")
    assert verdict.authorization is not None
    assert (verdict.authorization.through, verdict.authorization.months) == ("2025-04-30", 3)


def test_statuses_three_levels_deep(balm: Policy) -> None:
    therapies = [{"class": "emollient", "days": 4, "documented": False}]
    verdict = judge(balm, therapies=therapies, prescriber={"consulted": []})
    top = {item.id: item for item in verdict.criteria}
    assert list(top) == ["H", "H.1", "H.2", "H.3", "H.4", "N.1"]
    inner = {item.id: item for item in top["H.3"].children}
    assert [child.id for child in inner["H.3.a"].children] == ["H.3.a.i", "H.3.a.ii"]
    assert inner["H.3.a"].status == inner["H.3.b"].status == top["H.3"].status == "contradicted"
    assert top["N.1"].status == "clear"


def test_a_fact_that_serves_two_items_makes_one_set(balm: Policy) -> None:
    therapies = [{"class": "emollient", "days": 4, "documented": True}]
    verdict = judge(balm, therapies=therapies, prescriber={})
    assert sets(verdict) == {frozenset({"occupational_advice"})}
    assert verdict.denial is not None and verdict.denial.reasons == ("H.3", "H.4")
    assert verdict.denial.kind == "missing_information"


def test_near_misses_in_the_words_of_the_record(balm: Policy) -> None:
    verdict = judge(balm, disease={"severity": "severe", "bsa_percent": 4.5})
    assert verdict.explanation is not None
    (fact,) = verdict.explanation.minimal_sets[0].facts
    assert fact.near == "4.5 of 5 %"
    assert fact.edits == ({"op": "add", "path": "/disease/bsa_percent", "value": 5},)
    assert verdict.hinges_on == ("area_counted",)


def test_too_old_cannot_be_changed(balm: Policy) -> None:
    verdict = judge(balm, patient={"age_years": 70})
    frostbite = frozenset({"indication_is(frostbite)", "on_hands"})  # one unchangeable fact as well
    assert sets(verdict) == {frozenset({"aged_up_to(65)"}), frostbite}
    assert verdict.explanation is not None
    (fact,) = verdict.explanation.minimal_sets[0].facts
    assert fact.unchangeable and fact.edits == ({"op": "add", "path": "/patient/age_years", "value": 65},)


def test_an_exclusion_of_its_own(balm: Policy) -> None:
    verdict = judge(balm, therapies=[{"class": "retinoid"}])
    assert verdict.denial is not None and verdict.denial.kind == "not_covered"
    assert verdict.denial.reasons == ("N.1",) and sets(verdict) == {frozenset({"stopped(therapy(1))"})}


def test_a_missing_indication_opens_both_pathways(balm: Policy) -> None:
    verdict = judge(balm, request={"date": "2025-01-31", "type": "initial"}, disease={"severity": "severe"})
    eczema = {"indication_is(hand eczema)", "area_at_least(5)"}
    assert sets(verdict) == {frozenset(eczema), frozenset({"indication_is(frostbite)", "on_hands"})}
    assert verdict.explanation is not None and verdict.explanation.needs is None


@pytest.mark.parametrize(
    "changes",
    [
        {"patient": {}},
        {"patient": {"birth_date": "2010-02-28"}},
        {"patient": {"birth_date": "1950-05-05", "age_years": 74}},
        {"disease": {}, "prescriber": {}, "therapies": [{"class": "emollient"}, {"class": "retinoid"}]},
        {"request": {"date": "2025-01-31", "type": "reauthorization"}, "disease": {"sites": ["feet"]}},
        {"request": {"date": "2025-01-31", "type": "initial", "indication": "hair"}, "disease": {}},
    ],
)
def test_closure(balm: Policy, changes: dict[str, Any]) -> None:
    assert check(balm, APPROVABLE | changes, 100)
