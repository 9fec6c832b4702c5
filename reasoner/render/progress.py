"""Progress of long work, on a terminal alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
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


@contextmanager
def records_done(total: int | None) -> Iterator[Callable[[int, int], None]]:
    """What is called with the records done and how much of the input that was: with the rate, and the time left."""
    if not sys.stderr.isatty():
        yield lambda records, position: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = [SpinnerColumn(), TextColumn("{task.fields[records]:,} records, {task.fields[rate]:,.0f} a second")]
    if total:
        columns += [BarColumn(), TimeRemainingColumn()]
    begun: tuple[float, int] | None = None
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("judging", total=total, records=0, rate=0.0)

        def advance(records: int, position: int) -> None:
            nonlocal begun
            now = monotonic()
            if begun is None:  # what an interrupted batch had judged is no work of this one
                begun = now, records
            seconds = now - begun[0]
            rate = (records - begun[1]) / seconds if seconds else 0.0
            progress.update(task, completed=position, records=records, rate=rate)

        yield advance
