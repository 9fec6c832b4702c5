"""Suites over rule files: YAML lists of cases, each a record and what is expected of its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema
from ruamel.yaml.error import YAMLError

from facts.changes import apply
from facts.errors import Fault, RecordError
from facts.model import Record, fault_of
from facts.reading import read_data, read_json, read_yaml
from reasoner.suites.source_locations import Location, SourceLocations
from reasoner.verdict.model import Authority, Decision, ItemStatus, Kind
from reasoner.whatif.scenario import edits

if TYPE_CHECKING:
    from reasoner.policy.folder import RuleFolder


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

    decision: Decision | None = None
    decided_by: Authority | None = None
    medically_necessary: bool | None = None
    kind: Kind | None = None
    reasons: Names | None = None
    statuses: Annotated[dict[str, ItemStatus] | None, Field(description="Status by item.")] = None
    minimal_sets: Annotated[list[Names] | None, Field(description="All of them, in any order.")] = None
    approvable: Annotated[bool | None, Field(description="Whether anybody could bring about an approval.")] = None
    because: Annotated[Names | None, Field(description="Items for which nobody could.")] = None
    unchangeable: Annotated[Names | None, Field(description="Facts of minimal sets that nobody can change.")] = None
    missing: Annotated[list[Names] | None, Field(description="Some of the minimal sets.")] = None
    total: Annotated[int | None, Field(description="How many minimal sets.")] = None
    hinges_on: Names | None = None
    advisories: Names | None = None
    earliest_approval: str | None = None
    through: Annotated[str | None, Field(description="Last day of the authorization.")] = None
    version: str | None = None

    @property
    def asserts(self) -> bool:
        """Whether any verdict could differ from it."""
        return any(getattr(self, key) or key not in ("statuses", "missing") for key in self.model_fields_set)


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
    location: Location
    line: int
    data: dict[str, Any]
    expect: Expect
    expected_at: dict[str, Location]

    def record(self, policy: RuleFolder) -> Record:
        """The record, checked against what the policy declares. Raises RecordError with the case's line."""
        try:
            return policy.record(self.data)
        except RecordError as error:
            found = map(with_remedy, error.faults)
            faults = (Fault(f"line {self.line}", f"{self.name}: {fault}") for fault in found)
            raise RecordError(tuple(faults), str(self.path)) from None


class _Wrong(Exception):
    """What is wrong with a suite, and at which location."""

    def __init__(self, location: Location, *messages: str) -> None:
        self.location, self.messages = location, messages
        super().__init__(*messages)


def read_suite(path: Path) -> list[SuiteCase]:
    """The cases of a suite file. Raises RecordError with file, line and what would be right."""
    if str(path) == "-":
        _refuse(path, "a suite is a file, for its records and failures have places; give its name")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        _refuse(path, f"not UTF-8 (byte {error.start})")
    return parse_suite(text, path)


def parse_suite(text: str, path: Path) -> list[SuiteCase]:
    """The cases of a suite's text; `path` is where it stands. Raises RecordError."""
    json = path.suffix.lower() == ".json"
    wrong: Exception | None = None
    try:
        # JSON is YAML, but for tabs between its parts
        locations = SourceLocations(text.replace("\t", " ") if json else text)
        duplicate = locations.duplicate()
    except (YAMLError, RecursionError) as error:
        wrong, duplicate = error, None  # the reader has better words for it, and its own bounds
    if duplicate is not None:
        _refuse(path, f"line {duplicate[1]}: the name {duplicate[0]!r} stands twice in one object")
    try:
        data = (read_json if json else read_yaml)(text)
    except RecordError as error:
        _refuse(path, *(_of_suites(str(fault)) for fault in error.faults))
    if wrong is not None:
        _refuse(path, "nested too deep" if isinstance(wrong, RecursionError) else " ".join(str(wrong).split()))
    top: Location = ("cases",)
    if isinstance(data, list):
        data, top = {"cases": data}, ()
    if not isinstance(data, dict):
        _refuse(path, "a suite has a list `cases`, and `records` that they extend; see `reasoner schema suite`")
    try:
        return list(_cases(SuiteText.model_validate(data), path, locations, top))
    except ValidationError as error:
        found = []
        for detail in error.errors():
            where = detail["loc"] if top else detail["loc"][1:]
            found.append(f"line {locations.line(where)}: {_fault(detail)}")
        _refuse(path, *found)
    except _Wrong as error:
        _refuse(path, *(f"line {locations.line(error.location)}: {message}" for message in error.messages))


