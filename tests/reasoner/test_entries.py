"""Rules about the entries of a list speak of those that the record has, and of no others."""

from pathlib import Path
from typing import Any

import pytest
from closure import checked_sets

from reasoner import Policy

RECORD = """
field("case_id", case_id, text). required("case_id").
section("request", "the request").
field("request.date", request_date, date). required("request.date"). fixed("request.date").
list("stays", stay(N), "stay in hospital") :- slot(N).
field("stays[].nights", nights(S), whole) :- list("stays", S, _).
list("tests", test(N), "test") :- slot(N).
field("tests[].ok", ok(T), truth) :- list("tests", T, _).
field("tests[].note", note(T), text) :- list("tests", T, _).
field("tests[].kind", kind(T), choice) :- list("tests", T, _). allowed("tests[].kind", (blood; scan)).
"""
HEAD = """
policy("T", "Tests").
pathway("1"). item("1", "", "Well"). citation("1", "page 1"). approval_months("1", 1). met("1").
item("X", "", "A test went wrong"). citation("X", "page 2"). exclusion("X").
"""
RULES = {
    "not held": 'excludes("X") :- entry(tests, T), not holds(is(ok(T), true)).',
    "not given": 'excludes("X") :- entry(tests, T), not given(ok(T), true).',
    "through a helper": 'excludes("X") :- wrong(T). wrong(T) :- entry(tests, T), not passed(T). passed(T) :- entry(tests, T), given(ok(T), true).',
    "through a list": 'excludes("X") :- test(T), not holds(is(ok(T), true)). test(T) :- entry(tests, T).',
    "of all": 'excludes("X") :- 1 { not holds(is(ok(T), true)) : entry(tests, T) }.',
    "counted": 'excludes("X") :- #count { T : entry(tests, T), not given(ok(T), true) } >= 1.',
}  # fmt: skip


def load(folder: Path, rules: str) -> Policy:
    folder.mkdir()
    (folder / "record.lp").write_text(RECORD, "utf-8")
    (folder / "policy.lp").write_text(HEAD + rules, "utf-8")
    return Policy.load(folder)


def record(stays: int, *tests: dict[str, Any]) -> dict[str, Any]:
    return {"case_id": "t", "request": {"date": "2025-03-01"}, "stays": [{"nights": 1}] * stays, "tests": [*tests]}


@pytest.mark.parametrize("name", RULES)
def test_an_entry_that_is_absent_does_not_exclude(tmp_path: Path, name: str) -> None:
    policy = load(tmp_path / "rules", RULES[name])
    good, bad, silent = {"ok": True}, {"ok": False}, {"note": "seen"}
    for stays, tests, decision in (
        (0, [], "approved"), (3, [], "approved"), (3, [good], "approved"), (0, [bad], "denied"), (2, [bad], "denied"),
        (0, [silent], "denied"), (0, [{}], "denied"), (1, [good, {}], "denied"), (3, [good, good], "approved"),
    ):  # fmt: skip
        data = record(stays, *tests)
        assert policy.decide(data) == decision, (stays, tests)
        checked_sets(policy, data, 5)
        assert f"test {len(tests) + 1}" not in policy.judge(data).to_json()


def test_entries_are_counted_where_the_record_has_them(tmp_path: Path) -> None:
    policy = load(tmp_path / "rules", 'excludes("X") :- 2 { entry(tests, T) }.')
    for stays, tests, decision in ((3, 0, "approved"), (3, 1, "approved"), (0, 2, "denied"), (4, 3, "denied")):
        assert policy.decide(record(stays, *[{}] * tests)) == decision


def test_entries_that_are_added_for_one_item_have_names_of_their_own(tmp_path: Path) -> None:
    record = RECORD.replace(
        'field("tests[].ok"', 'field("tests[].id", test_id(T), identifier) :- list("tests", T, _).\nfield("tests[].ok"'
    )
    rules = """
item("1.A", "1", "Two tests"). citation("1.A", "page 1"). kind(blood). kind(breath). kind(skin).
adds(tried(K), tests, ((ok, true); (note, K))) :- kind(K). words(tried(K), "the test of {0}") :- kind(K).
shown(K) :- kind(K), holds(tried(K)).
shown(K) :- kind(K), entry(tests, T), holds(is(ok(T), true)), given(note(T), K).
met("1.A") :- 2 { shown(K) : kind(K) }. excludes("X") :- entry(tests, T), given(ok(T), false).
"""
    record = record.replace("note(T), text)", "note(T), choice)") + 'allowed("tests[].note", (blood; breath; skin)).'
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "record.lp").write_text(record, "utf-8")
    (folder / "policy.lp").write_text(HEAD + rules, "utf-8")
    policy = Policy.load(folder)
    assert checked_sets(policy, record_of := {"case_id": "t", "request": {"date": "2025-03-01"}}, 9) == 3
    verdict = policy.judge(record_of)
    assert verdict.explanation is not None
    for found in verdict.explanation.minimal_sets:
        ids = [
            edit["value"][0]["id"] if edit["path"] == "/tests" else edit["value"]["id"]
            for fact in found.facts
            for edit in fact.edits
        ]
        assert len(ids) == len(set(ids)) == 2


HELPERS = {
    "by what is asked": "good(T) :- holds(is(ok(T), true)).",
    "by its name": "good(T) :- holds(seen(T)). asks(seen(T), ok(T), one_of(true)) :- entry(tests, T).",
    "by another helper": "good(T) :- fine(T). fine(T) :- holds(is(ok(T), true)).",
}
USES = {
    "one": 'met("1.A") :- good(T).',
    "what else it says": 'met("1.A") :- good(T), given(kind(T), blood).',
    "a count": 'met("1.A") :- 2 <= #count { T : good(T) }.',
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("helper", HELPERS)
def test_a_condition_alone_can_say_of_which_entries_a_helper_is(tmp_path: Path, helper: str, use: str) -> None:
    item = 'item("1.A", "1", "Tested"). citation("1.A", "page 3"). excludes("X") :- given(ok(T), false), given(kind(T), scan).'
    policy = load(tmp_path / "rules", item + HELPERS[helper] + USES[use])
    good, silent = {"ok": True, "kind": "blood"}, {"kind": "blood"}
    for tests, decision in (([good, good], "approved"), ([silent, good, silent], None), ([], "denied")):
        data = record(1, *tests)
        assert decision is None or policy.decide(data) == decision
        checked_sets(policy, data, 5)
