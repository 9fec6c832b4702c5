"""All that a record can say, as facts for a solver; and a record written from what it chose to say.

The fields, their values and their places are the record's own (record.py, fields.py); products are the
catalogue's, one for each that the rules can tell from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from facts.catalogue import AmbiguousProduct, Catalogue, Product
from facts.fields import LIST_FIELDS, WORDED, values
from facts.record import RANGES, Plan
from facts.symbols import Term

Row = tuple[Term, ...]

LISTED = sorted(LIST_FIELDS)
_TEXTS = sorted(WORDED - LIST_FIELDS)
_SECTIONS = {
    "request": ("indication", "applications_per_day"),
    "patient": ("age_years",),
    "disease": ("severity", "vitiligo_type", "bsa_percent", "sites"),
    "prescriber": ("specialty", "consulted"),
    "plan": ("line_of_business", "document", "mandate"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a therapy can be: a product as written, its class left to the catalogue or stated (`stated`),
    or without a product a class by itself.
    """

    product: str | None
    stated: bool
    class_name: str | None
    family: str | None
    potency: str | None
    us_class: int | None


def kinds(catalogue: Catalogue, classes: Iterable[str], families: Iterable[str]) -> list[Kind]:
    """The products and classes that rules can tell apart which know these classes and families."""
    known, told = sorted({*classes}), frozenset(families)
    found: dict[tuple[object, ...], Kind] = {}
    for product in catalogue.products:
        family = product.key if product.key in told else None
        class_name = product.class_name if product.class_name in known else None
        if family is None and class_name is None:
            continue
        name = _written(catalogue, product)
        if name is None:
            continue
        for stated in (None, *known):
            own = product.class_name
            if stated is not None and (stated == own or not catalogue.agrees(stated, own)):
                continue
            kind = Kind(
                name, stated is not None, stated or own, product.key, product.potency, product.us_class
            )  # fmt: skip
            found.setdefault((family, stated or class_name, product.potency, product.us_class), kind)
    return [*found.values(), *(Kind(None, True, name, None, None, None) for name in (*known, "other"))]


def _written(catalogue: Catalogue, product: Product) -> str | None:
    """The product as a person would write it, if there is a way that fits it alone."""
    for name in sorted(product.names, key=str.casefold):
        for strength in ("", *product.strengths):
            for form in ("", *product.forms):
                text = " ".join(filter(None, (name, strength, form.replace("_", " "))))
                try:
                    match = catalogue.lookup(text)
                except AmbiguousProduct:
                    continue
                if match is None or match.ignored:
                    continue
                same = (match.key, match.us_class, match.potency) == (
                    product.key, product.us_class, product.potency,
                )  # fmt: skip
                if same and match.class_name == product.class_name:
                    return text
    return None


def rows(slots: int, possible: list[Kind]) -> Iterator[Row]:
    """The facts: predicate and arguments of each."""
    for field in ("request_type", *_SECTIONS["plan"], "request_date"):
        yield ("needed", field)
    yield ("usual", "request_type", "initial")
    for name, own in Plan.model_fields.items():
        yield ("usual", name, own.default)
    for field in ("request_type", "severity", "vitiligo_type", *_SECTIONS["plan"]):
        yield from _of_values(field)
    for name in _TEXTS:
        yield ("free_text", name)
    for name in LISTED:
        yield ("listed", name)
    for name in ("request_date", "applications_per_day", "age_years", "bsa_percent"):
        yield ("of_numbers", name, *RANGES[name])
    for number in range(1, slots + 1):
        yield from _therapy(number, possible)
        at = ("intolerance", number)
        yield from _within(at, number, "class", "documented")
        yield ("free_text", ("class", at))
        yield from _of_values(("documented", at))
        at = ("response", number)
        yield from _within(at, number, "sign", "documented", "sample")
        for name in ("sign", "documented", "sample"):
            yield from _of_values((name, at))
        yield from (("needed", (name, at)) for name in ("sign", "sample"))
        yield ("usual", ("sample", at), False)
        for other in range(number + 1, slots + 1):
            one, two = ("therapy", number), ("therapy", other)
            used_with = ("concomitant", one, two)
            yield ("together", used_with, one, two)
            yield ("within", used_with, one)
            yield ("of_values", used_with, True)


