"""A limit on the time of each solve: one thread for all of them looks at their deadlines, and interrupts."""

from __future__ import annotations

import os
from contextlib import suppress
from math import inf
from threading import Event, Lock, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import TYPE_CHECKING
from weakref import WeakSet

from reasoner.errors import TimeLimitError

if TYPE_CHECKING:
    from clingo import Control

_EVERY = 0.1
"""Seconds between two looks at the deadlines."""
_IDLE = 2.0
"""Seconds without a solve after which the thread sleeps until the next one."""


class Watchdog:
    """Interrupts the solves of a Control that run longer than a limit. For one thread at a time, as the Control.

    >>> with watchdog.solve():
    ...     control.solve()
    """

    __slots__ = ("__weakref__", "_control", "_deadline", "_expired", "_interrupting", "_lock", "_seconds")

    def __init__(self, control: Control, seconds: float = 20.0) -> None:
        """`seconds` is the limit of what runs inside of each `with`."""
        self._control = control
        self._seconds = seconds
        self._deadline = inf
        self._interrupting = self._expired = False
        self._lock = Lock()
        _watch.add(self)

    def solve(self) -> Watchdog:
        """To be held while a solve runs. Raises TimeLimitError, at its end, where it took too long."""
        return self

    def __enter__(self) -> None:
        self._deadline = monotonic() + self._seconds
        if not _watch.awake:
            _watch.wake()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadline = inf
        if self._interrupting:
            self._stop(kind)

    @property
    def running(self) -> bool:
        """Whether a solve is under way."""
        return self._deadline != inf

    def restart(self) -> None:
        """Be as no thread has left it; called after a fork."""
        self._lock = Lock()

    def check(self) -> None:
        """Interrupt the solve if its time is over; called by the thread."""
        if self._deadline > monotonic():
            return
        with self._lock:
            # Set before the deadline is read again: a solve that ends now sees the one, or is seen by the other.
            self._interrupting = True
            if self._deadline <= monotonic():
                self._expired = True
                self._control.interrupt()

    def _stop(self, kind: type[BaseException] | None) -> None:
        with self._lock:
            expired = self._expired
            self._interrupting = self._expired = False
        if not expired:
            return
        with suppress(RuntimeError), self._control.solve(async_=True) as rest:
            rest.cancel()  # an interrupt that came after the end of the search would hit the next one
        if kind is None or issubclass(kind, Exception):
            message = "the rules leave too much to search; look for loops through `not`, or give it more time"
            raise TimeLimitError(f"solving took more than {self._seconds:g} s: {message}")


class _Watch:
    """The thread, started with the first solve, and the watchdogs that it looks after."""

    def __init__(self) -> None:
        self.awake = False
        self.watchdogs: WeakSet[Watchdog] = WeakSet()
        self._lock = Lock()
        self._event = Event()
        self._thread: Thread | None = None

    def add(self, watchdog: Watchdog) -> None:
        with self._lock:
            self.watchdogs.add(watchdog)

    def wake(self) -> None:
        """Let the thread look at deadlines again; start it if there is none."""
        with self._lock:
            self.awake = True
            if self._thread is None:
                self._thread = Thread(target=self._run, name="solve-watchdog", daemon=True)
                self._thread.start()
            self._event.set()

    def _check(self) -> bool:
        """Look at each deadline; whether any solve is under way."""
        with self._lock:
            watchdogs = list(self.watchdogs)
        for watchdog in watchdogs:
            watchdog.check()
        return any(watchdog.running for watchdog in watchdogs)

    def _run(self) -> None:
        busy = monotonic()
        while True:
            sleep(_EVERY)
            if self._check():
                busy = monotonic()
            elif monotonic() - busy > _IDLE:
                self._event.clear()
                self.awake = False
                if not self._check():  # none has begun before it could see that the thread is not awake
                    self._event.wait()
                self.awake = True
                busy = monotonic()


_watch = _Watch()


def _after_fork() -> None:
    """Be without a thread, and without a lock that one held: a fork does not take threads along."""
    global _watch
    watchdogs = list(_watch.watchdogs)
    _watch = _Watch()
    for watchdog in watchdogs:
        watchdog.restart()
        _watch.add(watchdog)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
