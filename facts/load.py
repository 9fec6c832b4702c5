"""Records from files and data. Whatever is wrong becomes one RecordError with every fault."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from pydantic import BaseModel, ValidationError

from facts.errors import MAX_FAULTS, Fault, RecordError, more_faults
from facts.record import (
    Disease,
    Intolerance,
    Patient,
    Period,
    Plan,
    Prescriber,
    Record,
    Request,
    Response,
    Therapy,
    contradictions,
)

MAX_DEPTH = 50
"""Nesting of a record, at most."""

MAX_BYTES = 5_000_000
"""Bytes of a record's file, or of its line in a batch, at most: several times the largest record that there can be."""

MAX_YAML = 1_000_000
"""Characters of a YAML file, at most: it is read a hundred times more slowly than JSON."""

MAX_YAML_VALUES = 50_000
"""Names and values in a YAML file, at most: these are what takes the time, some seconds for so many."""


def parse_record(data: object, source: str | None = None) -> Record:
    """A record from JSON data. Raises RecordError with every fault."""
    if not isinstance(data, dict):
        _refuse("a record is an object with named fields; see `reasoner schema record`", source)
    if _depth(data) > MAX_DEPTH:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    try:
        record = Record.model_validate(data)
    except ValidationError as error:
        raise RecordError(_faults(data, error), source) from None
    found = contradictions(record)
    if found:
        raise RecordError(tuple(Fault(*fault) for fault in found), source)
    return record


def read_record(path: str | Path) -> Record:
    """A record from a JSON or YAML file; "-" is standard input. Raises RecordError."""
    return parse_record(read_data(path), str(path))


def read_data(path: str | Path) -> object:
    """The data of a JSON or YAML file, not yet checked. Raises RecordError."""
    source = str(path)
    try:
        if source == "-":
            text = decoded(standard_input().read(MAX_BYTES + 1), source)
        else:
            with open(path, "rb") as file:
                text = decoded(file.read(MAX_BYTES + 1), source)
    except RecordError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        _refuse(f"cannot be read: {reason}", source)
    if source == "-":
        return _read_either(text, source)
    return read_yaml(text, source) if source.lower().endswith((".yaml", ".yml")) else read_json(text, source)


def standard_input() -> BinaryIO:
    """The bytes of standard input. Raises ValueError where whoever started the program closed it."""
    if sys.stdin is None:
        raise ValueError("standard input is closed")
    return sys.stdin.buffer


def decoded(raw: bytes, source: str | None = None) -> str:
    """The text of a file or of a line, of no more than MAX_BYTES. Raises RecordError."""
    if len(raw) > MAX_BYTES:
        _refuse(f"larger than {MAX_BYTES:,} bytes", source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"not UTF-8 (byte {error.start})", source)


