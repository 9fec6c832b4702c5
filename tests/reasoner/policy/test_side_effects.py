"""In which folders an edit can do more, or less, than its fact says."""

from pathlib import Path

import pytest
from added_tests import RECORD, folder_of

from reasoner import Policy, RulesError
from reasoner.policy.side_effects import of_additions, of_counts

POLICIES = Path(__file__).parent.parent.parent / "policies"
POLICY = """
policy("T", "Tests").
pathway("A", cough). item("A", "", "For a cough"). citation("A", "page 1"). approval_months("A", 6).
met("A") :- holds(is(use, cough)).
item("A.1", "A", "A test of the blood"). citation("A.1", "page 1").
met("A.1") :- given(kind(T), blood), holds(is(signed(T), true)).
met("A.1") :- holds(another).
adds(another, tests, ((kind, blood); (signed, true))).
words(another, "a test of the blood, signed").
item("A.2", "A", "It is urgent"). citation("A.2", "page 2").
met("A.2") :- holds(is(urgent, true)).
"""
HARMLESS = {
    "as it is": "",
    "another kind": 'met("A.2") :- given(kind(T), scan), holds(is(signed(T), true)).',
    "longer": 'met("A.2") :- given(kind(T), blood), holds(at_least(days(T), 30)).',
    "of what is met": 'met("A.2") :- 2 { met("A.1"); holds(is(urgent, true)); holds(is(use, cough)) }.',
    "another use": """
        pathway("B", fever). item("B", "", "For a fever"). citation("B", "page 3"). approval_months("B", 6).
        met("B") :- holds(is(use, fever)).
        item("B.1", "B", "A test"). citation("B.1", "page 3"). met("B.1") :- given(signed(T), true).""",
}
DOES_MORE = {
    "another item": 'met("A.2") :- given(kind(T), blood).',
    "through a helper": 'met("A.2") :- good(T), given(kind(T), blood). good(T) :- holds(is(signed(T), true)).',
    "an exclusion": 'item("X", "", "A test"). citation("X", "page 2"). exclusion("X"). excludes("X") :- given(kind(T), blood).',
    "a count": 'met("A.2") :- 3 { given(kind(T), blood) : entry(tests, T) }.',
    "a count of what it makes so": 'met("A.2") :- #count { T : good(T) } >= 2. good(T) :- holds(is(signed(T), true)).',
    "a denial": 'met("A.1") :- not untested, holds(is(urgent, true)). untested :- not tested. tested :- given(kind(T), blood).',
    "a pair": 'met("A.2") :- given(kind(T), blood), given(kind(U), blood), T != U.',
    "a number of entries": 'met("A.2") :- holds(at_least(number_signed, 2)).',
    "another way": """
        pathway("B", cough). item("B", "", "For a cough, too"). citation("B", "page 3"). approval_months("B", 6).
        met("B") :- holds(is(use, cough)).
        item("B.1", "B", "A test"). citation("B.1", "page 3"). met("B.1") :- given(signed(T), true).""",
}  # fmt: skip


def load(folder: Path, policy: str, record: str = RECORD) -> Policy:
    return folder_of(folder, record, policy)


@pytest.mark.parametrize("name", HARMLESS)
def test_an_entry_that_does_what_its_condition_says(tmp_path: Path, name: str) -> None:
    assert not load(tmp_path / "rules", POLICY + HARMLESS[name]).edits_have_side_effects


@pytest.mark.parametrize("name", DOES_MORE)
def test_an_entry_that_does_more(tmp_path: Path, name: str) -> None:
    assert load(tmp_path / "rules", POLICY + DOES_MORE[name]).edits_have_side_effects


def test_an_entry_that_does_less(tmp_path: Path) -> None:
    policy = POLICY.replace("((kind, blood); (signed, true))", "(kind, blood)")
    assert load(tmp_path / "rules", policy).edits_have_side_effects


COUNTED = """
policy("T", "Tests").
pathway("A"). item("A", "", "All"). citation("A", "page 1"). approval_months("A", 6). met("A").
item("A.1", "A", "Two tests"). citation("A.1", "page 1").
met("A.1") :- holds(at_least(number_signed, 2)).
"""


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("", False),
        ('met("A.1") :- given(kind(T), blood).', False),
        ('met("A.1") :- given(signed(T), true), given(kind(T), blood).', True),
        ('met("A.1") :- holds(is(signed(T), true)), given(kind(T), blood).', True),
    ],
)
def test_rules_that_read_what_is_counted(tmp_path: Path, rule: str, found: bool) -> None:
    assert load(tmp_path / "rules", COUNTED + rule).edits_have_side_effects is found


def test_rules_that_read_what_is_summed_up_follows_from(tmp_path: Path) -> None:
    record = RECORD.replace(
        'derived("totals.signed", number_of("tests", "tests[].signed", true)).',
        """derived("totals.signed", sum_of("tests[].more")).
        field("tests[].before", before(T), whole) :- list("tests", T, _).
        field("tests[].more", more(T), computed) :- list("tests", T, _).
        derived("tests[].more", difference("tests[].days", "tests[].before")).""",
    )
    assert not load(tmp_path / "sum", COUNTED, record).edits_have_side_effects
    rule = 'met("A.1") :- holds(at_least(before(T), 3)), given(kind(T), blood).'
    assert load(tmp_path / "both", COUNTED + rule, record).edits_have_side_effects


@pytest.mark.parametrize("name", ["", "glp1", "hand_eczema"])
def test_policies_without(name: str) -> None:
    """The one that comes with the package is trusted, and not looked at when it is used."""
    policy = Policy.load(POLICIES / name if name else None)
    assert any(condition.list for condition in policy.conditions().values()) == (name != "hand_eczema")
    assert not of_additions(policy) and not of_counts(policy)
    assert not policy.edits_have_side_effects


@pytest.mark.parametrize("number", [3, 5, 9])
@pytest.mark.parametrize("counting", ["{n} {{ {read} : entry(tests, T) }}", "#count {{ T : {read} }} >= {n}"])
def test_rules_that_count_more_entries_than_two_load(tmp_path: Path, number: int, counting: str) -> None:
    """An item, and an exclusion, that no record with fewer entries could meet or bring about."""
    signed, scans = (
        counting.format(n=number, read=read) for read in ("given(signed(T), true)", "given(kind(T), scan)")
    )
    rules = f"""
    item("A.3", "A", "Many tests"). citation("A.3", "page 3"). met("A.3") :- {signed}.
    item("X", "", "Many scans"). citation("X", "page 4"). exclusion("X"). excludes("X") :- {scans}.
    """
    policy = load(tmp_path / "rules", POLICY + rules)
    data = {"case_id": "t", "request": {"date": "2025-03-01", "use": "cough", "urgent": True}}
    for tests, decision in ((number, "approved"), (number - 1, "denied")):
        assert policy.decide({**data, "tests": [{"signed": True, "kind": "blood"}] * tests}) == decision
    assert policy.decide({**data, "tests": [{"signed": True, "kind": "scan"}] * number}) == "denied"


def test_a_count_that_no_record_reaches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no rule can meet the item A.3"):
        load(
            tmp_path / "rules",
            POLICY
            + 'item("A.3", "A", "No"). citation("A.3", "page 3"). met("A.3") :- 999 { given(kind(T), scan) : entry(tests, T) }.',
        )
