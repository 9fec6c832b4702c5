"""Sweeps: the bands, which item turns them, and their picture."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from test_cli import EXAMPLES, run

from reasoner.render.bands import svg
from reasoner.verdict.model import Decision
from reasoner.whatif.sweep import Band

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
    boxes, texts = drawn((tmp_path / "s.svg").read_text())
    assert len(boxes) == 3 and boxes[0][0] == 41 and boxes[-1][1] == 859
    assert [text for _, _, _, text in texts][:2] == ["ad-child", "request.date, 2025-02-01 to 2025-04-01"]


def drawn(svg: str) -> tuple[list[tuple[float, float]], list[tuple[float, float, float, str]]]:
    """Left and right of each band; left, right, baseline and words of each text."""
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    height = float(root.get("height", "0"))
    boxes = [
        (float(box.get("x", "0")), round(float(box.get("x", "0")) + float(box.get("width", "0")), 1))
        for box in root.findall("{*}rect")
        if box.get("class") == "band"
    ]
    texts = []
    for text in root.findall("{*}text"):
        left, size, words = float(text.get("x", "0")), float(text.get("font-size", "0")), text.text or ""
        texts.append((left, left + 0.6 * size * len(words), float(text.get("y", "0")), words))
    assert all(left >= 0 and right <= 900 and y < height for left, right, y, _ in texts)
    for number, (left, right, y, words) in enumerate(texts):
        for other in texts[number + 1 :]:
            assert y != other[2] or right < other[0] or other[1] < left, (words, other)
    return boxes, texts


def bands(count: int, days: list[int]) -> list[Band]:
    rng, day, found = Random(count), date(2023, 1, 1), []
    decisions: list[Decision] = ["approved", "denied", "out_of_scope"]
    for _ in range(count):
        end = day + timedelta(days=rng.choice(days))
        turned = tuple((f"1.C.{n}", "contradicted") for n in range(rng.choice([0, 1, 2, 9])))
        found.append(Band(day.isoformat(), end.isoformat(), rng.choice(decisions), turned))
        day = end + timedelta(days=1)
    return found


@pytest.mark.parametrize("found", [bands(60, [0, 1, 30, 60]), bands(1000, [0, 1]), bands(3, [0]), bands(12, [300]), bands(1, [0]), bands(2, [900])])  # fmt: skip
def test_in_a_picture_nothing_overlaps_or_leaves_it(found: list[Band]) -> None:
    boxes, texts = drawn(svg("case & <1>", "request.date", found))
    assert len(boxes) == len(found)
    if len(found) < 100:
        assert all(right < left for (_, right), (left, _) in zip(boxes, boxes[1:], strict=False) if left - right > 0.1)
    for decision in {band.decision for band in found}:
        word = decision.replace("_", " ")
        assert any(text == f"{sign} {word}" for sign in "✓✗–" for *_, text in texts)  # in the legend, with its sign


def test_bands_of_numbers_meet_half_way_and_have_an_axis() -> None:
    found = [Band("0", "20", "approved", ()), Band("20.5", "100", "denied", (("1.B", "contradicted"),))]
    (first, second), texts = drawn(svg("c", "disease.bsa_percent", found))
    assert (first[1] + second[0]) / 2 == pytest.approx(40 + 820 * 20.25 / 100, abs=0.2)
    assert [text for *_, text in texts][-7:] == ["0", "20", "40", "60", "80", "100", "20.5 ✗ denied: 1.B contradicted"]


def test_the_age_is_swept_beside_a_birth_date() -> None:
    found = json.loads(run("sweep", CHILD, "--over", "patient.age_years=10..13", "--json").stdout)
    assert [(band["first"], band["last"]) for band in found] == [("10", "11"), ("12", "13")]
    found = json.loads(run("sweep", CHILD, "--over", "patient.birth_date=2012-01-01..2014-01-01", "--json").stdout)
    assert [band["first"] for band in found] == ["2012-01-01", "2013-03-01"]


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