def _read_either(text: str, source: str) -> object:
    """Standard input has no name to tell JSON from YAML by: YAML is what is not JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        try:
            return read_yaml(text, source)
        except RecordError:
            if not text.lstrip().startswith(("{", "[")):
                raise
    except (RecursionError, ValueError):
        pass
    return read_json(text, source)


class _NotStrict(Exception):
    """JSON as Python reads it that is not JSON as it is defined."""


def _unlike(entries: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(entries)
    if len(found) < len(entries):
        raise _NotStrict
    return found


def _no_constant(name: str) -> NoReturn:
    raise _NotStrict


def read_json(text: str, source: str | None = None) -> object:
    """Strict JSON: no NaN, no name twice, nesting bounded. Raises RecordError."""
    if not text.strip():
        _refuse("empty: a record is needed", source)
    try:
        data = json.loads(text, object_pairs_hook=_unlike, parse_constant=_no_constant)
    except _NotStrict:
        _refuse(_not_strict(text), source)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(f"not JSON: {error.msg} ({place})", source)
    except RecursionError:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    except ValueError as error:
        _refuse(f"not JSON: {str(error).split(';')[0]}", source)
    if _depth(data) > MAX_DEPTH:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    return data


_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]|NaN|-?Infinity')


def _not_strict(text: str) -> str:
    """The first name that stands twice, or number that is none, and where it stands."""
    names: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        found, what = token.group(), ""
        if token[2]:
            name = json.loads(token[1])
            if name in names[-1]:
                what = f"the field {_cut(repr(name))} stands twice in one object"
            names[-1].add(name)
        elif found == "{":
            names.append(set())
        elif found == "}":
            names.pop()
        elif not token[1]:
            what = f"{found} is not a number that JSON knows"
        if what:
            before = text[: token.start()].split("\n")
            return f"{what} (line {len(before)}, column {len(before[-1]) + 1})"
    raise AssertionError("the text is strict JSON")


def read_yaml(text: str, source: str | None = None) -> object:
    """Plain YAML 1.2: no aliases, no tags, dates as text, nesting bounded. Raises RecordError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent
    from ruamel.yaml.parser import Parser
    from ruamel.yaml.resolver import VersionedResolver

    class Plain(Parser):
        """Refuses what a record has no use for as soon as it is read, before anything is made of it."""

        depth = documents = values = 0

        def get_event(self) -> Any:
            event = super().get_event()
            where = f"(line {event.start_mark.line + 1})"
            self.documents += isinstance(event, DocumentStartEvent)
            self.depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            self.values += isinstance(event, NodeEvent)
            if self.values > MAX_YAML_VALUES:
                _refuse(f"more than {MAX_YAML_VALUES:,} values; give JSON instead", source)
            if self.documents > 1:
                _refuse("more than one YAML document; give one record a file", source)
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                _refuse(f"anchors and aliases are not allowed in a record {where}", source)
            if getattr(event, "ctag", None) is not None and getattr(event, "tag", None):
                _refuse(f"tags are not allowed in a record {where}", source)
            if self.depth > MAX_DEPTH:
                _refuse(f"nested deeper than {MAX_DEPTH} levels {where}", source)
            return event

    class Scalars(VersionedResolver):
        """Knows the scalars of JSON. All others are text, dates too: the record says what is wrong with one."""

        processing_version = (1, 2)

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            tag = super().resolve(kind, value, implicit)
            known = str(tag).endswith((":bool", ":int", ":float", ":null", ":map", ":seq"))
            return tag if known else self.DEFAULT_SCALAR_TAG

    if not text.strip():
        _refuse("empty: a record is needed", source)
    if len(text) > MAX_YAML:
        _refuse(f"larger than {MAX_YAML:,} characters; give JSON instead", source)
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Parser, yaml.Resolver = Plain, Scalars
    try:
        return _plain(yaml.load(text), source)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        _refuse(f"not YAML: {_cut(problem, 200)}{place}", source)
    except RecordError:
        raise
    except (RecursionError, ValueError, TypeError, OverflowError) as error:  # what ruamel leaves to Python
        _refuse(f"not YAML: {_cut(str(error).split(';')[0], 200)}", source)


def _plain(value: Any, source: str | None) -> Any:
    """What YAML gave, with the names of fields as text."""
    if isinstance(value, dict):
        named = {key if isinstance(key, str) else str(key): _plain(v, source) for key, v in value.items()}
        if len(named) < len(value):
            _refuse("two fields of one object have the same name, once as text", source)
        return named
    if isinstance(value, list):
        return [_plain(part, source) for part in value]
    return value


def _depth(data: object) -> int:
    depth, level = 0, [data]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
        ]
    return depth


_MESSAGES = {
    "missing": "required, and absent",
    "int_type": "a whole number is needed",
    "float_type": "a number is needed",
    "finite_number": "a finite number is needed",
    "string_type": "text is needed",
    "string_unicode": "valid Unicode text is needed",
    "string_pattern_mismatch": "control characters are no text",
    "string_too_short": "is empty",
    "string_too_long": "at most {max_length} characters",
    "bool_type": "true or false is needed",
    "tuple_type": "a list is needed",
    "too_long": "at most {max_length} entries, not {actual_length}",
    "model_type": "an object with named fields is needed",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
}
"""The faults that pydantic finds, in plain words; any other keeps its own."""


def fault_of(detail: Any, known: Iterable[str] = ()) -> Fault:
    """One of pydantic's errors as a fault, in plain words; `known`: the names of fields that there are."""
    path, kind = _path(_steps(detail)), detail["type"]
    if kind.startswith("at:"):
        return Fault(path, detail["msg"])
    if kind == "extra_forbidden":
        return Fault(path, f"unknown field{_nearest(str(detail['loc'][-1]), known)}")
    context = {key: f"{v:g}" if isinstance(v, float) else v for key, v in detail.get("ctx", {}).items()}
    message = _MESSAGES[kind].format(**context) if kind in _MESSAGES else detail["msg"]
    value = detail["input"]
    if kind not in ("missing", "finite_number") and isinstance(value, str | int | float | bool):
        huge = isinstance(value, int | float) and abs(value) >= 1e15
        message += f", not {'a huge number' if huge else _cut(repr(value))}"
    return Fault(path, message)


