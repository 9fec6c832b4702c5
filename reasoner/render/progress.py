"""Progress of long work, on a terminal alone."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def shown(work: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The results of work as they come, counted on a terminal."""
    if not sys.stderr.isatty():
        yield from work
        return
    from rich.console import Console

    of = f" of {total:,}" if total is not None else ""
    with Console(stderr=True).status(what) as status:
        for number, result in enumerate(work, start=1):
            status.update(f"{number:,}{of} {what}")
            yield result
