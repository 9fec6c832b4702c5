"""A rule folder edited in one place: verdict, text, edits and near misses follow, nothing else moves."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from closure import checked_sets

from reasoner import RULES, Policy, RulesError, Verdict

Load = Callable[[str, str, str], Policy]

APPROVABLE: dict[str, Any] = {
    "case_id": "c1",
    "request": {"date": "2025-08-31", "type": "initial", "indication": "atopic_dermatitis"},
    "patient": {"age_years": 15},
    "disease": {"severity": "mild", "bsa_percent": 18, "sites": ["trunk"]},
    "prescriber": {"specialty": "dermatology"},
    "therapies": [
        {"product": "triamcinolone 0.1% cream", "days": 30, "outcome": "failure", "documented": True}
        | {"consecutive_days": 30},
        {"product": "Elidel", "days": 50, "consecutive_days": 50, "outcome": "failure", "documented": True},
    ],
}


@pytest.fixture
def edited(tmp_path: Path) -> Load:
    def load(file: str, old: str, new: str) -> Policy:
        folder = tmp_path / "ip0369"
        shutil.copytree(RULES / "ip0369", folder)
        text = (folder / file).read_text("utf-8")
        assert text.count(old) == 1, (file, old)
        (folder / file).write_text(text.replace(old, new), "utf-8")
        return Policy.load(folder, cache=False)

    return load


def judge(policy: Policy, **changes: Any) -> Verdict:
    return policy.judge(APPROVABLE | changes)


def statuses(verdict: Verdict) -> dict[str, str]:
    return {item.id: item.status for item in verdict.criteria}


def test_the_record_is_approved_by_the_rules_as_they_are(policy: Policy) -> None:
    verdict = judge(policy)
    assert verdict.decision == "approved"
    assert verdict.authorization is not None and verdict.authorization.through == "2026-02-28"


def test_days_of_a_trial(edited: Load, policy: Policy) -> None:
    longer = edited(
        "1_atopic_dermatitis.lp",
        'threshold("1.C.i", consecutive_days, 28)',
        'threshold("1.C.i", consecutive_days, 35)',
    )
    verdict = judge(longer)
    assert verdict.denial is not None and verdict.denial.reasons == ("1.C",)
    assert statuses(verdict) | {"1.C": "met"} == statuses(judge(policy))
    assert verdict.explanation is not None
    facts = {fact.fact: fact for one in verdict.explanation.minimal_sets for fact in one.facts}
    near = facts["applied(therapy(1),consecutive_days,35)"]
    assert near.near == "30 of 35 days in a row"
    assert "at least 35 days in a row; the record says: 30 of 35 days in a row" in near.text
    assert [edit["value"] for edit in near.edits] == [35, 35]
    new = facts["new_failure(1.C.i,consecutive_days,35)"]
    assert new.edits[0]["value"]["consecutive_days"] == 35


@pytest.mark.parametrize(
    ("file", "old", "new", "item", "text", "value"),
    [
        (
            "1_atopic_dermatitis.lp",
            'threshold("1.A", age_years, 12)',
            'threshold("1.A", age_years, 18)',
            "1.A",
            "the patient is 18 years old or older; the record says: 15 of 18 years",
            18,
        ),
        (
            "1_atopic_dermatitis.lp",
            'threshold("1.B", bsa_percent, 20)',
            'threshold("1.B", bsa_percent, 15)',
            "1.B",
            "the affected body surface area is 15 % or less; the record says: 18 %, where 15 % is the most",
            15,
        ),
        (
            "1_atopic_dermatitis.lp",
            'accepted_severity("1", (mild; moderate))',
            'accepted_severity("1", moderate)',
            "1",
            "the severity is moderate; the record says: mild",
            "moderate",
        ),
        (
            "1_atopic_dermatitis.lp",
            'accepted_specialty("1.E", (dermatology; allergy; immunology; allergy_immunology))',
            'accepted_specialty("1.E", (allergy; immunology))',
            "1.E",
            "the prescriber is of, or consulted, allergy or immunology; the record says: specialty: dermatology; it does not say: consulted",
            ["allergy"],
        ),
    ],
)
def test_one_value(
    edited: Load, file: str, old: str, new: str, item: str, text: str, value: object, policy: Policy
) -> None:
    verdict = judge(edited(file, old, new))
    assert verdict.decision == "denied"
    moved = statuses(verdict)
    assert moved.pop(item) in ("contradicted", "missing")
    before = statuses(judge(policy))
    assert moved == {name: status for name, status in before.items() if name != item}
    assert verdict.explanation is not None
    (fact,) = verdict.explanation.minimal_sets[0].facts
    assert (fact.text, fact.edits[0]["value"]) == (text, value)


def test_a_sensitive_site(edited: Load) -> None:
    policy = edited("1_atopic_dermatitis.lp", "(face; eyes; eyelids; skin_folds; genitalia)", "(eyelids; palms)")
    disease = APPROVABLE["disease"]
    assert judge(policy, therapies=APPROVABLE["therapies"][1:]).decision == "denied"
    palms = disease | {"sites": ["palms"]}
    assert judge(policy, therapies=APPROVABLE["therapies"][1:], disease=palms).decision == "approved"


def test_months(edited: Load) -> None:
    verdict = judge(
        edited("duration.lp", 'approval_months("1", initial,         6)', 'approval_months("1", initial, 3)')
    )
    assert verdict.authorization is not None
    assert (verdict.authorization.months, verdict.authorization.through) == (3, "2025-11-30")


def test_a_row_of_table_1(edited: Load, policy: Policy) -> None:
    therapies = [*APPROVABLE["therapies"], {"product": "Dupixent"}, {"product": "Otezla"}]
    assert judge(policy, therapies=therapies).decision == "denied"
    without = edited("table_1.lp", "table_1(apremilast, pde4_inhibitor).", "")
    assert judge(without, therapies=[*APPROVABLE["therapies"], therapies[3]]).decision == "approved"


def test_a_default_reading(edited: Load, policy: Policy) -> None:
    therapies = [*APPROVABLE["therapies"], {"product": "Otezla"}]
    assert judge(policy, therapies=therapies).hinges_on == ("appendix_table",)
    turned = edited(
        "choices.lp",
        "choice(appendix_table, whole, biologics_and_jak)",
        "choice(appendix_table, biologics_and_jak, whole)",
    )
    verdict = judge(turned, therapies=therapies)
    assert (verdict.decision, verdict.hinges_on) == ("approved", ("appendix_table",))


def test_a_version(edited: Load, policy: Policy) -> None:
    request = APPROVABLE["request"] | {"date": "2024-11-14"}
    assert judge(policy, request=request).policy.version == "before-2024-11-15"
    moved = edited("revisions.lp", 'version("2024-11-15", 20241115)', 'version("2024-11-15", 20241001)')
    assert judge(moved, request=request).policy.version == "2024-11-15"


def test_an_advisory(edited: Load) -> None:
    request = APPROVABLE["request"] | {"applications_per_day": 2}
    policy = edited(
        "background.lp",
        "threshold(dose_frequency, applications_per_day, 2)",
        "threshold(dose_frequency, applications_per_day, 1)",
    )
    (advisory,) = judge(policy, request=request).advisories
    assert advisory.text == "more than 1 applications a day are requested"


def test_a_version_with_another_age_specialty_and_months(tmp_path: Path) -> None:
    folder = tmp_path / "ip0369"
    shutil.copytree(RULES / "ip0369", folder)
    revisions, duration = folder / "revisions.lp", folder / "duration.lp"
    old = 'version("2024-11-15", 20241115).'
    text = revisions.read_text("utf-8")
    assert old in text
    new = f"""{old}
