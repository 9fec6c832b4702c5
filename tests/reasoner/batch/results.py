"""A population in several files of Parquet, and what `reasoner batch` and an engine make of it, as the same bytes."""

import json
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
from population import records, table
from pyarrow import parquet

from reasoner import Policy
from reasoner.batch.arrow import verdict_of
from reasoner.batch.run import Batch, run

FILES = 4
NUMBER = 120


class Population(NamedTuple):
    table: pa.Table
    folder: Path
    """Its files, as an engine reads them."""
    expected: tuple[bytes, bytes]
    """The verdicts and the refused records that `reasoner batch` writes."""


def population(policy: Policy) -> pa.Table:
    found = table(policy, records(NUMBER))
    return found.append_column("line", pa.array(range(1, NUMBER + 1)))


def write(found: pa.Table, folder: Path) -> Path:
    """The population in a folder of files, as an engine reads it."""
    folder.mkdir()
    size = NUMBER // FILES
    for number in range(FILES):
        parquet.write_table(found.slice(number * size, size), folder / f"{number}.parquet")
    return folder


def of_batch(policy: Policy, found: pa.Table, folder: Path) -> tuple[bytes, bytes]:
    """The verdicts and the refused records that `reasoner batch` writes."""
    source, verdicts, refused = (folder / name for name in ("in.parquet", "verdicts.ndjson", "refused.ndjson"))
    parquet.write_table(found.drop_columns("line"), source)
    run(policy, Batch(str(source), str(verdicts), str(refused)))
    return verdicts.read_bytes(), refused.read_bytes()


def of_results(results: pa.Table) -> tuple[bytes, bytes]:
    """The same of the results of an engine, in whatever order they came."""
    verdicts = refused = b""
    for row in results.sort_by("line").to_pylist():
        if row["faults"] is None:
            verdicts += msgspec.json.encode(verdict_of(row)) + b"\n"
        else:
            refused += json.dumps({"line": row["line"], "faults": row["faults"]}).encode() + b"\n"
    return verdicts, refused
