"""What is prepared once for all cases, or worked out of one, never makes the verdict of another case another one."""

from __future__ import annotations

import gc
from copy import deepcopy
from typing import Any

import pytest

from facts.errors import RecordError
from facts.paths import steps
from facts.statements import facts_of as facts_of_case
from reasoner import Policy
from reasoner.engine.bits import single
from reasoner.engine.evaluator import Evaluator
from reasoner.verdict.interference import Interference
from reasoner.verdict.judge import judge
from reasoner.verdict.model import Fact, Verdict

RECORD: dict[str, Any] = {
    "case_id": "one",
    "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
    "patient": {"birth_date": "1990-05-02"},
    "disease": {"severity": "severe", "bsa_percent": 25, "sites": ["trunk", "legs"]},
    "prescriber": {"specialty": "family_medicine", "consulted": []},
    "therapies": [
        {"product": "triamcinolone acetonide 0.1% cream", "periods": [{"start": "2024-10-01", "end": "2024-10-20"}],
         "outcome": "failure", "documented": True},
        {"product": "Elidel", "days": 50, "consecutive_days": 20, "outcome": "response", "sample": True},
        {"product": "Dupixent", "periods": [{"start": "2024-06-01"}]},
    ],
    "intolerances": [{"to": "topical_calcineurin_inhibitor", "kind": "contraindication", "documented": False}],
    "plan": {"document": "silent", "mandate": "excludes"},
}  # fmt: skip
CHANGES: list[tuple[str, Any]] = [
    ("request.date", "2025-03-02"),
    ("request.date", "2024-10-15"),
    ("request.indication", "vitiligo"),
    ("patient.birth_date", "2015-01-01"),
    ("disease.severity", "moderate"),
    ("disease.bsa_percent", 25.0),
    ("disease.bsa_percent", 25.5),
    ("disease.sites", ["trunk"]),
    ("disease.sites", ["legs", "trunk"]),
    ("disease.sites", ["an unheard-of site"]),
    ("prescriber.specialty", "neurology"),
    ("prescriber.consulted", ["neurology"]),
    ("therapies[0].product", "desonide 0.05% cream"),
    ("therapies[0].product", "Elidel"),
    ("therapies[0].periods", [{"start": "2024-10-01", "end": "2024-10-21"}]),
    ("therapies[0].periods", [{"start": "2024-10-01", "end": "2024-10-20"}, {"start": "2024-12-01", "end": "2024-12-02"}]),
    ("therapies[0].outcome", "response"),
    ("therapies[0].documented", False),
    ("therapies[0].documented", None),
    ("therapies[1].id", "another"),
    ("therapies[1].days", 51),
    ("therapies[1].consecutive_days", 21),
    ("therapies[1].sample", False),
    ("therapies[1].class", "topical_calcineurin_inhibitor"),
    ("therapies[2].periods", [{"start": "2024-06-02"}]),
    ("therapies[2].product", "Humira"),
    ("intolerances[0].to", "Elidel"),
    ("intolerances[0].kind", "intolerance"),
    ("plan.mandate", "silent"),
]  # fmt: skip


@pytest.fixture(scope="module")
def anew() -> Policy:
    """Derives by the solver what follows, record by record."""
    return Policy.load(by_solver=True)


def changed(path: str, value: Any) -> dict[str, Any]:
    record = deepcopy(RECORD)
    part: Any = record
    *above, last = steps(path)
    for step in above:
        part = part[step]
    part[last] = value
    return record


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=str)
def test_a_case_that_differs_in_one_value_has_the_facts_that_are_its_own(
    policy: Policy, anew: Policy, path: str, value: Any
) -> None:
    for record in (RECORD, changed(path, value), RECORD):
        assert policy.judge(record).to_json() == anew.judge(record).to_json()


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_what_is_supposed_of_a_case_has_facts_of_its_own(policy: Policy, anew: Policy, place: int) -> None:
    """The status of a condition then does not follow from the record."""
    supposed = facts_of_case(policy.case(RECORD))
    del supposed[place % len(supposed)]
    for facts in (None, supposed, None):
        verdicts = [judge(own, own.case(RECORD), 50, facts) for own in (policy, anew)]
        assert verdicts[0].to_json() == verdicts[1].to_json()


def test_conditions_are_prepared_once_for_all_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Policy.load()
    first = facts_of(loaded.judge(RECORD))
    for prepared in ("facts.FactPlan._prepare", "variants.edits_of"):
        monkeypatch.setattr(f"reasoner.verdict.{prepared}", None)
    second = facts_of(loaded.judge(changed("therapies[1].product", "Protopic")))
    assert len(first) == len(second) and first != second
    with pytest.raises(TypeError):
        loaded.judge({**RECORD, "request": {**RECORD["request"], "indication": "vitiligo"}})


def test_a_record_of_which_much_is_asked_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are compiled for the second record, not for all that is asked, and all the days, of the first."""
    monkeypatch.setattr("reasoner.engine.solver.FEW_RECORDS", 1)
    monkeypatch.setattr(Evaluator, "compile", None)
    loaded = Policy.load(cache=False)
    applied = {"product": "Elidel", "periods": [{"start": "2025-02-27"}], "outcome": "failure", "documented": True}
    ongoing = {
        **RECORD, "disease": {"severity": "mild", "bsa_percent": 5, "sites": ["face"]}, "therapies": [applied],
        "prescriber": {"specialty": "dermatology"}, "intolerances": [], "plan": {},
    }  # fmt: skip
    assert loaded.judge(ongoing).earliest_approval is not None
    with pytest.raises(TypeError):
        loaded.judge(ongoing)


def test_what_is_remembered_is_forgotten_where_it_is_too_much(monkeypatch: pytest.MonkeyPatch, anew: Policy) -> None:
    monkeypatch.setattr("reasoner.verdict.variants.MOST_REMEMBERED", 1)
    loaded = Policy.load()
    for path, value in CHANGES[:8]:
        assert loaded.judge(changed(path, value)) == anew.judge(changed(path, value))


def test_which_items_stay_met_hangs_on_those_that_are_met(policy: Policy) -> None:
    def interference() -> Interference:
        return Interference(policy, policy.relations(), policy.conditions(), policy.solver(policy.case(RECORD)))

    remembering = interference()
    every = sum(remembering.items[item] for item in policy.relations().fields)
    for item in single(every):
        for met in (every, 0, every & ~item, every):
            kept = remembering.kept(item, met)
            assert kept == interference().kept(item, met) == kept & met


def test_a_refused_record_leaves_nothing_behind(policy: Policy, anew: Policy) -> None:
    with pytest.raises(RecordError):
        policy.judge(changed("disease.bsa_percent", 101))
    assert policy.judge(RECORD) == anew.judge(RECORD)


def facts_of(verdict: Verdict) -> list[Fact]:
    """The facts of a verdict's needs."""
    assert verdict.explanation is not None and verdict.explanation.minimal_sets
    return [fact for found in verdict.explanation.minimal_sets for fact in found.facts]


def test_nothing_of_a_case_is_left_to_the_garbage_collector(policy: Policy) -> None:
    policy.judge(RECORD)  # what is prepared
    gc.collect()
    gc.disable()
    try:
        policy.judge(RECORD)
        policy.decide(RECORD)
        assert gc.collect() == 0
    finally:
        gc.enable()
