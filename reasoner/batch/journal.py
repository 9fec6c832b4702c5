"""The journal of a batch: after each block, how far the input was read and what was written by then.

It is lines of JSON, and grows only: whatever kills the batch, its whole lines are true. The last one may be torn.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

from reasoner.batch.errors import BatchError
from reasoner.batch.partial import Written
from reasoner.batch.summary import Summary


class Identity(NamedTuple):
    """What a batch has to agree in that goes on with another one."""

    policy: str
    options: list[Any]


class Reached(NamedTuple):
    """How far a batch has come."""

    blocks: int
    digest: str
    """Of the input up to there."""
    verdicts: Written
    refused: Written
    counts: Summary
    is_finished: bool
    """Whether all is judged, and only the files had to be put in their places."""


class Journal:
    """The journal of the batch that writes `partial`; the file is locked while the batch goes on."""

    def __init__(self, partial: Path) -> None:
        self.path = partial.with_name(f"{partial.name}.journal")
        self._file: FileIO | None = None

    def begin(self, identity: Identity) -> None:
        """Begin anew. Raises OSError."""
        self._file = FileIO(self.path, "w")
        self._lock()
        self._append(identity._asdict())

    def resume(self, identity: Identity) -> Reached:
        """How far the batch came; what follows is written behind. Raises BatchError where it was another one."""
        self._file = FileIO(self.path, "r+")
        self._lock()
        reached, end = Reached(0, "", Written(), Written(), Summary(), False), 0
        for number, line in enumerate(self._file.readlines()):
            if not line.endswith(b"\n"):
                break
            try:
                entry = json.loads(line)
                if number == 0:
                    self._compare(entry, identity)
                else:
                    reached = _after(reached, entry)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise BatchError(f"{self.path}: line {number + 1} is not that of a journal: {self._remedy}") from None
            end += len(line)
        self._file.truncate(end)
        self._file.seek(end)
        if not end:
            self._append(identity._asdict())
        return reached

    def judged(self, digest: str, verdicts: Written, refused: Written, counts: Summary) -> None:
        """A block is judged and written."""
        self._append({"digest": digest, "verdicts": verdicts, "refused": refused, "counts": counts.as_dict()})

    def finished(self) -> None:
        """All is judged and written."""
        self._append({"finished": True})

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Take the journal away."""
        self.close()
        self.path.unlink(missing_ok=True)

    @property
    def _remedy(self) -> str:
        return f"remove it and {self.path.with_suffix('').name} to begin anew"

    def _append(self, entry: Mapping[str, Any]) -> None:
        assert self._file is not None
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            written = self._file.write(line)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        if written != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def _lock(self) -> None:
        assert self._file is not None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BatchError(f"{self.path}: another batch is writing it") from None

    def _compare(self, found: Mapping[str, Any], wanted: Identity) -> None:
        for name, other in (("policy", "by other rules"), ("options", "with other options")):
            if found.get(name) != getattr(wanted, name):
                raise BatchError(f"{self.path} is of a batch {other}: give the same {name}, or {self._remedy}")


def _after(reached: Reached, entry: Mapping[str, Any]) -> Reached:
    if entry.get("finished"):
        return reached._replace(is_finished=True)
    reached.counts.merge(Summary.of_dict(entry["counts"]))
    verdicts, refused = Written(*entry["verdicts"]), Written(*entry["refused"])
    return Reached(reached.blocks + 1, entry["digest"], verdicts, refused, reached.counts, reached.is_finished)
