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


class Judging:
    """A policy that is loaded and asked in a thread of its own."""

    def __init__(self, load: Callable[[], Policy], most_waiting: int) -> None:
        self._load, self._most_waiting = load, most_waiting
        self._thread = ThreadPoolExecutor(1, "policy")
        self._policy: Policy | None = None
        self.waiting = 0
        """Requests that wait for an answer of the policy."""

    @property
    def is_ready(self) -> bool:
        """Whether the policy is loaded."""
        return self._policy is not None

    async def begin(self) -> None:
        """Load the policy. Raises RulesError."""
        self._policy = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)

    async def ask(self, question: Callable[[Policy], T]) -> T:
        """What the policy answers. Raises Problem where too many ask."""
        policy = self._policy
        if policy is None or self.waiting >= self._most_waiting:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the policy is loaded at this moment" if policy is None else "too many requests wait for an answer",
                {"Retry-After": "1"},
            )
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question, policy)
        finally:
            self.waiting -= 1

    def end(self) -> None:
        """Answer what waits, and no more."""
        self._thread.shutdown()
