"""Verdicts as the bytes of a file. Those of each block stand by themselves, so that a file can be gone on with.

A block is lines, a member of a gzip file, a frame of a Zstandard file; or an Arrow stream, of which Parquet is made
when all is judged.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, json

from reasoner.batch.formats import Format

_GZIP_LEVEL = 6
_ROW_GROUP = 4
"""Blocks of a row group."""


class Brief(Struct, frozen=True):
    """A decision without its explanation."""

    case_id: str
    decision: str


def encoded(found: Sequence[Struct], form: Format, levels: int = 0) -> bytes:
    """A block of verdicts; with no `levels` of items, of brief ones."""
    if form == "parquet":
        return _arrow_stream(found, levels)
    return compressed(json.Encoder().encode_lines(found), form)


def compressed(lines: bytes, form: Format) -> bytes:
    """Lines as a part of a file: the same bytes for the same lines."""
    if form == "gzip":
        return gzip.compress(lines, _GZIP_LEVEL, mtime=0)
    if form == "zstd":
        import pyarrow as pa

        return bytes(pa.Codec("zstd").compress(lines, asbytes=True))
    return lines


def _arrow_stream(found: Sequence[Struct], levels: int) -> bytes:
    import pyarrow as pa

    from reasoner.batch.arrow import brief_schema, verdict_schema, verdicts_batch

    schema = verdict_schema(levels) if levels else brief_schema()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(verdicts_batch(found, schema))
    return bytes(sink.getvalue())


def to_parquet(streams: Path, out: Path) -> None:
    """Make a Parquet file of the Arrow streams that stand one after the other in a file. Raises OSError."""
    import pyarrow as pa
    from pyarrow import parquet

    with pa.OSFile(str(streams)) as file, open(out, "wb") as target:
        size, writer, held = file.size(), None, []
        while file.tell() < size:
            held.append(pa.ipc.open_stream(file).read_all())
            if writer is None:
                writer = parquet.ParquetWriter(target, held[0].schema, compression="zstd")
            if len(held) == _ROW_GROUP or file.tell() == size:
                writer.write_table(pa.concat_tables(held))
                held = []
        assert writer is not None, "even an empty batch has a stream"
        writer.close()
