"""What a file holds, by its name: lines of JSON as they are, compressed by gzip or Zstandard, or Parquet."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from reasoner.batch.errors import BatchError

Format = Literal["lines", "gzip", "zstd", "parquet"]

_BY_SUFFIX: dict[str, Format] = {".gz": "gzip", ".zst": "zstd", ".parquet": "parquet"}


def format_of(name: str | Path) -> Format:
    """The format of a file. Raises BatchError where the library that it takes is not installed."""
    found = _BY_SUFFIX.get(Path(name).suffix.lower(), "lines")
    if found in ("zstd", "parquet"):
        needs(name, "pyarrow", "batch")
    return found


def needs(name: str | Path, library: str, extra: str) -> None:
    """Raises BatchError, with the remedy, where a library of an extra is not installed."""
    if find_spec(library) is None:
        raise BatchError(f'{name}: this takes {library}: pip install "reasoner[{extra}]"')
