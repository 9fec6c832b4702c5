"""Blocks judged one after the other in this process, or at the same time in several: the order stays."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from threading import Thread

from reasoner.batch.blocks import JudgedBlock, Settings, judge_block
from reasoner.batch.errors import BatchError
from reasoner.batch.records import Block
from reasoner.verdict.policy import Policy

_IN_FLIGHT = 2
"""Blocks for each worker that are judged or wait, at most: the memory that a batch takes follows from it."""


def judged_blocks(
    policy: Policy, load: Callable[[], Policy], settings: Settings, blocks: Iterable[Block], jobs: int
) -> Generator[tuple[Block, JudgedBlock], None, None]:
    """Each block with what became of it; `load` loads the policy, which each worker does for itself.

    Raises BatchError where a worker dies; the blocks before that are not lost.
    """
    rest = iter(blocks)
    first = list(islice(rest, 2))
    if jobs == 1 or len(first) < 2:
        for block in chain(first, rest):
            yield block, judge_block(policy, block, settings)
        return
    context = multiprocessing.get_context("spawn")
    waiting: deque[tuple[Block, Future[JudgedBlock]]] = deque()
    with ProcessPoolExecutor(jobs, context, _begin, (load,)) as pool:
        try:
            for block in chain(first, rest):
                waiting.append((block, pool.submit(_judge, block, settings)))
                if len(waiting) >= jobs * _IN_FLIGHT:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        except BrokenProcessPool:
            raise BatchError(_died(waiting)) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _first(waiting: deque[tuple[Block, Future[JudgedBlock]]]) -> tuple[Block, JudgedBlock]:
    block, future = waiting[0]
    judged = future.result()
    waiting.popleft()
    return block, judged


def _died(waiting: Iterable[tuple[Block, object]]) -> str:
    numbers = [number for block, _ in waiting for number in (block.number, block.number + len(block.content) - 1)]
    where = f", while records {min(numbers):,} to {max(numbers):,} were judged" if numbers else ""
    return f"a worker process ended before its time (killed, or out of memory){where}"


_policies: list[Policy] = []
"""In a worker: the policy that it has loaded."""


def collect_seldom() -> None:
    """Let what is there be, and what is remembered: to look through it for garbage takes a sixth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def _begin(load: Callable[[], Policy]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever interrupts wants it to end, without a word from each worker
    Thread(target=_end_with_parent, daemon=True).start()
    _policies.append(load())
    collect_seldom()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge(block: Block, settings: Settings) -> JudgedBlock:
    return judge_block(_policies[0], block, settings)
