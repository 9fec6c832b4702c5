"""The search for minimal sets: two ways to the same ones, whatever was asked before, under a stated limit."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from by_hand import ByHand
from generate import random_record, worded_record

from facts.changes import apply
from reasoner import Policy
from reasoner.verdict import minimal_sets as explain
from reasoner.verdict.standing import Key

EXAMPLE = Path(__file__).parents[2] / "facts" / "examples" / "interface.json"


def records(number: int, first: int = 50_000) -> Iterator[dict[str, Any]]:
    """Plain records, and as many as people write them."""
    for seed in range(first, first + number):
        yield random_record(Random(seed), therapies=seed % 5)
        worded = worded_record(Random(seed), therapies=seed % 5)
        if not ByHand(worded).refused():
            yield worded


def test_all_items_at_once_or_one_after_the_other(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list(records(300))
    at_once = [policy.judge(data) for data in drawn]
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    assert [policy.judge(data) for data in drawn] == at_once


def test_what_was_judged_before_changes_nothing(policy: Policy) -> None:
    for data in records(15, first=60_000):
        alone = Policy.load().judge(data)
        assert policy.judge(data).to_json() == alone.to_json()


FORGETFUL = {
    "policy.lp": """
        policy("T", "Tests"). version("old", #inf). version("new", 20250101).
        item("A", "", "All"). citation("A", "p"). pathway("B").
        item("B", "", "Bee"). citation("B", "p"). approval_months("B", 3).
        item("A.1", "A", "One"). citation("A.1", "p"). item("A.2", "A", "Two"). citation("A.2", "p").
        item("B.1", "B", "One"). citation("B.1", "p"). item("B.2", "B", "Two"). citation("B.2", "p").
        item("X", "", "No"). citation("X", "p"). exclusion("X").
        asks(c3(T), val(T), at_least(105)) :- entry(tests, T). asks(c3(T), ok(T), one_of(true)) :- entry(tests, T).
        asks(c4, n, at_least(10)) :- in_force("old"). asks(c4, n, at_least(25)) :- in_force("new").
        asks(c4, e, at_most(40)). asks(c4, spec, one_of(derm)) :- not in_force("old").
        met("A") :- entry(visits, V), given(at(V), clinic), holds(is(ok(V), true)).
        met("B") :- holds(within(d, 10, 205)).
        met("A.1") :- entry(tests, T), holds(c3(T)).
        met("A.2") :- holds(c4), holds(is(indication, eczema)).
        met("B.1") :- entry(tests, T), holds(is(ok(T), true)), holds(at_least(test_on(T), 20240601)), holds(at_least(sum, 20)).
        met("B.2") :- holds(within(d, 10, 205)), holds(at_least(on, 20241231)).
        excludes("X") :- possible_value(spec, derm).
    """,
    "record.lp": """
        field("case_id", case_id, text). required("case_id").
        section("request", "the request"). field("request.date", request_date, date). required("request.date").
        field("request.indication", indication, word(uses)). unchangeable("request.indication").
        section("p", "the patient"). field("p.spec", spec, word(specs)). field("p.consulted", consulted, words(specs)).
        field("p.sites", sites, words(sites)). field("p.site", site, choice(sites)).
        field("p.n", n, whole). bounds("p.n", 0, 100). unit("p.n", "EUR").
        field("p.d", d, decimal). bounds("p.d", "0.5", 80). decimals("p.d", 1). unit("p.d", "%").
        field("p.e", e, decimal). bounds("p.e", 0, 80). field("p.on", on, date). bounds("p.on", 20200101, 20301231).
        list("tests", test(N), "test") :- slot(N). field("tests[].kind", kind(T), word(sites)) :- list("tests", T, _).
        field("tests[].val", val(T), decimal) :- list("tests", T, _). bounds("tests[].val", 0, 100).
        decimals("tests[].val", 1). unit("tests[].val", "mg").
        field("tests[].on", test_on(T), date) :- list("tests", T, _). not_above("tests[].on", "request.date").
        field("tests[].ok", ok(T), truth) :- list("tests", T, _). field("tests[].note", note(T), text) :- list("tests", T, _).
        list("visits", visit(N), "visit") :- slot(N). complete("visits").
        field("visits[].at", at(V), choice) :- list("visits", V, _). allowed("visits[].at", (home; clinic)).
        field("visits[].ok", ok(V), truth) :- list("visits", V, _).
        field("visits[].len", len(V), whole) :- list("visits", V, _). bounds("visits[].len", 0, 100).
        field("p.sum", sum, computed). derived("p.sum", sum_of("visits[].len")).
        field("p.part", part, whole). bounds("p.part", 0, 100). field("p.whole", whole, whole). bounds("p.whole", 0, 100).
    """,
    "vocabulary/words.lp": """
        term(uses, eczema, "eczema"). term(uses, psoriasis, "psoriasis"). term(uses, acne, "acne").
        term(specs, derm, "dermatology"). spelling(specs, derm, ("dermatologist", "skin doctor")).
        term(specs, allergy, "allergy"). term(specs, family, "family medicine").
        several(specs, "specialist", (derm; allergy)). several(specs, "doctor", (derm; family)).
        term(sites, face, "the face"). term(sites, eyes, "eyes"). part_of(sites, eyes, face). term(sites, hand, "hands").
        term(sites, trunk, "trunk"). several(sites, "head", (face; trunk)). several(sites, "limb", (hand; trunk)).
    """,
}
"""Rules of which a search missed sets that it had found before, with the scores of variables that it had then."""


def test_a_search_finds_again_what_it_found_before(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    for name, text in FORGETFUL.items():
        (tmp_path / name).write_text(text, "utf-8")
    policy = Policy.load(tmp_path, by_solver=True)
    case = policy.case(
        {"case_id": "r", "request": {"date": "2025-03-01", "indication": "eczema"}, "p": {"spec": "doctor"}}
    )
    solver = policy.solver(case)
    solver.take(solver.ground.situation(case))
    every = (1 << len(solver.assumptions)) - 1
    found = [sorted(solver.minimal_sets(frozenset(("X",)), frozenset(), every, 100).found) for _ in range(3)]
    assert len(found[0]) == 2 and found[0] == found[1] == found[2]


def test_of_items_that_no_value_meets_together_the_first_by_name_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text(
        """
        policy("T", "Tests"). pathway("1"). item("1", "", "All"). citation("1", "p"). approval_months("1", 1). met("1").
        item("1.A", "1", "Much"). citation("1.A", "p"). met("1.A") :- holds(at_least(number, 60)).
        item("1.B", "1", "Not medium"). citation("1.B", "p").
        met("1.B") :- holds(at_most(number, 30)). met("1.B") :- holds(at_least(number, 45)).
        item("X", "", "Little"). citation("X", "p"). exclusion("X"). excludes("X") :- holds(at_least(number, 40)).
        """,
        "utf-8",
    )
    (tmp_path / "record.lp").write_text(
        """
        field("case_id", case_id, text). required("case_id").
        section("request", "the request"). field("request.date", request_date, date). required("request.date").
        field("request.number", number, whole).
        """,
        "utf-8",
    )
    verdict = Policy.load(tmp_path).judge({"case_id": "t", "request": {"date": "2025-03-01", "number": 50}})
    assert verdict.explanation is not None and verdict.explanation.total == 0
    assert verdict.explanation.because == ("1.A",)


def test_a_search_that_was_cut_says_so(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(EXAMPLE.read_text())
    whole = policy.judge(data).explanation
    monkeypatch.setattr(explain, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(explain, "MOST_ALTERNATIVES", 2)
    cut = policy.judge(data).explanation
    assert whole is not None and whole.exact and whole.complete
    assert cut is not None and not cut.exact and not cut.complete
    assert 0 < cut.total < whole.total
    every = {frozenset(fact.fact for fact in found.facts) for found in whole.minimal_sets}
    for found in cut.minimal_sets:
        assert frozenset(fact.fact for fact in found.facts) in every
        edits = [edit for fact in found.facts for edit in fact.edits]
        assert policy.decide(apply(policy.case(data).full, edits)) == "approved"


@pytest.mark.parametrize("seed", range(40))
def test_the_first_sets_are_those_of_all_combinations_in_order(seed: int) -> None:
    draw = Random(seed)

    def group(number: int) -> explain.Needed:
        keys = sorted(Key(draw.randint(0, 1), draw.randint(1, 3), draw.randint(0, 2), 0) for _ in range(number))
        alternatives = tuple(frozenset((f"{number}", f"{place}")) for place in range(number))
        return explain.Needed((f"{number}",), alternatives, tuple(keys))

    routes = tuple(
        explain.Route(tuple(group(draw.randint(1, 6)) for _ in range(draw.randint(1, 4))))
        for _ in range(draw.randint(1, 3))
    )
    every = sorted(
        (tuple(map(sum, zip(*(one.keys[at] for one, at in zip(route.groups, choice, strict=True)), strict=True))),
         number, choice)
        for number, route in enumerate(routes)
        for choice in product(*(range(len(one.keys)) for one in route.groups))
    )  # fmt: skip
    wanted = [
        tuple(one.alternatives[at] for one, at in zip(routes[number].groups, choice, strict=True))
        for _, number, choice in every
    ]
    for limit in (0, 1, 7, 50, len(every)):
        found = explain.Routes(routes, True, ()).sets(limit)
        assert [choice for choice, _ in found] == wanted[:limit]
