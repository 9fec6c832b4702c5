"""What a record leaves open is never taken as absent where that would help an approval."""

from pathlib import Path
from typing import Any

import pytest
from closure import checked_sets

from reasoner import Policy

RECORD = """
field("case_id", case_id, text). required("case_id").
section("trip", "the trip").
field("trip.date", request_date, date). required("trip.date").
field("trip.cargo", cargo, words(goods)). title("trip.cargo", "cargo").
field("trip.flag", flag, word(goods)). title("trip.flag", "flag").
field("trip.built", built, date). title("trip.built", "day of building").
"""
WORDS = """
term(goods, timber, "timber").
term(goods, powder, "gunpowder").
term(goods, flour, "flour").
term(goods, whisky, "whisky").
term(goods, petrol, "petrol").
several(goods, "white powder", (powder; flour)).
several(goods, "spirit", (whisky; petrol)).
"""
HEAD = """
policy("P", "Passage").
pathway("1"). item("1", "", "Passage"). citation("1", "page 1"). approval_months("1", 1).
item("X", "", "No danger"). citation("X", "page 2").
"""
RULES = {
    "directly": 'exclusion("X"). met("1"). excludes("X") :- given(cargo, powder).',
    "through a helper": 'exclusion("X"). met("1"). excludes("X") :- hot. hot :- given(cargo, powder).',
    "through two denials": 'exclusion("X"). met("1"). excludes("X") :- not cold. cold :- not hot. hot :- given(cargo, powder).',
    "where an item is met": 'item("1.A", "1", "Cold"). citation("1.A", "page 1"). exclusion("X"). met("1"). met("1.A") :- not hot. '
    "hot :- given(cargo, powder). "
    'excludes("X") :- given(flag, powder).',
    "where an item denies it": 'item("1.A", "1", "Cold"). citation("1.A", "page 1"). exclusion("X"). met("1"). met("1.A") :- not given(cargo, powder). '
    'excludes("X") :- given(flag, powder).',
}  # fmt: skip


def load(folder: Path, rules: str, record: str = RECORD) -> Policy:
    folder.mkdir(exist_ok=True)
    (folder / "vocabulary").mkdir()
    (folder / "policy.lp").write_text(HEAD + rules, "utf-8")
    (folder / "record.lp").write_text(record, "utf-8")
    (folder / "vocabulary" / "goods.lp").write_text(WORDS, "utf-8")
    return Policy.load(folder)


def trip(**fields: Any) -> dict[str, Any]:
    return {"case_id": "t", "trip": {"date": "2025-03-01", **fields}}


RULES["by a condition"] = 'exclusion("X"). met("1"). excludes("X") :- holds(is(cargo, powder)).'
RULES["by a condition of its own"] = (
    'asks(dangerous, cargo, one_of(powder)). words(dangerous, "the cargo is dangerous"). '
    'exclusion("X"). met("1"). excludes("X") :- holds(dangerous).'
)
RULES["by a condition that an item denies"] = (
    'item("1.A", "1", "Cold"). citation("1.A", "page 1"). met("1"). met("1.A") :- not holds(is(cargo, powder)). '
    'exclusion("X"). excludes("X") :- given(flag, powder).'
)


@pytest.mark.parametrize("name", RULES)
def test_an_open_word_does_not_help(tmp_path: Path, name: str) -> None:
    policy = load(tmp_path / "rules", RULES[name])
    for cargo, decision in (
        (["timber"], "approved"), (["flour"], "approved"), ([], "approved"), (["gunpowder"], "denied"),
        (["white powder"], "denied"), (["timber", "white powder"], "denied"), (["gunpwoder"], "denied"),
        (["flour", "white powder"], "denied"),
        (["something else", "timber"], "denied"),
    ):  # fmt: skip
        assert policy.decide(trip(cargo=cargo)) == decision, cargo


