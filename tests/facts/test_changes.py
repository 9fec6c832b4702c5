"""Edits bring about what they are for: the record with them applied has the value."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from declarations import Records, benefit_case, shipped
from generate import random_record

from facts.case import Case
from facts.changes import add_values, append, apply, set_value
from facts.declaration import Field
from facts.errors import RecordError
from facts.statements import facts_of
from facts.terms import CouldBe, Given, Term

BASE: dict[str, Any] = {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}}


def case_with(**parts: Any) -> Case:
    data = deepcopy(BASE)
    for name, part in parts.items():
        data[name] = data.get(name, {}) | part if name == "request" else part
    return shipped().case(data)


def therapy(**fields: Any) -> Case:
    return case_with(therapies=[{"class": "topical_corticosteroid", **fields}])


def holds(case: Case, term: Term, value: Any) -> bool:
    field = case.declaration.field(term)
    assert field is not None
    return case.number(term) == (value, value) if field.is_number else Given(term, value) in facts_of(case)


def wanted(rng: Random, records: Records, field: Field, term: Term) -> Iterator[Term]:
    """Values to try in a field."""
    if field.is_number:
        yield rng.choice((1, 13, 14, 28, 42, 60, 84, 100))
    values = records.declaration.values(term)
    if values is None and field.vocabulary:
        values = tuple(records.vocabularies[field.vocabulary].terms)
    yield from rng.sample(list(values or ()), min(2, len(values or ())))


def test_every_field_of_random_records() -> None:
    rng, records, tried = Random(7), shipped(), set()
    for _ in range(60):
        case = records.case(random_record(rng))
        for field in case.declaration.fields:
            if field.kind in ("none", "date") or field.key in ("product", "to", "class", "us_class", "concomitant"):
                continue
            for at in range(len(case.entries(field.list))) if field.list else (-1,):
                term = field.term(at)
                for value in wanted(rng, records, field, term):
                    if field.key == "potency" and case.possible(term) and value not in case.possible(term):
                        continue
                    edits = set_value(case, term, value)
                    after = records.case(apply(case.full, edits))
                    low, _ = after.number(term) or (None, None)
                    if field.key in ("days", "consecutive_days") and low is not None and isinstance(value, int):
                        before, _ = case.number(term) or (0, None)
                        lengthened = value > (before or 0)  # a run that is lengthened can join another
                        assert low >= value if lengthened else low == value, (term, value, edits)
                    else:
                        assert holds(after, term, value), (term, value, edits)
                    tried.add(field.place)
    assert len(tried) > 20


def test_a_number_and_a_word() -> None:
    case = case_with(disease={"bsa_percent": 30})
    assert set_value(case, "bsa_percent", 20) == [{"op": "add", "path": "/disease/bsa_percent", "value": 20}]
    assert set_value(case, "severity", "mild") == [{"op": "add", "path": "/disease/severity", "value": "mild"}]
    assert set_value(case, "birth_date", 19900502) == [
        {"op": "add", "path": "/patient/birth_date", "value": "1990-05-02"}
    ]  # fmt: skip
    with pytest.raises(ValueError, match="20250230 is no date"):
        set_value(case, "birth_date", 20250230)
    with pytest.raises(KeyError):
        set_value(case, "no_such_field", 1)


def test_a_list_is_added_to_or_created() -> None:
    assert set_value(case_with(), "sites", "face") == [{"op": "add", "path": "/disease/sites", "value": ["face"]}]
    case = case_with(disease={"sites": ["arms"]})
    assert set_value(case, "sites", "face") == [{"op": "add", "path": "/disease/sites/-", "value": "face"}]
    assert add_values(case, "sites", ["face", "eyelids"]) == [
        {"op": "add", "path": "/disease/sites/-", "value": "face"},
        {"op": "add", "path": "/disease/sites/-", "value": "eyelids"},
    ]
    assert add_values(case_with(), "consulted", ["a", "b"]) == [
        {"op": "add", "path": "/prescriber/consulted", "value": ["a", "b"]}
    ]  # fmt: skip
    with pytest.raises(KeyError):
        add_values(case, "severity", ["mild"])


def test_an_age_by_date_of_birth_and_as_stated() -> None:
    both = case_with(patient={"birth_date": "1990-05-02", "age_years": 34})
    assert set_value(both, "age_years", 12) == [
        {"op": "add", "path": "/patient/birth_date", "value": "2013-03-01"},
        {"op": "add", "path": "/patient/age_years", "value": 12},
    ]
    assert set_value(case_with(), "age_years", 12) == [{"op": "add", "path": "/patient/age_years", "value": 12}]
    leap = case_with(request={"date": "2024-02-29"}, patient={"birth_date": "1990-05-02"})
    edits = set_value(leap, "age_years", 13)
    assert edits == [{"op": "add", "path": "/patient/birth_date", "value": "2011-02-28"}]
    assert holds(shipped().case(apply(leap.full, edits)), "age_years", 13)


DAYS = ("days", ("therapy", 1))
RUN = ("consecutive_days", ("therapy", 1))
TWO = [{"start": "2025-01-01", "end": "2025-01-10"}, {"start": "2025-01-20", "end": "2025-01-25"}]


@pytest.mark.parametrize(
    ("fields", "term", "value", "changed"),
    [
        ({}, DAYS, 28, {"days": 28}),
        ({"days": 5}, RUN, 28, {"days": 28, "consecutive_days": 28}),
        ({"days": 50, "consecutive_days": 40}, DAYS, 20, {"days": 20, "consecutive_days": 20}),
        ({"periods": TWO}, DAYS, 20, {"periods": [{"start": "2024-12-28", "end": "2025-01-10"}, TWO[1]]}),
        ({"periods": TWO, "days": 16}, DAYS, 20, {"periods": [{"start": "2024-12-28", "end": "2025-01-10"}, TWO[1]], "days": 20}),
        ({"periods": TWO}, RUN, 20, {"periods": [{"start": "2024-12-22", "end": "2025-01-10"}, TWO[1]]}),
        ({"periods": TWO}, DAYS, 8, {"periods": [{"start": "2025-01-09", "end": "2025-01-10"}, TWO[1]]}),
        ({"periods": TWO}, RUN, 3, {"periods": [{"start": "2025-01-08", "end": "2025-01-10"}, {"start": "2025-01-23", "end": "2025-01-25"}]}),
        ({"periods": [{"start": "2025-01-01"}]}, DAYS, 8, {"periods": [{"start": "2025-02-22"}]}),
        ({"periods": TWO}, DAYS, 0, {"periods": [], "days": 0, "consecutive_days": 0}),
        ({"periods": [{"start": "2026-01-01"}]}, DAYS, 3, {"periods": [{"start": "2026-01-01"}, {"start": "2025-02-26", "end": "2025-02-28"}]}),
        ({"periods": [{"end": "2025-01-01"}]}, DAYS, 3, {"days": 3}),
    ],
)  # fmt: skip
def test_days_of_use(fields: dict[str, Any], term: Term, value: int, changed: dict[str, Any]) -> None:
    case = therapy(**fields)
    edited = apply(case.full, set_value(case, term, value))
    assert edited["therapies"][0] == case.full["therapies"][0] | changed
    assert holds(shipped().case(edited), term, value)


def test_days_that_no_record_can_have() -> None:
    assert set_value(therapy(periods=TWO), DAYS, 90_000) == []
    assert set_value(therapy(periods=TWO), DAYS, -1) == []


ACTIVE = ("active", ("therapy", 1))


@pytest.mark.parametrize(
    ("fields", "value", "periods"),
    [
        ({}, False, [{"end": "2025-02-28"}]),
        ({"periods": [{"start": "2025-01-01"}]}, False, [{"start": "2025-01-01", "end": "2025-02-28"}]),
        ({"periods": [{"start": "2025-03-01"}]}, False, [{"end": "2025-02-28"}]),
        ({"periods": [{"start": "2025-01-01"}], "days": 60}, False, [{"end": "2025-02-28"}]),
        ({"periods": [{"end": "2025-01-01"}]}, True, [{}]),
        ({"periods": TWO}, True, [TWO[0], {"start": "2025-01-20"}]),
        ({"periods": TWO, "days": 16}, True, [TWO[0], {}]),
        ({"periods": [{"start": "2026-01-01"}]}, True, [{"start": "2025-03-01"}]),
        ({}, True, None),
    ],
)
def test_what_goes_on_and_what_has_ended(fields: dict[str, Any], value: bool, periods: Any) -> None:
    case = therapy(**fields)
    edited = apply(case.full, set_value(case, ACTIVE, value))
    assert edited["therapies"][0].get("periods") == periods
    assert holds(shipped().case(edited), ACTIVE, value)


def test_an_ambiguous_product_is_named_so_that_one_family_fits() -> None:
    case = case_with(therapies=[{"product": "tacrolimus", "documented": True}, {"product": "ruxolitinib"}])
    for number in (1, 2):
        term = ("product", ("therapy", number))
        for candidate in case.candidates(("therapy", number)):
            edits = set_value(case, term, candidate.key)
            after = shipped().case(apply(case.full, edits))
            assert Given(term, candidate.key) in facts_of(after)
            assert not any(isinstance(fact, CouldBe) and fact.field == term for fact in facts_of(after))


def test_another_product_takes_away_what_the_catalogue_had_added() -> None:
    case = case_with(therapies=[{"product": "clobetasol 0.05% cream"}])
    edits = set_value(case, ("product", ("therapy", 1)), "pimecrolimus_cream")
    assert [edit["op"] for edit in edits] == ["add", "remove", "remove"]
    after = shipped().case(apply(case.full, edits))
    assert Given(("class", ("therapy", 1)), "topical_calcineurin_inhibitor") in facts_of(after)


def test_two_therapies_are_used_together_or_not() -> None:
    case = case_with(therapies=[{"class": "a", "concomitant_with": ["t3"]}, {"class": "b"}, {"class": "c"}])
    pair = ("concomitant", ("therapy", 1), ("therapy", 2))
    edits = set_value(case, pair, True)
    assert edits == [{"op": "add", "path": "/therapies/0/concomitant_with/-", "value": "t2"}]
    assert Given(pair, True) in facts_of(shipped().case(apply(case.full, edits)))
    other = ("concomitant", ("therapy", 1), ("therapy", 3))
    assert Given(other, True) in facts_of(case)
    after = shipped().case(apply(case.full, set_value(case, other, False)))
    assert Given(other, True) not in facts_of(after)


def test_a_new_entry_has_an_identifier_of_its_own() -> None:
    case = case_with(therapies=[{"class": "a", "id": "new-1.C"}])
    assert append(case, "therapies", {"class": "b"}, "1.C") == [
        {"op": "add", "path": "/therapies/-", "value": {"id": "new-1.C-new", "class": "b"}}
    ]
    assert append(case, "response", {"sign": "erythema"}, "R") == [
        {"op": "add", "path": "/response/-", "value": {"sign": "erythema"}}
    ]


def test_edits_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="the patch does not apply"):
        apply(case_with().full, [{"op": "remove", "path": "/therapies/7"}])


def test_numbers_that_follow_from_others(benefit: Records) -> None:
    case = benefit.case(benefit_case(
        home={"rent": 612.5, "former_rent": 500}, household={"income": 1500.3}, incomes=[{"amount": 1200.1}, {"amount": 300.2}],
    ))  # fmt: skip
    for term, value in (
        ("income", 100_000),
        ("income", 0),
        ("burden", 30),
        ("rise", 10),
        ("rise", 0),
        ("saving", 5),
        ("dearer_by", -1050),
        ("rent", 45_050),
    ):
        try:
            after = benefit.case(apply(case.full, set_value(case, term, value)))
        except RecordError as error:
            raise AssertionError((term, value, set_value(case, term, value))) from error
        assert after.number(term) == (value, value), (term, value)
    assert set_value(case, "children", 1) == []
    neither = benefit.case(benefit_case())  # then both are written
    assert benefit.case(apply(neither.full, set_value(neither, "rise", 1))).number("rise") == (1, 1)
    child = benefit.case(benefit_case(members=[{"born": "2017-06-01"}]))
    assert set_value(child, ("age", ("member", 1)), 18) == [
        {"op": "add", "path": "/members/0/born", "value": "2007-03-01"}
    ]  # fmt: skip
