"""The JSON Schema of a record: null wherever a field can be absent, as the two mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from facts.declaration import Declaration, Field
from facts.model import MAX_ENTRIES, MAX_PERIODS
from facts.readers import MAX_TEXT, PLAIN

if TYPE_CHECKING:
    from facts.words import Vocabulary

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": PLAIN}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}


def record_schema(declaration: Declaration, vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    """The JSON Schema of the records that a declaration admits."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name in declaration.order:
        if name in declaration.entry_lists:
            declared = declaration.entry_lists[name]
            entries = {
                "type": "array",
                "items": {"title": declared.title, **_object(declared.fields, vocabularies)},
                "maxItems": MAX_ENTRIES,
            }
            properties[name] = _or_null(entries)
            continue
        if name in declaration.sections:
            fields = [one for one in declaration.of_record if one.section == name]
            part = {"title": declaration.sections[name], **_object(fields, vocabularies)}
            needed = bool(part.get("required"))
        else:
            field = declaration.at_place(name)
            assert field is not None
            part, needed = _field(field, vocabularies), field.required
        properties[name] = part if needed else _or_null(part)
        required += [name] if needed else []
    return {"title": "Record", **_closed(properties, required)}


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _or_null(part: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {key: part[key] for key in ("title", "default") if key in part}
    rest = {key: value for key, value in part.items() if key not in about}
    return {**about, "anyOf": [rest, {"type": "null"}]}


def _object(fields: Iterable[Field], vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    there = [field for field in fields if field.type != "computed"]
    parts = {field.key: _field(field, vocabularies) for field in there}
    return _closed(
        {field.key: parts[field.key] if field.required else _or_null(parts[field.key]) for field in there},
        [field.key for field in there if field.required],
    )


def _field(field: Field, vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    about: dict[str, Any] = {"title": f"{field.title}{unit}"}
    if field.default is not None:
        about["default"] = field.default
    return {**about, **_kind(field, vocabularies)}


def _kind(field: Field, vocabularies: Mapping[str, Vocabulary]) -> dict[str, Any]:
    match field.type:
        case "whole" | "decimal":
            bounds = {"minimum": field.low, "maximum": field.high}
            found = {name: bound for name, bound in bounds.items() if bound is not None}
            return {"type": "integer" if field.type == "whole" else "number", **found}
        case "truth":
            return {"type": "boolean"}
        case "date":
            return _DAY
        case "choice" if field.vocabulary:
            return {"anyOf": [{"enum": list(vocabularies[field.vocabulary].terms)}, _TEXT]}
        case "choice":
            return {"enum": list(field.allowed)}
        case "words" | "references":
            return {"type": "array", "items": _TEXT, "maxItems": MAX_ENTRIES}
        case "periods":
            period = _closed({"start": _or_null(_DAY), "end": _or_null(_DAY)}, [])
            return {"type": "array", "items": period, "maxItems": MAX_PERIODS}
        case "subject":
            return {**_TEXT, "default": field.allowed[0]}
        case "word" if field.vocabulary:
            return {**_TEXT, "examples": list(vocabularies[field.vocabulary].terms)[:_EXAMPLES]}
    return _TEXT


_EXAMPLES = 10
