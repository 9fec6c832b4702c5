"""Edits that do more, or less, than their facts say: the sets are confirmed on the record."""

from pathlib import Path
from typing import Any

import pytest
from added_tests import RECORD, folder_of
from closure import checked_sets

from facts.terms import Term
from reasoner.verdict.edits import edits_of
from reasoner.verdict.model import Explanation

POLICY = """
policy("T", "Tests").
pathway("A"). item("A", "", "All"). citation("A", "page 1"). approval_months("A", 6). met("A").
item("A.1", "A", "A test of the blood"). citation("A.1", "page 1").
met("A.1") :- given(kind(T), blood), holds(is(signed(T), true)).
met("A.1") :- holds(another).
adds(another, tests, ((kind, blood); (signed, true))).
words(another, "a test of the blood, signed").
item("A.2", "A", "It is urgent"). citation("A.2", "page 2").
met("A.2") :- holds(is(urgent, true)).
"""
URGENT, ANOTHER = "is(urgent,true)", "another"


def explained(
    folder: Path, rules: str, *tests: dict[str, Any], policy: str = POLICY
) -> tuple[Explanation, list[list[str]]]:
    """The explanation of a record with these tests, and its sets by the names of their facts, which are closed."""
    loaded = folder_of(folder, RECORD, policy + rules)
    data = {"case_id": "t", "request": {"date": "2025-03-01"}, "tests": [*tests]}
    checked_sets(loaded, data, 50)
    explanation = loaded.judge(data).explanation
    assert explanation is not None
    return explanation, [sorted(fact.fact for fact in one.facts) for one in explanation.minimal_sets]


def test_without_side_effects_the_sets_are_as_they_are(tmp_path: Path) -> None:
    explanation, sets = explained(tmp_path / "rules", "")
    assert sets == [[ANOTHER, URGENT]] and explanation.exact
    assert explanation.needs is not None and [need.criterion for need in explanation.needs] == ["A.1", "A.2"]


@pytest.mark.parametrize(
    "rule",
    [
        'met("A.2") :- given(kind(T), blood).',
        'met("A.2") :- 1 { given(kind(T), blood) : entry(tests, T) }.',
        'met("A.2") :- holds(at_least(number_signed, 1)).',
    ],
)
def test_an_entry_that_meets_another_item_too_is_enough(tmp_path: Path, rule: str) -> None:
    explanation, sets = explained(tmp_path / "rules", rule)
    assert sets == [[ANOTHER]]
    assert explanation.total == 1 and not explanation.exact and explanation.needs is None


def test_what_is_confirmed_stays_as_it_was_found(tmp_path: Path) -> None:
    """An entry that counts for the other item as well, and is not enough for it."""
    explanation, sets = explained(tmp_path / "rules", 'met("A.2") :- 9 { given(kind(T), blood) : entry(tests, T) }.')
    assert sets == [[ANOTHER, URGENT]] and explanation.exact
    assert explanation.needs is not None and [need.criterion for need in explanation.needs] == ["A.1", "A.2"]


EXCLUSION = """
item("X", "", "Tests"). citation("X", "page 3"). exclusion("X").
excludes("X") :- 2 { given(kind(T), blood) : entry(tests, T) }.
"""


def test_an_entry_that_would_exclude_is_left_out(tmp_path: Path) -> None:
    _, sets = explained(tmp_path / "rules", EXCLUSION, {"kind": "blood"})
    assert sets == [["is(signed(test(1)),true)", URGENT]]


def test_no_way_where_each_entry_would_exclude(tmp_path: Path) -> None:
    explanation, sets = explained(tmp_path / "rules", EXCLUSION.replace("2 {", "1 {"))
    assert not sets and explanation.total == 0
    assert not explanation.approvable and explanation.because == ("A.1", "A.2")


def test_an_entry_that_does_less_is_no_way(tmp_path: Path) -> None:
    policy = POLICY.replace("((kind, blood); (signed, true))", "(kind, blood)")
    explanation, sets = explained(tmp_path / "rules", "", policy=policy)
    assert not sets and not explanation.approvable


def test_what_an_entry_needs_besides_is_found(tmp_path: Path) -> None:
    """No item but its own names the entry, and what it does for another takes more."""
    rules = """
    item("A.3", "A", "Tested, in need"). citation("A.3", "page 3").
    met("A.3") :- given(kind(T), blood), holds(is(signed(T), true)), holds(is(urgent, true)).
    """
    _, sets = explained(tmp_path / "rules", rules)
    assert sets == [[ANOTHER, URGENT]]


TWO = """
item("A.3", "A", "Two of them"). citation("A.3", "page 3").
met("A.3") :- 2 { given(signed(T), true) : entry(tests, T) }.
item("A.4", "A", "A scan"). citation("A.4", "page 4").
met("A.4") :- holds(scanned).
established(scanned) :- given(kind(T), scan).
adds(scanned, tests, ((kind, scan); (signed, true))). words(scanned, "a scan, signed").
"""


@pytest.mark.parametrize("counted", ["", "by their number"])
def test_two_entries_that_are_enough_together(tmp_path: Path, counted: str) -> None:
    """Nothing else could meet the item that counts them."""
    rules = (
        TWO
        if not counted
        else TWO.replace("2 { given(signed(T), true) : entry(tests, T) }", "not at_most(number_signed, 1)")
    )
    _, sets = explained(tmp_path / "rules", rules)
    assert sets == [[ANOTHER, URGENT, "scanned"]]


