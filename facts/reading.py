"""Data from files and texts, in JSON or YAML, read strictly. Whatever is wrong becomes one RecordError."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from facts.errors import Fault, Place, RecordError
from facts.phrases import cut

MAX_DEPTH = 50
"""Nesting of a record, at most."""

MAX_BYTES = 5_000_000
"""Bytes of a record's file, or of its line in a batch, at most: several times the largest record that there can be."""

MAX_YAML = 1_000_000
"""Characters of a YAML file, at most: it is read a hundred times more slowly than JSON."""

MAX_YAML_VALUES = 50_000
"""Names and values in a YAML file, at most: these are what takes the time, some seconds for so many."""


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
        refuse(f"cannot be read: {reason}", source)
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
        refuse(f"larger than {MAX_BYTES:,} bytes", source)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(f"not UTF-8 (byte {error.start})", source)


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
        refuse("empty: a record is needed", source)
    try:
        data = json.loads(text, object_pairs_hook=_unlike, parse_constant=_no_constant)
    except _NotStrict:
        what, place = _not_strict(text)
        refuse(what, source, place)
    except json.JSONDecodeError as error:
        refuse(f"not JSON: {error.msg}", source, Place(error.lineno, error.colno))
    except RecursionError:
        refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    except ValueError as error:
        refuse(f"not JSON: {str(error).split(';')[0]}", source)
    if text.count("{") + text.count("[") >= MAX_DEPTH and depth(data) > MAX_DEPTH:
        refuse(f"nested deeper than {MAX_DEPTH} levels", source)
    return data


_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]|NaN|-?Infinity')


def _not_strict(text: str) -> tuple[str, Place]:
    """The first name that stands twice, or number that is none, and where it stands."""
    names: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        found, what = token.group(), ""
        if token[2]:
            name = json.loads(token[1])
            if name in names[-1]:
                what = f"the field {cut(repr(name))} stands twice in one object"
            names[-1].add(name)
        elif found == "{":
            names.append(set())
        elif found == "}":
            names.pop()
        elif not token[1]:
            what = f"{found} is not a number that JSON knows"
        if what:
            before = text[: token.start()].split("\n")
            return what, Place(len(before), len(before[-1]) + 1)
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
            where = _place_of(event.start_mark)
            self.documents += isinstance(event, DocumentStartEvent)
            self.depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            self.values += isinstance(event, NodeEvent)
            if self.values > MAX_YAML_VALUES:
                refuse(f"more than {MAX_YAML_VALUES:,} values; give JSON instead", source)
            if self.documents > 1:
                refuse("more than one YAML document; give one record a file", source)
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                refuse("anchors and aliases are not allowed in a record", source, where)
            if getattr(event, "ctag", None) is not None and getattr(event, "tag", None):
                refuse("tags are not allowed in a record", source, where)
            if self.depth > MAX_DEPTH:
                refuse(f"nested deeper than {MAX_DEPTH} levels", source, where)
            return event

    class Scalars(VersionedResolver):
        """Knows the scalars of JSON. All others are text, dates too: the record says what is wrong with one."""

        processing_version = (1, 2)

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            tag = super().resolve(kind, value, implicit)
            known = str(tag).endswith((":bool", ":int", ":float", ":null", ":map", ":seq"))
            return tag if known else self.DEFAULT_SCALAR_TAG

    if not text.strip():
        refuse("empty: a record is needed", source)
    if len(text) > MAX_YAML:
        refuse(f"larger than {MAX_YAML:,} characters; give JSON instead", source)
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Parser, yaml.Resolver = Plain, Scalars
    try:
        return _plain(yaml.load(text), source)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        refuse(f"not YAML: {cut(problem, 200)}", source, _place_of(mark) if mark else None)
    except RecordError:
        raise
    except (RecursionError, ValueError, TypeError, OverflowError) as error:  # what ruamel leaves to Python
        refuse(f"not YAML: {cut(str(error).split(';')[0], 200)}", source)


def _place_of(mark: Any) -> Place:
    """Where a mark of YAML stands, which counts from 0."""
    return Place(mark.line + 1, mark.column + 1)


def _plain(value: Any, source: str | None) -> Any:
    """What YAML gave, with the names of fields as text."""
    if isinstance(value, dict):
        named = {key if isinstance(key, str) else str(key): _plain(v, source) for key, v in value.items()}
        if len(named) < len(value):
            refuse("two fields of one object have the same name, once as text", source)
        return named
    if isinstance(value, list):
        return [_plain(part, source) for part in value]
    return value


def depth(data: object) -> int:
    """Levels of nesting, counted no further than one more than MAX_DEPTH."""
    levels, level = 0, [data]
    while level and levels <= MAX_DEPTH:
        levels += 1
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
        ]
    return levels


def refuse(message: str, source: str | None = None, place: Place | None = None) -> NoReturn:
    """Refuse a record as a whole, for what stands at a place of its text. Raises RecordError."""
    where = f" (line {place.line}, column {place.column})" if place is not None else ""
    raise RecordError((Fault("", message + where),), source, place)
