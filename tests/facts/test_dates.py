"""A case on other days, and the days on which its facts change."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from declarations import BENEFIT, Records, benefit_case, records_of, shipped
from generate import random_record

from facts.case import Case
from facts.dates import LAST_DAY, moved, turning_days
from facts.statements import facts_of
from facts.terms import Between, Fact, Term

COMPARED: dict[Term, list[int]] = {"request_date": [20241115, 20250228], "age_years": [12, 18]}
for slot in range(1, 5):
    COMPARED[("days", ("therapy", slot))] = [28, 84]
    COMPARED[("consecutive_days", ("therapy", slot))] = [14, 28, 42]


def compared(case: Case, numbers: dict[Term, list[int]]) -> list[object]:
    """What rules that compare these numbers can see of a case."""
    return [_seen(fact, numbers.get(fact.field, ())) for fact in facts_of(case)]


def _seen(fact: Fact, numbers: Sequence[int]) -> object:
    if not isinstance(fact, Between):
        return fact
    low, high = fact.low, fact.high
    return fact.field, [
        (low is not None and low >= n, low is not None and low > n, high is not None and high < n, high is not None and high <= n)
        for n in numbers
    ]  # fmt: skip


def test_between_two_turning_days_nothing_changes() -> None:
    rng = Random(11)
    for _ in range(40):
        case = shipped().case(random_record(rng))
        assert case.day is not None
        days = [case.day, *turning_days(case, COMPARED), LAST_DAY]
        for first, after in zip(days, days[1:], strict=False):
            there = compared(moved(case, first), COMPARED)
            for _ in range(2):
                day = first + timedelta(days=rng.randrange(max((after - first).days, 1)))
                assert compared(moved(case, day), COMPARED) == there, day


def test_turning_days_are_few_and_real() -> None:
    case = shipped().case({
        "case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}, "patient": {"birth_date": "2013-05-02"},
        "therapies": [{"class": "biologic", "periods": [{"start": "2025-02-20", "end": "2025-12-31"}]}],
    })  # fmt: skip
    numbers: dict[Term, list[int]] = {"age_years": [12], ("days", ("therapy", 1)): [28], "request_date": [20250101]}
    assert turning_days(case, numbers) == [
        date(2025, 3, 19), date(2025, 3, 20), date(2025, 5, 2), date(2026, 1, 1), date(2026, 5, 2),
    ]  # fmt: skip
    assert turning_days(case, {}) == [date(2026, 1, 1)]


def test_a_moved_case_is_that_of_the_record_with_another_date() -> None:
    rng = Random(12)
    for _ in range(80):
        case = shipped().case(random_record(rng))
        assert case.day is not None
        day = case.day + timedelta(days=rng.randrange(1, 3000))
        data: dict[str, Any] = deepcopy(case.written)
        data["request"]["date"] = day.isoformat()
        if "birth_date" in data["patient"]:
            data["patient"].pop("age_years", None)
        assert facts_of(shipped().case(data)) == facts_of(moved(case, day))


def test_what_follows_from_dates_moves_with_them_and_what_is_only_stated_stays() -> None:
    data = {
        "case_id": "c", "request": {"date": "2025-03-01", "type": "initial"},
        "patient": {"birth_date": "2013-05-02", "age_years": 11},
        "therapies": [
            {"class": "a", "periods": [{"start": "2025-02-20"}], "days": 10}, {"class": "b", "days": 10},
            {"class": "c", "periods": [{"end": "2025-05-01"}], "days": 10},
        ],
    }  # fmt: skip
    case = shipped().case(data)
    later = moved(case, date(2025, 6, 1))
    assert later.number("age_years") == (12, 12) and case.number("age_years") == (11, 11)
    assert [later.number(("days", ("therapy", number))) for number in (1, 2, 3)] == [(102, 102), (10, 10), (10, 10)]
    assert later.full["patient"] == {"birth_date": "2013-05-02"} and later.day == date(2025, 6, 1)
    assert case.full["patient"]["age_years"] == 11


def test_sums_of_days_turn_when_they_reach_a_number(benefit: Records) -> None:
    text = (
        BENEFIT + 'field("household.away", away, computed). derived("household.away", sum_of("members[].days_away")).'
    )
    records = records_of(text, benefit.vocabularies)
    case = records.case(benefit_case(members=[
        {"age": 7, "absences": [{"start": "2025-02-20"}]}, {"age": 9, "absences": [{"start": "2025-03-01"}]},
    ]))  # fmt: skip
    assert case.number("away") == (11, 11)
    assert turning_days(case, {"away": [21]}) == [date(2025, 3, 6), date(2025, 3, 7)]
    assert moved(case, date(2025, 3, 6)).number("away") == (21, 21)
