"""Files are replaced whole: what is half written never stands under a file's name."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import IO


@contextmanager
def naming(name: str | Path) -> Iterator[None]:
    """What fails inside names the file as the user did."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(name)) from None


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """A text file to write, which takes the place of `path` when the block ends, or never.

    Of a symbolic link it is the target that is replaced; a pipe or device is written as it stands.
    Raises OSError, on entering, where the file could not be replaced.
    """
    target, temporary = os.path.realpath(path), None
    with naming(path):
        mode = _mode(target)
        # /dev/stdout leads to a file where output goes to one; whoever opened that goes on writing to it
        opened = os.path.islink(path) and str(path).startswith(("/dev/", "/proc/"))
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if opened or (mode is not None and not stat.S_ISREG(mode)):
            file = open(path, "a", encoding="utf-8")  # noqa: SIM115
        elif mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        else:
            number, temporary = mkstemp(prefix=".reasoner-", dir=os.path.dirname(target))
            file = open(number, "w", encoding="utf-8")  # noqa: SIM115
    try:
        try:
            yield file
        finally:
            with naming(path):
                file.close()
        if temporary is not None:
            with naming(path):
                os.chmod(temporary, 0o666 & ~_umask() if mode is None else stat.S_IMODE(mode))
                os.replace(temporary, target)
    except BaseException:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        raise


def _mode(target: str) -> int | None:
    try:
        return os.stat(target).st_mode
    except FileNotFoundError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def replace_whole(path: Path, text: str) -> None:
    """Write a text file, or leave it as it was. Raises OSError with the path."""
    with naming(path), replacing(path) as file:
        file.write(text)


def same_file(one: str | Path, other: str | Path) -> bool:
    """Whether two names lead to one file; "-" is standard input. A device can be named twice."""
    first, second = (_identity(name) for name in (one, other))
    return first is not None and first == second


def _identity(name: str | Path) -> object:
    try:
        found = os.fstat(0) if name == "-" else os.stat(name)
    except OSError:
        return os.path.realpath(name)
    return None if stat.S_ISCHR(found.st_mode) else (found.st_dev, found.st_ino)
