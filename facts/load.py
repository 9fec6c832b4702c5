"""Records from files and data. Whatever is wrong becomes one RecordError with every fault."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from .errors import Fault, RecordError
from .record import (
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


def parse_record(data: object, source: str | None = None) -> Record:
    """A record from JSON data. Raises RecordError with every fault."""
    if not isinstance(data, dict):
        _refuse("a record is an object with named fields; see `reasoner schema record`", source)
    if _depth(data) > MAX_DEPTH:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    try:
        record = Record.model_validate(data)
    except ValidationError as error:
        details = error.errors()
        faults = [*map(fault_of, details), *_further(data, details)]
        raise RecordError(tuple(sorted(faults, key=_place)), source) from None
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
        raw = sys.stdin.buffer.read() if source == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        _refuse(f"cannot be read: {reason}", source)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"not UTF-8 (byte {error.start})", source)
    yaml = source.lower().endswith((".yaml", ".yml")) or (source == "-" and not text.lstrip().startswith(("{", "[")))
    return read_yaml(text, source) if yaml else read_json(text, source)


def read_json(text: str, source: str | None = None) -> object:
    """Strict JSON: no NaN, no name twice, nesting bounded. Raises RecordError."""
    if not text.strip():
        _refuse("empty: a record is needed", source)

    def pairs(entries: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(entries)
        if len(found) < len(entries):
            names = [name for name, _ in entries]
            twice = next(name for name in names if names.count(name) > 1)
            _refuse(f"the field {twice!r} stands twice in one object", source)
        return found

    def constant(name: str) -> NoReturn:
        _refuse(f"{name} is not a number that JSON knows", source)

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(f"not JSON: {error.msg} ({place})", source)
    except RecursionError:
        _refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    except RecordError:
        raise
    except ValueError as error:
        _refuse(f"not JSON: {str(error).split(';')[0]}", source)


def read_yaml(text: str, source: str | None = None) -> object:
    """Plain YAML: no aliases, no tags, dates as text, nesting bounded. Raises RecordError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent, MappingStartEvent, SequenceStartEvent

    if not text.strip():
        _refuse("empty: a record is needed", source)
    depth = documents = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.start_mark.line + 1
            name = type(event).__name__
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                _refuse(f"anchors and aliases are not allowed in a record (line {line})", source)
            if getattr(event, "ctag", None) is not None and getattr(event, "tag", None):
                _refuse(f"tags are not allowed in a record (line {line})", source)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                depth -= 1
            documents += name == "DocumentStartEvent"
            if depth > MAX_DEPTH:
                _refuse(f"nested deeper than {MAX_DEPTH} levels (line {line})", source)
        if documents > 1:
            _refuse("more than one YAML document; give one record a file", source)
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        _refuse(f"not YAML: {problem}{place}", source)
    except (RecursionError, ValueError) as error:
        if isinstance(error, RecordError):
            raise
        _refuse(f"not YAML: {str(error).split(';')[0]}", source)
    return _plain(loaded)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


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
    "string_unicode": "not valid Unicode text",
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
    path, kind = _path(detail["loc"]), detail["type"]
    if kind.startswith("at:"):
        return Fault(f"{path}.{kind[3:]}" if path else kind[3:], detail["msg"])
    if kind == "extra_forbidden":
        return Fault(path, f"unknown field{_nearest(str(detail['loc'][-1]), known)}")
    context = {key: f"{v:g}" if isinstance(v, float) else v for key, v in detail.get("ctx", {}).items()}
    message = _MESSAGES.get(kind, detail["msg"]).format(**context)
    value = detail["input"]
    if kind not in ("missing", "string_unicode", "finite_number") and isinstance(value, str | int | float | bool):
        shown = repr(value) if isinstance(value, str | bool) or abs(value) < 1e15 else "a huge number"
        message += f", not {shown if len(shown) <= 60 else shown[:57] + '...'}"
    return Fault(path, message)


def _path(steps: Iterable[str | int]) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def _place(fault: Fault) -> tuple[tuple[str, int], ...]:
    """What orders faults: the order of the sections and, within them, of the entries."""
    sections = list(Record.model_fields)
    head, *rest = re.findall(r"[^.\[\]]+", fault.path)
    first = sections.index(head) if head in sections else len(sections)
    return (("", first), *(("", int(s)) if s.isdigit() else (s, 0) for s in rest))


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


def _further(data: dict[str, Any], details: Iterable[Any]) -> Iterator[Fault]:
    """The contradictions among those parts of a record that have no fault of their own."""
    rest, dated = deepcopy(data), True
    for detail in details:
        steps = [*detail["loc"], *([detail["type"][3:]] if detail["type"].startswith("at:") else [])]
        while steps and isinstance(steps[-1], int):
            steps.pop()
        if not steps:
            return
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
        return
    yield from (Fault(*fault) for fault in contradictions(record, dated=dated))


def _refuse(message: str, source: str | None) -> NoReturn:
    raise RecordError((Fault("", message),), source)
