"""What is derived from the files of a policy before the first record, kept in the user's cache folder.

It is kept under a key of the content of the files, of the limits, and of the code that derives it: this package and
clingo. What is kept is data, never code. What is broken, of another key, or not the user's own is derived again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from platformdirs import user_cache_path

import facts
import reasoner
from facts.catalogue import CatalogueContent
from facts.terms import Term
from facts.words import VocabularyContent
from reasoner.engine.limits import Limits
from reasoner.engine.program import Atom, Atoms, External
from reasoner.engine.solver import Evaluable, Known
from reasoner.policy.source import MAX_FILE_BYTES, OPEN_AS_IT_IS

T = TypeVar("T")
Files = Mapping[str, Sequence[Path]]
"""The files of a policy, by what they are of: its rules, its catalogue, its vocabularies."""
MOST_POLICIES = 20
"""Policies of which something is kept, at most: those that were written last."""
_MOST_BYTES = 500_000_000
"""Bytes of a file of what is kept, at most."""
_MOST_FILES = 2_000
"""Files of a policy, at most, that something is kept for."""
_DEPTH = 8
"""Terms within each other, at most; what has deeper ones is derived each time."""
_UNFINISHED = "unfinished-"
"""How the name of a file begins that is being written."""
_ABANDONED_AFTER = 3600
"""Seconds after which such a file is of a start that was killed."""
_FOLDER = "folder"
_NAME = re.compile(r"[0-9a-f]{32}")
"""The names of folders for policies: the beginning of their keys."""


def _terms(depth: int) -> Any:
    """The type of terms that are so deep: no decoder knows one that is without end."""
    plain: Any = str | int | bool
    inner: Any = _terms(depth - 1) if depth else None
    return plain | tuple[inner, ...] if depth else plain


if TYPE_CHECKING:
    _Term = Term
    _Row = tuple[Term, ...]
else:
    _Term = _terms(_DEPTH)
    _Row = tuple[_Term, ...]


class KnownFolder(Struct, frozen=True):
    """What is known of a policy folder that was found right."""

    declared: dict[str, list[_Row]]
    """The rows of the record's declaration, by their tables."""
    places: list[str]
    """What it declares, in the order of the file."""
    functors: list[str]
    """Those of conditions, in the order of the rules."""
    short: int
    """Entries of lists with which the rules were looked at."""
    catalogue: CatalogueContent
    vocabularies: list[VocabularyContent]
    side_effects: bool
    compared: list[tuple[_Term, list[int]]]
    """The numbers with which rules compare the fields that are changed together."""


class _Program(NamedTuple):
    """What is known of a ground program, in types that are decoded."""

    derived: Mapping[str, Sequence[tuple[int, _Row, bool]]]
    externals: Sequence[tuple[str, int, _Row]]
    evaluable: Evaluable


