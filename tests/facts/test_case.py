"""Records in full form: words and products understood, warnings, and what the verdict asks of a case."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date, timedelta
from itertools import chain, combinations
from random import Random
from typing import Any

import pytest
from declarations import Records, benefit_case, paths_of, shipped
from generate import random_record

from facts.case import Case
from facts.errors import RecordError
from facts.statements import facts_of, statements_of
from facts.symbols import read_fact, shown_fact
from facts.terms import Between, CouldBe, Given, NotUnderstood, Stated, Term
from facts.wording import Recorded

BASE: dict[str, Any] = {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}}


def with_parts(**parts: Any) -> dict[str, Any]:
    data = deepcopy(BASE)
    for name, part in parts.items():
        data[name] = data.get(name, {}) | part if name == "request" else part
    return data


def therapies(*entries: dict[str, Any]) -> dict[str, Any]:
    return with_parts(therapies=list(entries))


def recorded(case: Case, terms: Sequence[Term]) -> str:
    return Recorded(case, terms).text(case)


def paths(case: Case, term: Term) -> tuple[str, ...]:
    return Recorded(case, (term,)).paths(case)


def test_facts_that_change_as_days_go_by_and_the_others_are_all_that_there_are() -> None:
    rng = Random(3)
    for _ in range(150):
        case = shipped().case(random_record(rng))
        assert case.day is not None
        day = case.day + timedelta(days=rng.randint(1, 900))
        statements, later = statements_of(case), case.moved(day)
        lasting = statements.lasting(case)
        assert statements.lasting(later) == lasting
        entries = [(name, at) for name in later.declaration.entry_lists for at in range(later.count(name))]
        in_time = chain(*(statements.in_time(later, *part) for part in (("", -1), *entries)))
        pairs = (facts for since, facts in statements.of_pairs(later) if since <= day)
        found = {*chain(*lasting, *in_time, *pairs)}
        assert {*facts_of(later)} <= found
        assert all(isinstance(fact, Stated) for fact in found - {*facts_of(later)})  # an entry that says no more


def test_entries_at_the_same_time_are_a_pair_where_they_differ() -> None:
    """Of three therapies at one time two are of one class, and a fourth is over before."""
    day = {"start": "2025-01-01", "end": "2025-01-20"}
    classes = ("biologic", "biologic", "jak_inhibitor")
    entries = [{"id": f"t{n}", "class": name, "periods": [day]} for n, name in enumerate(classes)]
    before = {"id": "t3", "class": "jak_inhibitor", "periods": [{"start": "2024-01-01", "end": "2024-01-20"}]}
    facts = facts_of(shipped().case(therapies(*entries, before)))
    fields = [fact.field for fact in facts if isinstance(fact, Given)]
    pairs = [field[1:] for field in fields if isinstance(field, tuple) and len(field) == 3]
    assert pairs == [(("therapy", 1), ("therapy", 3)), (("therapy", 2), ("therapy", 3))]


def test_entries_are_a_pair_from_the_first_day_that_both_cover() -> None:
    """Of random periods: on each of some days those are pairs that overlap up to it, and no others."""
    rng = Random(4)
    for _ in range(60):
        classes, periods = zip(
            *((rng.choice(("biologic", "jak_inhibitor")), _periods(rng)) for _ in range(7)), strict=True
        )
        case = shipped().case(
            therapies(*({"class": c, "periods": own} for c, own in zip(classes, periods, strict=True)))
        )
        together = {facts[0].field: since for since, facts in statements_of(case).of_pairs(case)}
        for number in range(12):
            day = date(2025, 1, 1) + timedelta(days=number * 3)
            overlapping = {
                ("concomitant", ("therapy", left + 1), ("therapy", right + 1))
                for left, right in combinations(range(len(classes)), 2)
                if classes[left] != classes[right]
                and any(_overlap(one, other, day) for one in periods[left] for other in periods[right])
            }
            assert {pair for pair, since in together.items() if since <= day} == overlapping


def _periods(rng: Random) -> list[dict[str, str]]:
    """One or two periods of a month, some without a start or an end."""
    found = []
    for _ in range(rng.randint(1, 2)):
        start, end = sorted(f"2025-01-{rng.randint(1, 31):02}" for _ in range(2))
        found.append(rng.choice(({"start": start, "end": end}, {"start": start}, {"end": end})))
    return found


def _overlap(one: dict[str, str], other: dict[str, str], day: date) -> bool:
    """Whether both have a day in common that is not after the one given."""
    first = max(one.get("start", ""), other.get("start", ""))
    return first <= min(one.get("end", "9"), other.get("end", "9"), day.isoformat())


def test_the_full_form_says_the_same() -> None:
    rng = Random(2)
    for _ in range(150):
        case = shipped().case(random_record(rng))
        for form in (case.written, case.full):
            again = shipped().case(form)
            assert facts_of(again) == facts_of(case)
            assert again.full == case.full


def test_full_and_written_form() -> None:
    case = shipped().case(with_parts(
        request={"indication": "Atopic Dermatitis"}, disease={"sites": ["Face", "elbw crease", "face"], "bsa_percent": 3},
        therapies=[{"product": "Clobetasol 0.05% cream", "periods": [{"start": "2025-01-01"}]}],
    ))  # fmt: skip
    assert case.written == {
        "case_id": "c",
        "request": {"date": "2025-03-01", "type": "initial", "product": "Opzelura", "indication": "Atopic Dermatitis"},
        "patient": {},
        "disease": {"bsa_percent": 3.0, "sites": ["Face", "elbw crease", "face"]},
        "prescriber": {},
        "therapies": [{
            "id": "t1", "product": "Clobetasol 0.05% cream", "periods": [{"start": "2025-01-01"}], "sample": False,
            "concomitant_with": [],
        }],
        "intolerances": [],
        "response": [],
        "plan": {"line_of_business": "employer", "document": "silent", "mandate": "silent"},
    }  # fmt: skip
    assert list(case.full) == list(shipped().declaration.order)
    assert case.full["request"]["indication"] == "atopic_dermatitis"
    assert case.full["disease"]["sites"] == ["face", "elbw crease", "face"]
    added = {"class": "topical_corticosteroid", "potency": "super_high", "prescription": True}
    assert case.full["therapies"] == [case.written["therapies"][0] | added]


def test_an_unknown_word_is_warned_about_and_not_understood() -> None:
    case = shipped().case(with_parts(disease={"sites": ["face", "elbw crease"]}, prescriber={"specialty": "x y z"}))
    near = shipped().vocabularies["sites"].nearest("elbw crease")
    assert near is not None and near.startswith("elbow crease")
    assert case.warnings == (
        f"disease.sites[1]: 'elbw crease' is not understood and leaves open what depends on it; nearest: {near}",
        "prescriber.specialty: 'x y z' is not understood and leaves open what depends on it",
    )
    facts = facts_of(case)
    assert {Stated("sites"), Given("sites", "face"), NotUnderstood("sites")} <= set(facts)
    assert [fact for fact in facts if fact.field == "specialty"] == [Stated("specialty"), NotUnderstood("specialty")]


def test_an_unknown_indication_is_another_use() -> None:
    case = shipped().case(with_parts(request={"indication": "broken wrist"}))
    assert [fact for fact in facts_of(case) if fact.field == "indication"] == [
        Stated("indication"), Given("indication", "broken wrist"),
    ]  # fmt: skip
    (warning,) = case.warnings
    assert warning.startswith("request.indication: 'broken wrist' is no known word and taken as something else")


def test_a_phrase_that_stands_for_several_terms_leaves_open_which(benefit: Records) -> None:
    data = benefit_case(members=[{"age": 7, "standing": "family"}], household={"regions": ["up there"]})
    case = benefit.case(data)
    standing = [fact for fact in facts_of(case) if fact.field == ("standing", ("member", 1))]
    assert standing == [CouldBe(("standing", ("member", 1)), "parent"), CouldBe(("standing", ("member", 1)), "child")]
    # both of the terms are of the north
    regions = [fact for fact in facts_of(case) if fact.field == "regions"]
    assert regions == [Stated("regions"), Given("regions", "north"), CouldBe("regions", "coast")]
    assert case.warnings == (
        "household.regions[0]: 'up there' can be the north or the coast",
        "members[0].standing: 'family' can be parent or child",
    )
    assert case.is_ambiguous and case.number("children") == (0, 1)
    assert case.full["members"][0]["standing"] == "family"


def test_broader_terms_are_given_too(benefit: Records) -> None:
    facts = benefit.facts(benefit_case(household={"regions": ["Seaside"]}))
    assert [fact for fact in facts if "regions" in fact] == [
        "stated(regions)", "given(regions,coast)", "given(regions,north)",
    ]  # fmt: skip


def test_an_empty_list_speaks() -> None:
    facts = facts_of(shipped().case(with_parts(disease={"sites": []})))
    assert [fact for fact in facts if fact.field == "sites"] == [Stated("sites")]


def test_an_ambiguous_product_leaves_open_what_its_families_differ_in() -> None:
    case = shipped().case(therapies({"product": "tacrolimus"}))
    at = ("therapy", 1)
    facts = set(facts_of(case))
    assert {CouldBe(("product", at), family) for family in ("tacrolimus_ointment", "tacrolimus_systemic")} <= facts
    classes = {"topical_calcineurin_inhibitor", "potent_immunosuppressant"}
    assert {CouldBe(("class", at), name) for name in classes} <= facts
    assert not any(isinstance(f, Given | Stated) and f.field in (("product", at), ("class", at)) for f in facts)
    assert [candidate.key for candidate in case.candidates(at)] == ["tacrolimus_ointment", "tacrolimus_systemic"]
    assert set(case.possible(("class", at))) == classes and case.possible("severity") == ()
    assert case.is_ambiguous and len(case.warnings) == 1
    assert case.warnings[0].startswith("therapies[0].product: 'tacrolimus' can be the ointment or ")
    assert "class" not in case.full["therapies"][0]


def test_a_stated_class_says_which_product_it_was() -> None:
    case = shipped().case(therapies({"product": "tacrolimus", "class": "Topical Calcineurin Inhibitor"}))
    assert Given(("product", ("therapy", 1)), "tacrolimus_ointment") in facts_of(case)
    assert not case.is_ambiguous and case.warnings == () and case.candidates(("therapy", 1)) == ()


def test_a_steroid_without_its_strength_leaves_its_potency_open() -> None:
    case = shipped().case(therapies({"product": "triamcinolone"}))
    field = ("potency", ("therapy", 1))
    assert {fact for fact in facts_of(case) if fact.field == field} == {
        CouldBe(field, "medium"),
        CouldBe(field, "high"),
    }
    assert case.warnings == ("therapies[0].product: 'triamcinolone' leaves the potency open: medium or high",)
    stated = shipped().case(therapies({"product": "triamcinolone", "potency": "high"}))
    assert Given(field, "high") in facts_of(stated) and stated.warnings == ()


def test_a_product_without_potency_among_others_is_none_of_them() -> None:
    rows = [product for product in shipped().catalogue.products if product.potency is None]
    assert rows  # a CouldBe(…, none) says that one of the candidates has no such value
    for product in ("betamethasone", "fluocinolone", "triamcinolone"):
        facts = facts_of(shipped().case(therapies({"product": product})))
        match = shipped().catalogue.lookup(product)
        assert match is not None
        values = {
            fact.value for fact in facts if isinstance(fact, CouldBe) and fact.field == ("potency", ("therapy", 1))
        }
        known = {one.potency or "none" for one in match.products}
        assert values == (known if len(known) > 1 else set())


@pytest.mark.parametrize(
    ("to", "classes"),
    [
        ("Topical Corticosteroids", {"topical_corticosteroid"}),
        ("emollient", {"emollient"}),
        ("Elidel", {"topical_calcineurin_inhibitor"}),
        ("an unheard-of balm", {"an unheard-of balm"}),
    ],
)
def test_what_an_intolerance_is_to(to: str, classes: set[str]) -> None:
    data = with_parts(intolerances=[{"to": to, "kind": "intolerance"}])
    facts = facts_of(shipped().case(data))
    found = {fact.value for fact in facts if isinstance(fact, Given) and fact.field == ("class", ("intolerance", 1))}
    assert classes <= found


@pytest.mark.parametrize(
    ("entries", "faults"),
    [
        ([{"product": "Dupixent", "class": "topical_corticosteroid"}], ["therapies[0].class: the catalogue has 'Dupixent' as biologic, not topical_corticosteroid"]),
        ([{"product": "Dupixent", "class": "Topical Steroid"}], ["therapies[0].class: the catalogue has 'Dupixent' as biologic, not topical_corticosteroid"]),
        ([{"product": "Dupixent", "class": "thing"}], ["therapies[0].class: the catalogue has 'Dupixent' as biologic, not thing"]),
        ([{"product": "triamcinolone", "potency": "low"}], ["therapies[0].potency: the catalogue has 'triamcinolone' as high or medium, not low"]),
        ([{"product": "clobetasol 0.05% cream", "potency": "low"}, {"product": "Elidel", "class": "biologic"}], ["therapies[0].potency: the catalogue has 'clobetasol 0.05% cream' as super_high, not low", "therapies[1].class: the catalogue has 'Elidel' as topical_calcineurin_inhibitor, not biologic"]),
    ],
)  # fmt: skip
def test_what_the_catalogue_contradicts_is_refused(entries: list[dict[str, Any]], faults: list[str]) -> None:
    with pytest.raises(RecordError) as caught:
        shipped().case(therapies(*entries))
    assert paths_of(caught.value.faults) == faults


def test_an_unknown_product_is_warned_about() -> None:
    case = shipped().case(
        therapies({"product": "Elidell"}, {"product": "zzz", "class": "biologic"}, {"product": "Elidel soothing"})
    )
    assert case.warnings == (
        "therapies[0].product: 'Elidell' is not in the catalogue and taken as unrelated; nearest: Elidel, Lidex",
        "therapies[1].product: 'zzz' is not in the catalogue and taken as biologic, as stated",
        "therapies[2].product: not understood and left aside: soothing",
    )


def test_where_fields_stand() -> None:
    case = shipped().case(with_parts(
        patient={"birth_date": "1990-01-01"},
        therapies=[{"class": "biologic", "days": 3}, {"class": "emollient", "periods": [{"start": "2025-01-01"}]}, {"product": "Elidel"}],
        intolerances=[{"to": "Elidel", "kind": "intolerance"}],
    ))  # fmt: skip
    assert paths(case, "age_years") == ("patient.birth_date",)
    assert paths(case, "severity") == ("disease.severity",) and case.silent("severity")
    assert paths(case, ("days", ("therapy", 1))) == ("therapies[0].days",)
    assert paths(case, ("days", ("therapy", 2))) == ("therapies[1].periods",)
    assert case.places(("days", ("therapy", 3))) == ("therapies[2].periods", "therapies[2].days")
    assert paths(case, ("days", ("therapy", 3))) == ("therapies[2].days",) and case.silent(("days", ("therapy", 3)))
    assert paths(case, ("class", ("therapy", 3))) == ("therapies[2].class",)
    assert paths(case, ("us_class", ("therapy", 3))) == ("therapies[2].product",)
    assert paths(case, ("class", ("intolerance", 1))) == ("intolerances[0].to",)
    assert paths(case, ("active", ("therapy", 1))) == ("therapies[0].periods",)
    assert case.number(("days", ("therapy", 2))) == (60, 60) and case.number("bsa_percent") is None
    with pytest.raises(KeyError):
        case.number("no_such_field")


def test_where_numbers_of_entries_stand(benefit: Records) -> None:
    case = benefit.case(benefit_case(home={"rent": 1}, incomes=[{"amount": 1.5}, {"amount": 2}]))
    assert paths(case, "burden") == ("home.rent", "incomes[0].amount", "incomes[1].amount", "incomes")
    assert case.number("income") == (350, 350) and case.number("burden") == (28, 28)
    assert case.number("dearer_by") is None and case.number("rent") == (100, 100)
    assert benefit.case(benefit_case(incomes=[])).number("income") == (0, 0)
    assert benefit.case(benefit_case()).number("income") == (0, None)


def test_what_the_record_says_in_words() -> None:
    case = shipped().case(with_parts(
        disease={"sites": ["face", "arms"], "bsa_percent": 12.5}, prescriber={"specialty": "family_medicine"},
        therapies=[{"class": "biologic", "documented": False, "periods": [{"start": "2025-01-01", "end": "2025-02-01"}, {}]}, {"class": "emollient"}],
    ))  # fmt: skip
    assert recorded(case, ["sites"]) == "the record says: face, arms"
    assert recorded(case, ["bsa_percent"]) == "the record says: 12.5"
    assert recorded(case, ["severity"]) == "the record does not say"
    assert recorded(case, ["specialty", "consulted"]) == (
        "the record says: specialty: family medicine; it does not say: consulted"
    )
    assert recorded(case, [("documented", ("therapy", 1))]) == "the record says: no"
    assert (
        recorded(case, [("active", ("therapy", 1))]) == "the record says: from 2025-01-01 to 2025-02-01, without dates"
    )
    assert recorded(case, [("active", ("therapy", 2))]) == "the record says: no end of it"
    assert (
        recorded(case, [("days", ("therapy", 1))])
        == "the record says: periods: from 2025-01-01 to 2025-02-01, without dates"
    )


def test_entries_are_called_by_what_they_are() -> None:
    case = shipped().case(with_parts(
        therapies=[{"product": "Tacrolimus ointment"}, {"product": "tacrolimus ointment", "id": "B"}, {"class": "topical_corticosteroid"}],
        intolerances=[{"to": "Elidel", "kind": "intolerance"}], response=[{"sign": "erythema"}, {"sign": "erythema"}],
    ))  # fmt: skip
    assert [case.entry_title(("therapy", number)) for number in (1, 2, 3)] == [
        "Tacrolimus ointment (t1)", "tacrolimus ointment (B)", "topical corticosteroid",
    ]  # fmt: skip
    assert case.entry_title(("intolerance", 1)) == "Elidel"
    assert case.entry_title(("response", 2)) == "erythema (2)"


def test_facts_of_the_shipped_record() -> None:
    case = shipped().case(with_parts(
        patient={"birth_date": "1990-05-02"},
        therapies=[
            {"product": "Elidel", "periods": [{"start": "2025-01-01", "end": "2025-01-10"}, {"start": "2025-01-12"}], "outcome": "failure"},
            {"class": "biologic", "consecutive_days": 5, "concomitant_with": ["t1"]},
        ],
    ))  # fmt: skip
    facts = facts_of(case)
    shown = [shown_fact(fact) for fact in facts]
    assert [read_fact(text) for text in shown] == facts
    assert shown == [
        "between(request_date,20250301,20250301)", "stated(request_type)", "given(request_type,initial)",
        "between(birth_date,19900502,19900502)", "between(age_years,34,34)",
        "stated(line_of_business)", "given(line_of_business,employer)", "stated(document)", "given(document,silent)",
        "stated(mandate)", "given(mandate,silent)",
        "stated(product(therapy(1)))", "given(product(therapy(1)),pimecrolimus_cream)",
        "stated(class(therapy(1)))", "given(class(therapy(1)),topical_calcineurin_inhibitor)",
        "stated(prescription(therapy(1)))", "given(prescription(therapy(1)),true)",
        "between(days(therapy(1)),59,59)", "between(consecutive_days(therapy(1)),49,49)",
        "stated(active(therapy(1)))", "given(active(therapy(1)),true)",
        "stated(outcome(therapy(1)))", "given(outcome(therapy(1)),failure)",
        "stated(sample(therapy(1)))", "given(sample(therapy(1)),false)",
        "stated(class(therapy(2)))", "given(class(therapy(2)),biologic)",
        "stated(prescription(therapy(2)))", "given(prescription(therapy(2)),true)",
        "between(days(therapy(2)),5,#sup)", "between(consecutive_days(therapy(2)),5,5)",
        "stated(active(therapy(2)))", "given(active(therapy(2)),true)",
        "stated(sample(therapy(2)))", "given(sample(therapy(2)),false)",
        "given(concomitant(therapy(1),therapy(2)),true)",
    ]  # fmt: skip


def test_facts_of_another_kind_of_record(benefit: Records) -> None:
    facts = benefit.facts(benefit_case(
        home={"rent": 612.5, "former_rent": 500}, household={"regions": ["moon"]},
        members=[{"born": "1990-05-02", "earns": True, "absences": [{"start": "2025-01-01", "end": "2025-01-10"}]}, {"age": 7}],
        incomes=[{"amount": 1200.1}, {"amount": 300.2, "kind": "Old-Age Pension"}, {"amount": 5, "kind": "loot"}],
    ))  # fmt: skip
    assert facts == [
        "between(claim_date,20250301,20250301)", "between(rent,61250,61250)", "between(former_rent,50000,50000)",
        "between(rise,22,22)", "between(saving,-23,-23)", "between(dearer_by,11250,11250)", "between(burden,40,40)",
        "stated(heating)", "given(heating,gas)", "between(income,150530,150530)", "between(earners,1,2)",
        "between(children,0,2)", "stated(regions)", "not_understood(regions)",
        "between(born(member(1)),19900502,19900502)", "between(age(member(1)),34,34)",
        "stated(earns(member(1)))", "given(earns(member(1)),true)", "between(days_away(member(1)),10,10)",
        "between(age(member(2)),7,7)", "between(days_away(member(2)),0,#sup)",
        "between(amount(income(1)),120010,120010)", "stated(kind(income(1)))", "given(kind(income(1)),wage)",
        "between(amount(income(2)),30020,30020)", "stated(kind(income(2)))", "given(kind(income(2)),pension)",
        "between(amount(income(3)),500,500)", "stated(kind(income(3)))", "not_understood(kind(income(3)))",
    ]  # fmt: skip


def test_facts_of_different_kinds_are_never_equal() -> None:
    assert len({Stated("a"), NotUnderstood("a"), Given("a", "b"), CouldBe("a", "b"), Between("a", 1, 1)}) == 5
    for text in ("given(a,b)", "could_be(a,b)", "stated(a)", "not_understood(a)", "between(a,1,#sup)"):
        assert shown_fact(read_fact(text + ".")) == text
    for text in ("could_be(a)", "not_understood(a,b)", "perhaps(a,b)", "given(a,b) :- c", "between(a,2,1)"):
        with pytest.raises(ValueError, match="not a fact"):
            read_fact(text)


@pytest.mark.parametrize("stated", [None, "systemic_immunosuppressant", "potent_immunosuppressant"])
def test_a_stated_broader_class_does_not_hide_what_the_catalogue_knows(stated: str | None) -> None:
    entry = {"product": "methotrexate"} | ({"class": stated} if stated else {})
    record = {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}, "therapies": [entry]}
    case = shipped().case(record)
    assert "given(class(therapy(1)),potent_immunosuppressant)" in [shown_fact(fact) for fact in facts_of(case)]