@pytest.mark.parametrize("name", [name for name in RULES if name != "through two denials"])
def test_it_is_asked_what_an_open_word_means(tmp_path: Path, name: str) -> None:
    policy = load(tmp_path / "rules", RULES[name])
    for cargo, fact in (
        (["timber", "white powder"], "meant(cargo,flour)"),
        (["flour", "white powder"], "meant(cargo,flour)"),
        (["something else", "timber"], "unrelated(cargo)"),
    ):
        data = trip(cargo=cargo)
        verdict = policy.judge(data)
        assert verdict.denial is not None and verdict.denial.kind == "missing_information"
        assert verdict.explanation is not None
        assert [[fact.fact for fact in found.facts] for found in verdict.explanation.minimal_sets] == [[fact]]
        assert checked_sets(policy, data, 5) == 1
        (item,) = [one for one in verdict.criteria if one.id == verdict.denial.reasons[0]] or verdict.criteria[:1]
        assert item.status == "missing"


FLAGS = {
    "an exclusion": 'exclusion("X"). met("1"). excludes("X") :- holds(is(flag, powder)).',
    "an item": 'item("1.A", "1", "Cold"). citation("1.A", "page 1"). met("1"). met("1.A") :- not holds(is(flag, powder)). '
    'exclusion("X"). excludes("X") :- given(cargo, powder).',
    "an exclusion, and another item asks for the word": 'exclusion("X"). met("1") :- holds(among(flag, "1")). '
    'accepted("1", flag, (powder; whisky)). excludes("X") :- holds(is(flag, powder)).',
}  # fmt: skip


@pytest.mark.parametrize("name", FLAGS)
def test_it_is_asked_what_one_open_word_means_that_a_condition_asks_for(tmp_path: Path, name: str) -> None:
    policy = load(tmp_path / "rules", FLAGS[name])
    asked = 'met("1").' not in FLAGS[name]
    for flag, facts in (("white powder", ["meant(flag,flour)"]), ("something else", ["unrelated(flag)"])):
        verdict = policy.judge(trip(flag=flag))
        assert verdict.explanation is not None
        found = [[fact.fact for fact in one.facts] for one in verdict.explanation.minimal_sets]
        assert asked or found == [facts]
        assert asked or [one.status for one in verdict.criteria if one.id == "X"] in (["missing"], ["clear"])
        assert checked_sets(policy, trip(flag=flag), 5) == len(found)
    assert policy.decide(trip(flag="whisky")) == "approved"
    assert policy.decide(trip(flag="gunpowder")) == "denied"


@pytest.mark.parametrize(
    ("cargo", "facts"),
    [
        (["white powder", "spirit"], {"meant(cargo,flour)", "meant(cargo,whisky)"}),
        (["white powder", "something else"], {"meant(cargo,flour)", "unrelated(cargo)"}),
        (["something else", "spirit", "white powder"],
         {"meant(cargo,flour)", "meant(cargo,whisky)", "unrelated(cargo)"}),
    ],
)  # fmt: skip
def test_each_of_several_open_words_is_asked_for(tmp_path: Path, cargo: list[str], facts: set[str]) -> None:
    rules = 'exclusion("X"). met("1"). excludes("X") :- given(cargo, powder). excludes("X") :- given(cargo, petrol).'
    policy = load(tmp_path / "rules", rules)
    verdict = policy.judge(trip(cargo=cargo))
    assert verdict.explanation is not None
    assert [{fact.fact for fact in found.facts} for found in verdict.explanation.minimal_sets] == [facts]
    assert checked_sets(policy, trip(cargo=cargo), 5) == 1


def test_words_are_taken_out_of_a_list_last(tmp_path: Path) -> None:
    rules = 'exclusion("X"). met("1"). excludes("X") :- given(cargo, powder). item("1.A", "1", "Dry"). '
    rules += 'citation("1.A", "page 1"). met("1.A") :- not given(cargo, petrol).'
    policy = load(tmp_path / "rules", rules)
    for cargo in (["something else", "spirit", "white powder"], ["a thing", "spirit", "another thing", "white powder"]):
        assert checked_sets(policy, trip(cargo=cargo), 5) == 1


