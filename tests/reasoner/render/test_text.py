"""Verdicts as a nurse reads them: what is said first, what is called a way, what is on record."""

import json
from typing import Any

import pytest
from test_cli import EXAMPLES, run

from reasoner import Policy, Verdict, read_record
from reasoner.cli.decide import entry_titles
from reasoner.render.text import explanation, summary


def judged(policy: Policy, name: str, **changes: Any) -> Verdict:
    """The verdict of an example, with some of its sections others."""
    (path,) = EXAMPLES.glob(f"{name}.*")
    return policy.judge(read_record(path) | changes)


def summary_of(policy: Policy, verdict: Verdict) -> list[str]:
    return summary(verdict, entry_titles(policy)).splitlines()


def explanation_of(policy: Policy, verdict: Verdict) -> list[str]:
    return explanation(verdict, entry_titles(policy)).splitlines()


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("alopecia", "X.3 (Not for alopecia)"),
        ("ad-child", "1.A (Old enough)"),
        ("plan-excludes", "P.plan (the plan document does not exclude the product)"),
        ("other-use", "X.other (Not for any other use)"),
    ],
)
def test_where_no_way_leads_to_an_approval_that_is_said_first(policy: Policy, name: str, because: str) -> None:
    verdict = judged(policy, name)
    lines = summary_of(policy, verdict)
    said = lines.index(f"  No way to an approval on these facts, because of {because}")
    assert said < lines.index("") < lines.index("What would have had to be otherwise:")
    text = "\n".join(lines + explanation_of(policy, verdict))
    assert "shortest way" not in text and "Needed" not in text and "\nMinimal sets" not in text
    assert "What would have had to be otherwise: all of these, each in one of its ways" in text or not (
        verdict.explanation and verdict.explanation.needs
    )
    assert "What would have had to be otherwise, as minimal sets: " in text


@pytest.mark.parametrize("name", ["ad-near-miss", "ad-biologic", "vitiligo-segmental", "ad-missing-information"])
def test_where_there_is_a_way_it_is_called_so(policy: Policy, name: str) -> None:
    verdict = judged(policy, name)
    text = "\n".join(summary_of(policy, verdict))
    assert "\nThe shortest way to an approval:\n" in text
    assert "No way" not in text and "otherwise" not in text
    text = "\n".join(explanation_of(policy, verdict))
    assert "\nNeeded: all of these, each in one of its ways\n" in text and "otherwise" not in text


def test_a_near_miss_says_how_far_in_the_units_of_the_field(policy: Policy) -> None:
    lines = explanation_of(policy, judged(policy, "ad-near-miss"))
    near = lines[lines.index("Near misses") + 1]
    assert near.startswith("  1.C.i: 20 of 28 days in a row (") and near.endswith("at least 28 days in a row)")


def test_an_item_of_which_nothing_is_recorded_says_so(policy: Policy) -> None:
    lines = summary_of(policy, judged(policy, "ad-approved", therapies=[], intolerances=[]))
    for item in ("1.C.i", "1.D"):
        at = next(number for number, line in enumerate(lines) if line.strip().startswith(f"? {item} "))
        assert lines[at + 1].strip() == "? no therapy or intolerance of this kind on record [missing]"
        assert not lines[at + 2].strip().startswith("? a")
    lines = summary_of(policy, judged(policy, "reauthorization-no-response"))
    assert "no sign of response of this kind on record [missing]" in "".join(lines)


def test_what_is_recorded_is_named_one_by_one(policy: Policy) -> None:
    text = "\n".join(summary_of(policy, judged(policy, "ad-near-miss")))
    assert "on record" not in text and "was applied for at least 28 days in a row; the record says: 20 of 28" in text


def test_what_if_says_that_no_way_leads_to_an_approval_any_more() -> None:
    lines = run("what-if", EXAMPLES / "ad-near-miss.json", "--set", "request.indication=alopecia").stdout.splitlines()
    assert "  No way to an approval on these facts, because of X.3 (Not for alopecia)" in lines
    done = run("what-if", EXAMPLES / "ad-near-miss.json", "--set", "request.indication=alopecia", "--json")
    assert json.loads(done.stdout)["approvable"] == {"before": True, "after": False}
    assert "No way" not in run("what-if", EXAMPLES / "alopecia.json", "--set", "disease.bsa_percent=3").stdout
