"""The example records: each with the verdict that the reading of the policy gives it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from reasoner import Policy, Verdict, read_record

EXAMPLES = Path(__file__).parents[1] / "facts" / "examples"


class Expected(NamedTuple):
    """What is expected: `kind` of a denial or the last day of an approval, reasons, hinges, sets."""

    decision: str
    kind: str | None = None
    reasons: str = ""
    hinges: str = ""
    total: int = 0
    says: str = ""
    advisories: str = ""


EXPECTED = {
    "ad-approved": Expected("approved", "2025-09-09"),
    "ad-before-revision": Expected("approved", "2025-04-20"),
    "ad-biologic": Expected(
        "denied", "not_covered", "X.1", total=1, says="Dupixent is no longer active on the request date"
    ),
    "ad-child": Expected("denied", "criteria_not_met", "1.A", total=1, says="12 years old or older; the record says: 11 of 12"),
    "ad-immunosuppressant": Expected("denied", "not_covered", "X.2", total=1, says="from 2025-02-01"),
    "ad-missing-information": Expected(
        "denied", "missing_information", "1.B 1.D 1.E", total=3, says="20 % or less; the record does not say"
    ),
    "ad-near-miss": Expected("denied", "missing_information", "1.C", total=4, says="20 of 28 days in a row"),
    "ad-samples": Expected("denied", "missing_information", "1.D", total=3, says="was not a sample; the record says: yes"),
    "alopecia": Expected("denied", "not_covered", "X.3", total=12, says="the record says: alopecia"),
    "hinge-class-v": Expected("approved", "2025-09-09", hinges="potency_floor"),
    "hinge-concomitant-use": Expected("denied", "missing_information", "1.C 1.D", "concomitant_use", 12),
    "hinge-table-1": Expected("denied", "not_covered", "X.1", "appendix_table", 1, "Otezla is no longer active"),
    "hinge-vitiligo-weeks": Expected("approved", "2026-02-28", hinges="vitiligo_weeks"),
    "interface": Expected("denied", "not_covered", "X.1 1.C 1.D", total=16, says="20 of 28 days in a row"),
    "other-use": Expected("denied", "not_covered", "X.other", total=12, says="the record says: lichen planus"),
    "out-of-scope": Expected("out_of_scope"),
    "plan-excludes": Expected("denied", "plan_exclusion", "P.plan", total=1, says="the record says: excludes"),
    "plaque-psoriasis": Expected("denied", "not_covered", "X.4", total=4, says="the record says: plaque psoriasis"),
    "reauthorization-approved": Expected("approved", "2026-02-28"),
    "reauthorization-no-response": Expected(
        "denied", "missing_information", "R.response", total=1, says="a beneficial response in atopic dermatitis is documented",
        advisories="dose_frequency reevaluate_atopic_dermatitis",
    ),
    "vitiligo-approved": Expected("approved", "2025-12-16"),
    "vitiligo-segmental": Expected("denied", "criteria_not_met", "2", total=1, says="nonsegmental; the record says: segmental"),
}  # fmt: skip


def judged(policy: Policy, name: str) -> Verdict:
    (path,) = EXAMPLES.glob(f"{name}.*")
    return policy.judge(read_record(path))


def test_every_example_is_expected_to_be_something() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_verdict(policy: Policy, name: str) -> None:
    verdict, expected = judged(policy, name), EXPECTED[name]
    assert verdict.decision == expected.decision
    assert verdict.warnings == () and verdict.case_id == (name if name != "interface" else "ad-adult-01")
    assert " ".join(verdict.hinges_on) == expected.hinges
    assert " ".join(advisory.id for advisory in verdict.advisories) == expected.advisories
    assert (verdict.explanation is None) == (verdict.denial is None) == (expected.decision != "denied")
    if verdict.authorization is not None:
        assert verdict.authorization.through == expected.kind
    if verdict.denial is not None and verdict.explanation is not None:
        cannot_change = {
            fact.criterion for found in verdict.explanation.minimal_sets for fact in found.facts if fact.unchangeable
        }
        assert set(verdict.explanation.because) == cannot_change
        assert verdict.explanation.approvable == (not cannot_change)
        assert (verdict.denial.kind, " ".join(verdict.denial.reasons)) == (expected.kind, expected.reasons)
        assert verdict.explanation.total == expected.total
        texts = [fact.text for found in verdict.explanation.minimal_sets for fact in found.facts]
        assert any(expected.says in text for text in texts), texts


def test_statuses_of_the_near_miss(policy: Policy) -> None:
    verdict = judged(policy, "ad-near-miss")
    found = {item.id: item.status for item in verdict.criteria}
    assert found == {
        "1": "met", "1.A": "met", "1.B": "met", "1.C": "missing", "1.D": "met", "1.E": "met",
        "X.1": "clear", "X.2": "clear", "X.3": "clear", "X.4": "clear", "X.other": "clear",
    }  # fmt: skip
    steroid, site = next(item for item in verdict.criteria if item.id == "1.C").children
    assert (steroid.status, site.status) == ("missing", "contradicted")
    near = next(fact for fact in steroid.facts if fact.near)
    assert near.record == ("therapies[0].periods",)
    assert [edit["path"] for edit in near.edits] == ["/therapies/0/periods/0/start"]
    assert near.edits[0]["value"] == "2024-11-10"


def test_the_policy_judges_even_where_the_plan_decides(policy: Policy) -> None:
    verdict = judged(policy, "plan-excludes")
    assert (verdict.decided_by, verdict.medically_necessary) == ("plan_document", True)


@pytest.mark.parametrize("name", ["interface", "vitiligo-approved"])
def test_the_command_prints_what_the_library_returns(policy: Policy, name: str) -> None:
    (path,) = EXAMPLES.glob(f"{name}.*")
    printed = set()
    for seed in ("0", "1", "77"):
        command = [sys.executable, "-m", "reasoner", "decide", "--json", str(path)]
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}
        printed.add(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)
    assert len(printed) == 1
    assert json.loads(printed.pop()) == json.loads(judged(policy, name).to_json())
