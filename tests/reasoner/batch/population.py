"""A small population of records, and batches in blocks of a few of them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from generate import random_record

from reasoner import Policy
from reasoner.batch.arrow import record_schema

COMMAND = "import reasoner.batch.run as run; run.BLOCK = 4; from reasoner.__main__ import main; main()"
"""`reasoner`, with so small blocks that a small population has many."""


def records(number: int = 22, seed: int = 9) -> list[dict[str, Any]]:
    """Random records that are judged quickly; each eighth one is refused."""
    random = Random(seed)
    found = [random_record(random, therapies=1) for _ in range(number)]
    for refused in found[5::8]:
        refused["case_id"] = None
    return found


def lines(found: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in found)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", COMMAND, "batch", *map(str, arguments)]


def batch(*arguments: str | Path, stdin: bytes = b"", status: int = 0) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(command(*arguments), capture_output=True, check=False, input=stdin)
    assert done.returncode == status, done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def table(policy: Policy, found: list[dict[str, Any]]) -> pa.Table:
    """Records as a table with the columns of the policy."""
    schema = record_schema(policy.declaration)
    schema = pa.schema([field.with_nullable(True) for field in schema])
    rows = [{field.name: _arrow(record.get(field.name), field.type) for field in schema} for record in found]
    return pa.Table.from_pylist(rows, schema=schema)


def _arrow(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: _arrow(value.get(field.name), field.type) for field in kind}
    if pa.types.is_list(kind):
        return [_arrow(part, kind.value_type) for part in value]
    return date.fromisoformat(value) if pa.types.is_date(kind) else value
