"""Records judged on many machines, by engines that give a worker batches of Arrow and take batches back.

Spark (`mapInArrow`) and Ray Data (`map_batches`) call `judge_batches` as it is. A worker process loads the policy when
it is first needed and keeps it; only the folder's name travels, so the folder has to be the same on each machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import get_args

import pyarrow as pa
from msgspec import Struct

from facts.errors import RecordError
from reasoner.batch.arrow import brief_schema, misfits, rows, verdict_schema, verdicts_batch
from reasoner.batch.blocks import Explain, Settings, judged, levels
from reasoner.batch.errors import BatchError
from reasoner.batch.records import BLOCK
from reasoner.verdict.policy import Policy

_FAULTS = pa.field("faults", pa.list_(pa.struct([("path", pa.string()), ("message", pa.string())])))
_POLICIES = 4
"""Policies that a worker keeps; a job seldom asks more than one."""
_one_at_a_time = Lock()
"""A policy is never asked by two threads of a worker at once."""


class _Refused(Struct, frozen=True):
    """The row of a record that is refused."""

    case_id: str | None
    faults: list[dict[str, str]]


def judge_batches(
    batches: Iterable[pa.RecordBatch] | pa.Table, *,
    rules: Path | str | None = None, explain: Explain = "all", limit: int = 50, keep: Sequence[str] = (),
) -> Iterator[pa.RecordBatch | pa.Table]:  # fmt: skip
    """A row for each row of records, in their order: its verdict or, where the record is refused, its faults.

    The rows have the columns `keep` of the records, unchanged (a line number, a key), and after them those of
    `result_schema`. A table, as Ray Data gives it, becomes tables. `rules`, `explain` and `limit` are those of
    `reasoner batch`. Raises RulesError, and BatchError where the columns are not those of a record.
    """
    is_table = isinstance(batches, pa.Table)
    for batch in batches.to_batches() if isinstance(batches, pa.Table) else batches:
        for start in range(0, batch.num_rows, BLOCK):
            found = _judged(batch.slice(start, BLOCK), rules, explain, limit, keep)
            yield pa.Table.from_batches([found]) if is_table else found


def result_schema(*, rules: Path | str | None = None, explain: Explain = "all") -> pa.Schema:
    """The columns of a result: those of a verdict, and `faults`.

    `faults` is null where the record was judged. Of a record that is refused all else is null, but for the
    `case_id` that it may have. Raises RulesError.
    """
    with _one_at_a_time:
        return _schema(_policy(rules), explain)


def _schema(policy: Policy, explain: Explain) -> pa.Schema:
    if explain not in get_args(Explain):
        raise BatchError(f"explain is {explain!r}, where one of {', '.join(get_args(Explain))} is needed")
    depth = levels(policy, explain)
    return (verdict_schema(depth) if depth else brief_schema()).append(_FAULTS)


def _judged(
    batch: pa.RecordBatch, rules: Path | str | None, explain: Explain, limit: int, keep: Sequence[str]
) -> pa.RecordBatch:
    if absent := sorted(set(keep) - set(batch.schema.names)):
        raise BatchError(f"the records have no column {', '.join(absent)} to keep")
    kept = batch.select(list(keep))
    with _one_at_a_time:
        policy = _policy(rules)
        schema = _schema(policy, explain)
        if doubled := sorted(set(keep) & set(schema.names)):
            raise BatchError(f"a result has a column {', '.join(doubled)} of its own; keep it under another name")
        of_record = policy.declaration.order
        records = batch.select([name for name in batch.schema.names if name in of_record or name not in keep])
        if faults := misfits(records.schema, policy.declaration):
            raise BatchError(f"the columns are not those of a record: {'; '.join(faults)}")
        data = rows(records)
        results = judged(policy, data, Settings(limit, explain, "lines", "lines", levels(policy, explain)))
    found = verdicts_batch(
        (
            _Refused(one.get("case_id"), [fault._asdict() for fault in result.faults])
            if isinstance(result, RecordError)
            else result
            for one, result in zip(data, results, strict=True)
        ),
        schema,
    )
    return pa.RecordBatch.from_arrays([*kept.columns, *found.columns], schema=pa.schema([*kept.schema, *schema]))


def _policy(rules: Path | str | None) -> Policy:
    """The policy of a folder as it is now: an engine can keep a worker for a job after the rules have changed."""
    files, *folders = Policy.find(rules)
    files += [file for folder in folders for file in sorted(folder.glob("*.lp"))]
    stats = [(file, file.stat()) for file in files]
    return _loaded(rules, tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats))


@lru_cache(_POLICIES)
def _loaded(rules: Path | str | None, state: object) -> Policy:
    return Policy.load(rules)