@pytest.mark.parametrize(
    ("read", "approvable"), [("powder", True), ("(powder; flour; petrol)", True), ("V", False)]
)  # fmt: skip
def test_a_word_that_has_to_stand_is_another_one(tmp_path: Path, read: str, approvable: bool) -> None:
    record = RECORD.replace('title("trip.flag", "flag").', 'title("trip.flag", "flag"). required("trip.flag").')
    rules = f'exclusion("X"). met("1"). excludes("X") :- given(flag, {read}).'
    policy = load(tmp_path / "rules", rules, record)
    data = trip(flag="something else")
    assert policy.decide(data) == "denied"
    verdict = policy.judge(data)
    assert verdict.explanation is not None and verdict.explanation.approvable == approvable
    assert checked_sets(policy, data, 5) == approvable
    if approvable:
        ((fact,),) = [found.facts for found in verdict.explanation.minimal_sets]
        assert fact.fact == "unrelated(flag)" and fact.edits[0]["path"] == "/trip/flag"


@pytest.mark.parametrize(
    "rules",
    [
        'met("1") :- holds(at_least(built, 20240101)), holds(at_most(built, 20241231)).',
        'met("1") :- holds(at_least(built, 20240101)). item("1.A", "1", "Old"). citation("1.A", "page 1"). met("1.A") :- holds(at_most(built, 20241231)).',
    ],
)
@pytest.mark.parametrize(
    ("built", "kind"),
    [(None, "missing_information"), ("2023-12-31", "criteria_not_met"), ("2025-01-01", "criteria_not_met")],
)
def test_two_limits_of_a_date_are_one_fact(tmp_path: Path, rules: str, built: str | None, kind: str) -> None:
    policy = load(tmp_path / "rules", f'exclusion("X"). excludes("X") :- given(flag, powder). {rules}')
    data = trip(built=built)
    verdict = policy.judge(data)
    assert verdict.denial is not None and verdict.denial.kind == kind
    assert checked_sets(policy, data, 5) == 1
    assert policy.decide(trip(built="2024-05-05")) == "approved"


def test_a_number_or_date_that_is_given_is_stated(tmp_path: Path) -> None:
    policy = load(tmp_path / "rules", 'exclusion("X"). met("1"). excludes("X") :- stated(built).')
    assert [policy.decide(trip(built=day)) for day in ("2024-01-01", None)] == ["denied", "approved"]


@pytest.mark.parametrize("field", ["cargo", "flag"])
def test_a_value_that_is_possible_is_one_that_rules_read(tmp_path: Path, field: str) -> None:
    policy = load(tmp_path / "rules", f'exclusion("X"). met("1"). excludes("X") :- possible_value({field}, powder).')
    for word, decision in (
        ("white powder", "denied"), ("something else", "denied"), ("timber", "approved"), ("gunpowder", "approved"),
    ):  # fmt: skip
        data = trip(**{field: [word] if field == "cargo" else word})
        assert policy.decide(data) == decision, word
        checked_sets(policy, data, 5)


def test_words_are_named_by_the_titles_of_their_terms(tmp_path: Path) -> None:
    policy = load(
        tmp_path / "rules", 'exclusion("X"). excludes("X") :- given(cargo, flour). met("1") :- holds(is(flag, powder)).'
    )
    for flag, text in (
        (None, "the flag is gunpowder; the record does not say"), ("flour", "the flag is gunpowder; the record says: flour"),
    ):  # fmt: skip
        verdict = policy.judge(trip(flag=flag))
        assert verdict.explanation is not None
        assert [fact.text for found in verdict.explanation.minimal_sets for fact in found.facts] == [text]
    policy = load(
        tmp_path / "others", 'exclusion("X"). excludes("X") :- given(cargo, flour). met("1") :- holds(is(flag, flour)).'
    )
    verdict = policy.judge(trip(flag="powder"))
    assert verdict.explanation is not None
    assert verdict.explanation.minimal_sets[0].facts[0].text == "the flag is flour; the record says: gunpowder"


def test_a_range_of_one_number_is_that_number(tmp_path: Path) -> None:
    record = RECORD + 'field("trip.wheels", wheels, whole). title("trip.wheels", "number of wheels").'
    policy = load(
        tmp_path / "rules",
        'exclusion("X"). excludes("X") :- given(cargo, flour). met("1") :- holds(within(wheels, 4, 4)).',
        record,
    )
    verdict = policy.judge(trip())
    assert verdict.explanation is not None
    assert verdict.explanation.minimal_sets[0].facts[0].text == "the number of wheels is 4; the record does not say"
