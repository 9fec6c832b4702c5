"""Paths of a record: therapies[0].days, as steps and as JSON Pointers (RFC 6901)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from facts.errors import Fault, RecordError

_PATH = re.compile(r"[a-z_][a-z0-9_]*(\[\d{1,4}\])?(\.[a-z_][a-z0-9_]*(\[\d{1,4}\])?)*\Z")


@lru_cache(maxsize=10_000)
def steps(path: str) -> tuple[str | int, ...]:
    """A path such as therapies[0].days as its steps."""
    found: list[str | int] = []
    for part in path.split("."):
        name, *indices = part.split("[")
        found.append(name)
        found.extend(int(index.rstrip("]")) for index in indices)
    return tuple(found)


def place_of(path: str) -> str:
    """A path that a person wrote, checked. Raises RecordError where it is none."""
    if not _PATH.match(path):
        raise RecordError((Fault(path, "not a path; written like therapies[0].outcome"),))
    return path


@lru_cache(maxsize=10_000)
def pointer(path: str) -> str:
    """A path as a JSON Pointer."""
    return "".join(f"/{step}" for step in steps(path))


def value_at(full: Any, path: str) -> Any:
    """What stands at a path of a record, or None."""
    return value_in(full, steps(path))


def value_in(data: Any, loc: Iterable[str | int]) -> Any:
    """What the steps lead to in a record, or None."""
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
