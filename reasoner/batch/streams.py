"""Files opened to be read, whatever their format."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

from facts.reading import standard_input
from reasoner.batch.errors import BatchError
from reasoner.batch.formats import format_of

UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, zlib.error)
"""What reading a broken file raises: pyarrow's errors are some of these."""


@contextmanager
def opened(name: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """What a file holds, decompressed, and the file itself; "-" is standard input. Of Parquet both are the file.

    Raises OSError, BatchError where a library is not installed, and ValueError where standard input is closed.
    """
    form = "lines" if name == "-" else format_of(name)
    with ExitStack() as stack:
        raw = standard_input() if name == "-" else stack.enter_context(open(name, "rb"))
        file: BinaryIO = raw
        if form in ("gzip", "zstd") and not _has_content(raw):
            raise BatchError(f"{name}: empty, which no compressed file is; it was cut off, or never written")
        if form == "gzip":
            file = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)))
        elif form == "zstd":
            import pyarrow as pa

            file = stack.enter_context(io.BufferedReader(pa.CompressedInputStream(raw, "zstd")))
        yield file, raw


def _has_content(raw: BinaryIO) -> bool:
    """Whether a file has anything in it; of a pipe nobody knows yet."""
    found = os.fstat(raw.fileno())
    return not stat.S_ISREG(found.st_mode) or found.st_size > 0


def parquet_file(raw: BinaryIO, name: str) -> Any:
    """The Parquet file that stands in a file. Raises BatchError where there is none."""
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(raw)
    except UNREADABLE as error:
        raise BatchError(f"{name}: cannot be read as Parquet: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Why a file cannot be read, on one line."""
    found = getattr(error, "strerror", None) or str(error)
    return (found.splitlines() or [type(error).__name__])[0].rstrip(". ")
