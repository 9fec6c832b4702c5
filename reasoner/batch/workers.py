"""Work on blocks of records, one after the other in this process, or at the same time in several: the order stays."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from threading import Thread
from typing import Any, TypeVar

from reasoner.batch.errors import BatchError
from reasoner.batch.records import Block

_IN_FLIGHT = 2
"""Blocks for each worker that are worked on or wait, at most: the memory that a population takes follows from it."""

T = TypeVar("T")
Work = Callable[[Block], T]
"""What makes a result of a block."""


def results(
    blocks: Iterable[Block], work: Work[T], load: Callable[[], Work[T]], jobs: int
) -> Generator[tuple[Block, T], None, None]:
    """Each block with its result; `load` gives each worker the same `work`, with what it needs loaded anew.

    Raises BatchError where a worker dies; the blocks before that are not lost.
    """
    rest = iter(blocks)
    first = list(islice(rest, 2))
    if jobs == 1 or len(first) < 2:
        for block in chain(first, rest):
            yield block, work(block)
        return
    context = multiprocessing.get_context("spawn")
    waiting: deque[tuple[Block, Future[T]]] = deque()
    with ProcessPoolExecutor(jobs, context, _begin, (load,)) as pool:
        try:
            for block in chain(first, rest):
                with _without_interrupts():  # of a worker that is interrupted as it starts Python would print where
                    waiting.append((block, pool.submit(_result, block)))
                if len(waiting) >= jobs * _IN_FLIGHT:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        except BrokenProcessPool:
            raise BatchError(_died(waiting)) from None
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Interrupts wait until this is over. Processes that are started here wait with them until they are ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _first(waiting: deque[tuple[Block, Future[T]]]) -> tuple[Block, T]:
    block, future = waiting[0]
    found = future.result()
    waiting.popleft()
    return block, found


def _died(waiting: Iterable[tuple[Block, object]]) -> str:
    numbers = [number for block, _ in waiting for number in (block.number, block.number + len(block.content) - 1)]
    where = f", while records {min(numbers):,} to {max(numbers):,} were judged" if numbers else ""
    return f"a worker process ended before its time (killed, or out of memory){where}"


_work: list[Work[Any]] = []
"""In a worker: what it does."""


def collect_seldom() -> None:
    """Let what is there be, and what is remembered: to look through it for garbage takes a sixth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def _begin(load: Callable[[], Work[Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever interrupts wants it to end, without a word from each worker
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    Thread(target=_end_with_parent, daemon=True).start()
    _work.append(load())
    atexit.register(_work.clear)  # syntax trees of the solver cannot be freed after its library is
    collect_seldom()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _result(block: Block) -> Any:
    return _work[0](block)
