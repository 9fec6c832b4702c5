"""earliest_approval: against a judgement on every single day."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from by_hand import ByHand
from generate import random_record, worded_record
from msgspec.structs import replace

from facts.dates import LAST_DAY, turning_days
from facts.statements import facts_of
from facts.terms import Between, Term
from reasoner import Policy
from reasoner.verdict.earliest import later_situations
from reasoner.verdict.judge import judge

TRIED = {"product": "Elidel", "days": 50, "consecutive_days": 50, "outcome": "failure", "documented": True}


def record(day: str, born: str = "1990-01-01", *therapies: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "case_id": "c",
        "request": {"date": day, "type": "initial", "indication": "atopic_dermatitis"},
        "patient": {"birth_date": born},
        "disease": {"severity": "mild", "bsa_percent": 5, "sites": ["face"]},
        "prescriber": {"specialty": "dermatology"},
        "therapies": list(therapies) or [TRIED],
    } | more


ONGOING = {"product": "Elidel", "outcome": "failure", "documented": True}
ARM = {"disease": {"severity": "mild", "bsa_percent": 5, "sites": ["arms"]}}
STEROID = {"product": "clobetasol 0.05% cream", "outcome": "failure", "documented": True}


@pytest.mark.parametrize(
    ("data", "day"),
    [
        (record("2025-03-01", "2013-03-02"), "2025-03-02"),
        (record("2025-01-10", "2013-12-31"), "2025-12-31"),
        (record("2024-02-28", "2012-02-29"), "2024-02-29"),  # the twelfth birthday exists
        (record("2025-02-28", "1990-01-01", ONGOING | {"periods": [{"start": "2025-02-01"}]}), "2025-03-14"),
        (record("2025-02-28", "1990-01-01", ONGOING | {"periods": [{"start": "2025-02-01"}], "days": 28, "consecutive_days": 28}), "2025-03-14"),
        (record("2025-02-28", "1990-01-01", ONGOING | {"periods": [{"start": "2025-03-20"}]}), "2025-04-30"),
        (record("2025-02-28", "1990-01-01", ONGOING | {"periods": [{"start": "2025-02-01", "end": "2025-03-13"}]}), None),
        (record("2025-02-28", "1990-01-01", ONGOING | {"periods": [{"start": "2025-02-01", "end": "2025-03-14"}]}), "2025-03-14"),
        (record("2025-02-28", "1990-01-01", TRIED, {"product": "Dupixent", "periods": [{"start": "2024-01-01", "end": "2025-03-31"}]}), "2025-04-01"),
        (record("2025-02-28", "1990-01-01", TRIED, {"product": "Dupixent", "periods": [{"start": "2024-01-01"}]}), None),
        (record("2025-02-28", "1990-01-01", TRIED, {"product": "MTX", "periods": [{"start": "2024-01-01", "end": "2025-03-31"}]}), "2025-04-01"),
        # which product it was no longer matters once it has ended
        (record("2025-02-28", "1990-01-01", TRIED, {"product": "cyclosporine", "periods": [{"start": "2024-01-01", "end": "2025-03-31"}]}), "2025-04-01"),
        (record("2025-02-28", "1990-01-01", TRIED, {"product": "cyclosporine", "periods": [{"start": "2024-01-01"}]}), None),
        (record("2025-02-28", "1990-01-01", {"product": "Tacrolimus", "outcome": "failure", "documented": True, "periods": [{"start": "2025-02-01"}]}), None),
        (record("2024-11-10", "1990-01-01", TRIED, STEROID | {"periods": [{"start": "2024-10-30"}]}, **ARM), "2024-11-12"),
        (record("2024-11-10", "1990-01-01", TRIED, STEROID | {"periods": [{"start": "2024-11-05"}]}, **ARM), "2024-12-02"),
        (record("2025-02-28", "2013-06-01", ONGOING | {"periods": [{"start": "2025-05-01"}]}), "2025-06-11"),
        (record("2025-02-28", "2013-06-01", ONGOING), None),
        (record("2025-02-28", patient={"age_years": 11}), None),
        (record("2025-02-28", plan={"document": "excludes"}), None),
    ],
)  # fmt: skip
def test_the_first_day(policy: Policy, data: dict[str, Any], day: str | None) -> None:
    assert policy.judge(data).earliest_approval == day


def test_null_when_approved(policy: Policy) -> None:
    verdict = policy.judge(record("2025-03-01"))
    assert (verdict.decision, verdict.earliest_approval) == ("approved", None)


def test_facts_that_are_judged_instead_are_cured_by_no_date(policy: Policy) -> None:
    case = policy.case(record("2025-03-01", "2013-03-02"))
    own, facts = judge(policy, case, 50), facts_of(case)
    assert own.earliest_approval == "2025-03-02"
    assert judge(policy, case, 50, facts) == replace(own, earliest_approval=None)
    others = [Between("age_years", 12, 12) if fact.field == "age_years" else fact for fact in facts]
    assert judge(policy, case, 50, others).decision == "approved"


@pytest.mark.parametrize("draw", [random_record, worded_record])
@pytest.mark.parametrize("block", range(4))
def test_no_earlier_day_is_approved(policy: Policy, block: int, draw: Callable[[Random, int], dict[str, Any]]) -> None:
    """Each day of a year and a half after the request, judged by hand, of records that time may cure."""
    found = 0
    for seed in range(40):
        rng = Random(f"earliest/{block}/{seed}")
        data = draw(rng, 2)
        day = date.fromisoformat(data["request"]["date"])
        data["request"] |= {"type": "initial", "indication": rng.choice(("AD", "Vitiligo"))}
        data["patient"] = {"birth_date": (day - timedelta(days=365 * 12 - rng.randrange(-2000, 300))).isoformat()}
        data["disease"] = {"severity": "mild", "vitiligo_type": "nonsegmental", "bsa_percent": 2}
        data["disease"]["sites"] = rng.choice((["face"], ["arms"]))
        data["prescriber"], data["plan"] = {"specialty": "dermatology"}, {}
        for entry in data["therapies"]:
            entry |= {"outcome": "failure", "documented": True, "sample": False}
            if rng.randrange(2):
                start, end = (day + timedelta(days=rng.randrange(*span)) for span in ((-90, 20), (20, 300)))
                entry |= {"periods": [{"start": start.isoformat(), "end": rng.choice((end.isoformat(), None))}]}
                entry |= {"days": None, "consecutive_days": None}
        if rng.randrange(3):
            data["therapies"].append(TRIED | {"days": 90, "consecutive_days": 90})
        verdict, by_hand = policy.judge(data), ByHand(data)
        if verdict.decision != "denied":
            continue
        days = (day + timedelta(days=number) for number in range(1, 550))
        first = next((later for later in days if by_hand.on(later).decision() == "approved"), None)
        earliest = date.fromisoformat(verdict.earliest_approval) if verdict.earliest_approval else None
        if first is None:
            assert earliest is None or earliest > day + timedelta(days=549), data
        else:
            assert earliest == first, data
            found += 1
    assert found >= 2


def test_what_is_read_anew_on_a_day_is_all_that_has_changed(policy: Policy) -> None:
    """Of records with many therapies: what each day makes true is what the record with that date makes true."""
    changed = 0
    for seed in range(30):
        case = policy.case(random_record(Random(f"later/{seed}"), 20))
        solver = policy.solver(case)
        situations = list(later_situations(solver, case))
        for day, situation in situations:
            assert situation == solver.ground.situation(case.moved(day)), (seed, day)
        changed += len({situation for _, situation in situations})
    assert changed > 100


@pytest.mark.parametrize("day", ["2199-12-31", "2199-12-30", "2199-11-30", "1800-01-01"])
@pytest.mark.parametrize("end", [None, "2199-12-31"])
def test_near_the_last_day_of_all(policy: Policy, day: str, end: str | None) -> None:
    period = {"start": "1800-01-01" if day < "2199" else "2199-11-25", "end": end}
    data = record(day, day, ONGOING | {"periods": [period]})
    assert policy.judge(data).earliest_approval in (None, "1812-01-01")


def test_numbers_beyond_all_days_of_a_rule(policy: Policy) -> None:
    case = policy.case(record("2199-12-01", "2190-01-01", ONGOING | {"periods": [{"start": "2199-11-25"}]}))
    beyond: dict[Term, list[int]] = {
        "age_years": [9, 9000, -3000], "request_date": [99991231, 20241399, 0, 21991231],
        ("days", ("therapy", 1)): [3_000_000, 10**9], ("consecutive_days", ("therapy", 1)): [10, 5_000_000],
    }  # fmt: skip
    days = turning_days(case, beyond)
    assert days[-1] == LAST_DAY and date(2199, 12, 4) in days
