"""What the tests of the server share: an application in this process, and bodies to send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from starlette.types import Message

from reasoner import Policy
from reasoner.serve.application import application
from reasoner.serve.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "facts" / "examples"
JSON, NDJSON = {"Content-Type": "application/json"}, {"Content-Type": "application/x-ndjson"}
RECORD: dict[str, Any] = json.loads((EXAMPLES / "ad-near-miss.json").read_text("utf-8"))


@contextmanager
def client(policy: Policy, settings: Settings | None = None) -> Iterator[TestClient]:
    """A client of an application that serves a policy which is loaded already."""
    with TestClient(
        application(settings or Settings(), lambda: policy), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as found:
        yield found


def problem(response: Any, status: int) -> dict[str, Any]:
    """The details of a problem, as which a response is checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    details: dict[str, Any] = response.json()
    assert details["status"] == status and details["type"] == "about:blank" and details["title"] and details["detail"]
    return details


def ask(
    policy: Policy, settings: Settings, path: str, messages: list[Message], headers: dict[str, str]
) -> list[Message]:
    """What an application sends where these messages arrive, and no other."""
    served = application(settings, lambda: policy)
    sent: list[Message] = []
    rest = iter(messages)

    async def receive() -> Message:
        try:
            return next(rest)
        except StopIteration:
            await asyncio.get_running_loop().create_future()
            raise AssertionError("nothing more comes") from None

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
        "path": path, "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"", "state": {},
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), *((name.lower().encode(), value.encode()) for name, value in headers.items())],
    }  # fmt: skip

    async def served_once() -> None:
        beginning: asyncio.Queue[Message] = asyncio.Queue()
        ready = asyncio.Event()
        await beginning.put({"type": "lifespan.startup"})

        async def note(message: Message) -> None:
            ready.set()

        whole = asyncio.ensure_future(
            served({"type": "lifespan", "asgi": scope["asgi"], "state": {}}, beginning.get, note)
        )
        await ready.wait()
        await served(scope, receive, send)
        await beginning.put({"type": "lifespan.shutdown"})
        await whole

    asyncio.run(served_once())
    return sent
