"""Where the records of a batch come from: lines of JSON or rows of Parquet, read block by block."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from facts.declaration import Declaration
from facts.errors import RecordError
from facts.reading import MAX_BYTES, decoded, read_json
from reasoner.batch.errors import BatchError
from reasoner.batch.formats import format_of
from reasoner.batch.streams import UNREADABLE, opened, parquet_file, reason

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 512
"""Records of a block, at most."""
BLOCK_BYTES = 4_000_000
"""Bytes after which a block of lines is full; a line more can be in it."""


class Block(NamedTuple):
    """Successive records of an input. Where one block ends follows from the input alone."""

    number: int
    """The line or row of its first record, from 1."""
    content: list[bytes] | pa.RecordBatch
    digest: str
    """Of the input up to the end of the block; of Parquet, of the whole file."""
    position: int
    """How much of the input is read, in the measure of its total."""
    broken: str | None = None
    """Why the input cannot be read further; the block has what could be read."""

    def data(self) -> Iterator[object]:
        """The data of each record, not yet checked; None for an empty line, RecordError for what is no JSON."""
        if not isinstance(self.content, list):
            from reasoner.batch.arrow import rows

            yield from rows(self.content)
            return
        for line in self.content:
            yield _read(line) if line.strip() else None


class Source(NamedTuple):
    """An input: its blocks, and its size in bytes or rows, where that is known."""

    blocks: Iterator[Block]
    total: int | None


@contextmanager
def records_of(name: str, declarations: Sequence[Declaration], size: int = BLOCK) -> Iterator[Source]:
    """The records of a file, in blocks of at most `size`; "-" is lines from standard input.

    Columns of Parquet are those of a record as one of the policies declares it: each other record is refused by itself.
    Raises OSError, BatchError where the file does not hold what its name promises, and ValueError where standard
    input is closed.
    """
    with opened(name) as (file, raw):
        if name != "-" and format_of(name) == "parquet":
            yield _rows(raw, name, declarations, size)
            return
        found = os.fstat(raw.fileno())
        known = name != "-" and stat.S_ISREG(found.st_mode)
        yield Source(_blocks_of_lines(file, name, size, raw.tell if known else None), found.st_size if known else None)


def _blocks_of_lines(file: BinaryIO, name: str, size: int, position: Callable[[], int] | None) -> Iterator[Block]:
    digest, number, lines, held, broken = hashlib.sha256(), 1, list[bytes](), 0, None

    def block() -> Block:
        return Block(number, lines, digest.hexdigest(), position() if position else 0, broken)

    try:
        for line in _lines(file):
            digest.update(line)
            lines.append(line)
            held += len(line)
            if len(lines) == size or held >= BLOCK_BYTES:
                yield block()
                number, lines, held = number + len(lines), [], 0
    except UNREADABLE as error:
        broken = f"{name}: cannot be read further than line {number + len(lines) - 1:,}: {reason(error)}"
    if lines or broken:
        yield block()


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is too long only so much that it is refused for it."""
    while line := file.readline(MAX_BYTES + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(MAX_BYTES + 1)
        yield line


def _read(line: bytes) -> object:
    try:
        return read_json(decoded(line.rstrip()))
    except RecordError as error:
        return error


def _rows(raw: BinaryIO, name: str, declarations: Sequence[Declaration], size: int) -> Source:
    from reasoner.batch.arrow import misfits

    digest = hashlib.file_digest(cast(io.BufferedReader, raw), "sha256").hexdigest()
    raw.seek(0)
    file = parquet_file(raw, name)
    faults = [misfits(file.schema_arrow, declaration) for declaration in declarations]
    if all(faults):
        raise BatchError(f"{name}: its columns are not those of a record: {'; '.join(faults[-1])}")
    return Source(_blocks_of_rows(file, name, size, digest), file.metadata.num_rows)


def _blocks_of_rows(file: Any, name: str, size: int, digest: str) -> Iterator[Block]:
    number = 1
    try:
        for batch in file.iter_batches(size):
            yield Block(number, batch, digest, number + batch.num_rows - 1)
            number += batch.num_rows
    except UNREADABLE as error:
        broken = f"{name}: cannot be read further than row {number - 1:,}: {reason(error)}"
        yield Block(number, [], digest, number - 1, broken)
