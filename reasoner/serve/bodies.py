"""A request's body: no more than so many bytes of it are received, and it may not take for ever."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from time import monotonic

from starlette.types import Message, Receive

from reasoner.serve.problems import Problem


class Body:
    """A body that has to arrive within so many seconds: all of it, or else each piece."""

    def __init__(self, receive: Receive, most: int, seconds: float, *, at_once: bool) -> None:
        self._receive, self._most, self._left, self._seconds = receive, most, most, seconds
        self._end = monotonic() + seconds if at_once else None
        self._is_whole = False

    async def receive(self) -> Message:
        """The next piece; after the last one, that the client is gone. Raises Problem."""
        if self._is_whole:
            return await self._receive()
        seconds = self._seconds if self._end is None else self._end - monotonic()
        if seconds <= 0:
            raise _too_late()
        try:
            async with asyncio.timeout(seconds):
                message = await self._receive()
        except TimeoutError:
            raise _too_late() from None
        self._is_whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large(self._most)
        return message


def too_large(most: int) -> Problem:
    """A request with more than so many bytes."""
    closing = {"Connection": "close"}
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the request has more than {most:,} bytes", closing)


def _too_late() -> Problem:
    return Problem(HTTPStatus.REQUEST_TIMEOUT, "the request takes too long to arrive", {"Connection": "close"})
