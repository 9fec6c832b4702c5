"""Records that arrive as lines, and what is said of each, sent as it is judged: memory is that of a few records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from facts.errors import RecordError
from facts.reading import MAX_BYTES
from reasoner.batch.blocks import Explain, Settings, judged, levels, refusal
from reasoner.batch.records import Block
from reasoner.batch.verdicts import encoded
from reasoner.errors import RulesError
from reasoner.serve.problems import Problem, of_rules
from reasoner.verdict.policy import Policy

NDJSON = "application/x-ndjson"
BLOCK = 16
"""Records that are judged in one go, at most: any other request waits for no more of them than these."""

Judge = Callable[[int, list[bytes]], Awaitable[bytes]]
"""What is said of successive lines, the first of which has this number."""


def judged_lines(policy: Policy, number: int, lines: list[bytes], limit: int, explain: Explain) -> bytes:
    """For each line that is not empty its verdict, or its number and the faults, as `reasoner batch` writes them."""
    settings = Settings(limit, explain, "lines", "lines", levels(policy, explain))
    numbered = [one for one in enumerate(Block(number, lines, "", 0).data(), number) if one[1] is not None]
    found = judged(policy, (data for _, data in numbered), settings)
    return b"".join(
        refusal(place, result).encode() if isinstance(result, RecordError) else encoded([result], "lines")
        for (place, _), result in zip(numbered, found, strict=True)
    )


async def answers(receive: Receive, judge: Judge) -> AsyncIterator[bytes]:
    """What is said of the lines of a body, as they arrive; no more of it once the client is gone. Raises Problem."""
    lines, number, more = Lines(), 1, True
    coming = asyncio.ensure_future(receive())
    try:
        while more:
            message = await coming
            if message["type"] != "http.request":
                return
            more = message.get("more_body", False)
            whole = lines.of(message.get("body", b"")) + ([] if more else lines.end())
            coming = asyncio.ensure_future(receive())
            for first in range(0, len(whole), BLOCK):
                if _is_gone(coming):
                    return
                block = whole[first : first + BLOCK]
                yield await judge(number, block)
                number += len(block)
    finally:
        if not coming.cancel() and not coming.cancelled():
            coming.exception()


def _is_gone(coming: asyncio.Future[Message]) -> bool:
    if not coming.done() or coming.cancelled() or coming.exception() is not None:
        return False
    return bool(coming.result()["type"] == "http.disconnect")


class Lines:
    """The lines of pieces; of one that is too long only so much that it is refused for it."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def of(self, piece: bytes) -> list[bytes]:
        """The lines that end in a piece."""
        found = []
        first, *others = piece.split(b"\n")
        self._add(first)
        for part in others:
            found += [bytes(self._rest)]
            self._rest.clear()
            self._add(part)
        return found

    def end(self) -> list[bytes]:
        """The last line, where no line end follows it."""
        return [bytes(self._rest)] if self._rest else []

    def _add(self, part: bytes) -> None:
        self._rest += part[: MAX_BYTES + 1 - len(self._rest)]


class LinesResponse(Response):
    """An answer in lines. Where it cannot go on, its last line is the problem, and the connection is cut."""

    media_type = NDJSON

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the lines. Raises Problem where there is not even a first one."""
        first = await anext(self._lines, b"")
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        try:
            async for some in self._lines:
                await send({"type": "http.response.body", "body": some, "more_body": True})
        except (Problem, RulesError) as error:
            problem = error if isinstance(error, Problem) else of_rules(error)
            last = json.dumps(problem.details()).encode() + b"\n"
            await send({"type": "http.response.body", "body": last, "more_body": True})
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
