"""The verdicts of a file, counted one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from msgspec import DecodeError, ValidationError, convert
from msgspec.json import Decoder

from reasoner.batch.errors import BatchError
from reasoner.batch.formats import format_of
from reasoner.batch.streams import UNREADABLE, opened, parquet_file, reason
from reasoner.batch.summary import Summary, VerdictSeen

_ROWS = 256
"""Rows of Parquet that are read at a time."""
_NOT_COUNTED = {"edits", "record", "citation"}
"""Parts of facts and items that nothing is counted of, and that are large."""


def summary_of(name: str) -> Summary:
    """The counts of the verdicts of a file, whole or brief; "-" is lines from standard input.

    Raises OSError, and BatchError where it cannot be read to its end or holds something else.
    """
    counts = Summary()
    with opened(name) as (file, raw):
        is_parquet = name != "-" and format_of(name) == "parquet"
        for verdict in _rows(raw, name) if is_parquet else _lines(file, name):
            counts.add(verdict)
    return counts


def _lines(file: BinaryIO, name: str) -> Iterator[VerdictSeen]:
    decoder, number = Decoder(VerdictSeen), 0
    try:
        for line in file:
            number += 1
            if line.strip():
                yield decoder.decode(line)
    except (DecodeError, ValidationError, UnicodeDecodeError) as error:
        raise BatchError(f"{name}: line {number:,} is no verdict of `reasoner batch`: {reason(error)}") from None
    except UNREADABLE as error:
        raise BatchError(f"{name}: cannot be read further than line {number:,}: {reason(error)}") from None


def _rows(raw: BinaryIO, name: str) -> Iterator[VerdictSeen]:
    file, number = parquet_file(raw, name), 0
    columns = _columns(file)
    if not {"case_id", "decision"} <= set(columns):
        raise BatchError(f"{name}: not what `reasoner batch` wrote: it has no columns case_id and decision")
    try:
        for batch in file.iter_batches(_ROWS, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield convert(_present(row), VerdictSeen)
    except ValidationError as error:
        raise BatchError(f"{name}: row {number:,} is no verdict of `reasoner batch`: {reason(error)}") from None
    except UNREADABLE as error:
        raise BatchError(f"{name}: cannot be read further than row {number:,}: {reason(error)}") from None


def _columns(file: Any) -> list[str]:
    """The columns that are counted, of those that there are."""
    counted = VerdictSeen.__struct_fields__
    paths = (file.schema.column(number).path for number in range(len(file.schema)))
    return [path for path in paths if path.split(".")[0] in counted and not _NOT_COUNTED & set(path.split("."))]


def _present(row: dict[str, Any]) -> dict[str, Any]:
    """What is not null of a row."""
    return {name: value for name, value in row.items() if value is not None}
