"""A second policy, with a record of its own, judged and explained by the same engine."""

from pathlib import Path
from typing import Any

import pytest
from closure import checked_sets
from random_records import Records

from reasoner import Policy, Verdict

FOLDER = Path(__file__).parents[1] / "policies" / "hand_eczema"

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
    return balm.judge(APPROVABLE | changes)


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
    assert sets(verdict) == {frozenset({"is(consulted,occupational_medicine)"})}
    assert verdict.denial is not None and verdict.denial.reasons == ("H.3", "H.4")
    assert verdict.denial.kind == "missing_information"


def test_near_misses_in_the_words_of_the_record(balm: Policy) -> None:
    verdict = judge(balm, disease={"severity": "severe", "bsa_percent": 4.5})
    assert verdict.explanation is not None
    (fact,) = verdict.explanation.minimal_sets[0].facts
    assert fact.near == "4.5 of 5 %"
    assert fact.edits == ({"op": "add", "path": "/disease/bsa_percent", "value": 5},)
    assert fact.text == "the affected body surface area is 5 % or more; the record says: 4.5 of 5 %"
    assert verdict.hinges_on == ("area_counted",)


def test_a_range_is_one_fact_with_a_value_within_it(balm: Policy) -> None:
    verdict = judge(balm, patient={"age_years": 70})
    frostbite = frozenset({"is(indication,frostbite)", "is(sites,hands)"})  # one unchangeable fact as well
    assert sets(verdict) == {frozenset({"at_least(age_years,18) and at_most(age_years,65)"}), frostbite}
    assert verdict.explanation is not None
    (fact,) = verdict.explanation.minimal_sets[0].facts
    assert fact.unchangeable and fact.edits == ({"op": "add", "path": "/patient/age_years", "value": 65},)
    assert not verdict.explanation.approvable and verdict.explanation.because == ("H.2",)
    assert fact.text.startswith("the age is from 18 to 65 years; the record says: 70 years")


def test_an_exclusion_of_its_own(balm: Policy) -> None:
    verdict = judge(balm, therapies=[{"class": "retinoid"}])
    assert verdict.denial is not None and verdict.denial.kind == "not_covered"
    assert verdict.denial.reasons == ("N.1",) and sets(verdict) == {frozenset({"is(active(therapy(1)),false)"})}


def test_a_missing_indication_opens_both_pathways(balm: Policy) -> None:
    verdict = judge(balm, request={"date": "2025-01-31", "type": "initial"}, disease={"severity": "severe"})
    eczema = {"is(indication,hand_eczema)", "at_least(bsa_percent,5)"}
    assert sets(verdict) == {frozenset(eczema), frozenset({"is(indication,frostbite)", "is(sites,hands)"})}
    assert verdict.explanation is not None and verdict.explanation.needs is None


@pytest.mark.parametrize(
    "changes",
    [
        {"patient": {}},
        {"patient": {"birth_date": "2010-02-28"}},
        {"patient": {"birth_date": "1950-05-05", "age_years": 74}},
        {"disease": {}, "prescriber": {}, "therapies": [{"class": "emollient"}, {"class": "retinoid"}]},
        {"request": {"date": "2025-01-31", "type": "reauthorization"}, "disease": {"sites": ["feet"]}},
        {"request": {"date": "2025-01-31", "type": "initial", "indication": "chilblains"}, "disease": {}},
    ],
)
def test_closure(balm: Policy, changes: dict[str, Any]) -> None:
    assert checked_sets(balm, APPROVABLE | changes, 100)


def test_closure_of_random_records(balm: Policy) -> None:
    sets = 0
    for seed in range(150):
        records = Records(balm, seed)
        sets += checked_sets(balm, records.near_approval() if seed % 2 else records.record(), 5)
    assert sets > 100
