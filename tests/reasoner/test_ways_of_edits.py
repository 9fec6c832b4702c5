"""What follows from others: what no edit can bring about is no way to an approval, and the verdict says so."""

from pathlib import Path
from typing import Any

import pytest
from closure import checked_sets

from reasoner import Policy, Verdict

RULES = """
policy("T-1", "A test"). pathway("1"). approval_months("1", 6).
item("1", "", "All"). citation(("1"; "1.A"), "page 1"). met("1").
item("1.A", "1", "It is so").
met("1.A") :- {asked}.
"""
RECORD = """
field("case_id", case_id, text). required("case_id").
section("request", "the request").
field("request.date", request_date, date). required("request.date").
section("works", "the works").
field("works.paid", paid, computed). derived("works.paid", number_of("invoices", "invoices[].paid", true)).
field("works.settled", settled, whole). derived("works.settled", number_of("invoices", "invoices[].paid", true)).
bounds("works.settled", 0, 100).
field("works.graded", graded, computed). derived("works.graded", number_of("invoices", "invoices[].grade", low)).
field("works.cost", cost, computed). derived("works.cost", sum_of("invoices[].amount")).
field("works.before", before, whole). bounds("works.before", 1, 1000).
field("works.after", after, whole). bounds("works.after", 0, 1000).
field("works.loss", loss, whole). derived("works.loss", decrease_percent("works.before", "works.after")).
bounds("works.loss", -100000, 100).
list("invoices", invoice(N), "invoice") :- slot(N).
complete("invoices").
field("invoices[].id", invoice_id(I), identifier) :- list("invoices", I, _).
field("invoices[].amount", amount(I), whole) :- list("invoices", I, _). bounds("invoices[].amount", 0, 5000).
field("invoices[].paid", is_paid(I), truth) :- list("invoices", I, _).
field("invoices[].grade", grade(I), choice) :- list("invoices", I, _). allowed("invoices[].grade", (low; high)).
field("invoices[].periods", periods(I), periods) :- list("invoices", I, _).
field("invoices[].with", named(I), references("invoices")) :- list("invoices", I, _).
field("invoices[].together", together(I, J), computed) :- list("invoices", I, _), list("invoices", J, _).
derived("invoices[].together", used_together("invoices[].with", "invoices[].periods", "invoices[].grade")).
"""
THREE = [{"amount": 300, "paid": True, "grade": "low"}, {"amount": 10, "paid": False, "grade": "low"}, {}]


def judged(folder: Path, asked: str, **record: Any) -> Verdict:
    """The verdict of a record on a policy that asks this, all of whose sets have been applied."""
    policy_folder = folder / "policy"
    policy_folder.mkdir()
    (policy_folder / "policy.lp").write_text(RULES.format(asked=asked), "utf-8")
    (policy_folder / "record.lp").write_text(RECORD, "utf-8")
    policy = Policy.load(policy_folder)
    data = {"case_id": "a", "request": {"date": "2025-01-01"}, **record}
    checked_sets(policy, data, 20)
    return policy.judge(data)


def written(verdict: Verdict) -> list[list[tuple[str, Any]]]:
    """Where the edits of each set write, and what."""
    assert verdict.explanation is not None
    return [
        [(edit["path"], edit.get("value")) for fact in found.facts for edit in fact.edits]
        for found in verdict.explanation.minimal_sets
    ]


