"""The suites of the folder that the server was started with, and new cases of theirs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from facts.errors import Fault, RecordError
from facts.files import replace_whole
from reasoner.suites.new_case import case_of, with_case, yaml_of
from reasoner.suites.run import MANY
from reasoner.verdict.policy import Policy

_NEW = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}(?:\.suite\.yaml)?\Z")
_ENDING = ".suite.yaml"


def suites_in(folder: Path) -> dict[str, Path]:
    """The suites below a folder, by their paths from there; a link that leads out of it is none."""
    root = folder.resolve()
    found = (path for path in sorted(folder.rglob("*.suite.y*ml")) if path.resolve().is_relative_to(root))
    return {path.relative_to(folder).as_posix(): path for path in found if path.is_file()}


def digest_of(suites: Mapping[str, Path]) -> str:
    """A digest of the texts of suites. Raises RecordError where one cannot be read."""
    found = sha256()
    for name, path in suites.items():
        try:
            text = path.read_bytes()
        except OSError as error:
            raise RecordError((Fault("", f"cannot be read: {error.strerror}"),), name) from None
        found.update(f"{name}\0{len(text)}\0".encode() + text)
    return found.hexdigest()


def new_case(policy: Policy, record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A record as a case of a suite, held to its verdict by the rules as they are. Raises RecordError."""
    return case_of(name.strip(), record, policy.judge(record, MANY))


def written(case: Mapping[str, Any], folder: Path, suite: str) -> str:
    """Add a case to a suite of a folder, or to a new one there; the name of the suite. Raises RecordError."""
    path = _path(folder, suite)
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        replace_whole(path, with_case(text, path, case))
    except OSError as error:
        raise _fault(f"{path.name}: cannot be written: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _fault(f"{path.name}: not UTF-8; save it as UTF-8") from None
    return path.relative_to(folder).as_posix()


def as_yaml(case: Mapping[str, Any]) -> str:
    """A case as it stands in the list of a suite's cases."""
    return yaml_of([dict(case)])


def _path(folder: Path, suite: str) -> Path:
    """Where a suite stands: one that is there, or a new one by a plain name. Raises RecordError."""
    known = suites_in(folder)
    if suite in known:
        return known[suite]
    if not _NEW.match(suite):
        raise _fault(f"a suite of the folder, or a new name of letters, digits, - and _ is needed: {suite!r}")
    name = suite if suite.endswith(_ENDING) else f"{suite}{_ENDING}"
    path = known.get(name, folder / name)
    if name not in known and os.path.lexists(path):
        raise _fault(f"{name}: no plain file of the folder; give another name")
    return path


def _fault(message: str) -> RecordError:
    return RecordError((Fault("suite", message),))
