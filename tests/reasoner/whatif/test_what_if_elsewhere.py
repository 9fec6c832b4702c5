"""Questions, sweeps and scenarios of a policy with another record: no product, no medicine."""

from pathlib import Path
from typing import Any

import pytest

from reasoner import Policy, RecordError
from reasoner.render.text import summary
from reasoner.whatif.ask import Question
from reasoner.whatif.interview import interview
from reasoner.whatif.scenario import Scenario, compare
from reasoner.whatif.suppositions import supposed_facts
from reasoner.whatif.sweep import sweep, values

HOUSEHOLD = Path(__file__).parents[2] / "policies" / "household_benefit"


@pytest.fixture(scope="module")
def household() -> Policy:
    return Policy.load(HOUSEHOLD)


def claim(**sections: Any) -> dict[str, Any]:
    return {
        "case_id": "h",
        "claim": {"date": "2025-02-01"},
        "members": [{"birth_date": "1990-01-01"}],
        "incomes": [{"amount": 900}],
        **sections,
    }


HOME = {"lived_in_since": "2020-01-01", "heating": "gas", "cost_last_winter": 100, "cost_this_winter": 150}


def test_of_a_value_that_follows_from_others_these_are_asked(household: Policy) -> None:
    typed = iter(["GAS", "2020-01-01", "100", "yes", "150"])
    asked: list[Question] = []
    shown: list[str] = []

    def listen(question: Question) -> str:
        asked.append(question)
        return next(typed)

    verdict, record = interview(household, claim(), shown.append, listen)
    assert verdict.decision == "approved" and record.data["home"]["cost_this_winter"] == 150
    assert [(question.path, question.answers.kind) for question in asked] == [
        ("home.heating", "one_of"),
        ("home.lived_in_since", "date"),
        ("home.cost_last_winter", "number"),
        ("home.cost_this_winter", "number"),
        ("home.cost_this_winter", "number"),
    ]
    assert asked[1].answers.allowed == "a date (YYYY-MM-DD)"
    assert asked[2].answers.allowed == "a number from 0 to 10000 (EUR)"
    assert asked[2].text.startswith(
        "cost of heating last winter, for this: the rise of the cost of heating is 20 % or more"
    )
    assert [line for line in shown if "not accepted" in line] == [
        "  not accepted: home.cost_this_winter: a number is needed, not 'yes'"
    ]


def test_a_sweep_leaves_out_what_has_to_agree_with_the_value(household: Policy) -> None:
    record = claim(home=HOME, members=[{"age": 35, "birth_date": "1989-06-01"}])
    found = sweep(household, record, "home.cost_this_winter", values("100..140", "10"))
    assert [(one.first, one.last, one.decision) for one in found] == [
        ("100", "110", "denied"),
        ("120", "140", "approved"),
    ]
    record["home"] = {**HOME, "cost_this_winter": 115}
    found = sweep(household, record, "members[0].age", values("0..100"))
    assert [(one.first, one.last, one.decision) for one in found] == [
        ("0", "2", "approved"), ("3", "74", "denied"), ("75", "100", "approved"),
    ]  # fmt: skip
    found = sweep(household, record, "members[0].birth_date", values("1949-01-01..1951-01-01", "1"))
    assert [(one.first, one.last, one.decision) for one in found] == [
        ("1949-01-01", "1950-02-01", "approved"), ("1950-02-02", "1951-01-01", "denied"),
    ]  # fmt: skip
    found = sweep(household, claim(home=HOME), "claim.date", values("2025-03-20..2025-04-10"))
    assert [(one.first, one.last, one.decision) for one in found] == [
        ("2025-03-20", "2025-03-31", "approved"), ("2025-04-01", "2025-04-10", "denied"),
    ]  # fmt: skip


def test_entries_without_an_identifier_are_the_same_wherever_they_stand(household: Policy) -> None:
    record = claim(
        members=[{"birth_date": "2024-01-01"}, {"birth_date": "1990-01-01"}], home={**HOME, "cost_this_winter": 115}
    )
    (found,) = compare(household, record, [Scenario("s", ({"op": "remove", "path": "/members/1"},))])
    assert (found.before.decision, found.after.decision) == ("approved", "approved") and not found.items


@pytest.mark.parametrize(
    ("path", "fact"), [("claim.date", "between(request_date,20250101,20250101)"), ("second_home.owned", "x")]
)
def test_what_every_record_says_is_not_taken_away(household: Policy, path: str, fact: str) -> None:
    from facts.symbols import read_fact
    from facts.terms import Given, Stated

    case = household.case(claim(home=HOME))
    with pytest.raises(RecordError, match=f"change it there, with --set {path}=|every record says it"):
        if fact == "x":
            supposed_facts(household, case, (), (Given("second_home", False), Stated("second_home")))
        else:
            supposed_facts(household, case, (read_fact(fact),), ())


def test_where_nothing_can_be_supplied_or_corrected_there_is_no_way(household: Policy) -> None:
    verdict = household.judge(claim(claim={"date": "2025-05-01"}, home=HOME))
    assert verdict.explanation is not None and verdict.explanation.total == 0
    lines = summary(verdict, {}).splitlines()
    because = "A.1 (Claimed in the winter that the allowance is for)"
    assert f"  No way to an approval on these facts, because of {because}" in lines
    assert "shortest" not in "".join(lines) and "otherwise" not in "".join(lines)
