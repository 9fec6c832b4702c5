"""Sweeps: the bands, which item turns them, and their picture."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_cli import EXAMPLES, run

CHILD, NEAR = EXAMPLES / "ad-child.json", EXAMPLES / "ad-near-miss.json"


@pytest.mark.parametrize(
    ("record", "over", "bands"),
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
def test_bands(record: Path, over: list[str], bands: list[tuple[str, str, str, list[list[str]]]]) -> None:
    found = json.loads(run("sweep", record, "--over", *over, "--json").stdout)
    assert [(b["first"], b["last"], b["decision"], b["turned"]) for b in found] == bands


def test_table_and_picture(tmp_path: Path) -> None:
    done = run("sweep", CHILD, "--over", "request.date=2025-02-01..2025-04-01", "--svg", tmp_path / "s.svg")
    assert done.stdout.splitlines()[2] == "2025-03-02 to 2025-04-01  approved      1.A met"
    root = ElementTree.parse(tmp_path / "s.svg").getroot()
    widths = [float(box.get("width", "0")) for box in root.findall("{*}rect")]
    assert len(widths) == 3 and sum(widths) == pytest.approx(820, abs=1)


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
    ],
)
def test_bad_ranges(over: str, message: str) -> None:
    assert message in run("sweep", NEAR, "--over", over, status=2).stderr
