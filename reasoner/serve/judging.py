"""One policy, asked by one thread: whoever asks waits for his turn, and of these there are not too many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

from reasoner.serve.problems import Problem
from reasoner.verdict.policy import Policy

T = TypeVar("T")
_AGAIN = {"Retry-After": "1"}


class Judging:
    """A policy that is loaded and asked in a thread of its own."""

    def __init__(self, load: Callable[[], Policy], most_waiting: int, seconds: float = 60.0) -> None:
        """`most_waiting` requests wait for the policy, each for so many `seconds`."""
        self._load, self._most_waiting, self._seconds = load, most_waiting, seconds
        self._thread: ThreadPoolExecutor | None = None
        self._policy: Policy | None = None
        self.waiting = 0
        """Requests that wait for an answer of the policy."""

    @property
    def is_ready(self) -> bool:
        """Whether the policy is loaded."""
        return self._policy is not None

    async def begin(self) -> None:
        """Load the policy. Raises RulesError."""
        self._thread = ThreadPoolExecutor(1, "policy")
        self._policy = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)

    async def ask(self, question: Callable[[Policy], T], *, again: bool = False) -> T:
        """What the policy answers. Raises Problem where too many ask, but for one that asks `again`, or too long."""
        policy, thread = self._policy, self._thread
        if policy is None or thread is None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the policy is loaded at this moment", _AGAIN)
        if self.waiting >= self._most_waiting and not again:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests wait for an answer", _AGAIN)
        self.waiting += 1
        asked = thread.submit(question, policy)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), self._seconds)
        except TimeoutError:
            if asked.cancelled():
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests wait for an answer", _AGAIN) from None
            raise Problem(HTTPStatus.GATEWAY_TIMEOUT, f"it takes more than {self._seconds:g} s: ask for less") from None
        finally:
            self.waiting -= 1

    def end(self) -> None:
        """Answer what waits, and no more."""
        if self._thread is not None:
            self._thread.shutdown()
        self._policy = self._thread = None
