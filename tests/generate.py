"""Random case records: valid ones, spread so that every item is met, missed and contradicted."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

STEROIDS = (
    "clobetasol 0.05% cream", "triamcinolone acetonide 0.1% cream", "Triamcinolone", "hydrocortisone 1% cream",
    "desonide 0.05% cream", "fluocinonide 0.05% ointment", "hydrocortisone butyrate 0.1% cream",
    "betamethasone valerate 0.1% cream",
)  # fmt: skip
INHIBITORS = ("Protopic 0.1% ointment", "tacrolimus ointment", "Elidel", "pimecrolimus 1% cream")
OTHERS = (
    "Dupixent", "Humira", "Jakafi", "Otezla", "Sotyktu", "Zeposia", "azathioprine", "cyclosporine capsules",
    "Restasis", "Opzelura", "ruxolitinib cream", "tacrolimus capsules", "an unheard-of balm", "x). approved(",
)  # fmt: skip
CLASSES = (
    "topical_corticosteroid", "topical_calcineurin_inhibitor", "biologic", "jak_inhibitor",
    "potent_immunosuppressant", "emollient",
)  # fmt: skip
SIGNS = (
    "bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification", "repigmentation",
    "vasi", "other",
)  # fmt: skip
LENGTHS = (0, 1, 13, 14, 15, 27, 28, 29, 41, 42, 43, 60, 83, 84, 85, 120, 170)


def random_record(rng: Random, therapies: int = 4) -> dict[str, Any]:
    """A record that is valid, with at most `therapies` entries of therapies."""
    day = _day(rng)
    good = rng.choice((0.3, 0.7, 0.9, 0.97))

    def well() -> bool:
        return rng.random() < good

    indication: str | None = rng.choice(("atopic_dermatitis", "vitiligo"))
    if not well():
        indication = rng.choice(("alopecia", "plaque_psoriasis", "hand eczema", "x). approved(", None, None))
    request: dict[str, Any] = {
        "date": day.isoformat(), "type": rng.choice(("initial", "initial", "reauthorization")),
        "indication": indication, "applications_per_day": rng.choice((None, 1, 2, 3)),
    }  # fmt: skip
    record: dict[str, Any] = {
        "case_id": f"r{rng.randrange(10**6)}",
        "request": request,
        "patient": _patient(rng, day, well()),
        "disease": {
            "severity": rng.choice(("mild", "moderate")) if well() else rng.choice(("severe", None)),
            "vitiligo_type": "nonsegmental" if well() else rng.choice(("segmental", None)),
            "bsa_percent": rng.choice((3, 9.5, 10)) if well() else rng.choice((10.1, 20, 20.01, 55, None)),
            "sites": rng.choice((["face"], ["trunk", "eyelids"], ["arms"], [], None)),
        },
        "prescriber": {
            "specialty": rng.choice(("dermatology", "allergy", "family_medicine", "not a. b(", None)),
            "consulted": rng.choice(([], ["immunology"], ["dermatology"], ["surgery"], None)),
        },
        "therapies": [_therapy(rng, day, well) for _ in range(rng.randint(0, therapies))],
        "intolerances": [_intolerance(rng) for _ in range(rng.choice((0, 0, 0, 1, 2)))],
        "response": [_response(rng) for _ in range(rng.choice((0, 0, 1, 2)))],
        "plan": {
            "line_of_business": rng.choice(("employer", "employer", "individual_and_family")),
            "document": "silent" if well() else rng.choice(("covers", "excludes", "silent")),
            "mandate": "silent" if well() else rng.choice(("covers", "excludes", "silent")),
        },
    }
    _relate(rng, record["therapies"])
    for section in ("patient", "disease", "prescriber", "plan", "response"):
        if rng.random() < 0.04:
            del record[section]
    return record


def _day(rng: Random) -> date:
    if rng.random() < 0.25:
        return rng.choice((date(2024, 11, 14), date(2024, 11, 15), date(2024, 2, 29), date(2025, 8, 31)))
    return date(2024, 1, 1) + timedelta(days=rng.randrange(1000))


def _patient(rng: Random, day: date, grown: bool) -> dict[str, Any] | None:
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice((None, {}))
    if kind == 1:
        return {"age_years": rng.choice((12, 13, 40)) if grown else rng.choice((0, 11))}
    if kind == 2:
        leap = date(2012, 2, 29)
        return {"birth_date": leap.isoformat()}
    years = rng.choice((12, 13, 50)) if grown else 11
    place = day - timedelta(days=365 * years + years // 4 + rng.randrange(-3, 8))
    return {"birth_date": place.isoformat()}


def _therapy(rng: Random, day: date, well: Any) -> dict[str, Any]:
    therapy: dict[str, Any] = {}
    kind = rng.randrange(10)
    if kind < 4:
        therapy["product"] = rng.choice(STEROIDS)
    elif kind < 7:
        therapy["product"] = rng.choice(INHIBITORS)
    elif kind < 8:
        therapy["product"] = rng.choice(OTHERS)
    else:
        therapy["class"] = rng.choice(CLASSES)
        if therapy["class"] == "topical_corticosteroid":
            therapy["potency"] = rng.choice((None, "low", "medium", "super_high"))
    if not well():
        therapy["prescription"] = rng.choice((True, False, None))
    therapy["outcome"] = "failure" if well() else rng.choice(("failure", "response", "intolerance", None))
    therapy["documented"] = True if well() else rng.choice((True, False, None))
    therapy["sample"] = False if well() else rng.choice((True, None))
    therapy.update(_length(rng, day))
    return {key: value for key, value in therapy.items() if value is not None or rng.random() < 0.2}


def _length(rng: Random, day: date) -> dict[str, Any]:
    kind = rng.randrange(8)
    days = rng.choice(LENGTHS)
    if kind == 0:
        return {}
    if kind == 1:
        return {"days": days}
    if kind == 2:
        return {"consecutive_days": days}
    if kind == 3:
        return {"days": days + rng.choice((0, 5, 60)), "consecutive_days": days}
    end = day - timedelta(days=rng.choice((-2, -1, 0, 1, 30, 200)))
    start = end - timedelta(days=max(days, 1) - 1)
    if kind == 4:
        return {"periods": [{"start": start.isoformat()}]}
    if kind == 5 and days > 3:
        middle = start + timedelta(days=rng.randrange(1, days - 1))
        gap = rng.choice((-1, 0, 1, 1, 2, 9))
        first = {"start": (start - timedelta(days=max(gap, 0))).isoformat(), "end": middle.isoformat()}
        second = {"start": min(middle + timedelta(days=gap), end).isoformat(), "end": end.isoformat()}
        return {"periods": rng.sample([first, second], 2)}
    if kind == 6:
        return {"periods": [rng.choice(({"end": end.isoformat()}, {}))]}
    return {"periods": [{"start": start.isoformat(), "end": end.isoformat()}]}


def _intolerance(rng: Random) -> dict[str, Any]:
    to = rng.choice((*CLASSES[:3], "Elidel", "clobetasol", "an unheard-of balm"))
    kind = rng.choice(("contraindication", "intolerance"))
    return {"to": to, "kind": kind, "documented": rng.choice((True, False, None))}


def _response(rng: Random) -> dict[str, Any]:
    return {
        "sign": rng.choice(SIGNS),
        "documented": rng.choice((True, True, False, None)),
        "sample": rng.choice((False, False, True, None)),
    }


def _relate(rng: Random, therapies: list[dict[str, Any]]) -> None:
    if len(therapies) > 1 and rng.random() < 0.3:
        first, second = rng.sample(range(len(therapies)), 2)
        therapies[first]["concomitant_with"] = [f"t{second + 1}"]