@pytest.mark.parametrize(
    ("asked", "edits"),
    [
        ("holds(at_least(paid, 2))", [("/invoices/2/paid", True)]),
        ("holds(at_least(paid, 3))", [("/invoices/2/paid", True), ("/invoices/1/paid", True)]),
        ("holds(at_most(paid, 1))", [("/invoices/2/paid", False)]),
        ("holds(at_least(settled, 2))", [("/invoices/2/paid", True)]),
        ("holds(at_most(settled, 0))", [("/invoices/2/paid", False), ("/invoices/0/paid", False)]),
        ("holds(at_most(paid, 0))", [("/invoices/2/paid", False), ("/invoices/0/paid", False)]),
        ("holds(at_most(graded, 1))", [("/invoices/2/grade", "high"), ("/invoices/0/grade", "high")]),
        ("holds(at_least(cost, 500))", [("/invoices/2/amount", 190)]),
        ("holds(at_most(cost, 300))", [("/invoices/2/amount", 0), ("/invoices/0/amount", 290)]),
    ],
)
def test_numbers_and_sums_of_entries(tmp_path: Path, asked: str, edits: list[tuple[str, Any]]) -> None:
    assert written(judged(tmp_path, asked, invoices=THREE)) == [edits]


@pytest.mark.parametrize("asked", ["holds(at_least(paid, 4))", "holds(at_least(cost, 20000))"])
@pytest.mark.parametrize("invoices", [{}, {"invoices": []}, {"invoices": THREE}])
def test_there_is_no_way_without_entries(tmp_path: Path, asked: str, invoices: dict[str, Any]) -> None:
    verdict = judged(tmp_path, asked, **invoices)
    assert verdict.decision == "denied" and verdict.explanation is not None
    assert not verdict.explanation.minimal_sets
    assert (verdict.explanation.approvable, verdict.explanation.because) == (False, ("1.A",))


def test_another_way_is_left(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "1 { holds(at_least(paid, 1)); holds(at_least(after, 5)) }")
    assert written(verdict) == [[("/works/after", 5)]]


@pytest.mark.parametrize(
    ("start", "end", "edits"),
    [
        ("2024-02-01", "2024-03-01", [[("/invoices/0/periods/0/end", "2024-01-31")]]),
        ("2024-01-01", "2024-03-01", []),
    ],
)
def test_periods_that_overlap_are_parted(
    tmp_path: Path, start: str, end: str, edits: list[list[tuple[str, Any]]]
) -> None:
    """Where one of them begins before the other."""
    both = [
        {"grade": "low", "periods": [{"start": "2024-01-01", "end": "2024-02-10"}]},
        {"grade": "high", "periods": [{"start": start, "end": end}]},
    ]
    pair = "entry(invoices, I), entry(invoices, J), I < J, given(together(I, J), true)"
    asked = f"not overlapping. overlapping :- {pair}, not holds(is(together(I, J), false))"
    assert written(judged(tmp_path, asked, invoices=both)) == edits


@pytest.mark.parametrize(
    ("works", "edits"),
    [
        ({"before": 100, "after": 90, "loss": 10}, [("/works/after", 80), ("/works/loss", 20)]),
        ({"before": 100, "after": 90}, [("/works/after", 80)]),
        ({"before": 100, "loss": 10}, [("/works/loss", 20)]),
        ({"before": 100}, [("/works/loss", 20)]),
        ({}, [("/works/loss", 20)]),
    ],
)
def test_what_follows_can_be_stated(tmp_path: Path, works: dict[str, int], edits: list[tuple[str, Any]]) -> None:
    """Beside what it follows from it is written as well; where that is missing, alone."""
    assert written(judged(tmp_path, "holds(at_least(loss, 20))", works=works)) == [edits]


def test_what_is_stated_stays_where_a_number_is_supplied(tmp_path: Path) -> None:
    verdict = judged(
        tmp_path, "holds(at_least(loss, 20)), holds(at_most(after, 90))", works={"before": 100, "loss": 80}
    )
    assert written(verdict) == [[("/works/after", 20)]]


@pytest.mark.parametrize("works", [{"before": 100, "after": 95, "loss": 5}, {"after": 95, "loss": 5}, {"loss": 5}])
def test_what_is_stated_agrees_with_what_it_follows_from(tmp_path: Path, works: dict[str, int]) -> None:
    """Also where no rule asks of it."""
    verdict = judged(tmp_path, "holds(at_most(after, 90))", works=works)
    assert len(written(verdict)) == 1
