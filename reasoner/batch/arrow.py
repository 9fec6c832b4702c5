"""Records and verdicts as Arrow has them: nested columns with types of their own.

What a record can say comes from the policy's declaration, what a verdict says from its model. Null is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import inspect
from pyarrow import types

from facts.declaration import Declaration, Field
from reasoner.verdict.model import Verdict

_DATE = pa.date32()
_OF_FIELD = {
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "truth": pa.bool_(),
    "date": _DATE,
    "words": pa.list_(pa.string()),
    "references": pa.list_(pa.string()),
    "periods": pa.list_(pa.struct([("start", _DATE), ("end", _DATE)])),
}
"""By the type of a field; any other is text."""
_EDIT = pa.struct([(name, pa.string()) for name in ("op", "path", "from", "value")])
"""A step of a JSON Patch; its value can be anything and is JSON text."""


# ── Records ──────────────────────────────────────────────────────────────────


def record_schema(declaration: Declaration) -> pa.Schema:
    """The columns of a record that a policy declares."""
    return pa.schema([_column(declaration, name) for name in declaration.order])


def _column(declaration: Declaration, name: str) -> pa.Field:
    if name in declaration.entry_lists:
        return pa.field(name, pa.list_(_struct(declaration.entry_lists[name].fields)))
    if name in declaration.sections:
        fields = [field for field in declaration.of_record if field.section == name]
        return pa.field(name, _struct(fields), not any(field.required for field in fields))
    field = declaration.at_place(name)
    assert field is not None
    return _field(field)


def _struct(fields: Iterable[Field]) -> pa.DataType:
    return pa.struct([_field(field) for field in fields if field.type != "computed"])


def _field(field: Field) -> pa.Field:
    return pa.field(field.key, _OF_FIELD.get(field.type, pa.string()), not field.required)


def misfits(schema: pa.Schema, declaration: Declaration) -> list[str]:
    """What is wrong with the columns of a table of records; no faults: they can be judged."""
    return list(_misfits(pa.struct(list(schema)), pa.struct(list(record_schema(declaration))), ""))


def _misfits(found: pa.DataType, wanted: pa.DataType, path: str) -> Iterator[str]:
    if types.is_dictionary(found):
        found = found.value_type
    if types.is_null(found):
        return
    if types.is_struct(wanted) and types.is_struct(found):
        prefix = f"{path}." if path else ""
        own, declared = ({field.name: field for field in kind} for kind in (found, wanted))
        yield from (
            f"{prefix}{name} is missing" for name, field in declared.items() if name not in own and not field.nullable
        )
        yield from (f"{prefix}{name} is no field of a record" for name in own if name not in declared)
        for name in own.keys() & declared.keys():
            yield from sorted(_misfits(own[name].type, declared[name].type, f"{prefix}{name}"))
    elif types.is_list(wanted) and (types.is_list(found) or types.is_large_list(found)):
        yield from _misfits(found.value_type, wanted.value_type, f"{path}[]")
    elif not _fits(found, wanted):
        yield f"{path} is {_shown(found)}, where {_shown(wanted)} is needed"


def _shown(kind: pa.DataType) -> str:
    return "struct" if types.is_struct(kind) else "list" if types.is_list(kind) else str(kind)


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether values of a column can be values of a field: a date can be text, a whole number can come as 3.0."""
    if wanted == _DATE:
        kinds = [types.is_date, types.is_string, types.is_large_string]
    elif wanted == pa.string():
        kinds = [types.is_string, types.is_large_string]
    elif wanted in (pa.int64(), pa.float64()):
        kinds = [types.is_integer, types.is_floating, types.is_decimal]
    else:
        kinds = [wanted.equals]
    return any(is_kind(found) for is_kind in kinds)


def rows(batch: pa.RecordBatch) -> list[Any]:
    """The rows as the JSON data of records."""
    return [_plain(row) for row in batch.to_pylist()]


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items() if part is not None}
        case list():
            return [_plain(part) for part in value]
        case date():
            return value.isoformat()
        case float() | Decimal():
            return int(value) if value == value // 1 else float(value)
    return value


# ── Verdicts ─────────────────────────────────────────────────────────────────


def verdict_schema(levels: int) -> pa.Schema:
    """The columns of a verdict, whose items stand in so many levels below each other."""
    return pa.schema(list(_type(inspect.type_info(Verdict), levels)))


def brief_schema() -> pa.Schema:
    """The columns of a decision alone."""
    return pa.schema([field for field in verdict_schema(1) if field.name in ("case_id", "decision")])


def _type(info: inspect.Type, levels: int) -> pa.DataType:
    match info:
        case inspect.UnionType():
            (one,) = (part for part in info.types if not isinstance(part, inspect.NoneType))
            return _type(one, levels)
        case inspect.VarTupleType():
            return pa.list_(_type(info.item_type, levels))
        case inspect.DictType():
            return _EDIT
        case inspect.IntType():
            return pa.int64()
        case inspect.BoolType():
            return pa.bool_()
        case inspect.StructType():
            return pa.struct([
                (field.encode_name, _type(field.type, levels - _holds(field.type, info)))
                for field in info.fields
                if levels > 1 or not _holds(field.type, info)
            ])  # fmt: skip
    return pa.string()


def _holds(info: inspect.Type, struct: inspect.StructType) -> bool:
    """Whether a field of a struct has structs of the same kind."""
    item = info.item_type if isinstance(info, inspect.VarTupleType) else None
    return isinstance(item, inspect.StructType) and item.cls is struct.cls


def verdicts_batch(verdicts: Iterable[msgspec.Struct], schema: pa.Schema) -> pa.RecordBatch:
    """Verdicts, whole or brief, as a batch of rows."""
    return pa.RecordBatch.from_pylist([_row(msgspec.to_builtins(one)) for one in verdicts], schema=schema)


def _row(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: [_edit(e) for e in part] if name == "edits" else _row(part) for name, part in value.items()}
    return [_row(part) for part in value] if isinstance(value, list | tuple) else value


def _edit(step: Mapping[str, Any]) -> dict[str, Any]:
    if "value" not in step:
        return dict(step)
    return {**step, "value": json.dumps(step["value"], ensure_ascii=False)}


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """The whole verdict that a row was made of."""
    return msgspec.convert(_unrow(row), Verdict)


def _unrow(value: Any) -> Any:
    if isinstance(value, list):
        return [_unrow(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    found = {name: [_unedit(e) for e in part] if name == "edits" else _unrow(part) for name, part in value.items()}
    return {"children": [], **found} if "citation" in found and "status" in found else found


def _unedit(step: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: part for name, part in step.items() if part is not None}
    return {**found, "value": json.loads(found["value"])} if "value" in found else found
