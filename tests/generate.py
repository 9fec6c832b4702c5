"""Random case records: valid ones, spread so that every item is met, missed and contradicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from by_hand import (
    CLASS,
    CLASS_WORDS,
    INDICATION,
    INDICATION_WORDS,
    PRODUCT_NAMES,
    PRODUCTS,
    SEVERITY,
    SEVERITY_WORDS,
    SIGN,
    SIGN_WORDS,
    SITE,
    SITE_WORDS,
    SPECIALTY,
    SPECIALTY_WORDS,
    TYPE,
    TYPE_WORDS,
    Meanings,
    Spellings,
    meanings,
    plain,
)

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


# ── Records as people write them ────────────────────────────────────────────────────────────────

UNKNOWN_SITES = ("elbw crese", "zone seven", "plaque B", "lft frearm area")
UNKNOWN_SPECIALTIES = ("dermtology", "wellness", "Dr. Smith", "alergist clinic")
UNKNOWN_USES = ("sunburn of the left calf", "cosmetic brightening", "unspecified spots")
UNKNOWN_CLASSES = ("wonder remedy", "steriod", "grandmother's salve")
AMBIGUOUS = ("tacrolimus", "Tacrolimus", "cyclosporine", "ruxolitinib", "RUXOLITINIB")
WITHOUT_STRENGTH = ("clobetasol", "fluocinolone", "fluocinonide", "betamethasone", "triamcinolone")
BESIDE = (
    "methotrexate", "MTX", "mycophenolate mofetil", "leflunomide", "Imuran", "Neoral", "prednisone", "Prograf",
    "adalimumab", "ruxolitinib tablets",
)  # fmt: skip


def reworded(rng: Random, record: dict[str, Any]) -> dict[str, Any]:
    """The same record in other words: each known word and product in one of its spellings, nothing else changed."""
    found = deepcopy(record)
    for path, table, words in _FIELDS:
        _respell(found, path.split("."), partial(_spelled, rng, table, words))
    return found


def worded_record(rng: Random, therapies: int = 4, often: float | None = None) -> dict[str, Any]:
    """A record as people write it: in other words, some of which nobody knows or which can mean several things.

    `often`: how often a word is one of these.
    """
    record = reworded(rng, random_record(rng, therapies))
    request, disease, prescriber = (record.get(name) or {} for name in ("request", "disease", "prescriber"))
    often = often or rng.choice((0.05, 0.2, 0.5))

    def now() -> bool:
        return rng.random() < often

    if now():
        request["indication"] = rng.choice(
            (*UNKNOWN_USES, "eczema", "Dermatitis", _slip(rng, "atopic dermatitis"), _slip(rng, "alopecia areata"))
        )
    if now():
        disease["severity"] = rng.choice(("mild to moderate", "moderate-to-severe", "Mild-Moderate"))
    if now():
        disease["vitiligo_type"] = "mixed"
    if now():
        several = rng.choice(UNKNOWN_SITES), rng.choice(("head", "Head and Neck", "inner thighs", "interdigital"))
        disease["sites"] = [*(disease.get("sites") or ()), *rng.choice((several[:1], several[1:], several))]
    if now():
        prescriber["specialty"] = rng.choice((*UNKNOWN_SPECIALTIES, "dermatology PA"))
    if now():
        prescriber["consulted"] = [*(prescriber.get("consulted") or ()), rng.choice((*UNKNOWN_SPECIALTIES, "derm"))]
    for entry in record["therapies"]:
        if now():
            _rename(rng, entry)
    for entry in record["intolerances"]:
        if now():
            entry["to"] = rng.choice(("tacrolimus", "cyclosporine", "calcineurin inhibitor", *UNKNOWN_CLASSES))
    return record


def _rename(rng: Random, entry: dict[str, Any]) -> None:
    """Another product or class in a therapy: one of several, one that excludes, or one that nobody knows."""
    for key in ("product", "class", "potency"):
        entry.pop(key, None)
    kind = rng.randrange(8)
    if kind < 3:
        entry["product"] = rng.choice(AMBIGUOUS)
        if entry["product"] == "tacrolimus" and not rng.randrange(3):
            entry["class"] = rng.choice(("TCI", "potent immunosuppressant"))
    elif kind < 5:
        entry["product"] = rng.choice(WITHOUT_STRENGTH)
        if entry["product"] == "fluocinolone" and not rng.randrange(3):
            entry["potency"] = rng.choice(("low", "Medium"))
    elif kind < 6:
        entry["product"] = rng.choice(BESIDE)
    else:
        entry["class"] = rng.choice((*UNKNOWN_CLASSES, "calcineurin inhibitor", "TNF inhibitor", "oral JAK inhibitor"))


def _slip(rng: Random, text: str) -> str:
    """A text with one letter too few, too many or wrong, or with two that changed places."""
    at = rng.randrange(1, len(text) - 2)
    return rng.choice((
        text[:at] + text[at + 1 :],
        text[:at] + "k" + text[at:],
        text[:at] + "k" + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    ))  # fmt: skip


_FIELDS: tuple[tuple[str, Mapping[str, Meanings] | None, Spellings], ...] = (
    ("request.indication", INDICATION, INDICATION_WORDS),
    ("disease.severity", SEVERITY, SEVERITY_WORDS),
    ("disease.vitiligo_type", TYPE, TYPE_WORDS),
    ("disease.sites", SITE, SITE_WORDS),
    ("prescriber.specialty", SPECIALTY, SPECIALTY_WORDS),
    ("prescriber.consulted", SPECIALTY, SPECIALTY_WORDS),
    ("therapies.class", CLASS, CLASS_WORDS),
    ("therapies.product", None, {}),
    ("intolerances.to", CLASS, CLASS_WORDS),
    ("response.sign", SIGN, SIGN_WORDS),
)


def _respell(part: Any, steps: list[str], spell: Callable[[str], str]) -> None:
    """Write the texts below a path in another way, in place."""
    if isinstance(part, list):
        for entry in part:
            _respell(entry, steps, spell)
        return
    name, *rest = steps
    value = part.get(name) if isinstance(part, dict) else None
    if rest:
        _respell(value, rest, spell)
    elif isinstance(value, list):
        part[name] = [spell(text) for text in value]
    elif value is not None:
        part[name] = spell(value)


def _spelled(rng: Random, table: Mapping[str, Meanings] | None, words: Spellings, text: str) -> str:
    """A text of the same meaning."""
    if table is not None and (meant := meanings(table, text)):
        ways = next(texts for terms, texts in words.items() if meant == {terms})
        return _as_typed(rng, rng.choice(ways.split(", ")))
    products = PRODUCTS.get(plain(text))
    ways = next((names for names, found in PRODUCT_NAMES.items() if found == products), text)
    return _as_typed(rng, rng.choice(ways.split(", "))) if products else text


def _as_typed(rng: Random, text: str) -> str:
    return rng.choice((text, text, text.upper(), text.lower(), text.capitalize(), text.replace(" ", "  ")))
