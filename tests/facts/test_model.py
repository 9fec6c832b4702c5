"""Records against their declaration: what is admitted, how it is read, and what is refused together."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

import jsonschema
import pytest
from declarations import BENEFIT, Records, benefit_case, paths_of, records_of, schema_of, shipped
from generate import random_record

from facts.declaration import DeclarationError
from facts.declaration_rows import read_declaration
from facts.errors import RecordError
from facts.model import RecordModel

BASE: dict[str, Any] = {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}}


def refused(records: Records, data: Any) -> list[str]:
    """The faults of a record, as they are printed."""
    with pytest.raises(RecordError) as caught:
        records.case(data)
    return paths_of(caught.value.faults)


def test_only_what_is_stated_is_kept() -> None:
    data = {**BASE, "patient": {"birth_date": "1990-05-02", "age_years": None}, "disease": None, "therapies": [
        {"class": "biologic", "sample": None, "periods": [{"start": None, "end": "2025-01-01"}], "concomitant_with": None},
    ]}  # fmt: skip
    record = shipped().model.validate(data)
    assert record.case_id == "c"
    assert record.data == {
        "case_id": "c",
        "request": {"date": date(2025, 3, 1), "type": "initial"},
        "patient": {"birth_date": date(1990, 5, 2)},
        "therapies": [{"class": "biologic", "periods": [{"end": date(2025, 1, 1)}]}],
    }


def test_null_and_absent_are_the_same() -> None:
    model = shipped().model
    nulls = {
        name: None for name in ("patient", "disease", "prescriber", "therapies", "intolerances", "response", "plan")
    }
    assert model.validate({**BASE, **nulls}) == model.validate(BASE)


def test_dates_can_be_dates() -> None:
    model = shipped().model
    data = deepcopy(BASE)
    data["request"]["date"] = date(2025, 3, 1)
    assert model.validate(data) == model.validate(BASE)


@pytest.mark.parametrize("written", ["wood_pellets", "Wood Pellets", "wood-pellets", "WOODPELLETS"])
def test_choices_are_read_in_any_case_and_spacing(benefit: Records, written: str) -> None:
    record = benefit.model.validate(benefit_case(home={"heating": written}))
    assert record.data["home"]["heating"] == "wood_pellets"


def test_closed_vocabularies_are_read_in_any_spelling(benefit: Records) -> None:
    members = [{"age": 7, "standing": "Kids"}, {"age": 40, "standing": "family"}]
    record = benefit.model.validate(benefit_case(members=members))
    assert [member["standing"] for member in record.data["members"]] == ["child", "family"]


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"home": {"heating": "coal"}}, ["home.heating: must be 'gas', 'wood_pellets' or 'other', not 'coal'"]),
    ({"home": {"heating": 5}}, ["home.heating: must be 'gas', 'wood_pellets' or 'other', not 5"]),
    ({"home": {"heating": ["gas"]}}, ["home.heating: must be 'gas', 'wood_pellets' or 'other'"]),
    ({"members": [{"age": 7, "standing": "chidl"}]}, ["members[0].standing: must be 'parent', 'child' or 'lodger', not 'chidl'; nearest: child"]),
    ({"members": [{"age": 7, "standing": "zzz"}]}, ["members[0].standing: must be 'parent', 'child' or 'lodger', not 'zzz'"]),
    ({"claim": {"date": "2025-03-01", "paid_until": "1999-12-31"}}, ["claim.paid_until: must be from 2000-01-01 to 2040-12-31, not '1999-12-31'"]),
    ({"claim": {"date": "2025-03-01", "paid_until": "2025-02-01"}}, ["claim.date: is after the paid until"]),
    ({"claim": {"date": "2025-03-01", "scheme": "Heat Aid"}}, ["claim.scheme: this policy speaks of Rent Aid only, not of 'Heat Aid'"]),
    ({"home": {"former_rent": 0}}, ["home.former_rent: must be 0.01 or more, not 0"]),
    ({"home": {"rent": 612.5, "former_rent": 500, "rise": 23}}, ["home.rise: 23 does not agree with the former rent and the rent, which give 22"]),
    ({"home": {"saving": 3}}, ["home.saving: is not for a record to say: it follows from the former rent and the rent"]),
    ({"incomes": [{"amount": 1.1}, {"amount": 2.2}], "household": {"income": 3.31}}, ["household.income: 3.31 does not agree with the incomes, which give 3.3"]),
    ({"members": [{"age": 7, "earns": False}], "household": {"earners": 2}}, ["household.earners: 2 does not agree with the members, which give 0"]),
    ({"members": [{}]}, ["members[0].born: give the born, or else the age"]),
    ({"members": [{"born": "1890-01-01"}]}, ["members[0].born: more than 120 years before the date of the claim"]),
    ({"members": [{"born": "2020-01-01", "age": 7}]}, ["members[0].age: 7 does not agree with the born, which gives 5"]),
    ({"members": [{"age": 7, "name": "A"}, {"age": 8, "name": "A"}]}, ["members[1].name: 'A' is the name of members[0] too"]),
    ({"members": [{"age": 7, "cares_for": ["m2"]}, {"age": 8, "cares_for": ["m3"]}]}, ["members[1].cares_for[0]: 'm3' is not the name of another member of the household"]),
    ({"members": [{"age": 7, "absences": [{"start": "2025-02-02", "end": "2025-01-01"}]}]}, ["members[0].absences[0].start: is after the end of the period"]),
    ({"incomes": [{"kind": "wage"}]}, ["incomes[0].amount: required, and absent"]),
    ({"incomes": [{"amount": 2_000_000}]}, ["incomes[0].amount: must be 1000000 or less, not 2000000"]),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "faults"), WRONG, ids=[faults[0][:50] for _, faults in WRONG])
def test_refused_with_path_and_remedy(benefit: Records, parts: dict[str, Any], faults: list[str]) -> None:
    assert refused(benefit, benefit_case(**parts)) == faults


def test_stated_values_that_agree_are_admitted(benefit: Records) -> None:
    benefit.case(benefit_case(
        home={"rent": 612.5, "former_rent": 500, "rise": 22}, incomes=[{"amount": 0.1}, {"amount": 0.2}],
        household={"income": 0.3, "earners": 1}, members=[{"born": "2017-06-01", "age": 7, "earns": True}],
    ))  # fmt: skip


def test_a_number_of_entries_can_be_more_where_others_are_possible(benefit: Records) -> None:
    text = BENEFIT.replace('complete("members").', "")
    records = records_of(text, benefit.vocabularies)
    records.case(benefit_case(household={"earners": 5}, members=[{"age": 7, "earns": True}]))
    assert refused(records, benefit_case(household={"earners": 0}, members=[{"age": 7, "earns": True}])) == [
        "household.earners: 0 does not agree with the members, which give 1"
    ]


def test_faults_of_one_entry_do_not_hide_those_of_others() -> None:
    data = {**BASE, "therapies": [
        {"class": "a", "days": 5, "consecutive_days": 9, "outcome": "bad"},
        "no entry",
        {"id": "x"},
        {"class": "b", "id": "x", "periods": [{"start": "2025-02-01", "end": "2025-01-01"}], "days": 3},
    ]}  # fmt: skip
    assert refused(shipped(), data) == [
        "therapies[0].consecutive_days: is more than days",
        "therapies[0].outcome: must be 'failure', 'response' or 'intolerance', not 'bad'",
        "therapies[1]: an object with named fields is needed, not 'no entry'",
        "therapies[2].product: give the product, or else the class",
        "therapies[3].id: 'x' is the id of therapies[2] too",
        "therapies[3].periods[0].start: is after the end of the period",
    ]


def test_nothing_is_inferred_from_a_part_that_has_a_fault() -> None:
    data = {**BASE, "therapies": [
        {"class": "a", "id": 5}, {"class": "b", "id": "t1", "concomitant_with": ["somebody"]}, {"product": 7, "days": 3},
    ]}  # fmt: skip
    assert refused(shipped(), data) == [
        "therapies[0].id: text is needed, not 5",
        "therapies[2].product: text is needed, not 7",
    ]


def test_a_slip_of_an_indication_is_refused_with_the_word_meant() -> None:
    data = deepcopy(BASE)
    data["request"]["indication"] = "atopic dermatitsi"
    assert refused(shipped(), data) == [
        "request.indication: 'atopic dermatitsi' is not a known word; is 'atopic dermatitis' meant?"
    ]


def test_a_record_of_another_policy_is_named_as_such(benefit: Records) -> None:
    foreign = {**BASE, "members": [{"age": 7}], "incomes": [{"amount": 3}], "home": {"rent": 500}}
    first, *rest = refused(shipped(), foreign)
    assert first == "this is no record of IP0369 (see `reasoner schema record`)" and len(rest) == 3
    first, *_ = refused(benefit, {"case_id": "c", "patient": {}, "therapies": []})
    assert first == "this is no record of B1 (see `reasoner schema record`)"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"case_id": "c"},
        {**BASE, "nonsense": 1},
        {**BASE, "diseases": {"severity": "mild"}},
        {"case_id": "c", "requests": {}},
    ],
)
def test_a_mere_slip_is_no_other_policy(data: dict[str, Any]) -> None:
    assert not any("this is no record" in fault for fault in refused(shipped(), data))


def test_an_unknown_vocabulary_is_refused_at_once() -> None:
    records = shipped()
    with pytest.raises(DeclarationError, match="request.indication: no vocabulary indications"):
        RecordModel(records.declaration, {})


def test_the_faults_of_an_entry_by_itself() -> None:
    model = shipped().model
    found = model.entry_faults("therapies", {"days": 5, "consecutive_days": 9, "outcom": "failure"})
    assert [(key, str(fault)) for key, fault in found] == [("outcom", "outcom: unknown field; did you mean 'outcome'?")]
    found = model.entry_faults("therapies", {"days": 5, "consecutive_days": 9})
    assert [(key, str(fault)) for key, fault in found] == [
        ("product", "product: give the product, or else the class"),
        ("consecutive_days", "consecutive_days: is more than days"),
    ]
    assert model.entry_faults("response", {"sign": "erythema", "documented": True}) == []


def test_every_record_that_is_admitted_fits_the_schema(benefit: Records) -> None:
    schema = schema_of(shipped())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    rng = Random(1)
    for _ in range(200):
        data = random_record(rng)
        validator.validate(data)
        validator.validate(shipped().case(data).full)
    jsonschema.validate(benefit.case(benefit_case(incomes=[{"amount": 3}])).full, schema_of(benefit))


@pytest.mark.parametrize(
    "parts",
    [
        {"nonsense": 1},
        {"therapies": [{"days": -1}]},
        {"therapies": [{"us_class": 1}]},
        {"plan": {"mandate": "maybe"}},
        {"case_id": None},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(parts: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**BASE, **parts}, schema_of(shipped()))
    with pytest.raises(RecordError):
        shipped().model.validate({**BASE, **parts})


def test_the_model_does_without_the_package_of_models() -> None:
    """Importing it would take as long as judging hundreds of records."""
    code = "import sys, facts.model, facts.case, facts.statements, facts.changes; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_declaration_can_be_read_without_vocabularies(benefit: Records) -> None:
    from declarations import rows_of

    assert read_declaration(rows_of(BENEFIT)).values(("standing", ("member", 1))) is None
    assert benefit.declaration.values(("standing", ("member", 1))) == ("parent", "child", "lodger")
