"""Suites over rule files: YAML lists of cases, each a record and what is expected of its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema

from reasoner.facts.edits import apply
from reasoner.facts.errors import Fault, RecordError
from reasoner.facts.fields import look, place_of, pointer
from reasoner.facts.load import fault_of, parse_record, read_data
from reasoner.facts.record import Record
from reasoner.places import Places


def _texts(value: object) -> object:
    """Items such as 1 and 2, which YAML reads as numbers, as text."""
    if isinstance(value, list):
        return [str(one) if type(one) is int else one for one in value]
    return value


Names = Annotated[
    list[str],
    BeforeValidator(_texts),
    WithJsonSchema({"type": "array", "items": {"type": ["string", "integer"]}}),
]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Expect(_Part):
    """What is expected of a verdict. What is not named is not asserted."""

    decision: Literal["approved", "denied", "out_of_scope"] | None = None
    decided_by: Literal["coverage_policy", "plan_document", "mandate"] | None = None
    medically_necessary: bool | None = None
    kind: Literal["plan_exclusion", "not_covered", "criteria_not_met", "missing_information"] | None = None
    reasons: Names | None = None
    statuses: Annotated[dict[str, str] | None, Field(description="Status by item.")] = None
    minimal_sets: Annotated[list[Names] | None, Field(description="All of them, in any order.")] = None
    unchangeable: Annotated[Names | None, Field(description="Facts of minimal sets that nobody can change.")] = None
    missing: Annotated[list[Names] | None, Field(description="Some of the minimal sets.")] = None
    total: Annotated[int | None, Field(description="How many minimal sets.")] = None
    hinges_on: Names | None = None
    advisories: Names | None = None
    earliest_approval: str | None = None
    through: Annotated[str | None, Field(description="Last day of the authorization.")] = None
    version: str | None = None


class Change(_Part):
    """A record: whole, or another one with the few fields that differ."""

    record: dict[str, Any] | None = None
    extends: Annotated[str | None, Field(description="A named record, or a file.")] = None
    set: Annotated[dict[str, Any], Field(description="Values by path.")] = {}
    remove: Annotated[list[str], Field(description="Paths.")] = []


class CaseText(Change):
    """A case; with a table, one for each of its rows."""

    name: Annotated[str, Field(min_length=1, description="A sentence.")]
    expect: Expect = Expect()
    table: Annotated[
        list[list[Any]] | None,
        Field(description="Rows under a row of paths: of the record, or expect.… of what is expected."),
    ] = None


class SuiteText(_Part):
    """A suite file: cases, and records that they extend."""

    records: dict[str, Change] = {}
    cases: list[CaseText]


_FIELDS = frozenset().union(*(model.model_fields for model in (Expect, CaseText, SuiteText)))


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """One case of a suite: where it stands, its record as data, and what is expected."""

    name: str
    path: Path
    place: tuple[str | int, ...]
    line: int
    data: dict[str, Any]
    expect: Expect
    expected_places: dict[str, tuple[str | int, ...]]

    def record(self) -> Record:
        """The record, checked. Raises RecordError with the case's place."""
        try:
            return parse_record(self.data)
        except RecordError as error:
            faults = (Fault(f"line {self.line}: {self.name}: {f.path}", f.message) for f in error.faults)
            raise RecordError(tuple(faults), str(self.path)) from None


def read_suite(path: Path) -> list[SuiteCase]:
    """The cases of a suite file. Raises RecordError with file, line and what would be right."""
    data = read_data(path)
    places = Places(path.read_text("utf-8-sig"))
    if isinstance(data, list):
        data, prefix = {"cases": data}, 1
    else:
        prefix = 0
    try:
        suite = SuiteText.model_validate(data)
    except ValidationError as error:
        faults = []
        for detail in error.errors():
            fault, where = fault_of(detail, _FIELDS), tuple(detail["loc"])[prefix:]
            faults.append(Fault(f"line {places.line(where)}: {fault.path}", fault.message))
        raise RecordError(tuple(faults), str(path)) from None
    return list(_cases(suite, path, places, () if prefix else ("cases",)))


def schema() -> dict[str, Any]:
    """The JSON Schema of a suite file, for editors."""
    return TypeAdapter(SuiteText | list[CaseText]).json_schema()


