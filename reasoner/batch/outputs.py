"""What a batch writes: verdicts, refused records, and the journal by which it can be gone on with."""

from __future__ import annotations

import sys

from reasoner.batch.blocks import JudgedBlock, Settings
from reasoner.batch.errors import BatchError
from reasoner.batch.formats import Format
from reasoner.batch.journal import Identity, Journal, Reached
from reasoner.batch.partial import PartialFile, Written
from reasoner.batch.records import Block
from reasoner.batch.summary import Summary
from reasoner.batch.verdicts import compressed, encoded, to_parquet


class Outputs:
    """The files of a batch. Raises OSError and BatchError, before anything is written, where they cannot be."""

    def __init__(self, out: str, errors: str | None, settings: Settings) -> None:
        self._settings = settings
        self._verdicts = PartialFile(out)
        self._refused = None if errors is None else PartialFile(errors)
        self._journal = None if self._verdicts.is_direct else Journal(self._verdicts.path)
        self._is_finished = False
        if self._verdicts.is_direct and settings.verdicts == "parquet":
            raise BatchError(f"{out}: Parquet is written to a file; this is none")

    @property
    def _files(self) -> list[PartialFile]:
        return [self._verdicts] if self._refused is None else [self._verdicts, self._refused]

    def begin(self, identity: Identity, resume: bool) -> Reached:
        """Begin, or go on with what was begun with the same `identity`; returns how far that came."""
        if resume and self._journal is None:
            raise BatchError(f"{self._verdicts.name}: --resume goes on with a file; this is none")
        if resume and self._journal is not None and self._journal.path.exists():
            return self._resume(self._journal, identity)
        if resume and self._verdicts.exists():
            raise BatchError(
                f"{self._verdicts.name} is there, and no journal of an unfinished batch: it is whole, or of another "
                "batch; remove it to begin anew"
            )
        if resume and self._verdicts.is_begun():
            raise BatchError(f"{self._verdicts.path} is there, and its journal is not: remove it to begin anew")
        return self._begin(identity)

    def _begin(self, identity: Identity) -> Reached:
        begun = []
        try:
            for file in self._files:
                file.begin(anew=self._journal is None)
                begun.append(file)
            if self._journal is not None:
                self._journal.begin(identity)
        except BaseException:
            for file in begun:
                file.discard()
            raise
        return Reached(0, "", Written(), Written(), Summary(), False)

    def _resume(self, journal: Journal, identity: Identity) -> Reached:
        reached = journal.resume(identity)
        self._is_finished = reached.is_finished
        if not reached.is_finished:
            self._verdicts.check(reached.verdicts)
            if self._refused is not None:
                self._refused.check(reached.refused)
            self._verdicts.resume(reached.verdicts)
            if self._refused is not None:
                self._refused.resume(reached.refused)
        return reached

    def write(self, block: Block, judged: JudgedBlock) -> None:
        """Write what became of a block. One of a broken input is written, and judged anew when it is gone on with."""
        if self._refused is not None:
            self._refused.write(judged.refused)
        elif judged.refused:
            sys.stderr.write(judged.refused.decode())
            sys.stderr.flush()
        self._verdicts.write(judged.verdicts)
        if self._journal is not None and block.broken is None:
            refused = self._refused.written if self._refused is not None else Written()
            self._journal.judged(block.digest, self._verdicts.written, refused, judged.counts)

    def finish(self) -> None:
        """All is judged: put the files in their places."""
        if not self._is_finished:
            self._fill(self._verdicts, self._settings.verdicts)
            if self._refused is not None:
                self._fill(self._refused, self._settings.refused)
            if self._journal is not None:
                self._journal.finished()
        self._verdicts.finish(to_parquet if self._settings.verdicts == "parquet" else None)
        if self._refused is not None:
            self._refused.finish()
        if self._journal is not None:
            self._journal.discard()

    def _fill(self, file: PartialFile, form: Format) -> None:
        """A file without anything in it is to be one of its format too."""
        if not file.written.size:
            is_parquet = form == "parquet"
            file.write(encoded((), form, self._settings.levels) if is_parquet else compressed(b"", form))

    def keep(self, error: BaseException, records: int) -> None:
        """Something failed: keep what was judged, and note where; where that is nothing, leave nothing behind."""
        self.close()
        kept = [str(file.path) for file in self._files if not file.is_direct and file.written.size]
        if kept or self._is_finished:
            goes_on = "; --resume goes on from there, with the same records" if self._journal is not None else ""
            error.add_note(f"{records:,} records are judged and kept in {' and '.join(kept)}{goes_on}")
            return
        for file in self._files:
            file.discard()
        if self._journal is not None:
            self._journal.discard()

    def close(self) -> None:
        """Write no more."""
        for file in self._files:
            file.close()
        if self._journal is not None:
            self._journal.close()
