"""Conditions on the years, months and days from one date to another."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from closure import checked_sets
from declarations import shipped

from facts.durations import Completed, CompletedDays, CompletedMonths, CompletedYears
from reasoner import Policy

RECORD = """
field("case_id", case_id, text). required("case_id").
section("stay", "the stay in hospital").
field("stay.asked", request_date, date). required("stay.asked"). title("stay.asked", "day of the request").
field("stay.left", left, date). title("stay.left", "day of discharge").
field("stay.since", since, computed). derived("stay.since", completed_UNIT("stay.left", "stay.asked")).
title("stay.since", "time since the discharge"). unit("stay.since", "UNIT").
fixed("stay.asked").
"""
RULES = """
policy("S", "Care at home").
pathway("1"). item("1", "", "Care at home"). citation("1", "page 1"). approval_months("1", 1).
met("1") :- holds(within(since, 2, 30)).
"""


def function(kind: type[Completed]) -> Completed:
    field = shipped().declaration.field("birth_date")
    return kind((field, field), lambda place: None)


@pytest.mark.parametrize("kind", [CompletedYears, CompletedMonths, CompletedDays])
def test_counts_and_the_days_on_which_they_change_agree(kind: type[Completed]) -> None:
    by, random = function(kind), Random(kind.__name__)
    for _ in range(2000):
        start = date(2023, 12, 28) + timedelta(days=random.randrange(70))
        number = random.randrange(5)
        on = by.after(start, number) + timedelta(days=random.randrange(-3, 4))
        assert (by.count(start, on) >= number) == (on >= by.after(start, number)) == (start <= by.before(on, number))


@pytest.mark.parametrize(
    ("kind", "start", "on", "count"),
    [
        (CompletedYears, "2012-02-29", "2023-02-28", 10), (CompletedYears, "2012-02-29", "2023-03-01", 11),
        (CompletedMonths, "2025-01-31", "2025-02-28", 0), (CompletedMonths, "2025-01-31", "2025-03-01", 1),
        (CompletedMonths, "2024-12-15", "2025-01-15", 1), (CompletedDays, "2024-02-28", "2024-03-01", 2),
        (CompletedDays, "2024-03-01", "2024-03-01", 0),
    ],
)  # fmt: skip
def test_counts(kind: type[Completed], start: str, on: str, count: int) -> None:
    assert function(kind).count(date.fromisoformat(start), date.fromisoformat(on)) == count


@pytest.mark.parametrize("kind", [CompletedYears, CompletedMonths, CompletedDays])
def test_beyond_the_calendar_is_its_end(kind: type[Completed]) -> None:
    assert function(kind).after(date(2020, 2, 29), 10**9) == date.max
    assert function(kind).before(date(2020, 2, 29), 10**9) == date.min


@pytest.mark.parametrize("unit", ["years", "months", "days"])
def test_the_edits_of_a_denial_approve(tmp_path: Path, unit: str) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "record.lp").write_text(RECORD.replace("UNIT", unit), "utf-8")
    (folder / "policy.lp").write_text(RULES, "utf-8")
    policy = Policy.load(folder)
    for left, sets in ((None, 1), ("2025-03-30", 1), ("2025-03-31", 1), ("1980-01-01", 1), ("2025-05-01", 1)):
        data: dict[str, Any] = {"case_id": "s", "stay": {"asked": "2025-03-31", **({"left": left} if left else {})}}
        assert policy.decide(data) == "denied", left
        assert checked_sets(policy, data, 5) == sets, left
    verdict = policy.judge({"case_id": "s", "stay": {"asked": "2025-03-31", "left": "2025-03-30"}})
    assert verdict.explanation is not None
    ((fact,),) = [found.facts for found in verdict.explanation.minimal_sets]
    assert fact.near == (f"1 of 2 {unit}" if unit == "days" else f"0 of 2 {unit}")


def test_what_no_date_can_bring_about_has_no_way(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "record.lp").write_text(RECORD.replace("UNIT", "years"), "utf-8")
    (folder / "policy.lp").write_text(RULES.replace("within(since, 2, 30)", "at_least(since, 900)"), "utf-8")
    verdict = Policy.load(folder).judge({"case_id": "s", "stay": {"asked": "2025-03-31"}})
    assert verdict.explanation is not None and not verdict.explanation.approvable
