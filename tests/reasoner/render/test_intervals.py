"""The picture of a sweep: nothing overlaps or leaves it, and every decision has its sign."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from test_cli import EXAMPLES, run

from reasoner.render.intervals import svg
from reasoner.verdict.model import Decision
from reasoner.whatif.sweep import Interval


def drawn(svg: str) -> tuple[list[tuple[float, float]], list[tuple[float, float, float, str]]]:
    """Left and right of each interval; left, right, baseline and words of each text."""
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    height = float(root.get("height", "0"))
    boxes = [
        (float(box.get("x", "0")), round(float(box.get("x", "0")) + float(box.get("width", "0")), 1))
        for box in root.findall("{*}rect")
        if box.get("class") == "interval"
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


def intervals(count: int, days: list[int]) -> list[Interval]:
    rng, day, found = Random(count), date(2023, 1, 1), []
    decisions: list[Decision] = ["approved", "denied", "out_of_scope"]
    for _ in range(count):
        end = day + timedelta(days=rng.choice(days))
        changed = tuple((f"1.C.{n}", "contradicted") for n in range(rng.choice([0, 1, 2, 9])))
        found.append(Interval(day.isoformat(), end.isoformat(), rng.choice(decisions), changed))
        day = end + timedelta(days=1)
    return found


@pytest.mark.parametrize("found", [intervals(60, [0, 1, 30, 60]), intervals(1000, [0, 1]), intervals(3, [0]), intervals(12, [300]), intervals(1, [0]), intervals(2, [900])])  # fmt: skip
def test_in_a_picture_nothing_overlaps_or_leaves_it(found: list[Interval]) -> None:
    boxes, texts = drawn(svg("case & <1>", "request.date", found))
    assert len(boxes) == len(found)
    if len(found) < 100:
        assert all(right < left for (_, right), (left, _) in zip(boxes, boxes[1:], strict=False) if left - right > 0.1)
    for decision in {interval.decision for interval in found}:
        word = decision.replace("_", " ")
        assert any(text == f"{sign} {word}" for sign in "✓✗–" for *_, text in texts)  # in the legend, with its sign


def test_intervals_of_numbers_meet_half_way_and_have_an_axis() -> None:
    found = [Interval("0", "20", "approved", ()), Interval("20.5", "100", "denied", (("1.B", "contradicted"),))]
    (first, second), texts = drawn(svg("c", "disease.bsa_percent", found))
    assert (first[1] + second[0]) / 2 == pytest.approx(40 + 820 * 20.25 / 100, abs=0.2)
    assert [text for *_, text in texts][-7:] == ["0", "20", "40", "60", "80", "100", "20.5 ✗ denied: 1.B contradicted"]


def test_the_command_writes_the_picture(tmp_path: Path) -> None:
    child = EXAMPLES / "ad-child.json"
    run("sweep", child, "--over", "request.date=2025-02-01..2025-04-01", "--svg", tmp_path / "s.svg")
    boxes, texts = drawn((tmp_path / "s.svg").read_text())
    assert len(boxes) == 3 and boxes[0][0] == 41 and boxes[-1][1] == 859
    assert [text for _, _, _, text in texts][:2] == ["ad-child", "request.date, 2025-02-01 to 2025-04-01"]
