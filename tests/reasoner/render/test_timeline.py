"""The time line: days of use against those that items ask for, in days, in words and as it is drawn."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from reasoner import Policy
from reasoner.render.asked_days import from_the_first, up_to
from reasoner.render.calendar_axis import ticks
from reasoner.render.timeline import Timeline, timeline
from reasoner.serve.rendering import page

ROOT = Path(__file__).parents[3]
NEAR_MISS: dict[str, Any] = json.loads((ROOT / "facts/examples/ad-near-miss.json").read_text("utf-8"))
FAILED = {"outcome": "failure", "documented": True}
DAY = date(2025, 3, 10)


def drawn(policy: Policy, record: Mapping[str, Any]) -> Timeline:
    case = policy.case(record)
    return timeline(policy, case, policy.judge(case))


def with_therapies(*therapies: dict[str, Any]) -> dict[str, Any]:
    return {**deepcopy(NEAR_MISS), "therapies": list(therapies)}


def steroid(**use: Any) -> dict[str, Any]:
    return {"product": "triamcinolone acetonide 0.1% cream", **use, **FAILED}


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


# ── Where days are ───────────────────────────────────────────────────────────


def test_a_near_miss_shows_the_days_that_are_missing(policy: Policy) -> None:
    found = drawn(policy, NEAR_MISS)
    row, other = found.rows
    assert row.path == "therapies[0]" and row.title == "triamcinolone acetonide 0.1% cream"
    assert row.words == ("2024-11-18 to 2024-12-07", "2024-12-15 to 2024-12-24")
    assert [bar.days for bar in row.bars] == [days("2024-11-18", "2024-12-07"), days("2024-12-15", "2024-12-24")]
    (mark,) = row.marks
    assert (mark.status, mark.words, mark.items) == ("contradicted", "20 of 28 days in a row", ("1.C.i",))
    assert mark.asked == days("2024-11-18", "2024-12-15")  # 28 days from the start of the longest run
    assert mark.gap == days("2024-12-08", "2024-12-15")
    assert mark.share == pytest.approx(20 / 28)
    (met,) = other.marks
    assert (met.status, met.items, met.gap) == ("established", ("1.D",), None)
    assert met.words == "56 days in a row, where at least 42 are asked"
    assert met.asked == days("2025-01-07", "2025-02-17")


def test_fractions_are_of_all_days_that_are_drawn(policy: Policy) -> None:
    found = drawn(policy, NEAR_MISS)
    assert found.first < date(2024, 11, 18) and found.last > DAY
    assert found.left(found.first) == 0 and found.width((found.first, found.last)) == 1
    whole = (found.last - found.first).days + 1
    bar, mark = found.rows[0].bars[0], found.rows[0].marks[0]
    assert found.width(bar.days) == pytest.approx(20 / whole)
    assert mark.gap is not None
    assert found.left(mark.gap[0]) == pytest.approx(found.left(bar.days[0]) + found.width(bar.days))
    assert found.width(mark.asked) == pytest.approx(28 / whole)
    assert found.today == pytest.approx(((DAY - found.first).days + 0.5) / whole)


def test_what_is_open_goes_to_the_day_of_the_request_or_comes_from_the_edge(policy: Policy) -> None:
    found = drawn(
        policy, with_therapies(steroid(periods=[{"start": "2025-02-20"}]), steroid(periods=[{"end": "2025-01-05"}]))
    )
    ((going_on,), (begun,)) = (row.bars for row in found.rows)
    assert going_on.days == (date(2025, 2, 20), DAY) and going_on.open_end and not going_on.open_start
    assert begun.days == (found.first, date(2025, 1, 5)) and begun.open_start and not begun.open_end
    ahead, unknown = (row.marks[0] for row in found.rows)
    assert ahead.gap is not None and ahead.gap[0] == DAY + timedelta(days=1)  # what is missing is still to come
    assert found.last > ahead.gap[1]
    assert unknown.status == "missing" and unknown.asked[1] == date(2025, 1, 5)
    assert [row.words for row in found.rows] == [("since 2025-02-20",), ("until 2025-01-05, start not known",)]


def test_days_without_dates_end_at_the_request(policy: Policy) -> None:
    found = drawn(policy, with_therapies(steroid(days=24, consecutive_days=20), steroid(), steroid(periods=[])))
    first, silent, empty = found.rows
    (bar,) = first.bars
    assert not bar.is_dated and bar.days == (date(2025, 2, 15), DAY)
    assert first.words == ("24 days, without dates",)
    (mark,) = first.marks
    assert mark.asked == (date(2025, 2, 11), DAY) and mark.gap == days("2025-02-11", "2025-02-18")
    for row in (silent, empty):
        assert row.bars == () and row.words == ("no dates on the record",)
        assert row.marks[0].words == "at least 28 days in a row; the record does not say"
        assert row.marks[0].gap == row.marks[0].asked


def test_all_therapies_have_a_row_and_without_any_there_is_none(policy: Policy) -> None:
    assert drawn(policy, with_therapies()).rows == ()
    assert drawn(policy, with_therapies()).titles == ("therapy",)
    many = [
        steroid(periods=[{"start": f"20{10 + n // 4}-0{1 + n % 9}-01", "end": f"20{10 + n // 4}-0{1 + n % 9}-20"}])
        for n in range(40)
    ]
    rows = drawn(policy, with_therapies(*many)).rows
    assert [row.path for row in rows] == [f"therapies[{n}]" for n in range(40)]
    assert len({row.title for row in rows}) == 40  # each by what identifies it


def test_of_many_periods_the_words_name_a_few(policy: Policy) -> None:
    periods = [{"start": f"2024-{month:02}-01", "end": f"2024-{month:02}-09"} for month in range(1, 13)]
    (row,) = drawn(policy, with_therapies(steroid(periods=periods))).rows
    assert len(row.bars) == 12 and len(row.words) == 5 and row.words[-1] == "8 more"


def test_what_a_policy_declares_is_drawn_whatever_it_is_called() -> None:
    program = Policy.load(ROOT / "tests/policies/glp1")
    record: dict[str, Any] = {
        "case_id": "w", "request": {"date": "2025-09-01", "type": "initial", "indication": "obesity", "weekly_dose_mg": 1.7},
        "program": {"periods": [{"start": "2025-01-01", "end": "2025-02-28"}, {"start": "2025-04-01", "end": "2025-06-30"}]},
        "therapies": [{"product": "orlistat", "days": 90}],
    }  # fmt: skip
    found = drawn(program, record)
    assert [row.path for row in found.rows] == ["program.periods", "therapies[0]"]
    assert all(row.title for row in found.rows) and found.day_title
    (mark,) = found.rows[0].marks
    assert mark.words == "150 of 180 days"
    assert mark.asked[0] == date(2025, 1, 1) and mark.gap == days("2025-07-01", "2025-07-30")
    without = Policy.load(ROOT / "tests/policies/household_benefit")
    assert not without.declaration.periods and not any(own.periods for own in without.declaration.entry_lists.values())


def test_days_are_asked_from_the_first_on_through_all_stretches() -> None:
    stretches = [days("2025-01-01", "2025-01-10"), days("2025-02-01", "2025-02-10")]
    assert from_the_first(stretches, 15, is_most=False) == (days("2025-01-01", "2025-02-05"), None)
    assert from_the_first(stretches, 25, is_most=False) == (
        days("2025-01-01", "2025-02-15"),
        days("2025-02-11", "2025-02-15"),
    )
    assert from_the_first(stretches, 15, is_most=True) == (
        days("2025-01-01", "2025-02-05"),
        days("2025-02-06", "2025-02-10"),
    )
    assert from_the_first(stretches, 25, is_most=True) == (days("2025-01-01", "2025-02-15"), None)
    assert up_to(date(2025, 1, 10), 10, 4, is_most=False) == (
        days("2025-01-01", "2025-01-10"),
        days("2025-01-01", "2025-01-06"),
    )
    assert up_to(date(2025, 1, 10), 4, 10, is_most=False) == (days("2025-01-07", "2025-01-10"), None)
    assert up_to(date(2025, 1, 10), 4, 10, is_most=True) == (
        days("2025-01-07", "2025-01-10"),
        days("2025-01-01", "2025-01-06"),
    )


@pytest.mark.parametrize(
    ("length", "label"),
    [
        (1, "2024-01-01"),
        (5, "2024-01-01"),
        (60, "2024-01-01"),
        (62, "2024-01"),
        (365, "2024-01"),
        (1000, "2024-01"),
        (5000, "2024"),
        (60_000, "2024"),
        (140_000, "2024"),
    ],
)
def test_the_axis_names_a_few_days_in_order(length: int, label: str) -> None:
    first = date(1801, 11, 17)
    found = list(ticks(first, first + timedelta(days=length)))
    assert len(found) <= 8 and (found or length < 5)
    assert all(first < tick.day <= first + timedelta(days=length) for tick in found)
    assert found == sorted(found) and len({tick.label for tick in found}) == len(found)
    assert {len(tick.label) for tick in found} <= {len(label)}
    assert all(tick.day.isoformat().startswith(tick.label) for tick in found)


# ── How it is drawn ──────────────────────────────────────────────────────────


def markup(found: Timeline) -> ElementTree.Element:
    body = bytes(page("timeline.html", drawn=found).body).decode()
    assert "style=" not in body and "<script" not in body
    return ElementTree.fromstring(f"<main>{body}</main>")


def text_of(node: ElementTree.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def spoken(node: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """The elements of a kind that a screen reader comes to."""
    for child in node:
        if child.get("aria-hidden") != "true":
            yield from [child] if child.tag == tag else []
            yield from spoken(child, tag)


def test_each_row_says_in_words_what_is_drawn_beside_it(policy: Policy) -> None:
    shown = markup(drawn(policy, NEAR_MISS))
    rows = shown.findall(".//ul[@class='timeline-rows']/li")
    assert len(rows) == 2
    assert "2024-11-18 to 2024-12-07, 2024-12-15 to 2024-12-24" in text_of(rows[0])
    assert "✗ contradicted 20 of 28 days in a row, 1.C.i" in text_of(rows[0])
    assert "✓ established 56 days in a row" in text_of(rows[1])
    assert [link.get("href") for link in rows[0].iter("a")] == ["#item:1.C.i"]
    assert [button.get("data-goto") for button in shown.iter("button")] == ["therapies[0]", "therapies[1]"]
    assert list(spoken(shown, "ul")) and not list(spoken(shown, "svg"))


def test_nothing_leaves_the_picture(policy: Policy) -> None:
    therapies = [
        steroid(days=100_000),
        steroid(periods=[{"start": "1800-01-01"}, {"end": "2199-12-31"}, {}]),
        steroid(periods=[{"start": "2199-12-30"}]),
    ]
    for record in (NEAR_MISS, with_therapies(*therapies), with_therapies(steroid())):
        for box in markup(drawn(policy, record)).iter("rect"):
            if box.get("x", "").endswith("%"):
                left, width = (float(box.get(name, "").removesuffix("%")) for name in ("x", "width"))
                assert left >= 0 and width > 0 and left + width <= 100.01


def test_a_name_is_text_whole_in_its_title_and_nothing_else(policy: Policy) -> None:
    name = '<script>alert("1")</script>' + "x" * 150
    shown = markup(
        drawn(policy, with_therapies({"product": name, "class": "topical_corticosteroid", "days": 3, **FAILED}))
    )
    (button,) = shown.iter("button")
    assert button.get("title") == button.text == name


def test_without_rows_it_says_so(policy: Policy) -> None:
    shown = markup(drawn(policy, with_therapies()))
    assert text_of(shown) == "No therapy on the record." and not list(shown.iter("svg"))
