"""The judgement of IP0369 written out by hand, to check the rules against: no solver, no rule file, no catalogue.

Written from the reading of the policy alone, on records as plain data, with a small table of spellings and
products of its own. Facts have the names that verdicts give them, so that minimal sets can be compared; these
are found by brute force over the facts that may be supposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any, NamedTuple

STEROID, INHIBITOR, SUPPRESSANT = "topical_corticosteroid", "topical_calcineurin_inhibitor", "potent_immunosuppressant"
SENSITIVE = {"face", "eyes", "eyelids", "skin_folds", "genitalia", "finger_webs", "toe_webs"}
DERMATOLOGY = {"dermatology"}
ALLERGY = {"allergy", "immunology", "allergy_immunology"}
STRONG = {"medium", "high", "super_high"}
OTHER_ROWS_OF_TABLE_1 = {"apremilast", "deucravacitinib", "ozanimod", "etrasimod"}
NAMED_SUPPRESSANTS = {"azathioprine", "cyclosporine_systemic"}
REQUESTED = "ruxolitinib_cream"
SIGNS = {
    "1": {"bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification", "other"},
    "2": {"repigmentation", "vasi", "other"},
}
INDICATIONS = {"1": "atopic_dermatitis", "2": "vitiligo"}
USES = {"X.3": "alopecia", "X.4": "plaque_psoriasis"}
EXCLUSIONS = ("X.1", "X.2", "X.3", "X.4", "X.other")

Facts = frozenset[str]
Meanings = frozenset[str]
"""What a word can mean: one term; several, of which it is open which; none, where nobody knows the word."""

# ── Words as people write them ──────────────────────────────────────────────────────────────────
# A term by itself, its other spellings, and phrases that stand for several terms. What is no use of the policy,
# sensitive site or specialist is as good as any other such term: it has a term of its own all the same.

Spellings = Mapping[str | tuple[str, ...], str]

INDICATION_WORDS: Spellings = {
    "atopic_dermatitis": "Atopic Dermatitis, AD, atopic eczema, L20.9",
    "vitiligo": "Vitiligo, NSV, non-segmental vitiligo, nonsegmental vitiligo, L80",
    "alopecia": "Alopecia, alopecia areata, hair loss, androgenetic alopecia",
    "plaque_psoriasis": "plaque psoriasis, psoriasis vulgaris, psoriasis",
    "hand_eczema": "hand eczema, hand dermatitis",
    "rosacea": "rosacea",
    "hidradenitis_suppurativa": "hidradenitis suppurativa",
    ("atopic_dermatitis", "other_dermatitis"): "eczema, dermatitis",
}
SITE_WORDS: Spellings = {
    "face": "Face, facial, forehead, cheeks, chin, perioral",
    "eyes": "eyes",
    "eyelids": "eyelids, eye lids, upper eyelid, periorbital, lids",
    "skin_folds": "skin folds, skin-fold, flexures, antecubital fossa, popliteal fossae, axilla, axillae, armpits, "
    "groin, inguinal, neck folds, inframammary, intergluteal, inner elbows, behind the knees",
    "finger_webs": "between the fingers, finger webs",
    "toe_webs": "between the toes, toe webs",
    ("finger_webs", "toe_webs"): "interdigital",
    "genitalia": "genitalia, genitals, penis, vulva, scrotum",
    "trunk": "trunk, torso, chest, back, abdomen",
    "arms": "arms, forearms, elbows, upper extremities",
    "legs": "legs, shins, knees, lower legs",
    "hands": "hands, palms, dorsal hands, left palm",
    "neck": "neck",
    "scalp": "scalp",
    ("face", "scalp"): "head",
    ("neck", "face", "scalp"): "head and neck",
    ("legs", "skin_folds"): "inner thighs",
}
SPECIALTY_WORDS: Spellings = {
    "dermatology": "dermatology, Dermatologist, derm, board certified dermatologist, pediatric dermatology, "
    "Pediatric Dermatologist",
    "allergy": "allergy, allergist",
    "immunology": "immunology, immunologist",
    "allergy_immunology": "allergy_immunology, Allergy & Immunology, allergist/immunologist, allergy and immunology",
    "family_medicine": "family_medicine, Family Practice, family physician",
    "primary_care": "PCP, primary care",
    "surgery": "surgery, surgeon",
    "pediatrics": "pediatrics, Pediatrician",
    ("dermatology", "physician_assistant"): "dermatology PA",
}
SEVERITY_WORDS: Spellings = {
    "mild": "mild",
    "moderate": "moderate",
    "severe": "severe, very severe",
    ("mild", "moderate"): "mild to moderate, mild-moderate",
    ("moderate", "severe"): "moderate to severe, moderate-to-severe",
}
TYPE_WORDS: Spellings = {
    "nonsegmental": "nonsegmental, Non Segmental, non-segmental, generalized",
    "segmental": "segmental",
    ("nonsegmental", "segmental"): "mixed",
}
SIGN_WORDS: Spellings = {
    "bsa": "bsa, body surface area",
    "erythema": "erythema, redness",
    "induration_papulation_edema": "induration_papulation_edema, swelling",
    "excoriations": "excoriations, scratch marks",
    "lichenification": "lichenification",
    "repigmentation": "repigmentation",
    "vasi": "vasi, VASI score",
    "other": "other, less itch",
}
CLASS_WORDS: Spellings = {
    STEROID: "topical_corticosteroid, Topical Corticosteroids, topical steroid, TCS",
    INHIBITOR: "topical_calcineurin_inhibitor, topical calcineurin inhibitors, TCI",
    "biologic": "biologic, Biologics, TNF inhibitor, IL-17 inhibitor",
    "jak_inhibitor": "jak_inhibitor, JAK inhibitor, Janus kinase inhibitor, oral JAK inhibitor",
    SUPPRESSANT: "potent_immunosuppressant, potent immunosuppressants",
    "emollient": "emollient, moisturizer",
    "phototherapy": "phototherapy, narrowband UVB",
    (INHIBITOR, SUPPRESSANT): "calcineurin inhibitor",
}


def plain(text: str) -> str:
    """What is the same however a word is written: case, hyphens, plural and spacing never matter."""
    words = re.findall(r"[a-z0-9]+", text.casefold().replace("&", " and "))
    return "".join(word[:-1] if len(word) > 3 and re.search(r"[^sui]s$", word) else word for word in words)


def _table(spellings: Spellings) -> dict[str, Meanings]:
    return {
        plain(text): frozenset({terms} if isinstance(terms, str) else terms)
        for terms, texts in spellings.items()
        for text in texts.split(", ")
    }


INDICATION, SITE, SPECIALTY, SEVERITY, TYPE, SIGN, CLASS = map(
    _table,
    (INDICATION_WORDS, SITE_WORDS, SPECIALTY_WORDS, SEVERITY_WORDS, TYPE_WORDS, SIGN_WORDS, CLASS_WORDS),
)


def meanings(table: Mapping[str, Meanings], text: str) -> Meanings:
    """What a text can mean; empty: the table does not know it."""
    return table.get(plain(text), frozenset())


def is_slip(text: str) -> bool:
    """Whether an indication is one slip of the keys away from a known one: a letter too few, too many or wrong, or
    two that changed places."""
    written = _letters(text)
    if meanings(INDICATION, text) or len(written) < 6:
        return False
    names = (_letters(name) for names in INDICATION_WORDS.values() for name in names.split(", "))
    return any(len(known) >= 6 and _one_slip(written, known) for known in names)


def _letters(text: str) -> str:
    return "".join(re.findall(r"[a-z0-9]", text.casefold()))


def _one_slip(one: str, other: str) -> bool:
    if len(one) == len(other):
        differing = [at for at in range(len(one)) if one[at] != other[at]]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            first, second = differing
            return one[first] == other[second] and one[second] == other[first]
        return len(differing) == 1
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )


# ── Products, by the names that people write ────────────────────────────────────────────────────


class Product(NamedTuple):
    """One of the products that a name can mean; None: unknown, or not of such a one."""

    family: str | None
    class_name: str | None
    potency: str | None = None
    us_class: int | None = None
    prescription: bool = True


def _steroid(family: str, *classes: int) -> tuple[Product, ...]:
    """A steroid of these US classes."""
    groups = {1: "super_high", 2: "high", 3: "medium", 4: "medium", 5: "medium", 6: "low", 7: "low"}
    return tuple(Product(family, STEROID, groups[us_class], us_class) for us_class in classes)


PRODUCT_NAMES: Mapping[str, tuple[Product, ...]] = {
    "clobetasol 0.05% cream, clobetasol propionate 0.05 % Cream": _steroid("clobetasol_propionate", 1),
    "clobetasol, Clobetasol Propionate": _steroid("clobetasol_propionate", 1, 2),
    "triamcinolone acetonide 0.1% cream, TRIAMCINOLONE 0.1% CREAM": _steroid("triamcinolone_acetonide", 4),
    "triamcinolone, triamcinolone acetonide": _steroid("triamcinolone_acetonide", 2, 3, 4, 5),
    "hydrocortisone 1% cream, Hydrocortisone 1 % cream": _steroid("hydrocortisone", 7),
    "desonide 0.05% cream, Desonide 0.05 % cream": _steroid("desonide", 6),
    "fluocinonide 0.05% ointment, Fluocinonide 0.05 % oint": _steroid("fluocinonide", 2),
    "fluocinonide": _steroid("fluocinonide", 1, 2, 3),
    "hydrocortisone butyrate 0.1% cream, Locoid cream": _steroid("hydrocortisone_butyrate", 5),
    "betamethasone valerate 0.1% cream, Betamethasone Valerate 0.1 % cream": _steroid("betamethasone_valerate", 4),
    "fluocinolone, Fluocinolone Acetonide": _steroid("fluocinolone_acetonide", 3, 4, 6),
    "betamethasone": (
        *_steroid("betamethasone_dipropionate", 2, 5),
        *_steroid("betamethasone_dipropionate_augmented", 1, 2),
        *_steroid("betamethasone_valerate", 3, 4),
    ),
    "protopic 0.1% ointment, Protopic, tacrolimus ointment, Tacrolimus 0.03% oint": (
        Product("tacrolimus_ointment", INHIBITOR),
    ),
    "elidel, pimecrolimus 1% cream, Pimecrolimus": (Product("pimecrolimus_cream", INHIBITOR),),
    "tacrolimus capsules, Prograf": (Product("tacrolimus_systemic", SUPPRESSANT),),
    "tacrolimus": (Product("tacrolimus_ointment", INHIBITOR), Product("tacrolimus_systemic", SUPPRESSANT)),
    "azathioprine, Imuran": (Product("azathioprine", SUPPRESSANT),),
    "cyclosporine capsules, Neoral, ciclosporin capsules": (Product("cyclosporine_systemic", SUPPRESSANT),),
    "restasis, cyclosporine eye drops": (Product("cyclosporine_eye_drops", "ophthalmic_immunosuppressant"),),
    "cyclosporine": (
        Product("cyclosporine_systemic", SUPPRESSANT),
        Product("cyclosporine_eye_drops", "ophthalmic_immunosuppressant"),
    ),
    "methotrexate, MTX, Trexall": (Product("methotrexate", SUPPRESSANT),),
    "mycophenolate mofetil, CellCept, mycophenolic acid": (Product("mycophenolate", SUPPRESSANT),),
    "leflunomide": (Product("leflunomide", SUPPRESSANT),),
    "prednisone": (Product("systemic_corticosteroid", "systemic_corticosteroid"),),
    "dupixent, Dupilumab": (Product("dupilumab", "biologic"),),
    "humira, adalimumab": (Product("adalimumab", "biologic"),),
    "jakafi, ruxolitinib tablets": (Product("ruxolitinib_tablets", "jak_inhibitor"),),
    "opzelura, ruxolitinib cream": (Product(REQUESTED, "jak_inhibitor"),),
    "ruxolitinib": (Product(REQUESTED, "jak_inhibitor"), Product("ruxolitinib_tablets", "jak_inhibitor")),
    "otezla, apremilast": (Product("apremilast", "pde4_inhibitor"),),
    "sotyktu": (Product("deucravacitinib", "tyk2_inhibitor"),),
    "zeposia": (Product("ozanimod", "s1p_modulator"),),
}
PRODUCTS = {name: products for names, products in PRODUCT_NAMES.items() for name in map(plain, names.split(", "))}


# ── The readings ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Readings:
    """The interpretation choices: False is the default of each."""

    concomitant_use: bool = False
    vitiligo_weeks: bool = False
    appendix_table: bool = False
    immunosuppressants: bool = False
    potency_floor: bool = False


DEFAULT = Readings()


class Therapy:
    """A recorded therapy: what is written, and the products that it can have been."""

    def __init__(self, entry: Mapping[str, Any], day: date) -> None:
        self.outcome = entry.get("outcome")
        self.documented = entry.get("documented")
        self.sample = entry.get("sample") or False
        self.together_with = entry.get("concomitant_with") or []
        self.periods = [(_day(p.get("start")), _day(p.get("end"))) for p in entry.get("periods") or ()]
        self.products = _products(entry)
        self.active = _active(self.periods, day)
        self.lengths = _lengths(entry, self.periods, day)

    def of(self, family: str | None) -> tuple[Product, ...]:
        """What it can have been, where its family may be supposed."""
        return tuple(p for p in self.products if family in (None, p.family))

    def families(self) -> list[str]:
        """The families of products of other classes that it can have been; empty: its class is known."""
        if len({(p.family, p.class_name) for p in self.products}) < 2 or self.products[0].class_name == STEROID:
            return []
        return sorted({p.family for p in self.products if p.family is not None})


class ByHand:
    """One record under one reading."""

    def __init__(self, record: Mapping[str, Any], readings: Readings = DEFAULT) -> None:
        self.record = record
        self.readings = readings
        self.request, self.patient, self.disease, self.prescriber, plan = (
            record.get(name) or {} for name in ("request", "patient", "disease", "prescriber", "plan")
        )
        self.plan = {name: plan.get(name) or "silent" for name in ("mandate", "document")}
        self.business = plan.get("line_of_business") or "employer"
        day = _day(self.request["date"])
        assert day is not None
        self.day = day
        self.reauthorization = self.request["type"] == "reauthorization"
        self.indications = _indications(self.request.get("indication"))
        self.old = self.day < date(2024, 11, 15)
        entries = record.get("therapies") or []
        self.ids = [entry.get("id") or f"t{number}" for number, entry in enumerate(entries, start=1)]
        self.therapies = {
            f"therapy({number})": Therapy(entry, self.day) for number, entry in enumerate(entries, start=1)
        }
        self.intolerances = {
            f"intolerance({number})": (_classes_of(entry["to"]), entry.get("documented"))
            for number, entry in enumerate(record.get("intolerances") or (), start=1)
        }
        self.responses = [
            (meanings(SIGN, entry["sign"]), entry.get("documented") is True and not entry.get("sample"))
            for entry in record.get("response") or ()
        ]
        self.status = dict(self._statuses())

    def on(self, day: date) -> ByHand:
        """The same record on another day; an age or a length beside the dates it follows from is left to these."""
        changed = {**self.record, "request": {**self.request, "date": day.isoformat()}}
        if self.patient.get("birth_date"):
            changed["patient"] = {"birth_date": self.patient["birth_date"]}
        changed["therapies"] = [
            {key: value for key, value in entry.items() if key not in ("days", "consecutive_days")}
            if entry.get("periods")
            else entry
            for entry in self.record.get("therapies") or ()
        ]
        return ByHand(changed, self.readings)

    # ── What the record establishes, contradicts or leaves missing ──────────────────────────────

    def asked_days(self, item: str) -> tuple[str, int]:
        """Unit and number of days that a trial of the item needs."""
        if item == "1.C.i":
            return "consecutive_days", 14 if self.old else 28
        if item == "1.D":
            return "consecutive_days", 42
        return ("consecutive_days" if self.readings.vitiligo_weeks else "days"), 84

    def _statuses(self) -> Iterator[tuple[str, str]]:
        for name in INDICATIONS.values():
            yield f"indication_is({name})", _one_of(self.indications, {name})
        age = self._age()
        yield "aged_at_least(12)", "missing" if age is None else _true(age >= 12)
        yield "severity_fits(1)", _word(SEVERITY, self.disease.get("severity"), {"mild", "moderate"})
        yield "type_fits(2)", _word(TYPE, self.disease.get("vitiligo_type"), {"nonsegmental"})
        area = self.disease.get("bsa_percent")
        for limit in (20, 10):
            yield f"area_at_most({limit})", "missing" if area is None else _true(area <= limit)
        for item in ("1.C.ii", "2.C.ii"):
            yield f"treats_site_of({item})", _words(SITE, self.disease.get("sites"), SENSITIVE)
        for item, accepted in (("1.E", DERMATOLOGY | ALLERGY), ("2.E", DERMATOLOGY)):
            own = _word(SPECIALTY, self.prescriber.get("specialty"), accepted)
            others = _words(SPECIALTY, self.prescriber.get("consulted"), accepted)
            yield f"specialist_for({item})", _either(own, others)
        for name, therapy in self.therapies.items():
            yield from self._therapy_statuses(name, therapy)
            for family in therapy.families():
                yield f"product_is({name},{family})", "missing"
            yield f"ended({name})", _true(not therapy.active)
        for name, (_, documented) in self.intolerances.items():
            yield f"documented({name})", "missing" if documented is None else _true(documented)
        for pathway, signs in SIGNS.items():
            good = any(counts and sign and sign <= signs for sign, counts in self.responses)
            yield f"responded({INDICATIONS[pathway]})", "established" if good else "missing"
        for name, term in self.plan.items():
            yield f"silent({name})", _true(term == "silent")
        for item in ("1.C.i", "1.D", "2.C.i", "2.D"):
            unit, days = self.asked_days(item)
            yield f"new_failure({item},{unit},{days})", "missing"
        for name in (STEROID, INHIBITOR):
            yield f"new_intolerance({name})", "missing"

    def _age(self) -> int | None:
        born = _day(self.patient.get("birth_date"))
        if born is None:
            return self.patient.get("age_years")
        return self.day.year - born.year - ((self.day.month, self.day.day) < (born.month, born.day))

    def _therapy_statuses(self, name: str, therapy: Therapy) -> Iterator[tuple[str, str]]:
        potencies = {product.potency for product in therapy.products}
        if None in potencies or (potencies & STRONG and potencies - STRONG):
            yield f"potent({name})", "missing"
        else:
            yield f"potent({name})", _true(potencies <= STRONG)
        yield f"failed({name})", "missing" if therapy.outcome is None else _true(therapy.outcome == "failure")
        yield f"documented({name})", "missing" if therapy.documented is None else _true(therapy.documented)
        yield f"not_sample({name})", _true(not therapy.sample)
        for unit, (low, high) in therapy.lengths.items():
            for days in (14, 28, 42, 84):
                if low >= days:
                    status = "established"
                else:
                    status = "contradicted" if high is not None and high < days else "missing"
                yield f"applied({name},{unit},{days})", status

    # ── What follows from it, with some facts supposed ──────────────────────────────────────────

    def holds(self, fact: str, supposed: Facts) -> bool:
        """Whether the fact is established and not displaced, or supposed."""
        if fact.startswith("indication_is") and any(f.startswith("indication_is") for f in supposed):
            return fact in supposed
        return fact in supposed or self.status[fact] == "established"

    def met(self, item: str, supposed: Facts) -> bool:
        """Whether a criterion is met."""
        pathway = item[0]
        if item == "1":
            return self._all(supposed, "indication_is(atopic_dermatitis)", "severity_fits(1)")
        if item == "2":
            return self._all(supposed, "indication_is(vitiligo)", "type_fits(2)")
        if item.endswith(".A"):
            return self.holds("aged_at_least(12)", supposed)
        if item.endswith(".B"):
            return self.holds(f"area_at_most({20 if pathway == '1' else 10})", supposed)
        if item.endswith(".C"):
            either = self.met(f"{pathway}.C.i", supposed) or self.met(f"{pathway}.C.ii", supposed)
            return either or self._used_together(supposed)
        if item.endswith(".C.ii"):
            return self.holds(f"treats_site_of({item})", supposed)
        if item.endswith(".C.i"):
            return self._trial(item, STEROID, supposed)
        if item.endswith(".D"):
            return self._trial(item, INHIBITOR, supposed) or self._used_together(supposed)
        if item.endswith(".E"):
            return self.holds(f"specialist_for({item})", supposed)
        if item == "R.response":
            if not any(self.holds(f"indication_is({i})", supposed) for i in INDICATIONS.values()):
                open_still = bool(self._could_be_used_for())
                return open_still and all(self.holds(f"responded({i})", supposed) for i in INDICATIONS.values())
            return any(self._all(supposed, f"indication_is({i})", f"responded({i})") for i in INDICATIONS.values())
        if item == "R":
            return any(self.satisfied(p, supposed) for p in INDICATIONS)
        raise KeyError(item)

    def _could_be_used_for(self) -> list[str]:
        """The covered indications, as long as it is open which one it is."""
        return [i for i in INDICATIONS.values() if self.status[f"indication_is({i})"] == "missing"]

    def _all(self, supposed: Facts, *facts: str) -> bool:
        return all(self.holds(fact, supposed) for fact in facts)

    def products(self, name: str, supposed: Facts) -> tuple[Product, ...]:
        """The products that a recorded therapy can have been."""
        named = (f for f in supposed if f.startswith(f"product_is({name},"))
        family = next((f.rpartition(",")[2][:-1] for f in named), None)
        return self.therapies[name].of(family)

    def _of_class(self, wanted: str, supposed: Facts) -> Iterator[str]:
        for name in self.therapies:
            if all(product.class_name == wanted for product in self.products(name, supposed)):
                yield name

    def _candidates(self, wanted: str) -> Iterator[str]:
        """Recorded therapies that could count: perhaps of the class, not too weak, and prescribed."""
        for name, therapy in self.therapies.items():
            if any(p.class_name == wanted and p.prescription for p in therapy.products) and not (
                wanted == STEROID and self.status[f"potent({name})"] == "contradicted"
            ):
                yield name

    def _counted_failures(self, wanted: str, supposed: Facts, *, bought: bool = False) -> Iterator[str]:
        for name in self._of_class(wanted, supposed):
            products = self.products(name, supposed)
            if not bought and not all(product.prescription for product in products):
                continue
            if wanted == STEROID and not self.holds(f"potent({name})", supposed):
                continue
            if wanted == STEROID and self.readings.potency_floor and any(p.us_class == 5 for p in products):
                continue
            if self._all(supposed, f"failed({name})", f"documented({name})", f"not_sample({name})"):
                yield name

    def _trial(self, item: str, wanted: str, supposed: Facts) -> bool:
        unit, days = self.asked_days(item)
        if f"new_failure({item},{unit},{days})" in supposed or f"new_intolerance({wanted})" in supposed:
            return True
        for name in self._counted_failures(wanted, supposed):
            if self.holds(f"applied({name},{unit},{days})", supposed):
                return True
        for name in self._of_class(wanted, supposed):
            met_by_it = self.therapies[name].outcome == "intolerance"
            if met_by_it and self._all(supposed, f"documented({name})", f"not_sample({name})"):
                return True
        return any(
            classes == {wanted} and self.holds(f"documented({name})", supposed)
            for name, (classes, _) in self.intolerances.items()
        )

    def _used_together(self, supposed: Facts) -> bool:
        if not self.readings.concomitant_use:
            return False
        return any(
            self._overlap(a, b)
            for a in self._counted_failures(STEROID, supposed, bought=True)
            for b in self._counted_failures(INHIBITOR, supposed, bought=True)
        )

    def _overlap(self, first: str, second: str) -> bool:
        ids = dict(zip(self.therapies, self.ids, strict=True))
        one, two = self.therapies[first], self.therapies[second]
        if ids[second] in one.together_with or ids[first] in two.together_with:
            return True
        for start, end in one.periods:
            for other_start, other_end in two.periods:
                begun = max(start or date.min, other_start or date.min)
                if begun <= min(end or self.day, other_end or self.day, self.day):
                    return True
        return False

    def excludes(self, item: str, supposed: Facts) -> bool:
        """Whether an item of the conditions not covered excludes."""
        if item in ("X.1", "X.2"):
            return any(all(barred) for barred in self._barred(item, supposed))
        if any(f.startswith("indication_is") for f in supposed) or len(self.indications) != 1:
            return False
        (use,) = self.indications
        if item == "X.other":
            return use not in {*USES.values(), *INDICATIONS.values()}
        return use == USES[item]

    def unclear(self, item: str, supposed: Facts) -> bool:
        """Whether it hangs on which of several products a name means whether the item excludes."""
        if item not in ("X.1", "X.2") or self.excludes(item, supposed):
            return False
        return any(any(barred) for barred in self._barred(item, supposed))

    def _barred(self, item: str, supposed: Facts) -> Iterator[list[bool]]:
        """Of each active therapy, whether each of the products that it can have been is barred."""
        for name, therapy in self.therapies.items():
            if therapy.active and f"ended({name})" not in supposed:
                yield [self._is_barred(item, product) for product in self.products(name, supposed)]

    def _is_barred(self, item: str, product: Product) -> bool:
        if product.family == REQUESTED:
            return False
        if item == "X.2":
            of_the_kind = not self.readings.immunosuppressants and product.class_name == SUPPRESSANT
            return of_the_kind or product.family in NAMED_SUPPRESSANTS
        listed = not self.readings.appendix_table and product.family in OTHER_ROWS_OF_TABLE_1
        return listed or product.class_name in ("biologic", "jak_inhibitor")

    def items(self, pathway: str) -> list[str]:
        """What a pathway requires."""
        own = [pathway, *(f"{pathway}.{letter}" for letter in "ABCDE")]
        return [*own, "R.response"] if self.reauthorization else own

    def satisfied(self, pathway: str, supposed: Facts) -> bool:
        """Whether all that a pathway requires is met."""
        return all(self.met(item, supposed) for item in self.items(pathway))

    def necessary(self, supposed: Facts) -> bool:
        """The policy's own judgement."""
        barred = any(self.excludes(item, supposed) or self.unclear(item, supposed) for item in EXCLUSIONS)
        return not barred and any(self.satisfied(pathway, supposed) for pathway in INDICATIONS)

    def in_scope(self) -> bool:
        """Whether the version in force applies to the line of business."""
        return not self.old or self.business == "employer"

    def approved(self, supposed: Facts) -> bool:
        """The decision over plan, mandate and policy."""
        for name, term in self.plan.items():
            if term == "covers":
                return True
            if term == "excludes" and f"silent({name})" not in supposed:
                return False
        return self.necessary(supposed)

    # ── The parts of a verdict ──────────────────────────────────────────────────────────────────

    def refused(self) -> bool:
        """Whether the record is refused: its indication is a slip of a known one."""
        indication = self.request.get("indication")
        return indication is not None and is_slip(indication)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        if not self.in_scope():
            return "out_of_scope"
        return "approved" if self.approved(frozenset()) else "denied"

    def decided_by(self) -> str:
        """Who decides."""
        if self.plan["mandate"] != "silent":
            return "mandate"
        return "plan_document" if self.plan["document"] != "silent" else "coverage_policy"

    def hinges(self) -> list[str]:
        """The choices that would turn the decision."""
        mine = self.decision()
        return [
            name
            for name in vars(DEFAULT)
            if ByHand(self.record, replace(self.readings, **{name: True})).decision() != mine
        ]

    def item_status(self, item: str) -> str:
        """met, missing or contradicted; excludes, missing or clear."""
        if item in EXCLUSIONS:
            if self.excludes(item, frozenset()):
                return "excludes"
            return "missing" if self.unclear(item, frozenset()) else "clear"
        if self.met(item, frozenset()):
            return "met"
        hopeful = frozenset(
            fact
            for fact, status in self.status.items()
            if status == "missing" and not fact.startswith(("indication_is", "product_is"))
        )
        open_uses = self._could_be_used_for()
        ways = [hopeful | {f"indication_is({i})"} for i in open_uses] or [hopeful]
        return "missing" if any(self.met(item, way) for way in ways) else "contradicted"

    def reasons(self) -> list[str]:
        """The items that stand in the way of a denied case: excluding ones first, then in the policy's order."""
        refusing = []
        if self.plan["mandate"] == "excludes":
            refusing.append("P.mandate")
        if self.plan["document"] == "excludes" and self.plan["mandate"] != "covers":
            refusing.append("P.plan")
        if "covers" in self.plan.values():
            return refusing
        excluding = [i for i in EXCLUSIONS if self.excludes(i, frozenset()) or self.unclear(i, frozenset())]
        asked = [p for p, i in INDICATIONS.items() if self.status[f"indication_is({i})"] == "established"]
        if not asked and self._could_be_used_for():
            asked = [*INDICATIONS]
        items = dict.fromkeys(item for pathway in asked for item in self.items(pathway))
        failing = [item for item in items if not self.met(item, frozenset())]
        return [*refusing, *excluding, *sorted(failing)]

    def kind(self, minimal_sets: Iterable[Facts]) -> str:
        """The kind of the denial."""
        if self.decided_by() != "coverage_policy":
            return "plan_exclusion"
        if any(self.excludes(item, frozenset()) for item in EXCLUSIONS):
            return "not_covered"
        contradicting = all(any(self.status[f] == "contradicted" for f in facts) for facts in minimal_sets)
        return "criteria_not_met" if contradicting else "missing_information"

    def because(self, minimal_sets: Iterable[Facts]) -> set[str]:
        """The items for which there is no way to an approval; none, where there is one."""
        found: set[str] = set()
        for facts in minimal_sets:
            standing = {fact for fact in facts if self._no_way(fact)}
            if not standing:
                return set()
            for fact in standing:
                found |= self._items_of(fact, "1" if "indication_is(atopic_dermatitis)" in facts else "2")
        return found & {*self.reasons()}

    def _items_of(self, fact: str, instead: str) -> set[str]:
        if fact.startswith("silent"):
            return {"P.mandate" if "mandate" in fact else "P.plan"}
        if fact.startswith("indication_is"):
            return {item for item in ("X.3", "X.4", "X.other") if self.excludes(item, frozenset())}
        recorded = [p for p, i in INDICATIONS.items() if self.indications == {i}]
        return {f"{recorded[0] if recorded else instead}.A"}

    def advisories(self) -> list[str]:
        """Remarks that never decide."""
        found = []
        if (self.request.get("applications_per_day") or 0) > 2:
            found.append("dose_frequency")
        for name, indication, days in (
            ("reevaluate_atopic_dermatitis", "atopic_dermatitis", 56),
            ("reevaluate_vitiligo", "vitiligo", 168),
        ):
            if self.indications == {indication} and any(
                {product.family for product in therapy.products} == {REQUESTED}
                and therapy.outcome == "failure"
                and therapy.lengths["days"][0] >= days
                for therapy in self.therapies.values()
            ):
                found.append(name)
        return found

    def of_several_meanings(self) -> set[str]:
        """The places of words that can mean several things: a verdict may warn about these."""
        found = set()
        for path, table in (
            ("request.indication", INDICATION),
            ("disease.severity", SEVERITY),
            ("disease.vitiligo_type", TYPE),
            ("disease.sites", SITE),
            ("prescriber.specialty", SPECIALTY),
            ("prescriber.consulted", SPECIALTY),
        ):
            section, key = path.split(".")
            stated = (self.record.get(section) or {}).get(key)
            if isinstance(stated, list):
                found |= {f"{path}[{at}]" for at, word in enumerate(stated) if len(meanings(table, word)) > 1}
            elif stated is not None and len(meanings(table, stated)) > 1:
                found.add(path)
        for at, entry in enumerate(self.record.get("therapies") or ()):
            if len(meanings(CLASS, entry.get("class") or "")) > 1:
                found.add(f"therapies[{at}].class")
        for at, entry in enumerate(self.record.get("intolerances") or ()):
            if len(meanings(CLASS, entry["to"])) > 1:
                found.add(f"intolerances[{at}].to")
        return found

    def warned(self) -> set[str]:
        """The places that a verdict has to warn about: unknown words, unknown and ambiguous products."""
        found = set()
        indication = self.request.get("indication")
        if indication is not None and not meanings(INDICATION, indication):
            found.add("request.indication")
        own = self.prescriber.get("specialty")
        if own is not None and not meanings(SPECIALTY, own):
            found.add("prescriber.specialty")
        for path, table, words in (
            ("disease.sites", SITE, self.disease.get("sites")),
            ("prescriber.consulted", SPECIALTY, self.prescriber.get("consulted")),
        ):
            found |= {f"{path}[{at}]" for at, word in enumerate(words or ()) if not meanings(table, word)}
        for at, entry in enumerate(self.record.get("therapies") or ()):
            name, kind = entry.get("product"), entry.get("class")
            known = () if name is None else PRODUCTS.get(plain(name), ())
            if name is not None and kind is None and not known:
                found.add(f"therapies[{at}].product")
            if known and len({product[:3] for product in _products(entry)}) > 1:
                found.add(f"therapies[{at}].product")
            if kind is not None and not known and not meanings(CLASS, kind):
                found.add(f"therapies[{at}].class")
        for at, entry in enumerate(self.record.get("intolerances") or ()):
            if not meanings(CLASS, entry["to"]) and len(_classes_of(entry["to"])) != 1:
                found.add(f"intolerances[{at}].to")
        return found

    # ── Minimal sets, by brute force ────────────────────────────────────────────────────────────

    def supposable(self, pathway: str) -> list[str]:
        """Every fact that a minimal set of the pathway may hold."""
        indication = INDICATIONS[pathway]
        names = [f"indication_is({indication})", "aged_at_least(12)"]
        names.append(f"area_at_most({20 if pathway == '1' else 10})")
        names += [f"treats_site_of({pathway}.C.ii)", f"specialist_for({pathway}.E)"]
        names.append("severity_fits(1)" if pathway == "1" else "type_fits(2)")
        for item, wanted in ((f"{pathway}.C.i", STEROID), (f"{pathway}.D", INHIBITOR)):
            unit, days = self.asked_days(item)
            names += [f"new_failure({item},{unit},{days})", f"new_intolerance({wanted})"]
            for name in self._candidates(wanted):
                names += [f"failed({name})", f"documented({name})", f"not_sample({name})"]
                names.append(f"applied({name},{unit},{days})")
                if wanted == STEROID:
                    names.append(f"potent({name})")
            for name, therapy in self.therapies.items():
                if therapy.outcome == "intolerance" and any(p.class_name == wanted for p in therapy.products):
                    names += [f"documented({name})", f"not_sample({name})"]
            names += [f"documented({name})" for name, (classes, _) in self.intolerances.items() if classes == {wanted}]
        for name, therapy in self.therapies.items():
            if any(self._is_barred(item, product) for item in ("X.1", "X.2") for product in therapy.products):
                names.append(f"ended({name})")
            names += [f"product_is({name},{family})" for family in therapy.families()]
        if self.reauthorization:
            names.append(f"responded({INDICATIONS[pathway]})")
        names += [f"silent({name})" for name, term in self.plan.items() if term == "excludes"]
        return [name for name in dict.fromkeys(names) if self.status[name] != "established"]

    def minimal_sets(self) -> set[Facts]:
        """All subset-minimal sets that contradict the fewest facts which nobody can change."""
        found: set[Facts] = set()
        for pathway in INDICATIONS:
            mine: list[Facts] = []
            names = self.supposable(pathway)
            for size in range(len(names) + 1):
                for chosen in combinations(names, size):
                    facts = frozenset(chosen)
                    if any(smaller <= facts for smaller in mine) or not _of_one_product_each(facts):
                        continue
                    if self.approved(facts):
                        mine.append(facts)
            found.update(mine)
        found = {facts for facts in found if not any(other < facts for other in found)}
        cost = {facts: sum(map(self._no_way, facts)) for facts in found}
        least = min(cost.values(), default=0)
        return {facts for facts in found if cost[facts] == least}

    def _no_way(self, fact: str) -> bool:
        """Whether the record contradicts it and nobody can change that."""
        unchangeable = fact.startswith(("indication_is", "aged_at_least", "silent"))
        return unchangeable and self.status[fact] == "contradicted"


