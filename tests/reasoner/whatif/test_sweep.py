"""Sweeps: the intervals, and which item changes them."""

import json
from pathlib import Path

import pytest
from test_cli import EXAMPLES, run

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