def _therapy(number: int, possible: list[Kind]) -> Iterator[Row]:
    at = ("therapy", number)
    own = ("outcome", "documented", "sample", "prescription", "active", "potency")
    yield from _within(at, number, *own, "class", "product", "us_class", "days", "consecutive_days")
    for name in own:
        yield from _of_values((name, at))
    for name, usual in (("sample", False), ("prescription", True), ("active", True)):
        yield ("needed", (name, at))
        yield ("usual", (name, at), usual)
    for name in ("days", "consecutive_days"):
        yield ("of_numbers", (name, at), *RANGES[name])
    yield ("run_of", ("consecutive_days", at), ("days", at))
    yield ("class_field", ("class", at), at)
    for place, kind in enumerate(possible):
        yield ("kind_of", at, place)
        if kind.product is None:
            yield ("free_kind", place)
        for name, value in (
            ("class", kind.class_name), ("product", kind.family), ("potency", kind.potency),
            ("us_class", kind.us_class),
        ):  # fmt: skip
            if value is not None:
                yield ("kind_value", place, (name, at), value)


def _within(at: tuple[str, int], number: int, *names: str) -> Iterator[Row]:
    for name in names:
        yield ("within", (name, at), at)
    if number > 1:
        yield ("entry_after", at, (at[0], number - 1))


def _of_values(field: Term) -> Iterator[Row]:
    yield from (("of_values", field, value) for value in values(field) or ())


def record(
    says: Mapping[Term, list[Term]],
    numbers: Mapping[Term, int],
    entries: Iterable[Term],
    chosen: Mapping[Term, Kind],
) -> dict[str, Any]:
    """The record that says so, as JSON data with no more than is needed."""
    day = _day(numbers.get("request_date", 20250301))
    request: dict[str, Any] = {
        "date": day.isoformat(),
        "type": str(*says.get("request_type", ["initial"])),
    }
    data: dict[str, Any] = {"case_id": "told-apart", "request": request}
    for section, names in _SECTIONS.items():
        for name in names:
            if name in LISTED and name in says:
                data.setdefault(section, {})[name] = sorted(str(value) for value in says[name])
            elif name in says:
                data.setdefault(section, {})[name] = says[name][0]
            elif name in numbers:
                data.setdefault(section, {})[name] = numbers[name]
    plan = {k: v for k, v in data.pop("plan", {}).items() if v != Plan.model_fields[k].default}
    for entry in sorted(entries, key=str):
        assert isinstance(entry, tuple)
        own = {str(f[0]): v for f, (v, *_) in says.items() if isinstance(f, tuple) and f[1:] == (entry,)}
        if entry[0] == "therapy":
            data.setdefault("therapies", []).append(_entry(entry, own, says, numbers, chosen[entry], day))
        elif entry[0] == "intolerance":
            row = {"to": own.pop("class", "other"), "kind": "contraindication", **own}
            data.setdefault("intolerances", []).append(row)
        else:
            if not own.get("sample"):
                own.pop("sample", None)
            data.setdefault("response", []).append({"sign": own.pop("sign", "other"), **own})
    if plan:
        data["plan"] = plan
    return data


def _entry(
    entry: Term, own: dict[str, Any], says: Mapping[Term, list[Term]], numbers: Mapping[Term, int],
    kind: Kind, day: date,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {}
    if kind.product is not None:
        row["product"] = kind.product
    if kind.stated:
        row["class"] = kind.class_name
    if kind.product is None and "potency" in own:
        row["potency"] = own["potency"]
    if own.get("active") is False:
        row["periods"] = [{"end": (day - timedelta(days=1)).isoformat()}]
    for name in ("days", "consecutive_days"):
        if (name, entry) in numbers:
            row[name] = numbers[name, entry]
    row |= {name: own[name] for name in ("outcome", "documented") if name in own}
    if own.get("sample"):
        row["sample"] = True
    if own.get("prescription") is False:
        row["prescription"] = False
    partners = [f[2] for f in says if isinstance(f, tuple) and f[0] == "concomitant" and f[1] == entry]
    if partners:
        row["concomitant_with"] = [f"t{partner[1]}" for partner in partners if isinstance(partner, tuple)]
    return row


def _day(number: int) -> date:
    """A date written YYYYMMDD; a day that its month has not is the last before or first after it."""
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    first = date(year + (month > 12), month % 12 or 12, 1) if month else date(year - 1, 12, 31)
    return first + timedelta(days=day - 1) if month else first
