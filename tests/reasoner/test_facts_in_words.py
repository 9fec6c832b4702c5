"""Conditions in words: what rules write in braces is filled in, what records write stays as it is."""

from pathlib import Path
from typing import Any

import pytest

from reasoner import Policy, RulesError
from reasoner.verdict.model import Fact, all_items

RECORD = """
field("case_id", case_id, text). required("case_id").
section("request", "the request").
field("request.date", request_date, date). required("request.date"). fixed("request.date").
list("tests", test(N), "test") :- slot(N).
field("tests[].name", title(T), text) :- list("tests", T, _). required("tests[].name").
field("tests[].level", level(T), whole) :- list("tests", T, _). unit("tests[].level", "mg").
field("tests[].ok", ok(T), truth) :- list("tests", T, _). title("tests[].ok", "passed").
"""
POLICY = """
policy("T", "Tests").
pathway("1"). item("1", "", "Well"). citation("1", "page 1"). approval_months("1", 1). met("1").
item("1.A", "1", "Tested"). citation("1.A", "page 1"). met("1.A") :- holds(high(T)), holds(passed(T)).
asks(high(T), level(T), at_least(20)) :- entry(tests, T).
asks(passed(T), ok(T), one_of(true)) :- entry(tests, T).
"""


def facts_of(folder: Path, words: str, *tests: dict[str, Any]) -> list[Fact]:
    folder.mkdir()
    (folder / "record.lp").write_text(RECORD, "utf-8")
    (folder / "policy.lp").write_text(POLICY + words, "utf-8")
    data = {"case_id": "t", "request": {"date": "2025-03-01"}, "tests": [*tests]}
    return [fact for item in all_items(Policy.load(folder).judge(data).criteria) for fact in item.facts]


@pytest.mark.parametrize("name", ["{n}", "{entry}{}", "a } b {", "%s {0!r:>9}"])
def test_braces_of_a_record_are_no_template(tmp_path: Path, name: str) -> None:
    words = 'words(high(T), "{entry}: {n} or more of {name}") :- entry(tests, T).'
    high, passed = facts_of(tmp_path / "rules", words, {"name": name, "level": 3})
    assert high.text == f"{name}: 20 or more of {name}; the record says: 3 of 20 mg"
    assert passed.text == f"{name}: passed is true; the record does not say"


def test_a_template_has_braces_of_its_own_and_says_how_it_is_filled(tmp_path: Path) -> None:
    words = 'words(high(T), "{{n}} {entry!r:>6} {n:>4} {0}") :- entry(tests, T).'
    facts = facts_of(tmp_path / "rules", words, {"name": "one", "level": 19}, {"name": "two", "level": 20})
    texts = [fact.text for fact in facts if fact.fact.startswith("high")]
    assert texts == ["{n}  'one'   20 one; the record says: 19 of 20 mg", "{n}  'two'   20 two"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{n}} as it is", "{{n}} as it is"),
        ("{entry:>{1}}|{1}", "        10|10"),
        ("{n:>{name}}|{name}", "        20|10"),
    ],
)
def test_a_template_without_names_stays_and_forms_can_have_names(tmp_path: Path, template: str, text: str) -> None:
    rules = f"""
        asks(deep(T, 10), level(T), at_least(20)) :- entry(tests, T). words(deep(T, 10), "{template}") :- entry(tests, T).
        item("1.B", "1", "Deep"). citation("1.B", "page 1"). met("1.B") :- holds(deep(T, 10)).
    """
    facts = facts_of(tmp_path / "rules", rules, {"name": "10", "level": 19})
    assert [fact.text for fact in facts if fact.fact.startswith("deep")] == [f"{text}; the record says: 19 of 20 mg"]


def test_a_rule_that_speaks_of_an_entry_that_there_is_not_is_wrong(tmp_path: Path) -> None:
    rules = """
        asks(second, level(test(2)), at_least(20)). words(second, "{n} or more").
        item("1.B", "1", "Second"). citation("1.B", "page 1"). met("1.B") :- holds(second).
    """
    with pytest.raises(RulesError, match="speaks of an entry that the record does not have"):
        facts_of(tmp_path / "rules", rules, {"name": "one", "level": 3})