def _steps(detail: Any) -> tuple[str | int, ...]:
    """Where one of pydantic's errors stands; a part's own checks name the field in the error's type."""
    kind = detail["type"]
    return (*detail["loc"], kind[3:]) if kind.startswith("at:") else tuple(detail["loc"])


def _path(steps: Iterable[str | int]) -> str:
    """The steps as a path; a name that is not like those of fields is quoted."""
    path = ""
    for step in steps:
        if isinstance(step, str) and _NAME.match(step):
            path += f".{_cut(step)}" if path else _cut(step)
        else:
            path += f"[{_cut(repr(step))}]"
    return path


_NAME = re.compile(r"[\w-]+\Z")


def _cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _order(steps: Iterable[str | int]) -> tuple[tuple[str, int], ...]:
    """What orders faults: the order of the sections and, within them, of the entries."""
    head, *rest = steps or ("",)
    return (("", _SECTIONS.get(head, len(_SECTIONS))), *(("", s) if isinstance(s, int) else (s, 0) for s in rest))


def entry_faults(section: str, entry: Mapping[str, Any]) -> list[tuple[str, Fault]]:
    """What is wrong with an entry of one of the record's lists: the field of each fault, and the fault."""
    models: dict[str, type[BaseModel]] = {"therapies": Therapy, "intolerances": Intolerance, "response": Response}
    try:
        models[section].model_validate({str(name): value for name, value in entry.items()})
    except ValidationError as error:
        details = error.errors(include_url=False)
        return [(str(detail["loc"][0]) if detail["loc"] else "", fault_of(detail)) for detail in details]
    return []


_SECTIONS: dict[str | int, int] = {name: place for place, name in enumerate(Record.model_fields)}


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    models = (Record, Request, Patient, Disease, Prescriber, Therapy, Period, Intolerance, Response, Plan)
    names = sorted(known or {field.alias or key for model in models for key, field in model.model_fields.items()})
    if name in names:
        return "; it stands elsewhere in a record, see `reasoner schema record`"
    close = get_close_matches(name[:60], names, 1)
    return f"; did you mean {close[0]!r}?" if close else "; see `reasoner schema record`"


_STANDING_IN = {"case_id": "?", "date": "2000-01-01", "type": "initial", "to": "?", "sign": "other"}
_STANDING_IN |= {"kind": "intolerance", "product": "?"}


def _faults(data: dict[str, Any], error: ValidationError) -> tuple[Fault, ...]:
    """All that is wrong with a record, in its order; of very many faults the first ones."""
    details = sorted(error.errors(include_url=False), key=lambda detail: _order(_steps(detail)))
    if len(details) > MAX_FAULTS + 1:
        return (*map(fault_of, details[:MAX_FAULTS]), more_faults(len(details) - MAX_FAULTS))
    placed = [(_order(_steps(detail)), fault_of(detail)) for detail in details]
    for path, message in _further(data, details):
        steps = (int(step) if step.isdigit() else step for step in re.findall(r"\w+", path))
        placed.append((_order(list(steps)), Fault(path, message)))
    return tuple(fault for _, fault in sorted(placed, key=lambda entry: entry[0]))


def _further(data: dict[str, Any], details: Iterable[Any]) -> Iterable[tuple[str, str]]:
    """The contradictions among those parts of a record that have no fault of their own."""
    rest, dated = deepcopy(data), True
    for detail in details:
        steps = list(_steps(detail))
        while steps and isinstance(steps[-1], int):
            steps.pop()
        if not steps:
            return []
        dated = dated and steps not in (["request"], ["request", "date"])
        parent: Any = rest
        for step in steps[:-1]:
            try:
                parent = parent[step]
            except (KeyError, IndexError, TypeError):
                break
        if not isinstance(parent, dict):
            continue
        name = str(steps[-1])
        parent.pop(name, None)
        if name == "request":
            parent[name] = {key: _STANDING_IN[key] for key in ("date", "type")}
        elif name in _STANDING_IN:
            parent[name] = _STANDING_IN[name]
    try:
        record = Record.model_validate(rest)
    except ValidationError:
        return []
    return contradictions(record, dated=dated)


def _refuse(message: str, source: str | None) -> NoReturn:
    raise RecordError((Fault("", message),), source)
