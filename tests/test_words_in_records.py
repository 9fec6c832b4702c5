"""Words as people write them: known ones in any spelling, unknown ones, and ones that can mean several things."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from generate import random_record, reworded

from facts.errors import RecordError
from facts.paths import steps
from reasoner import Policy
from reasoner.verdict.model import Criterion, Verdict

APPROVED: dict[str, Any] = {
    "case_id": "words",
    "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
    "patient": {"age_years": 30},
    "disease": {"severity": "mild", "bsa_percent": 5, "sites": ["face"]},
    "prescriber": {"specialty": "dermatology", "consulted": []},
    "therapies": [
        {"product": "Elidel", "days": 50, "consecutive_days": 50, "outcome": "failure", "documented": True},
    ],
}  # fmt: skip
VITILIGO = deepcopy(APPROVED)
VITILIGO["request"]["indication"] = "vitiligo"
VITILIGO["disease"]["vitiligo_type"] = "nonsegmental"
VITILIGO["therapies"][0] |= {"days": 90, "consecutive_days": 90}


def changed(path: str, value: Any, record: dict[str, Any] = APPROVED) -> dict[str, Any]:
    data = deepcopy(record)
    *before, last = steps(path)
    part: Any = data
    for step in before:
        part = part[step]
    part[last] = value
    return data


def status(verdict: Verdict, item: str) -> str:
    waiting: list[Criterion] = list(verdict.criteria)
    while waiting:
        criterion = waiting.pop()
        if criterion.id == item:
            return criterion.status
        waiting += criterion.children
    raise KeyError(item)


# ── The same record in other words ──────────────────────────────────────────────────────────────

RECORDS, BLOCKS = 2_000, 5


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_record_in_other_words_has_the_same_verdict(policy: Policy, block: int) -> None:
    """All of the verdict but its warnings and the words of its facts: the sets, their order and their edits, too."""
    other = 0
    for seed in range(block, RECORDS, BLOCKS):
        plain = random_record(Random(seed), therapies=seed % 5)
        worded = reworded(Random(f"other words {seed}"), plain)
        assert bare(policy.judge(worded).as_dict()) == bare(policy.judge(plain).as_dict()), [plain, worded]
        other += worded != plain
    assert other > 0.99 * RECORDS / BLOCKS


def bare(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: bare(value) for key, value in part.items() if key not in ("text", "warnings")}
    return [bare(value) for value in part] if isinstance(part, list | tuple) else part


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("request.indication", ["Atopic Dermatitis", "ATOPIC-DERMATITIS", " atopic  dermatitis", "atopic eczema", "AD"]),
        ("disease.severity", ["Mild", "MODERATE", "mild to moderate", "Mild-to-Moderate"]),
        ("prescriber.specialty", ["Dermatologist", "board-certified dermatologist", "Pediatric Dermatology", "allergist"]),
        ("therapies[0].product", ["ELIDEL", "pimecrolimus 1 % Cream", "Protopic", "tacrolimus ointment"]),
    ],
)  # fmt: skip
def test_known_words_in_any_spelling(policy: Policy, path: str, words: list[str]) -> None:
    for word in words:
        verdict = policy.judge(changed(path, word))
        assert verdict.decision == "approved", word


@pytest.mark.parametrize(
    "site",
    [
        "Face", "forehead", "eye lids", "Eye-Lid", "periorbital", "skin fold", "Flexures", "antecubital fossa",
        "popliteal fossae", "axilla", "Armpit", "groin", "neck folds", "inframammary", "intergluteal cleft",
        "between the fingers", "between the toes", "interdigital", "genitals",
    ],
)  # fmt: skip
def test_sensitive_sites_in_any_spelling(policy: Policy, site: str) -> None:
    assert policy.judge(changed("disease.sites", ["trunk", site])).decision == "approved"


def test_a_list_has_what_each_of_its_words_is_either_way(policy: Policy) -> None:
    """Between fingers or toes is a fold of the skin, whatever another word leaves open."""
    for sites, status in ((["interdigital", "head"], "met"), (["head"], "missing")):
        verdict = policy.judge(changed("disease.sites", sites))
        found = {child.id: child.status for top in verdict.criteria for child in top.children}
        assert found["1.C.ii"] == status, sites


# ── Unknown words ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "value", "item", "fact", "nearest"),
    [
        ("disease.sites", ["elbw crease"], "1.C.ii", "treats_site_of(1.C.ii)", "elbow crease"),
        ("disease.sites", ["trunk", "fcae"], "1.C.ii", "treats_site_of(1.C.ii)", "face"),
        ("prescriber.specialty", "dermatolgy", "1.E", "specialist_for(1.E)", "dermatology"),
        ("prescriber", {"specialty": "surgery", "consulted": ["alergist"]}, "1.E", "specialist_for(1.E)", "allergist"),
    ],
)
def test_an_unknown_word_leaves_open_and_is_warned_about(
    policy: Policy, path: str, value: Any, item: str, fact: str, nearest: str
) -> None:
    verdict = policy.judge(changed(path, value))
    assert status(verdict, item) == "missing"
    assert verdict.denial is not None and verdict.denial.kind == "missing_information"
    assert verdict.explanation is not None
    assert any([f.fact for f in one.facts] == [fact] for one in verdict.explanation.minimal_sets)
    (warning,) = verdict.warnings
    assert warning.startswith(path) and f"nearest: {nearest}" in warning


@pytest.mark.parametrize(
    ("path", "value", "item"),
    [
        ("disease.sites", ["trunk", "palms"], "1.C.ii"),
        ("disease.sites", [], "1.C.ii"),
        ("prescriber", {"specialty": "Family Practice", "consulted": ["PCP", "surgeon"]}, "1.E"),
        ("disease.severity", "very severe", "1"),
    ],
)
def test_only_known_words_contradict(policy: Policy, path: str, value: Any, item: str) -> None:
    verdict = policy.judge(changed(path, value))
    assert status(verdict, item) == "contradicted"
    assert not verdict.warnings


def test_an_unknown_word_takes_nothing_from_a_known_one(policy: Policy) -> None:
    verdict = policy.judge(changed("disease.sites", ["zone seven", "cheeks"]))
    assert verdict.decision == "approved"
    assert [warning.partition(": ")[0] for warning in verdict.warnings] == ["disease.sites[0]"]


def test_a_class_that_nobody_knows_excludes_nothing_and_meets_nothing(policy: Policy) -> None:
    beside = {"class": "wonder remedy"}
    assert policy.judge(changed("therapies", [*APPROVED["therapies"], beside])).decision == "approved"
    alone = policy.judge(changed("therapies", [APPROVED["therapies"][0] | {"product": None, **beside}]))
    assert alone.denial is not None and alone.denial.kind == "missing_information"
    assert status(alone, "1.D") == "missing"
    assert [warning.partition(": ")[0] for warning in alone.warnings] == ["therapies[0].class"]


# ── The indication ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("atopic dermatits", "atopic dermatitis"),
        ("Atopic Dermatitsi", "atopic dermatitis"),
        ("atpoic dermatitis", "atopic dermatitis"),
        ("vitligo", "vitiligo"),
        ("Vitiliggo", "vitiligo"),
        ("alopesia", "alopecia"),
        ("plauqe psoriasis", "plaque psoriasis"),
        ("hand ecsema", "hand eczema"),
    ],
)
def test_a_slip_of_a_known_indication_is_refused(policy: Policy, written: str, meant: str) -> None:
    with pytest.raises(RecordError) as refused:
        policy.judge(changed("request.indication", written))
    assert [str(fault) for fault in refused.value.faults] == [
        f"request.indication: {written!r} is not a known word; is {meant!r} meant?"
    ]


@pytest.mark.parametrize(
    ("written", "item", "warned"),
    [
        ("sunburn of the left calf", "X.other", True),
        ("hand eczema", "X.other", False),
        ("Rosacea", "X.other", False),
        ("Alopecia Areata", "X.3", False),
        ("hair loss", "X.3", False),
        ("Psoriasis vulgaris", "X.4", False),
    ],
)
def test_uses_that_are_not_covered(policy: Policy, written: str, item: str, warned: bool) -> None:
    verdict = policy.judge(changed("request.indication", written))
    assert status(verdict, item) == "excludes"
    assert verdict.denial is not None and (verdict.denial.kind, verdict.denial.reasons) == ("not_covered", (item,))
    assert verdict.explanation is not None
    assert (verdict.explanation.approvable, verdict.explanation.because) == (False, (item,))
    assert bool(verdict.warnings) == warned


def test_an_indication_that_can_be_a_covered_one_is_asked_for(policy: Policy) -> None:
    verdict = policy.judge(changed("request.indication", "Eczema"))
    assert verdict.denial is not None and verdict.denial.kind == "missing_information"
    assert verdict.explanation is not None and verdict.explanation.approvable
    assert [[f.fact for f in one.facts] for one in verdict.explanation.minimal_sets] == [
        ["indication_is(atopic_dermatitis)"]
    ]


# ── Words for several terms ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "value", "decision", "record"),
    [
        ("disease.severity", "mild to moderate", "approved", APPROVED),
        ("disease.severity", "moderate to severe", "denied", APPROVED),
        ("disease.vitiligo_type", "mixed", "denied", VITILIGO),
        ("disease.sites", ["head"], "denied", APPROVED),
        ("disease.sites", ["between fingers or toes"], "approved", APPROVED),
        ("disease.sites", ["head", "eyelids"], "approved", APPROVED),
        ("prescriber.specialty", "dermatology PA", "denied", APPROVED),
        ("prescriber.specialty", "Allergy & Immunology", "approved", APPROVED),
    ],
)
def test_a_word_for_several_terms(
    policy: Policy, path: str, value: Any, decision: str, record: dict[str, Any]
) -> None:  # fmt: skip
    """Where each of them would do, the fact is established; where some would, it is missing."""
    verdict = policy.judge(changed(path, value, record))
    assert verdict.decision == decision
    if verdict.denial is not None:
        assert verdict.denial.kind == "missing_information"


def test_a_severity_that_nobody_knows_is_refused(policy: Policy) -> None:
    with pytest.raises(RecordError, match=r"disease\.severity: must be 'mild', 'moderate' or 'severe', not 'awful'"):
        policy.judge(changed("disease.severity", "awful"))