def _of_one_product_each(facts: Facts) -> bool:
    named = [fact.partition("),")[0] for fact in facts if fact.startswith("product_is")]
    return len(named) == len(set(named))


def _true(value: bool) -> str:
    return "established" if value else "contradicted"


def _one_of(can_mean: Meanings, accepted: set[str]) -> str:
    """Of a word: all that it can mean is accepted, some of it, or nothing."""
    if can_mean and can_mean <= accepted:
        return "established"
    return "contradicted" if can_mean and not can_mean & accepted else "missing"


def _word(table: Mapping[str, Meanings], text: str | None, accepted: set[str]) -> str:
    return "missing" if text is None else _one_of(meanings(table, text), accepted)


def _words(table: Mapping[str, Meanings], texts: list[str] | None, accepted: set[str]) -> str:
    """Of a list that is complete when present: any word will do."""
    return "missing" if texts is None else _either(*(_one_of(meanings(table, text), accepted) for text in texts))


def _either(*statuses: str) -> str:
    """The status of facts of which any one is enough."""
    return next((status for status in ("established", "missing") if status in statuses), "contradicted")


def _indications(text: str | None) -> Meanings:
    """What the indication can be; a text that nobody knows is a use by itself."""
    if text is None:
        return frozenset()
    return meanings(INDICATION, text) or frozenset({text})


