"""Declarations of records: what the shipped one says, and each way in which one can be wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from declarations import BENEFIT, RULES, rows_of, shipped

from facts.declaration import DeclarationError, places_in
from facts.declaration_rows import read_declaration
from facts.terms import Term
from facts.words import Vocabulary


def test_the_shipped_record_is_declared_in_the_order_of_its_file() -> None:
    declaration = shipped().declaration
    assert declaration.order == (
        "case_id", "request", "patient", "disease", "prescriber", "therapies", "intolerances", "response", "plan",
    )  # fmt: skip
    assert [field.key for field in declaration.entry_lists["therapies"].fields][:5] == [
        "id", "product", "class", "potency", "us_class",
    ]  # fmt: skip
    assert declaration.lists == {"therapies": "therapy", "intolerances": "intolerance", "response": "response"}
    assert declaration.sections["plan"] == "The plan"
    assert declaration.day is not None and declaration.day.place == "request.date"


def test_fields_are_found_by_the_terms_of_rules() -> None:
    declaration = shipped().declaration
    days = declaration.field(("days", ("therapy", 7)))
    assert days is not None and days.place == "therapies[].days" and (days.low, days.high) == (0, 100_000)
    assert days.path(6) == "therapies[6].days" and days.term(6) == ("days", ("therapy", 7))
    assert declaration.field(("days", ("intolerance", 1))) is None and declaration.field("days") is None
    pair = declaration.field(("concomitant", ("therapy", 2), ("therapy", 3)))
    assert pair is not None and pair.pair_term(1, 2) == ("concomitant", ("therapy", 2), ("therapy", 3))
    assert declaration.entry_of(("days", ("therapy", 7))) == ("therapy", 7)
    assert declaration.entry_of("severity") is None
    assert declaration.at_place("therapies[3].days") is days
    area = declaration.field("bsa_percent")
    assert area is not None and (area.title, area.unit, area.change) == ("affected body surface area", "%", "free")
    age = declaration.field("age_years")
    assert age is not None and age.change == "unchangeable" and age.is_number


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("line_of_business", ("employer", "individual_and_family")),
        ("severity", ("mild", "moderate", "severe")),
        (("sample", ("therapy", 2)), (True, False)),
        (("active", ("therapy", 2)), (True, False)),
        ("indication", None),
        ("age_years", None),
        ("no_such_field", None),
    ],
)
def test_values_of_closed_fields(term: Term, values: tuple[Term, ...] | None) -> None:
    assert shipped().declaration.values(term) == values


def test_scaled_numbers() -> None:
    rent = read_declaration(rows_of(BENEFIT)).field("rent")
    assert rent is not None
    assert [rent.scaled(number) for number in (12.34, 0.285, 7, 0.005)] == [1234, 28, 700, 0]
    assert (rent.unscaled(1234), rent.unscaled(700)) == (12.34, 7)
    assert rent.admits(0.01) and not rent.admits(-1) and not rent.admits(None)


def test_places_are_read_in_the_order_of_the_text() -> None:
    text = '% field("a.b", c, d).\nsection("x", "X").\n  field( "x.y", y, text).\nlist("zs", z(N), "z") :- slot(N).\n'
    assert places_in(text) == ("x", "x.y", "zs")


WRONG: list[tuple[str, str, str]] = [
    ('bounds("home.rent", 0, 100000).', 'bounds("home.rent", 9, 1).', "home.rent: the bounds are the wrong way round, 9 to 1"),
    ('bounds("home.rent", 0, 100000).', 'bounds("home.rent", low, 1).', "home.rent: the bounds are no numbers"),
    ('bounds("home.rent", 0, 100000).', 'bounds("home.rent", 0, 1). bounds("home.rent", 0, 2).', "bounds: several rows for home.rent; one is needed"),
    ('bounds("home.rent", 0, 100000).', 'bounds("home.heating", 0, 1).', "home.heating is no number, and has bounds"),
    ('bounds("members[].age", 0, 120).', 'bounds("members[].age", "0.5", 120).', "members[].age: a whole number needs whole bounds"),
    ('bounds("claim.paid_until", 20000101, 20401231).', 'bounds("claim.paid_until", 1, 2).', "claim.paid_until: the bounds of a date are dates (YYYYMMDD)"),
    ('default("home.heating", gas).', 'default("home.heating", coal).', "home.heating: the default coal is not allowed"),
    ('default("home.heating", gas).', 'default("home.rent", -5).', "home.rent: the default -5 is out of bounds"),
    ('default("home.heating", gas).', 'default("claim.date", 20250101).', "claim.date: the default 20250101 is a default, which a field of the type date has not"),
    ('default("home.heating", gas).', 'default("members[].earns", maybe).', "members[].earns: the default maybe is no truth (true or false)"),
    ('default("incomes[].kind", wage).', 'default("incomes[].kind", loot).', "incomes[].kind: the default loot is no term of kinds"),
    ('default("home.heating", gas).', 'default("home.heating", gas). required("home.heating").', "home.heating is required, and has a value without being written"),
    ('field("home.rent", rent, decimal).', 'field("home.rent", rent, decimal). field("home.rent", rent, whole).', "the field home.rent is declared twice"),
    ('field("home.rent", rent, decimal).', 'field("home.rent", scheme, decimal).', "claim.scheme and home.rent are both called scheme"),
    ('field("home.rent", rent, decimal).', 'field("home.rent", rent, decimel).', "home.rent: no type decimel; is decimal meant?"),
    ('field("home.rent", rent, decimal).', 'field("home.rent", rent, word).', "home.rent: the type word needs what it is of: word(…)"),
    ('field("home.rent", rent, decimal).', 'field("home.rent", rent(member(1)), decimal).', "home.rent is called rent(member(1)), where a plain name is needed"),
    ('field("members[].earns", earns(M), truth) :- list("members", M, _).', 'field("members[].earns", earns, truth).', "members[].earns is called earns, where a term of its entry: name(member(1)) is needed"),
    ('field("home.rent", rent, decimal).', 'field("hom.rent", rent, decimal).', "hom.rent: no section hom is declared; is home meant?"),
    ('field("home.rent", rent, decimal).', 'field("Home Rent", rent, decimal).', "'Home Rent' is no place in a record; written like request.date or therapies[].days"),
    ('field("incomes[].kind", kind(I), word(kinds))', 'field("income[].kind", kind(I), word(kinds))', "income[].kind: no list income is declared; is incomes meant?"),
    ('field("incomes[].kind", kind(I), word(kinds))', 'field("incomes[].kind", kind(I), word(kind))', "incomes[].kind: no vocabulary kind; is kinds meant?"),
    ('unit("home.rent", "EUR").', 'unit("home.rant", "EUR").', 'unit: "home.rant" is no field of a record; is home.rent meant?'),
    ('unit("home.rent", "EUR").', 'phrase("nowhere.at_all", at_least, "x").', 'phrase: "nowhere.at_all" is no field of a record'),
    ('allowed("home.heating", (gas; wood_pellets; "other")).', "", "home.heating is a choice, and nothing is allowed"),
    ('allowed("home.heating", (gas; wood_pellets; "other")).', 'allowed("home.rent", 3). allowed("home.heating", gas).', "home.rent is no choice of values, and some are allowed"),
    ('allowed("claim.scheme", "Rent Aid").', 'allowed("claim.scheme", ("A"; "B")).', "claim.scheme: one value is allowed of what a policy speaks of; there are 2"),
    ('decimals("home.rent", 2).', 'decimals("home.rent", 9).', "home.rent: the decimals are a number from 0 to 6"),
    ('decimals("home.rent", 2).', 'decimals("members[].age", 2).', "members[].age is no decimal number, and has decimals"),
    ('complete("members").', 'complete("member").', "complete: member is no list; is members meant?"),
    ('section("home", "The home").', 'section("home", "The home"). section("home", "Home").', "the section home is declared twice"),
    ('section("home", "The home").', 'section("home", "The home"). section("members", "X").', "members is a section and a list"),
    ('list("incomes", income(N), "income") :- slot(N).', 'list("incomes", member(N), "income") :- slot(N).', "the entries of two lists are called member(…)"),
    ('list("incomes", income(N), "income") :- slot(N).', 'list("incomes", income, "income").', "the entries of incomes are not called functor(1), functor(2), …"),
    ('unchangeable("household.income").', 'unchangeable("household.income"). fixed("household.income").', "household.income is unchangeable and fixed; one of them is needed"),
    ('unchangeable("household.income").', 'slips_refused("home.rent").', "home.rent is no word, and slips are refused"),
    ('not_above("claim.date", "claim.paid_until").', 'not_above("claim.date", "home.rent").', "not_above: claim.date and home.rent are not two dates, nor two numbers"),
    ('not_above("claim.date", "claim.paid_until").', 'not_above("claim.date", "members[].born").', "not_above: claim.date and members[].born do not stand in one entry"),
    ('any_of("members[].born", "members[].age").', 'any_of("members[].born", "members[].agee").', 'any_of: "members[].agee" is no field of a record; is members[].age meant?'),
    ('any_of("members[].born", "members[].age").', 'any_of("members[].born", "home.rent").', "any_of: members[].born and home.rent do not stand beside each other"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", rise_percent("home.former_rent", "home.rent")).', "home.rise: no function rise_percent"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", increase_percent("home.rent")).', "home.rise: increase_percent has 2 arguments: increase_percent(Before, After)"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", increase_percent("home.rnt", "home.rent")).', 'home.rise follows from "home.rnt", which is no field; is home.rent meant?'),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", increase_percent("home.heating", "home.rent")).', "home.rise: increase_percent needs a whole or decimal or computed as Before; home.heating is choice"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", increase_percent("home.rise", "home.rent")).', "home.rise from home.rise: a value cannot follow from itself"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", increase_percent("members[].age", "home.rent")).', "home.rise follows from members[].age, of which there is one in each entry"),
    ('derived("home.rise", increase_percent("home.former_rent", "home.rent")).', 'derived("home.rise", active_on("members[].absences", "claim.date")).', "home.rise: active_on gives no value of the type whole; computed is needed"),
    ('derived("home.saving", decrease_percent("home.former_rent", "home.rent")).', "", "home.saving is computed, and nothing says from what: derived/2 is needed"),
    ('derived("home.saving", decrease_percent("home.former_rent", "home.rent")).', 'derived("home.saving", sum_of("home.rent")).', "home.saving: sum_of is of the entries of a list; home.rent is no field of such"),
    ('derived("household.children", number_of("members", "members[].standing", child)).', 'derived("household.children", number_of("incomes", "members[].standing", child)).', "household.children: number_of: the place is to be one of the entries of incomes"),
    ('derived("household.children", number_of("members", "members[].standing", child)).', 'derived("household.children", number_of("persons", "members[].standing", child)).', 'household.children: number_of: no list persons; there are: incomes, members'),
    ('field("members[].name", name(M), identifier) :- list("members", M, _).', "", "members[].cares_for refers to entries of members, which have no identifier"),
    ('field("members[].cares_for", cares_for(M), references("members"))', 'field("members[].cares_for", cares_for(M), references("people"))', "members[].cares_for refers to people, which is no list; there are: incomes, members"),
    ('field("members[].cares_for", cares_for(M), references("members"))', 'field("members[].cares_for", cares_for(M), identifier)', "members[].cares_for: an entry of members has one identifier"),
    ('field("case_id", case_id, text).\nrequired("case_id").', "", 'a record needs its identification: field("case_id", case_id, text)'),
    ('bounds("claim.paid_until", 20000101, 20401231).', 'required("claim.paid_until").', "of several dates one is that on which a record is judged: as_of/1 of one of claim.date, claim.paid_until"),
    ('bounds("claim.paid_until", 20000101, 20401231).', 'as_of("claim.paid_until").', "as_of: claim.paid_until is no required date of the record"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "message"), WRONG, ids=[message[:50] for *_, message in WRONG])
def test_what_is_wrong_is_said_with_what_stands_in_its_line(
    before: str, after: str, message: str, benefit_vocabularies: Mapping[str, Vocabulary]
) -> None:
    assert before in BENEFIT
    text = BENEFIT.replace(before, after)
    with pytest.raises(DeclarationError) as caught:
        read_declaration(rows_of(text), benefit_vocabularies, places_in(text))
    found = [fault for fault in caught.value.faults if fault.message.startswith(message)]
    assert found, [fault.message for fault in caught.value.faults]
    if after.startswith(("bounds", "default", "unit", "derived", "field", "decimals", "complete", "any_of")):
        lines = [line for line in text.splitlines() if all(needle in line for needle in found[0].needles)]
        assert lines, found[0].needles


def test_all_faults_at_once() -> None:
    text = BENEFIT.replace('unit("home.rent", "EUR").', 'unit("home.rant", "EUR"). decimals("home.heating", 1).')
    with pytest.raises(DeclarationError) as caught:
        read_declaration(rows_of(text))
    assert len(caught.value.faults) == 2 and len(str(caught.value).splitlines()) == 2


def test_a_date_of_several_can_be_named() -> None:
    text = BENEFIT + 'required("claim.paid_until"). as_of("claim.date").'
    day = read_declaration(rows_of(text)).day
    assert day is not None and day.key == "date"


def test_a_record_can_do_without_any_date() -> None:
    declaration = read_declaration(rows_of('field("case_id", case_id, text). required("case_id").'))
    assert declaration.day is None and declaration.order == ("case_id",)


def test_the_same_declaration_for_any_number_of_entries() -> None:
    text = (RULES / "ip0369" / "record.lp").read_text("utf-8")
    for entries in (2, 5):
        declaration = read_declaration(rows_of(text, entries), order=places_in(text))
        assert [field.name for field in declaration.fields] == [field.name for field in shipped().declaration.fields]
