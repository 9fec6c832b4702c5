"""Sweeps: the intervals, and which item changes them."""

import json
from pathlib import Path

import pytest
from test_cli import EXAMPLES, run

from reasoner import Policy, RecordError
from reasoner.whatif.sweep import sweep, values

CHILD, NEAR = EXAMPLES / "ad-child.json", EXAMPLES / "ad-near-miss.json"


@pytest.mark.parametrize(
    ("record", "over", "intervals"),
    [
        (NEAR, ["disease.bsa_percent=0..30"], [("0", "20", "denied", []), ("21", "30", "denied", [["1.B", "contradicted"]])]),
        (EXAMPLES / "ad-approved.json", ["disease.bsa_percent=19..21", "--step", "0.5"],
         [("19", "20", "approved", []), ("20.5", "21", "denied", [["1.B", "contradicted"]])]),
        (NEAR, ["therapies[0].periods[0].start=2024-10-25..2024-12-01"],
         [("2024-10-25", "2024-11-10", "approved", []),
          ("2024-11-11", "2024-12-01", "denied", [["1.C", "missing"], ["1.C.i", "missing"]])]),
        (CHILD, ["request.date=2025-02-01..2025-04-01"],
         [("2025-02-01", "2025-02-12", "denied", []), ("2025-02-13", "2025-03-01", "denied", [["1.D", "met"]]),
          ("2025-03-02", "2025-04-01", "approved", [["1.A", "met"]])]),
        (NEAR, ["disease.bsa_percent=5..5"], [("5", "5", "denied", [])]),
    ],
)  # fmt: skip
def test_intervals(record: Path, over: list[str], intervals: list[tuple[str, str, str, list[list[str]]]]) -> None:
    found = json.loads(run("sweep", record, "--over", *over, "--json").stdout)
    assert [(b["first"], b["last"], b["decision"], b["turned"]) for b in found] == intervals


def test_a_line_for_each_interval() -> None:
    done = run("sweep", CHILD, "--over", "request.date=2025-02-01..2025-04-01")
    assert done.stdout.splitlines()[2] == "2025-03-02 to 2025-04-01  approved      1.A met"


def test_the_age_is_swept_beside_a_birth_date() -> None:
    found = json.loads(run("sweep", CHILD, "--over", "patient.age_years=10..13", "--json").stdout)
    assert [(interval["first"], interval["last"]) for interval in found] == [("10", "11"), ("12", "13")]
    found = json.loads(run("sweep", CHILD, "--over", "patient.birth_date=2012-01-01..2014-01-01", "--json").stdout)
    assert [interval["first"] for interval in found] == ["2012-01-01", "2013-03-01"]


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ("disease.bsa_percent=a..b", "neither numbers nor dates"),
        ("disease.bsa_percent=3", "a range is written from..to"),
        ("disease.bsa_percent=9..3", "from is more than to"),
        ("disease.bsa_percent=0..99999", "more than 5,000 values"),
        ("disease.bsa_percent=90..110", "must be 100 or less, not 101"),
        ("disease.bsa=1..2", "disease.bsa: unknown field"),
        ("request.date=1..2", "a range of dates is needed"),
        ("request.date=2000-01-01..2100-01-01", "more than 5,000 days"),
        ("0..3", "not a path"),
        (
            "request.date=1980-01-01..1990-01-01",
            "patient.birth_date: is after the request date (at request.date 1980-01-01)",
        ),
        ("request.date=0001-01-01..0001-02-01", "request.date: not a date (YYYY-MM-DD, 1800 to 2199)"),
        ("request.date=0001-01-01..", "a range is written from..to"),
        ("request.date=9999-12-01..9999-12-31", "request.date: not a date (YYYY-MM-DD, 1800 to 2199)"),
        ("patient.birth_date=2025-01-01..2026-01-01", "is after the request date (at patient.birth_date 2025-03-11)"),
        ("disease.bsa_percent=0..9e999999", "numbers are written like 12 or 0.5"),
        ("disease.bsa_percent=0..5 --step 1e-999999", "the step is no number"),
        ("request.date=2025-01-01..2025-02-01 --step ²", "the step is no number of days"),
    ],
)
def test_bad_ranges(over: str, message: str) -> None:
    assert message in run("sweep", NEAR, "--over", *over.split(" "), status=2).stderr


GLP1 = Path(__file__).parents[2] / "policies" / "glp1"
OVERWEIGHT = {
    "case_id": "overweight",
    "request": {"date": "2025-09-01", "type": "initial", "indication": "obesity", "weekly_dose_mg": 1.7},
    "patient": {"age_years": 44, "history": ["high blood pressure", "dyslipidemia"]},
    "weight": {"bmi": 28.4},
    "program": {"periods": [{"start": "2025-01-01", "end": "2025-06-30"}]},
    "therapies": [{"product": "orlistat", "days": 90, "outcome": "failure", "documented": True}],
}


def test_decimals_are_stepped_through_as_rules_have_them(tmp_path: Path) -> None:
    record = tmp_path / "a.json"
    record.write_text(json.dumps(OVERWEIGHT))
    done = run("sweep", record, "--rules", GLP1, "--over", "weight.bmi=26..28")
    assert done.stdout.splitlines() == [
        "26 to 26.9  denied", "27 to 28    approved      W.2 met, W.2.b met", "in steps of 0.1",
    ]  # fmt: skip
    done = run("sweep", record, "--rules", GLP1, "--over", "weight.bmi=26..28", "--step", "1")
    assert "steps" not in done.stdout and done.stdout.splitlines()[0].startswith("26 ")
    assert len(values("0..1", None, 2)) == 101 and len(values("0..100", None, 2)) == 1001
    assert values("0..2", None, 0) == values("0..2") and len(values("0..4999", None, 1)) == 5000


def test_what_follows_from_what_is_left_out_is_kept() -> None:
    """Both counts of days follow from the periods; one is swept, the other stays what it is."""
    policy = Policy.load(GLP1)
    found = sweep(policy, OVERWEIGHT, "program.days", values("181..200"))
    assert [(one.first, one.last, one.decision) for one in found] == [("181", "200", "approved")]
    found = sweep(policy, OVERWEIGHT, "program.consecutive_days", values("0..181"))
    assert [(one.first, one.last, one.decision) for one in found] == [("0", "181", "approved")]
    with pytest.raises(RecordError, match=r"does not agree with .* \(at therapies\[0\].days 1\)"):
        periods = [{"product": "orlistat", "periods": [{"start": "2025-01-01", "end": "2025-06-30"}]}]
        sweep(policy, {**OVERWEIGHT, "therapies": periods}, "therapies[0].days", values("1..2"))
    with pytest.raises(RecordError, match=r"the record has no therapies\[7\]"):
        sweep(policy, OVERWEIGHT, "therapies[7].days", values("1..2"))