def _products(entry: Mapping[str, Any]) -> tuple[Product, ...]:
    """What a therapy can have been, by its name, its class, and what else is stated of it."""
    classes = meanings(CLASS, entry.get("class") or "")
    found = PRODUCTS.get(plain(entry.get("product") or ""))
    if found is None:
        found = tuple(Product(None, name) for name in sorted(classes)) or (Product(None, None),)
    elif classes:
        found = tuple(product for product in found if product.class_name in classes) or found
    potency, prescription = entry.get("potency"), entry.get("prescription")
    potency = potency and potency.casefold()
    if potency is not None:
        kept = tuple(product for product in found if product.potency in (potency, None))
        found = tuple(product._replace(potency=potency) for product in kept or found)
    if prescription is not None:
        found = tuple(product._replace(prescription=prescription) for product in found)
    return found


def _classes_of(text: str) -> frozenset[str]:
    """The classes that an intolerance can be to; empty: nobody knows the text."""
    named = meanings(CLASS, text)
    return named or frozenset(str(product.class_name) for product in PRODUCTS.get(plain(text), ()))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


Periods = list[tuple[date | None, date | None]]


def _active(periods: Periods, day: date) -> bool:
    if not periods:
        return True
    return any(not (end and end < day) and not (start and start > day) for start, end in periods)


def _lengths(entry: Mapping[str, Any], periods: Periods, day: date) -> dict[str, tuple[int, int | None]]:
    """Days in all and in one run, each as what is known at least and at most; day by day."""
    used = set()
    for start, end in periods:
        if start is not None:
            at, last = start, min(end or day, day)
            while at <= last:
                used.add(at)
                at += timedelta(days=1)
    run = longest = 0
    for at in sorted(used):
        run = run + 1 if at - timedelta(days=1) in used else 1
        longest = max(longest, run)
    days, consecutive = entry.get("days"), entry.get("consecutive_days")
    whole = bool(periods) and all(start for start, _ in periods)
    total: tuple[int, int | None] = (len(used), len(used) if whole else None)
    if days is not None:
        total = (days, days)
    elif not whole:
        total = (max(len(used), consecutive or 0), None)
    one_run: tuple[int, int | None] = (longest, longest if whole else total[1])
    if consecutive is not None:
        one_run = (consecutive, consecutive)
    return {"days": total, "consecutive_days": one_run}