def schema() -> dict[str, Any]:
    """The JSON Schema of a suite file, for editors."""
    return TypeAdapter(SuiteText | list[CaseText]).json_schema()


def _fault(detail: Any) -> Fault:
    """One of pydantic's errors in the words of suites."""
    fault = fault_of(detail, _FIELDS)
    return Fault(fault.path, _of_suites(fault.message))


def _of_suites(message: str) -> str:
    """A message about records, which are read by the same means, as one about suites."""
    for name in ("a {}", "one {}", "schema {}"):
        message = message.replace(name.format("record"), name.format("suite"))
    return message


def _cases(suite: SuiteText, path: Path, locations: SourceLocations, top: Location) -> Iterator[SuiteCase]:
    records = _named(suite, path.parent)
    seen: dict[str, int] = {}
    for number, case in enumerate(suite.cases):
        location = (*top, number)
        line = locations.line(location)
        if case.name in seen:
            raise _Wrong(location, f"{case.name!r} is the name of the case in line {seen[case.name]} too")
        seen[case.name] = line
        base = _built(case, records, path.parent, location)
        if case.table is None:
            _asserting(case.name, case.expect, location)
            named = {key: (*location, "expect", key) for key in case.expect.model_fields_set}
            _whole_facts(case.name, case.expect, named)
            yield SuiteCase(case.name, path, location, line, base, case.expect, named)
            continue
        head = _head(case, (*location, "table"))
        for index, row in enumerate(case.table[1:], start=1):
            yield _row(case, head, row, base, path, locations, (*location, "table", index))


def _head(case: CaseText, location: Location) -> list[str]:
    """The paths over the columns of a case's table."""
    if not case.table or len(case.table) < 2:
        raise _Wrong(location, f"{case.name}: a table has a row of paths and at least one row of values")
    head = [str(name) for name in case.table[0]]
    if not head:
        message = f"{case.name}: the first row of the table is empty; it names a path over each column"
        raise _Wrong((*location, 0), message)
    for name in head:
        if head.count(name) > 1:
            raise _Wrong((*location, 0), f"{case.name}: the column {name} stands twice; keep one of them")
        if name.startswith("expect.statuses.") and "expect.statuses" in head:
            raise _Wrong((*location, 0), f"{case.name}: give expect.statuses, or columns such as {name}: not both")
    return head


def _row(
    case: CaseText,
    head: list[str],
    row: list[Any],
    base: dict[str, Any],
    path: Path,
    locations: SourceLocations,
    location: Location,
) -> SuiteCase:
    if len(row) != len(head):
        raise _Wrong(location, f"{case.name}: {len(row)} values under {len(head)} paths")
    expect: dict[str, Any] = case.expect.model_dump(exclude_unset=True)
    columns: dict[str, Location] = {}
    settings: dict[str, Any] = {}
    for column, (name, value) in enumerate(zip(head, row, strict=True)):
        if not name.startswith("expect."):
            settings[name] = value
            continue
        key = name.removeprefix("expect.")
        columns[key] = (*location, column)
        if key.startswith("statuses."):
            expect["statuses"] = {**(expect.get("statuses") or {}), key.removeprefix("statuses."): value}
        else:
            expect[key] = value
    try:
        expected = Expect.model_validate(expect)
    except ValidationError as error:
        raise _Wrong(location, *(f"expect.{_fault(detail)}" for detail in error.errors())) from None
    _asserting(case.name, expected, location)
    _whole_facts(case.name, expected, {key: location for key in expected.model_fields_set})
    shown = ", ".join(f"{value}" for value in row)
    data = _changed(base, settings, [], location)
    return SuiteCase(f"{case.name} [{shown}]", path, location, locations.line(location), data, expected, columns)