class Cache:
    """What is kept of one policy."""

    def __init__(self, root: Path, files: Files, limits: Limits | None) -> None:
        """`root` is the folder of what is kept for all policies. Raises OSError where a file cannot be read."""
        self._files, self._limits = files, limits
        self.contents = _contents(files)
        self.key = _key(self.contents, limits)
        self._root, self._own = root, root / self.key[:32]

    @classmethod
    def of_user(cls, files: Files, limits: Limits | None) -> Cache | None:
        """What is kept for the user; None where the files cannot be read."""
        try:
            return cls(user_cache_path("reasoner", appauthor=False), files, limits)
        except (OSError, RuntimeError):  # the latter of a home folder that nobody knows
            return None

    def folder(self) -> KnownFolder | None:
        """What is known of the policy's folder, if it is kept."""
        return self._read(_FOLDER, KnownFolder)

    def program(self, name: str) -> Known | None:
        """What is known of one of its ground programs, if it is kept."""
        kept = self._read(name, _Program)
        if kept is None:
            return None
        derived = {predicate: [Atom(*atom) for atom in atoms] for predicate, atoms in kept.derived.items()}
        return Known(Atoms(derived, [External(*external) for external in kept.externals]), kept.evaluable)

    def keep(self, folder: KnownFolder, programs: dict[str, Known]) -> None:
        """Keep what was derived, if that can be written and the files are still the same."""
        with suppress(OSError):
            if _contents(self._files) == self.contents:
                self._write(_FOLDER, folder)
                for name, known in programs.items():
                    self.keep_program(name, known)
                self._forget_others()

    def keep_program(self, name: str, known: Known) -> None:
        """Keep what was derived of a program."""
        with suppress(OSError):
            self._write(name, _Program(known.atoms.derived, known.atoms.externals, known.evaluable))

    def _read(self, name: str, kind: type[T]) -> T | None:
        try:
            data = _bytes(self._own / name, _MOST_BYTES, own=True)
            digest, content = data[:32], data[32:]
            if digest == self._digest(name, content):
                return msgspec.msgpack.decode(content, type=kind)
        except (OSError, msgspec.DecodeError):
            pass
        return None

    def _write(self, name: str, data: object) -> None:
        content = msgspec.msgpack.encode(data)
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_own(os.lstat(self._own), stat.S_ISDIR):
            return
        self._forget_unfinished()
        number, temporary = mkstemp(prefix=_UNFINISHED, dir=self._own)
        try:
            with open(number, "wb") as file:
                file.write(self._digest(name, content) + content)
            os.replace(temporary, self._own / name)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def _digest(self, name: str, content: bytes) -> bytes:
        return hashlib.sha256(f"{self.key} {name}\n".encode() + content).digest()

    def _forget_others(self) -> None:
        """Delete what was written first, where much is kept."""
        own = (path for path in self._root.iterdir() if _NAME.fullmatch(path.name))
        for path in sorted(own, key=lambda path: path.lstat().st_mtime_ns, reverse=True)[MOST_POLICIES:]:
            shutil.rmtree(path, ignore_errors=True)

    def _forget_unfinished(self) -> None:
        """Delete what was begun long ago, by a start that was killed as it wrote."""
        for path in self._own.glob(f"{_UNFINISHED}*"):
            if time.time() - path.lstat().st_mtime > _ABANDONED_AFTER:
                path.unlink()


def _contents(files: Files) -> dict[tuple[str, Path], bytes]:
    """The content of each file, by what it is of. Raises OSError."""
    named = [(kind, path) for kind, paths in files.items() for path in paths]
    if len(named) > _MOST_FILES:
        raise OSError(f"more than {_MOST_FILES} files")
    return {(kind, path): _bytes(path, MAX_FILE_BYTES) for kind, path in named}


def _key(contents: Mapping[tuple[str, Path], bytes], limits: Limits | None) -> str:
    digest = hashlib.sha256(repr(limits).encode())
    for part in _code():
        digest.update(part.encode("utf-8", "surrogateescape") + b"\n")
    for (kind, path), content in contents.items():
        digest.update(f"{kind} {path.name}\n".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _code() -> Iterator[str]:
    """What tells the code that derives it: of each file of it the name, the size and the time of its last change."""
    clingo = find_spec("clingo")
    begins = (facts.__file__, reasoner.__file__, clingo.origin if clingo is not None else None)
    for folder in (os.path.dirname(begin) for begin in begins if begin is not None):
        for path, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith((".py", ".lp", ".so", ".pyd")):
                    found = os.stat(os.path.join(path, name))
                    yield f"{path}/{name} {found.st_size} {found.st_mtime_ns}"


def _bytes(path: Path, most: int, *, own: bool = False) -> bytes:
    """The bytes of a regular file, of the user's own if that is asked for. Raises OSError; nothing is waited for."""
    if own and not _is_own(os.lstat(path.parent), stat.S_ISDIR):
        raise PermissionError(path.parent)
    with open(os.open(path, OPEN_AS_IT_IS), "rb") as file:
        found = os.fstat(file.fileno())
        if not (_is_own(found, stat.S_ISREG) if own else stat.S_ISREG(found.st_mode)) or found.st_size > most:
            raise PermissionError(path)
        return file.read()


def _is_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether a file or folder is of its kind, the user's own, and written by nobody else."""
    foreign = hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return is_kind(found.st_mode) and not foreign