def _cases(suite: SuiteText, path: Path, places: Places, top: tuple[str | int, ...]) -> Iterator[SuiteCase]:
    seen: dict[str, int] = {}
    for number, case in enumerate(suite.cases):
        place = (*top, number)
        line = places.line(place)
        if case.name in seen:
            _refuse(path, line, f"{case.name!r} is the name of the case in line {seen[case.name]} too")
        seen[case.name] = line
        base = _built(case, suite.records, path, line, ())
        if case.table is None:
            named = {key: (*place, "expect", key) for key in case.expect.model_fields_set}
            yield SuiteCase(case.name, path, place, line, base, case.expect, named)
            continue
        if len(case.table) < 2:
            _refuse(path, line, f"{case.name}: a table has a row of paths and at least one row of values")
        head = [str(name) for name in case.table[0]]
        for index, row in enumerate(case.table[1:], start=1):
            yield _row(case, head, row, base, path, places, (*place, "table", index))


def _row(
    case: CaseText,
    head: list[str],
    row: list[Any],
    base: dict[str, Any],
    path: Path,
    places: Places,
    place: tuple[str | int, ...],
) -> SuiteCase:
    line = places.line(place)
    if len(row) != len(head):
        _refuse(path, line, f"{case.name}: {len(row)} values under {len(head)} paths")
    expect: dict[str, Any] = case.expect.model_dump(exclude_unset=True)
    named: dict[str, tuple[str | int, ...]] = {}
    settings: dict[str, Any] = {}
    for column, (name, value) in enumerate(zip(head, row, strict=True)):
        if not name.startswith("expect."):
            settings[name] = value
            continue
        key = name.removeprefix("expect.")
        named[key] = (*place, column)
        if key.startswith("statuses."):
            expect.setdefault("statuses", {})[key.removeprefix("statuses.")] = value
        else:
            expect[key] = value
    try:
        expected = Expect.model_validate(expect)
    except ValidationError as error:
        faults = [fault_of(detail, _FIELDS) for detail in error.errors()]
        raise RecordError(tuple(Fault(f"line {line}: expect.{f.path}", f.message) for f in faults), str(path)) from None
    shown = ", ".join(f"{value}" for value in row)
    data = _changed(base, settings, [], path, line)
    return SuiteCase(f"{case.name} [{shown}]", path, place, line, data, expected, named)


def _built(
    change: Change, records: Mapping[str, Change], path: Path, line: int, through: tuple[str, ...]
) -> dict[str, Any]:
    """The record of a case as data: what it extends, then what it sets and removes."""
    if (change.record is None) == (change.extends is None):
        _refuse(path, line, "give `record`, or `extends` with a named record or a file: one of them")
    if change.record is not None:
        base = change.record
    elif change.extends in through:
        _refuse(path, line, f"{' extends '.join((*through, str(change.extends)))}: a circle")
    elif change.extends in records:
        name = str(change.extends)
        base = _built(records[name], records, path, line, (*through, name))
    elif str(change.extends).endswith((".json", ".yaml", ".yml")):
        found = read_data(path.parent / str(change.extends))
        if not isinstance(found, dict):
            _refuse(path, line, f"{change.extends}: a record is an object with named fields")
        base = found
    else:
        known = ", ".join(sorted(records)) or "none"
        _refuse(
            path,
            line,
            f"no record is named {change.extends!r} (there are: {known}); a file ends in .json or .yaml",
        )
    return _changed(base, change.set, change.remove, path, line)


def _changed(
    base: dict[str, Any], settings: Mapping[str, Any], removals: list[str], path: Path, line: int
) -> dict[str, Any]:
    patch: list[dict[str, Any]] = []
    sections = {place.partition(".")[0] for place in settings if "." in place}
    base = {**base, **{name: {} for name in sections if "[" not in name and base.get(name) is None}}
    try:
        for removal in removals:
            if look(base, place_of(removal)) is None:
                _refuse(path, line, f"{removal}: the record has nothing there to remove")
            patch.append({"op": "remove", "path": pointer(removal)})
        for place, value in settings.items():
            inside = place_of(place).endswith("]") and look(base, place) is not None
            patch.append({"op": "replace" if inside else "add", "path": pointer(place), "value": value})
        return apply(base, patch)
    except RecordError as error:
        if error.source is not None:
            raise
        _refuse(path, line, str(error))
    except ValueError as error:
        _refuse(path, line, str(error))


def _refuse(path: Path, line: int, message: str) -> NoReturn:
    raise RecordError((Fault(f"line {line}", message),), str(path))
