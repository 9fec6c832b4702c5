"""A file in the making: it stands beside the one whose place it takes when it is whole."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from reasoner.batch.errors import BatchError

STANDARD_OUTPUT = "-"
_READ_AT_ONCE = 1 << 20
"""Bytes."""


class Written(NamedTuple):
    """How many bytes were written, and their CRC-32."""

    size: int = 0
    checksum: int = 0

    def after(self, data: bytes) -> Written:
        """With more behind them."""
        return Written(self.size + len(data), crc32(data, self.checksum))


class PartialFile:
    """What is written for a file, in `FILE.partial`; a pipe, a device or standard output is written as it stands.

    Of a symbolic link it is the target that is replaced. Raises OSError, which names the file as the user did.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.written = Written()
        self._file: FileIO | None = None
        self._target = Path(os.path.realpath(name))
        self.path = self._target.with_name(f"{self._target.name}.partial")
        try:
            self._mode = None if name == STANDARD_OUTPUT else _mode(self._target)
            # /dev/stdout leads to a file where output goes to one; whoever opened that goes on writing to it
            opened = os.path.islink(name) and name.startswith(("/dev/", "/proc/"))
            if self._mode is not None and stat.S_ISDIR(self._mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            is_file = self._mode is None or stat.S_ISREG(self._mode)
            self.is_direct = name == STANDARD_OUTPUT or opened or not is_file
            """Whether it is written as it stands, and cannot be gone on with."""
            if not self.is_direct and self._mode is not None and not os.access(self._target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise self._named(error) from None

    def begin(self, *, anew: bool = False) -> None:
        """Begin to write. Raises BatchError where it was begun before, unless that is to be written `anew`."""
        try:
            if self.name == STANDARD_OUTPUT:
                if sys.stdout is None:
                    raise BatchError("standard output is closed")
                self._file = FileIO(os.dup(sys.stdout.fileno()), "a")
            elif self.is_direct:
                self._file = FileIO(self.name, "a")
            else:
                self._file = FileIO(self.path, "w" if anew else "x")
        except FileExistsError:
            raise BatchError(
                f"{self.path} is there, of a batch that was not finished: add --resume to go on with it, or remove it"
            ) from None
        except OSError as error:
            raise self._named(error) from None

    def exists(self) -> bool:
        """Whether the file itself is there, whole."""
        return self._mode is not None

    def is_begun(self) -> bool:
        """Whether a batch was begun that has not put the file in its place."""
        return not self.is_direct and self.path.exists()

    def check(self, written: Written) -> None:
        """Raises BatchError where that is not what is there."""
        if self.is_direct or not written.size:
            return
        if not self.path.exists() or self.path.stat().st_size < written.size:
            raise BatchError(
                f"{self.path} is not there, or shorter than its journal has it: name the same files as before, or "
                "remove both to begin anew"
            )
        if self._read(written.size) != written:
            raise BatchError(f"{self.path} was changed since it was written: remove it and its journal to begin anew")

    def _read(self, size: int) -> Written:
        """What is there up to a size."""
        found = Written()
        try:
            with FileIO(self.path) as file:
                while data := file.read(min(_READ_AT_ONCE, size - found.size)):
                    found = found.after(data)
        except OSError as error:
            raise self._named(error) from None
        return found

    def resume(self, written: Written) -> None:
        """Go on after what was written, which is there; what stands behind it is cut off."""
        if self.is_direct or not (written.size or self.path.exists()):
            return self.begin()
        try:
            self._file = FileIO(self.path, "r+")
            self._file.truncate(written.size)
            self._file.seek(written.size)
        except OSError as error:
            raise self._named(error) from None
        self.written = written

    def write(self, data: bytes) -> None:
        """Write all of it, or raise OSError."""
        assert self._file is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise self._named(error) from None
        self.written = self.written.after(data)

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Take away what was begun."""
        self.close()
        if not self.is_direct:
            self.path.unlink(missing_ok=True)

    def finish(self, make: Callable[[Path, Path], None] | None = None) -> None:
        """Put it in its place, unless it is there already; `make` makes the file of what was written."""
        self.close()
        if self.is_direct or not self.path.exists():
            return
        made = self.path
        try:
            if make is not None:
                made = self.path.with_name(f"{self.path.name}.made")
                make(self.path, made)
            if self._mode is not None:
                made.chmod(stat.S_IMODE(self._mode))
            made.replace(self._target)
            self.path.unlink(missing_ok=True)
        except OSError as error:
            if made != self.path:
                made.unlink(missing_ok=True)
            raise self._named(error) from None

    def _named(self, error: OSError) -> OSError:
        name = "standard output" if self.name == STANDARD_OUTPUT else self.name
        return OSError(error.errno, error.strerror or str(error), name)


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None
