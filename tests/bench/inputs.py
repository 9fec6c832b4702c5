"""What other engines are given of a record: one table of inputs, with words, products and dates worked out.

What is left to decide is the policy: its limits, its items and what they are made of, what excludes, which version is
in force, who decides. `decide` is that by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from handwritten import INHIBITOR, STEROID, USES, Handwritten

from facts.model import Record

NO_AGE, NO_AREA = -1, 101.0
"""What stands for a number that is not on the record: no limit admits it."""


class Therapy(TypedDict):
    """A recorded therapy."""

    class_name: str
    prescribed: bool
    potent: bool
    weak: bool
    outcome: str
    documented: bool
    sample: bool
    days: int
    run: int
    barred: bool
    active: bool


class Intolerance(TypedDict):
    """A recorded contraindication or intolerance."""

    class_name: str
    documented: bool


class Inputs(TypedDict):
    """A record; "" is what it does not say. The day is a number: YYYYMMDD."""

    day: int
    reauthorization: bool
    business: str
    mandate: str
    document: str
    use: str
    age: int
    area: float
    severity_fits: bool
    type_fits: bool
    sensitive_site: bool
    specialist: bool
    dermatologist: bool
    response_1: bool
    response_2: bool
    therapies: list[Therapy]
    intolerances: list[Intolerance]


def inputs_of(by_hand: Handwritten, record: Record) -> Inputs:
    """The table of a checked record."""
    data = record.data
    request, disease, prescriber, plan = (data.get(name, {}) for name in ("request", "disease", "prescriber", "plan"))
    day = request["date"]
    doctors = [*prescriber.get("consulted", ())]
    if "specialty" in prescriber:
        doctors.append(prescriber["specialty"])
    signs = [
        by_hand.sign[entry["sign"]]
        for entry in data.get("response", ())
        if entry.get("documented") and not entry.get("sample")
    ]
    return {
        "day": day.year * 10000 + day.month * 100 + day.day,
        "reauthorization": request["type"] == "reauthorization",
        "business": plan.get("line_of_business", "employer"),
        "mandate": plan.get("mandate", "silent"),
        "document": plan.get("document", "silent"),
        "use": by_hand.use[request["indication"]] or "" if "indication" in request else "",
        "age": _age(data.get("patient", {}), day),
        "area": disease.get("bsa_percent", NO_AREA),
        "severity_fits": "severity" in disease and by_hand.severity[disease["severity"]],
        "type_fits": "vitiligo_type" in disease and by_hand.type[disease["vitiligo_type"]],
        "sensitive_site": any(by_hand.site[text] for text in disease.get("sites", ())),
        "specialist": any(by_hand.specialist[text] for text in doctors),
        "dermatologist": any(by_hand.dermatologist[text] for text in doctors),
        "response_1": any(USES[0] in sign for sign in signs),
        "response_2": any(USES[1] in sign for sign in signs),
        "therapies": [_therapy(by_hand, entry, day) for entry in data.get("therapies", ())],
        "intolerances": [
            {"class_name": by_hand.intolerance[entry["to"]] or "", "documented": entry.get("documented", False)}
            for entry in data.get("intolerances", ())
        ],
    }


def _age(patient: dict[str, date | int], day: date) -> int:
    born = patient.get("birth_date")
    if isinstance(born, date):
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    age = patient.get("age_years", NO_AGE)
    assert isinstance(age, int)
    return age


def _therapy(by_hand: Handwritten, entry: dict[str, Any], day: date) -> Therapy:
    product = by_hand.product[entry.get("product"), entry.get("class"), entry.get("potency"), entry.get("prescription")]
    days, run = by_hand.days(entry, day)
    return {
        "class_name": product.class_name or "",
        "prescribed": product.prescribed,
        "potent": product.potent,
        "weak": product.weak,
        "outcome": str(entry.get("outcome", "")),
        "documented": entry.get("documented") is True,
        "sample": entry.get("sample") is True,
        "days": days,
        "run": run,
        "barred": product.barred,
        "active": by_hand.is_active(entry, day),
    }


def decide(given: Inputs) -> str:
    """The decision by hand."""
    old = given["day"] < 20241115
    if old and given["business"] != "employer":
        return "out_of_scope"
    terms = given["mandate"] if given["mandate"] != "silent" else given["document"]
    if terms != "silent":
        return "approved" if terms == "covers" else "denied"
    use = given["use"]
    if use == USES[0]:
        fits = given["area"] <= 20 and given["severity_fits"] and given["specialist"]
        responded = given["response_1"]
    elif use == USES[1]:
        fits = given["area"] <= 10 and given["type_fits"] and given["dermatologist"]
        responded = given["response_2"]
    else:
        return "denied"
    if not fits or given["age"] < 12 or (given["reauthorization"] and not responded):
        return "denied"
    needs_steroid, needs_inhibitor = not given["sensitive_site"], True
    for therapy in given["therapies"]:
        if therapy["barred"] and therapy["active"]:
            return "denied"
        is_steroid, is_inhibitor = therapy["class_name"] == STEROID, therapy["class_name"] == INHIBITOR
        if not (is_steroid or is_inhibitor) or not therapy["documented"] or therapy["sample"]:
            continue
        counts = therapy["outcome"] == "intolerance"
        if therapy["outcome"] == "failure" and therapy["prescribed"] and (is_inhibitor or therapy["potent"]):
            if use == USES[1]:
                counts = therapy["days"] >= 84
            else:
                counts = therapy["run"] >= (42 if is_inhibitor else 14 if old else 28)
        needs_steroid &= not (counts and is_steroid)
        needs_inhibitor &= not (counts and is_inhibitor)
    for intolerance in given["intolerances"]:
        if intolerance["documented"]:
            needs_steroid &= intolerance["class_name"] != STEROID
            needs_inhibitor &= intolerance["class_name"] != INHIBITOR
    return "denied" if needs_steroid or needs_inhibitor else "approved"