def _asserting(name: str, expect: Expect, location: Location) -> None:
    if not expect.asserts:
        raise _Wrong(location, f"{name}: asserts nothing; give `expect`, such as {{decision: approved}}")


def _whole_facts(case: str, expect: Expect, at: Mapping[str, Location]) -> None:
    """Refuse facts that YAML has cut at their commas: in brackets, a text without quotes ends at one."""
    sets = {"minimal_sets": expect.minimal_sets, "missing": expect.missing, "unchangeable": [expect.unchangeable or []]}
    for key, listed in sets.items():
        for names in listed or ():
            for place, name in enumerate(names):
                if not _balanced(name):
                    ends = range(place + 1, len(names) + 1)
                    whole = next((text for end in ends if _balanced(text := ",".join(names[place:end]))), f"{name}…")
                    message = f"{case}: expect.{key}: {name} is a part of a fact, cut at its comma; put it in quotes"
                    raise _Wrong(at[key], f'{message}: "{whole}"')


def _balanced(text: str) -> bool:
    return text.count("(") == text.count(")")


def with_remedy(fault: Fault) -> Fault:
    """A fault of a case's record; of a column of a table that names what is expected, with what to write."""
    column = fault.path.partition(".")[0]
    if column in Expect.model_fields and fault.message.startswith("unknown field"):
        return Fault(fault.path, f"{fault.message}; over a column of what is expected, write expect.{column}")
    return fault


def _named(suite: SuiteText, folder: Path) -> dict[str, dict[str, Any]]:
    """The suite's named records as data, each after the one that it extends."""
    built: dict[str, dict[str, Any]] = {}
    for first in suite.records:
        chain: list[str] = []
        name: str | None = first
        while name in suite.records and name not in built:
            if name in chain:
                circle = [*chain[chain.index(name) :], name]
                shown = circle if len(circle) < 7 else [*circle[:3], "…", *circle[-2:]]
                raise _Wrong(("records", first), f"{' extends '.join(shown)}: a circle")
            chain.append(name)
            name = suite.records[name].extends
        for one in reversed(chain):
            built[one] = _built(suite.records[one], built, folder, ("records", one))
    return built


def _built(change: Change, records: Mapping[str, dict[str, Any]], folder: Path, location: Location) -> dict[str, Any]:
    """A record as data: what it extends, then what it sets and removes."""
    if change.record is not None and change.extends is None:
        base = change.record
    elif change.extends is None or change.record is not None:
        raise _Wrong(location, "give `record`, or `extends` with a named record or a file: one of them")
    elif change.extends in records:
        base = records[change.extends]
    elif change.extends.endswith((".json", ".yaml", ".yml")):
        base = _from_file(change.extends, folder, (*location, "extends"))
    else:
        known = ", ".join(sorted(records)) or "none"
        message = f"no record is named {change.extends!r} (there are: {known}); a file ends in .json or .yaml"
        raise _Wrong((*location, "extends"), message)
    return _changed(base, change.set, change.remove, location)


def _from_file(name: str, folder: Path, location: Location) -> dict[str, Any]:
    try:
        found = read_data(folder / name)
    except RecordError as error:
        hint = "" if (folder / name).exists() else f"; files are looked for from the suite's folder, {folder}"
        raise _Wrong(location, *(f"extends {name}: {fault}{hint}" for fault in error.faults)) from None
    if not isinstance(found, dict):
        raise _Wrong(location, f"extends {name}: a record is an object with named fields")
    return found


def _changed(
    base: dict[str, Any], settings: Mapping[str, Any], removals: list[str], location: Location
) -> dict[str, Any]:
    if not settings and not removals:
        return base
    sections = {path.partition(".")[0] for path in settings if "." in path}
    base = {**base, **{name: {} for name in sections if "[" not in name and base.get(name) is None}}
    try:
        return apply(base, edits(base, settings.items(), removals))
    except RecordError as error:
        raise _Wrong(location, *map(str, error.faults)) from None
    except (TypeError, ValueError) as error:  # TypeError: below a value that holds no fields
        raise _Wrong(location, str(error)) from None


def _refuse(path: Path, *messages: str) -> NoReturn:
    raise RecordError(tuple(Fault("", message) for message in messages), str(path))
