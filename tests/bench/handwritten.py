"""The policy IP0369 written by hand in quick plain Python: the limit that everything else is measured beside.

The decision alone, under the default readings: no reasons, no statuses, no other reading. It stops at the first thing
that decides. Words and products are data: each is looked up once in the policy's vocabularies and catalogue, and then
stands in a dict.

As a program it parses, decides and prints one record a line: `python handwritten.py RECORDS.ndjson > DECISIONS.ndjson`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from facts.case import Case
from reasoner import Policy

STEROID, INHIBITOR = "topical_corticosteroid", "topical_calcineurin_inhibitor"
REQUESTED = "ruxolitinib_cream"
BARRED_CLASSES = {"biologic", "jak_inhibitor", "potent_immunosuppressant"}
BARRED_PRODUCTS = {
    "apremilast", "deucravacitinib", "ozanimod", "etrasimod", "azathioprine", "cyclosporine_systemic",
}  # fmt: skip
SENSITIVE_SITES = {"face", "eyes", "eyelids", "skin_folds", "genitalia"}
POTENT = {"medium", "high", "super_high"}
ALLERGY = {"allergy", "immunology", "allergy_immunology"}
SIGNS = {
    "atopic_dermatitis": {"bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification", "other"},
    "vitiligo": {"repigmentation", "vasi", "other"},
}
USES = ("atopic_dermatitis", "vitiligo")
REVISED = date(2024, 11, 15)

Key = TypeVar("Key")
Value = TypeVar("Value")


class LookedUp(dict[Key, Value], Generic[Key, Value]):
    """A dict of what was looked up; what is not in it yet is looked up once."""

    def __init__(self, look_up: Callable[[Key], Value]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, key: Key) -> Value:
        found = self[key] = self._look_up(key)
        return found


class Product(NamedTuple):
    """What matters of the product of a therapy."""

    class_name: str | None
    prescribed: bool
    potent: bool
    weak: bool
    """Known not to be potent."""
    barred: bool
    """Whether it excludes, or one of the products that its name can mean does."""


class Handwritten:
    """The decision about a record, of which dates are `date` objects; or text, where `as_date` reads them."""

    def __init__(self, policy: Policy, as_date: Callable[[Any], date] = lambda day: day) -> None:
        self._policy = policy
        self.as_date = as_date
        self.use = LookedUp(self._use)
        self.severity = LookedUp[str, bool](lambda text: self._all_in("severities", text, {"mild", "moderate"}))
        self.type = LookedUp[str, bool](lambda text: self._all_in("vitiligo_types", text, {"nonsegmental"}))
        self.site = LookedUp[str, bool](lambda text: self._all_in("sites", text, SENSITIVE_SITES))
        self.dermatologist = LookedUp[str, bool](lambda text: self._all_in("specialties", text, {"dermatology"}))
        self.specialist = LookedUp[str, bool](lambda text: self._all_in("specialties", text, {"dermatology", *ALLERGY}))
        self.sign = LookedUp(self._sign)
        self.intolerance = LookedUp(self._class_of_intolerance)
        self.product = LookedUp(self._product)

    @classmethod
    def of_json(cls, policy: Policy) -> Handwritten:
        """For records as JSON has them."""
        return cls(policy, date.fromisoformat)

    def decide(self, record: Mapping[str, Any]) -> str:
        """approved, denied or out_of_scope."""
        request, plan = record["request"], record.get("plan") or {}
        day = self.as_date(request["date"])
        if day < REVISED and (plan.get("line_of_business") or "employer") != "employer":
            return "out_of_scope"
        for document in ("mandate", "document"):
            terms = plan.get(document) or "silent"
            if terms != "silent":
                return "approved" if terms == "covers" else "denied"
        text = request.get("indication")
        use = None if text is None else self.use[text]
        if use not in USES or not self._is_old_enough(record.get("patient") or {}, day):
            return "denied"
        disease = record.get("disease") or {}
        area = disease.get("bsa_percent")
        if use == "atopic_dermatitis":
            fits, asked, specialist, most = disease.get("severity"), self.severity, self.specialist, 20
        else:
            fits, asked, specialist, most = disease.get("vitiligo_type"), self.type, self.dermatologist, 10
        if area is None or area > most or fits is None or not asked[fits]:
            return "denied"
        prescriber = record.get("prescriber") or {}
        own = prescriber.get("specialty")
        if (own is None or not specialist[own]) and not any(
            specialist[text] for text in prescriber.get("consulted") or ()
        ):
            return "denied"
        if request["type"] == "reauthorization" and not self._has_responded(record, use):
            return "denied"
        needs_steroid = not any(self.site[text] for text in disease.get("sites") or ())
        return "approved" if self._therapies_fit(record, day, use, needs_steroid) else "denied"

    def _is_old_enough(self, patient: Mapping[str, Any], day: date) -> bool:
        born = patient.get("birth_date")
        if born is None:
            age = patient.get("age_years")
            return age is not None and age >= 12
        born = self.as_date(born)
        return (born.year + 12, born.month, born.day) <= (day.year, day.month, day.day)

    def _has_responded(self, record: Mapping[str, Any], use: str) -> bool:
        return any(
            entry.get("documented") and not entry.get("sample") and use in self.sign[entry["sign"]]
            for entry in record.get("response") or ()
        )

    def _therapies_fit(self, record: Mapping[str, Any], day: date, use: str, needs_steroid: bool) -> bool:
        """Whether nothing excludes, and steroid and inhibitor have failed or are no option."""
        needs_inhibitor = True
        for entry in record.get("therapies") or ():
            product = self.product[
                entry.get("product"), entry.get("class"), entry.get("potency"), entry.get("prescription")
            ]
            if product.barred and self.is_active(entry, day):
                return False
            is_steroid = product.class_name == STEROID
            if not (needs_steroid if is_steroid else needs_inhibitor and product.class_name == INHIBITOR):
                continue
            if not entry.get("documented") or entry.get("sample"):
                continue
            outcome = entry.get("outcome")
            if outcome == "intolerance":
                counts = True
            elif outcome != "failure" or not product.prescribed or (is_steroid and not product.potent):
                counts = False
            elif use == "vitiligo":
                counts = self.days(entry, day)[0] >= 84
            else:
                asked = 42 if not is_steroid else 28 if day >= REVISED else 14
                counts = self.days(entry, day)[1] >= asked
            if counts and is_steroid:
                needs_steroid = False
            elif counts:
                needs_inhibitor = False
        if needs_steroid or needs_inhibitor:
            for entry in record.get("intolerances") or ():
                if entry.get("documented"):
                    class_name = self.intolerance[entry["to"]]
                    needs_steroid &= class_name != STEROID
                    needs_inhibitor &= class_name != INHIBITOR
        return not needs_steroid and not needs_inhibitor

    def is_active(self, entry: Mapping[str, Any], day: date) -> bool:
        """Whether a therapy goes on at a day."""
        periods = entry.get("periods")
        if not periods:
            return True
        for period in periods:
            start, end = period.get("start"), period.get("end")
            if not (end and self.as_date(end) < day) and not (start and self.as_date(start) > day):
                return True
        return False

    def days(self, entry: Mapping[str, Any], day: date) -> tuple[int, int]:
        """Days of a therapy, up to a day, in all and in one run: those that there were at least."""
        total, longest = entry.get("days"), entry.get("consecutive_days")
        if total is not None and longest is not None:
            return total, longest
        last, run, days, most = 0, 0, 0, 0
        for start, end in sorted(self._spans(entry, day)):
            if start > last + 1:
                run = 0
            new = end - max(start - 1, last)
            if new > 0:
                days, run, last = days + new, run + new, end
                most = max(most, run)
        if longest is None:
            longest = most
        return max(days, longest) if total is None else total, longest

    def _spans(self, entry: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        found, until = [], day.toordinal()
        for period in entry.get("periods") or ():
            start, end = period.get("start"), period.get("end")
            if start:
                last = min(self.as_date(end).toordinal(), until) if end else until
                found.append((self.as_date(start).toordinal(), last))
        return found

    # ── What the policy's vocabularies and catalogue say, once for each text ─────────────────────

    def _all_in(self, vocabulary: str, text: str, accepted: set[str]) -> bool:
        """Whether all that a text can mean is accepted, or part of something that is."""
        words = self._policy.vocabularies[vocabulary]
        meaning = words.meaning(text)
        return bool(meaning) and all(accepted & {*words.broader(term)} for term in meaning)

    def _use(self, text: str) -> str | None:
        """A covered indication; the text itself where it is another use, None where it is open which it is."""
        meaning = self._policy.vocabularies["indications"].meaning(text)
        return text if not meaning else meaning[0] if len(meaning) == 1 else None

    def _sign(self, text: str) -> frozenset[str]:
        """The indications for which a sign speaks."""
        meaning = {*self._policy.vocabularies["signs"].meaning(text)}
        return frozenset(use for use, signs in SIGNS.items() if meaning and meaning <= signs)

    def _class_of_intolerance(self, text: str) -> str | None:
        (found, *more) = self._read("intolerances", "class", {"to": text, "kind": "intolerance"})
        return found if not more else None

    def _product(self, key: tuple[str | None, str | None, str | None, bool | None]) -> Product:
        names = ("product", "class", "potency", "prescription")
        entry = {name: value for name, value in zip(names, key, strict=True) if value is not None}
        classes, potencies, families, prescribed = (
            {*self._read("therapies", name, entry)} for name in ("class", "potency", "product", "prescription")
        )
        known = [name for name in (STEROID, INHIBITOR) if name in classes]
        is_other = not families or bool(families - {REQUESTED})
        return Product(
            known[0] if known and (len(classes) == 1 or not families) else None,
            prescribed == {True},
            potent=bool(potencies) and potencies <= POTENT,
            weak=potencies <= {"low"},
            barred=is_other and bool(classes & BARRED_CLASSES or families & BARRED_PRODUCTS),
        )

    def _read(self, entries: str, name: str, entry: Mapping[str, Any]) -> list[Any]:
        """What a field of an entry is understood to say: its value, or each that it could have."""
        case = self._case({entries: [entry]})
        field = case.declaration.at_place(f"{entries}[].{name}")
        assert field is not None
        reading = case.reading(field, 0)
        return [*reading.values, *reading.could_be] or [None]

    def _case(self, lists: Mapping[str, Any]) -> Case:
        return self._policy.case({"case_id": "x", "request": {"date": "2025-01-01", "type": "initial"}, **lists})


def main(path: str) -> None:
    """Print the decision of each record of a file."""
    decide = Handwritten.of_json(Policy.load()).decide
    with open(path, encoding="utf-8") as records:
        for line in records:
            record = json.loads(line)
            print(json.dumps({"case_id": record["case_id"], "decision": decide(record)}))


if __name__ == "__main__":
    main(sys.argv[1])