version("2026-01-01", 20260101).
applies_to("2026-01-01", (employer; individual_and_family)).
revised("2026-01-01", "1.A", age_years, 10).
accepted_specialty("1.E", pediatrics) :- in_force("2026-01-01").
"""
    revisions.write_text(text.replace(old, new), "utf-8")
    months = 'approval_months("1", initial,         6).'
    text = duration.read_text("utf-8")
    assert months in text
    both = """approval_months("1", initial, 6)  :- not in_force("2026-01-01").
approval_months("1", initial, 12) :- in_force("2026-01-01")."""
    duration.write_text(text.replace(months, both), "utf-8")
    policy = Policy.load(folder, cache=False)

    def of(year: int) -> Verdict:
        request = APPROVABLE["request"] | {"date": f"{year}-03-01"}
        patient, prescriber = {"age_years": 10}, {"specialty": "pediatrics"}
        return judge(policy, request=request, patient=patient, prescriber=prescriber)

    later, earlier = of(2026), of(2025)
    assert later.decision == "approved" and later.policy.version == "2026-01-01"
    assert later.authorization is not None and (later.authorization.months, later.authorization.through) == (
        12,
        "2027-02-28",
    )
    assert earlier.decision == "denied" and earlier.policy.version == "2024-11-15"
    assert earlier.denial is not None and earlier.denial.reasons == ("1.A", "1.E")
    assert earlier.earliest_approval == "2026-01-01"
    assert earlier.explanation is not None
    (found,) = earlier.explanation.minimal_sets
    texts = {fact.criterion: fact.text for fact in found.facts}
    assert "12 years" in texts["1.A"] and "pediatrics;" not in texts["1.E"].split("the record says")[0]
    (edit,) = next(fact.edits for fact in found.facts if fact.criterion == "1.E")
    (specialty,) = edit["value"]
    assert specialty in ("allergy", "allergy_immunology", "dermatology", "immunology")
    nobody = judge(policy, request=APPROVABLE["request"] | {"date": "2026-03-01"}, prescriber={"specialty": "surgery"})
    assert nobody.explanation is not None
    (text,) = {fact.text for found in nobody.explanation.minimal_sets for fact in found.facts}
    assert "pediatrics" in text and "; the record says: specialty: surgery" in text

    duration.write_text(duration.read_text("utf-8").replace("not in_force", "in_force"), "utf-8")
    with pytest.raises(RulesError, match="approval_months: on 2024-11-14 0 rows for 1, initial, where one is needed"):
        Policy.load(folder, cache=False)


def test_an_item_more_about_another_field(tmp_path: Path) -> None:
    folder = tmp_path / "ip0369"
    shutil.copytree(RULES / "ip0369", folder)
    (folder / "dose.lp").write_text(
        """