def test_what_changes_a_number_of_entries_that_rules_read_past_it(tmp_path: Path) -> None:
    rules = (
        'met("A.2") :- limit(N), not above(number_signed, N). limit(0). item("A.3", "A", "A test that is not signed"). '
    )
    rules += 'citation("A.3", "page 3"). met("A.3") :- holds(is(signed(T), false)).'
    policy = POLICY.replace('met("A.2") :- holds(is(urgent, true)).', "").replace("(signed, true)", "(days, 3)")
    explanation, sets = explained(tmp_path / "rules", rules, {"kind": "scan", "signed": True}, policy=policy)
    assert explanation.approvable == bool(sets)
    assert all("is(signed(test(1)),false)" in one for one in sets)


USES = """
policy("T", "Tests").
pathway("A", cough). item("A", "", "A cough"). citation("A", "page 1"). approval_months("A", 6).
met("A") :- holds(is(indication, cough)).
item("A.1", "A", "Two tests"). citation("A.1", "page 1").
met("A.1") :- 2 { given(signed(T), true) : entry(tests, T) }.
pathway("B", fever). item("B", "", "A fever"). citation("B", "page 2"). approval_months("B", 6).
met("B") :- holds(is(indication, fever)).
item("B.1", "B", "Another test, of the blood"). citation("B.1", "page 2").
met("B.1") :- holds(another).
adds(another, tests, ((kind, blood); (days, 3))). words(another, "a test of the blood").
"""


def test_no_edit_gives_one_field_two_values(tmp_path: Path) -> None:
    """What the edited record needs can be another use than that for which it was edited."""
    use = 'field("request.for", indication, choice). allowed("request.for", (cough; fever)).'
    policy = folder_of(tmp_path / "rules", RECORD + use, USES)
    assert policy.edits_have_side_effects
    for tests in ([], [{"signed": True}], [{"signed": True}, {"signed": False}]):
        assert checked_sets(policy, {"case_id": "t", "request": {"date": "2025-03-01"}, "tests": tests}, 20) == 0
    case = policy.case({"case_id": "t", "request": {"date": "2025-03-01"}})
    known = policy, case, policy.relations(), policy.conditions()
    both: list[Term] = [("is", "indication", use) for use in ("cough", "fever")]
    for terms, number in ((both, 0), (both[:1], 1)):
        edits = edits_of(*known, terms, "A", frozenset())
        assert len(edits(case, lambda term: False)) == number


def test_an_edit_that_is_refused_is_no_way(tmp_path: Path) -> None:
    rules = """
    met("A.2") :- 1 { given(kind(T), scan) : entry(tests, T) }.
    adds(many, tests, (kind, scan)). words(many, "a scan").
    met("A.2") :- holds(many).
    """
    _, sets = explained(tmp_path / "rules", rules, *[{"signed": False}] * 100)
    assert not sets


IN_ORDER = """
field("case_id", case_id, text). required("case_id").
section("request", "the request").
field("request.date", request_date, date). required("request.date"). fixed("request.date").
field("request.seen", seen, date). not_above("request.seen", "request.date").
field("request.most", most, whole). bounds("request.most", 0, 90).
field("request.least", least, whole). bounds("request.least", 0, 90). not_above("request.least", "request.most").
"""
SEEN = """
policy("T", "Tests").
pathway("A"). item("A", "", "All"). citation("A", "page 1"). approval_months("A", 6). met("A").
item("A.1", "A", "Seen this year"). citation("A.1", "page 1").
met("A.1") :- holds(at_least(seen, 20250110)).
"""


@pytest.mark.parametrize(
    ("day", "seen", "edits"),
    [
        ("2025-03-01", None, [{"op": "add", "path": "/request/seen", "value": "2025-01-10"}]),
        ("2025-01-10", "2025-01-01", [{"op": "add", "path": "/request/seen", "value": "2025-01-10"}]),
        ("2025-01-09", None, None),
        ("2025-01-09", "2025-01-09", None),
    ],
)
def test_no_edit_goes_beyond_what_nobody_changes(
    tmp_path: Path, day: str, seen: str | None, edits: list[dict[str, str]] | None
) -> None:
    policy = folder_of(tmp_path / "rules", IN_ORDER, SEEN)
    assert not policy.edits_have_side_effects
    data = {"case_id": "t", "request": {"date": day, "seen": seen}}
    checked_sets(policy, data, 5)
    explanation = policy.judge(data).explanation
    assert explanation is not None and explanation.approvable == (edits is not None)
    assert [list(fact.edits) for one in explanation.minimal_sets for fact in one.facts] == ([edits] if edits else [])


def test_two_numbers_in_order_that_can_both_be_changed(tmp_path: Path) -> None:
    rules = SEEN.replace("at_least(seen, 20250110)", "at_least(least, 20)")
    policy = folder_of(tmp_path / "rules", IN_ORDER, f'{rules} met("A.1") :- holds(at_least(most, 30)).')
    assert policy.edits_have_side_effects
    for least, most, found in ((None, 10, 1), (None, 25, 2), (5, None, 2), (5, 10, 1)):
        data = {"case_id": "t", "request": {"date": "2025-03-01", "least": least, "most": most}}
        assert checked_sets(policy, data, 5) == found
    assert not folder_of(tmp_path / "one", IN_ORDER, rules).edits_have_side_effects


@pytest.mark.parametrize(("day", "approvable"), [("2025-01-10", True), ("2025-01-11", False)])
def test_no_edit_goes_below_what_nobody_changes(tmp_path: Path, day: str, approvable: bool) -> None:
    record = IN_ORDER + 'field("request.until", until, date). not_above("request.date", "request.until").'
    rules = SEEN.replace("at_least(seen, 20250110)", "at_most(until, 20250110)")
    policy = folder_of(tmp_path / "rules", record, rules)
    data = {"case_id": "t", "request": {"date": day}}
    assert checked_sets(policy, data, 5) == approvable
    explanation = policy.judge(data).explanation
    assert explanation is not None and explanation.approvable == approvable
