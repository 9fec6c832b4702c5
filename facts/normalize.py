"""A record in full form: products looked up, defaults filled in, every section present."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from msgspec import Struct

from facts.catalogue import AmbiguousProduct, Catalogue, Match
from facts.errors import Fault, RecordError
from facts.record import Record, Therapy


class KnownTherapy(NamedTuple):
    """A therapy of the record with what the catalogue adds to it."""

    entry: Therapy
    id: str
    family: str | None
    class_name: str | None
    potency: str | None
    possible_potencies: tuple[str, ...]
    us_class: int | None
    prescription: bool


class Case(Struct, frozen=True, dict=True):
    """A checked record, ready to be turned into facts."""

    record: Record
    product: str
    therapies: tuple[KnownTherapy, ...]
    intolerance_classes: tuple[str | None, ...]
    warnings: tuple[str, ...]

    @property
    def longest_list(self) -> int:
        """Entries of the longest of its lists of therapies, intolerances and responses."""
        record = self.record
        return max(len(self.therapies), len(record.intolerances), len(record.response))

    @property
    def written(self) -> dict[str, Any]:
        """The record as it was written, as JSON data, with every section and default."""
        data: dict[str, Any] = self.record.model_dump(mode="json", by_alias=True, exclude_none=True)
        data["request"]["product"] = self.product
        for section in ("patient", "disease", "prescriber"):
            data.setdefault(section, {})
        for entry, known in zip(data["therapies"], self.therapies, strict=True):
            entry["id"] = known.id
        return {key: data[key] for key in Record.model_fields}

    @cached_property
    def full(self) -> dict[str, Any]:
        """The record in full form, as JSON data: as written, with what the catalogue adds."""
        data = self.written
        for entry, known in zip(data["therapies"], self.therapies, strict=True):
            for key, value in (
                ("class", known.class_name),
                ("potency", known.potency),
                ("prescription", known.prescription),
            ):
                if value is not None:
                    entry[key] = value
        return data


def normalize(record: Record, catalogue: Catalogue, product: str) -> Case:
    """Look up the record's products and fill in the defaults.

    `product` is the one that the policy speaks of. Raises RecordError, with every fault, for
    another product, a name that fits products of several classes, and a class or potency that
    the catalogue contradicts.
    """
    faults: list[Fault] = []
    warnings: list[str] = []
    asked = record.request.product
    if asked is not None and asked.casefold() != product.casefold():
        faults.append(Fault("request.product", f"this policy speaks of {product} only, not of {asked!r}"))
    therapies = tuple(_known(entry, index, catalogue, faults, warnings) for index, entry in enumerate(record.therapies))
    classes = tuple(
        _class_of(entry.to, f"intolerances[{index}].to", catalogue, faults, warnings)
        for index, entry in enumerate(record.intolerances)
    )
    if faults:
        raise RecordError(tuple(faults))
    return Case(record, product, therapies, classes, tuple(warnings))


def _known(
    entry: Therapy,
    index: int,
    catalogue: Catalogue,
    faults: list[Fault],
    warnings: list[str],
) -> KnownTherapy:
    path = f"therapies[{index}]"
    name = entry.id or f"t{index + 1}"
    match: Match | None = None
    if entry.product is not None:
        match = _match(entry.product, entry.class_name, f"{path}.product", catalogue, faults)
        if match is None and not faults_at(faults, path):
            warnings.append(_unknown(entry.product, f"{path}.product", catalogue, entry.class_name))
        elif match is not None and match.ignored:
            warnings.append(_left_aside(match, f"{path}.product"))
    if match is None:
        return KnownTherapy(
            entry, name, None, entry.class_name, entry.potency, (), None,
            True if entry.prescription is None else entry.prescription,
        )  # fmt: skip
    known = match.class_name
    if entry.class_name is not None and known is not None:
        if not catalogue.agrees(entry.class_name, known):
            faults.append(
                Fault(
                    f"{path}.class",
                    f"the catalogue has {entry.product!r} as {known}, not {entry.class_name}",
                )
            )
        known = entry.class_name
    potency = match.potency
    if entry.potency is not None:
        possible = match.possible_potencies or (entry.potency,)
        if entry.potency not in possible:
            faults.append(
                Fault(
                    f"{path}.potency",
                    f"the catalogue has {entry.product!r} as {' or '.join(possible)}, not {entry.potency}",
                )
            )
        potency = entry.potency
    prescription = entry.prescription
    if prescription is None:
        prescription = True if match.prescription is None else match.prescription
    return KnownTherapy(entry, name, match.key, known, potency, match.possible_potencies, match.us_class, prescription)


def faults_at(faults: list[Fault], path: str) -> bool:
    """Whether a fault was found at the path or below it."""
    return any(fault.path.startswith(path + ".") for fault in faults)


def _match(name: str, class_name: str | None, path: str, catalogue: Catalogue, faults: list[Fault]) -> Match | None:
    try:
        return catalogue.lookup(name, class_name)
    except AmbiguousProduct as error:
        faults.append(Fault(path, str(error)))
        return None


def _class_of(name: str, path: str, catalogue: Catalogue, faults: list[Fault], warnings: list[str]) -> str | None:
    """The class that an intolerance is to: named itself, or that of a product of it."""
    if name in catalogue.classes:
        return name
    match = _match(name, None, path, catalogue, faults)
    if match is not None:
        if match.ignored:
            warnings.append(_left_aside(match, path))
        return match.class_name
    if not any(fault.path == path for fault in faults):
        warnings.append(_unknown(name, path, catalogue, None))
    return name


def _left_aside(match: Match, path: str) -> str:
    return f"{path}: not understood and left aside: {', '.join(match.ignored)}"


def _unknown(name: str, path: str, catalogue: Catalogue, class_name: str | None) -> str:
    near = ", ".join(catalogue.nearest(name))
    taken = "taken as unrelated" if class_name is None else f"taken as {class_name}, as stated"
    shown = name if len(name) <= 80 else name[:77] + "..."
    return f"{path}: {shown!r} is not in the catalogue and {taken}" + (f"; nearest: {near}" if near else "")