item("1.F", "1", "Applied no more often than is meant").
citation("1.F", "Medical Necessity Criteria 1").
met("1.F") :- threshold(dose_frequency, applications_per_day, N), holds(at_most(applications_per_day, N)).
""",
        "utf-8",
    )
    policy = Policy.load(folder, cache=False)
    assert statuses(judge(policy))["1.F"] == "missing"
    often = judge(policy, request=APPROVABLE["request"] | {"applications_per_day": 4})
    assert often.denial is not None and often.denial.reasons == ("1.F",) and often.explanation is not None
    ((fact,),) = (found.facts for found in often.explanation.minimal_sets)
    assert fact.near == "4 applications a day, where 2 applications a day is the most"
    assert fact.record == ("request.applications_per_day",)
    assert fact.edits == ({"op": "add", "path": "/request/applications_per_day", "value": 2},)
    assert judge(policy, request=APPROVABLE["request"] | {"applications_per_day": 2}).decision == "approved"


def test_an_item_at_the_top_that_a_pathway_requires_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "ip0369"
    shutil.copytree(RULES / "ip0369", folder)
    (folder / "dose.lp").write_text(
        """
item("D", "", "Dose").
item("D.1", "D", "Applied twice a day at most").
citation(("D"; "D.1"), "Medical Necessity Criteria 1").
requires("1", "D").
met("D")   :- met("D.1").
met("D.1") :- threshold(dose_frequency, applications_per_day, N), holds(at_most(applications_per_day, N)).
""",
        "utf-8",
    )
    verdict = judge(Policy.load(folder, cache=False))
    assert verdict.denial is not None and verdict.denial.reasons == ("D",)
    (shown,) = (one for one in verdict.criteria if one.id == "D")
    assert (shown.status, [child.id for child in shown.children]) == ("missing", ["D.1"])


@pytest.fixture
def ranges(tmp_path: Path) -> Policy:
    """Ages from 12 to 65, and 3 to 20 % of the skin."""
    folder = tmp_path / "ip0369"
    shutil.copytree(RULES / "ip0369", folder)
    file = folder / "1_atopic_dermatitis.lp"
    text = file.read_text("utf-8")
    for old, new in (
        (
            'met("1.A") :- limit("1.A", age_years, N), holds(aged_at_least(N)).',
            'threshold("1.A", oldest, 65).\n'
            'met("1.A") :- limit("1.A", age_years, N), threshold("1.A", oldest, M),\n'
            "              holds(aged_at_least(N)), holds(at_most(age_years, M)).",
        ),
        (
            'met("1.B") :- limit("1.B", bsa_percent, N), holds(area_at_most(N)).',
            'met("1.B") :- limit("1.B", bsa_percent, N), holds(within(bsa_percent, 3, N)).',
        ),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return Policy.load(folder, cache=False)


@pytest.mark.parametrize(
    ("area", "value"), [(None, 3), (1, 3), (2.9, 3), (3, None), (11, None), (20, None), (20.1, 20), (99, 20)]
)
def test_a_range_is_one_fact_with_one_edit(ranges: Policy, area: float | None, value: int | None) -> None:
    data = APPROVABLE | {"disease": APPROVABLE["disease"] | {"bsa_percent": area}}
    verdict = ranges.judge(data)
    if value is None:
        assert verdict.decision == "approved"
        return
    assert verdict.explanation is not None
    ((fact,),) = (found.facts for found in verdict.explanation.minimal_sets)
    (edit,) = fact.edits
    assert (edit["path"], edit["value"]) == ("/disease/bsa_percent", value)
    checked_sets(ranges, data, 10)


@pytest.mark.parametrize(("age", "approvable"), [(None, True), (11, False), (12, None), (65, None), (66, False)])
def test_two_limits_of_what_cannot_be_changed(ranges: Policy, age: int | None, approvable: bool | None) -> None:
    data = APPROVABLE | {"patient": {} if age is None else {"age_years": age}}
    verdict = ranges.judge(data)
    if approvable is None:
        assert verdict.decision == "approved"
        return
    explanation = verdict.explanation
    assert explanation is not None and explanation.approvable is approvable
    assert explanation.because == (() if approvable else ("1.A",))
    (fact,) = explanation.minimal_sets[0].facts  # the other pathway, where there is one, has more
    (edit,) = fact.edits
    assert edit["path"] == "/patient/age_years" and 12 <= edit["value"] <= 65
    assert fact.status == ("missing" if age is None else "contradicted")
    checked_sets(ranges, data, 10)


def test_limits_of_one_field_in_two_items_are_one_fact(tmp_path: Path) -> None:
    folder = tmp_path / "ip0369"
    shutil.copytree(RULES / "ip0369", folder)
    (folder / "least_area.lp").write_text(
        """
item("1.F", "1", "Enough of the skin is affected").
citation("1.F", "Medical Necessity Criteria 1").
threshold("1.F", least_area, 3).
met("1.F") :- threshold("1.F", least_area, N), holds(at_least(bsa_percent, N)).
""",
        "utf-8",
    )
    policy = Policy.load(folder, cache=False)
    data = APPROVABLE | {"disease": APPROVABLE["disease"] | {"bsa_percent": None}}
    verdict = policy.judge(data)
    assert verdict.denial is not None and verdict.denial.reasons == ("1.B", "1.F") and verdict.explanation is not None
    ((fact,),) = (found.facts for found in verdict.explanation.minimal_sets)
    (edit,) = fact.edits
    assert edit["path"] == "/disease/bsa_percent" and 3 <= edit["value"] <= 20
    checked_sets(policy, data, 10)
