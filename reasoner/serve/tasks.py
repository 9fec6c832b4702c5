"""Long work on the rules: each piece in a process of its own with a time limit, done once and then remembered."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, NamedTuple

from facts.errors import RecordError
from reasoner.errors import RulesError

_AT_ONCE = 2
"""Pieces of work that run at the same time; others wait for their turn."""
_KEPT = 24
"""Pieces of work that are remembered; the one that began longest ago is forgotten first."""
_UNWANTED_SECONDS = 10.0
"""Work that ends with the interest in it ends when nobody has asked for so long."""
_SLICE = 0.25
_NICENESS = 10
"""Of work in the background."""

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_CONTEXT: Any = multiprocessing.get_context(_METHOD)


class Step(NamedTuple):
    """How much of some work is done, of how much (0: not known), and what was found by then."""

    done: int
    total: int
    found: Any = None


Work = Callable[..., Iterator[Step]]
"""Gives the steps of some work; what was found in the last of them is what comes of it."""


class Task:
    """A piece of work: how far it is, what it found, or why it came to no end."""

    def __init__(
        self, work: Work, arguments: tuple[Any, ...], seconds: float, *, is_kept: bool, is_background: bool
    ) -> None:
        self._work, self._arguments, self._seconds = work, arguments, seconds
        self._is_kept, self._is_background = is_kept, is_background
        self._asked, self._is_stopped = monotonic(), False
        self.step = Step(0, 0)
        self.error = ""
        self.is_done = False
        self.was_left = False
        """Whether it was stopped because nobody asked for it any more."""

    @property
    def found(self) -> Any:
        """What was found, or what is known of it by now."""
        return self.step.found

    @property
    def has_result(self) -> bool:
        """Whether it came to its end."""
        return self.is_done and not self.error

    def ask(self) -> Task:
        """The task, in which somebody is interested at this moment."""
        self._asked = monotonic()
        return self

    def stop(self) -> None:
        """End it soon."""
        self._is_stopped = True

    def run(self) -> None:
        """Do the work in a process, and follow it to its end."""
        try:
            self._run()
        except OSError as error:
            self.error = f"no process could be started: {error.strerror}"
        finally:
            self.is_done = True

    def _run(self) -> None:
        receiving, sending = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_in_process, args=(sending, self._work, self._arguments, self._is_background))
        process.start()
        sending.close()
        try:
            self._follow(receiving)
        finally:
            _end(process)
            receiving.close()

    def _follow(self, receiving: Connection) -> None:
        end = monotonic() + self._seconds
        while not self.error:
            if monotonic() > end:
                self.error = f"stopped after {self._seconds:.0f} seconds, the most that it may take"
            elif self._is_stopped or (not self._is_kept and monotonic() > self._asked + _UNWANTED_SECONDS):
                self.was_left, self.error = True, "stopped: nobody asked for it any more"
            elif receiving.poll(_SLICE):
                try:
                    step = receiving.recv()
                except EOFError:
                    self.error = "the work ended before its end; the server's log says more"
                    return
                if step is None:
                    return
                if isinstance(step, str):
                    self.error = step
                else:
                    self.step = step if step.found is not None else step._replace(found=self.found)


class Tasks:
    """The pieces of work of a server."""

    def __init__(self, module: str) -> None:
        """`module` holds the work: processes find it loaded."""
        if _METHOD == "forkserver":
            _CONTEXT.set_forkserver_preload([module])
        self._threads = ThreadPoolExecutor(_AT_ONCE, "tasks")
        self._tasks: dict[Hashable, Task] = {}

    def task(
        self, key: Hashable, work: Work, arguments: tuple[Any, ...], seconds: float, *,
        is_kept: bool = True, is_background: bool = False,
    ) -> Task:  # fmt: skip
        """The piece of work of a key, begun unless it was.

        Without `is_kept` it ends when nobody asks for it. `is_background`: all else goes before it.
        """
        found = self.known(key)
        if found is None or found.was_left:
            found = Task(work, arguments, seconds, is_kept=is_kept, is_background=is_background)
            self._tasks[key] = found
            self._threads.submit(found.run)
            if len(self._tasks) > _KEPT:
                self._tasks.pop(next(iter(self._tasks))).stop()
        return found

    def known(self, key: Hashable) -> Task | None:
        """The piece of work of a key, if it was begun."""
        found = self._tasks.get(key)
        return found.ask() if found is not None else None

    def forget(self, key: Hashable) -> None:
        """Begin anew when the work of a key is next asked for."""
        if (found := self._tasks.pop(key, None)) is not None:
            found.stop()

    def end(self) -> None:
        """Stop all."""
        for task in self._tasks.values():
            task.stop()
        self._threads.shutdown(cancel_futures=True)


def _in_process(sending: Connection, work: Work, arguments: tuple[Any, ...], is_background: bool) -> None:
    """Do some work in this process, and send its steps; None: it is done; a text: it is not, and why."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # so that processes that the work starts end with it
        os.nice(_NICENESS if is_background else 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(BrokenPipeError), sending:
        try:
            for step in work(*arguments):
                sending.send(step)
            sending.send(None)
        except (RulesError, RecordError) as error:
            sending.send(str(error))
        except (MemoryError, RecursionError):
            sending.send("it takes too much memory")


def _end(process: Any) -> None:
    """End a process, and those that it started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        process.kill()
    process.join()
    process.close()
