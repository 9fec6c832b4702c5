"""What stands between a policy and the network: how much is answered, and how often. Where it fails is logged."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import OrderedDict
from http import HTTPStatus
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reasoner.serve.bodies import Body, too_large
from reasoner.serve.callers import check_caller, check_token, is_open
from reasoner.serve.problems import UNEXPECTED, Problem
from reasoner.serve.settings import Settings

_LOG = logging.getLogger("uvicorn.error")
_OF_PROBES = ("/healthz", "/readyz")
"""Paths that are answered however much is asked."""
_MANY = "/v1/batch"
_MOST_ADDRESSES = 10_000
SENDING_SECONDS = 60
"""Until a client takes the next piece of an answer, at most."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Protection:
    """An application of which only what is asked in order is answered."""

    def __init__(self, application: ASGIApp, settings: Settings) -> None:
        self._application, self._settings = application, settings
        self._rates = Rates(settings.rate, settings.burst)
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            async with asyncio.timeout(SENDING_SECONDS):
                await send(message)

        self._open += 1
        try:
            body = self._body(scope, receive)
            await self._application(scope, body.receive, send_safely)
        except Exception as error:
            if not isinstance(error, Problem | TimeoutError):
                _LOG.error("%s", _place(error))
            if not started:
                problem = error if isinstance(error, Problem) else UNEXPECTED
                await problem.response()(scope, receive, send_safely)
        finally:
            self._open -= 1

    def _body(self, scope: Scope, receive: Receive) -> Body:
        """The body of a request that may be answered. Raises Problem."""
        settings, headers = self._settings, Headers(scope=scope)
        check_caller(scope["path"], headers, settings)
        if scope["path"] in _OF_PROBES:
            return Body(receive, 0, settings.arriving, at_once=True)
        wait = self._rates.wait((scope.get("client") or ("",))[0])
        if wait:
            detail = "too many requests from this address"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
        if not is_open(scope["path"]):
            check_token(headers, settings)
        if self._open > settings.open:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at this moment", {"Retry-After": "1"})
        many = scope["path"] == _MANY
        most = settings.batch_bytes if many else settings.record_bytes
        if int(headers.get("content-length", "0")) > most:
            raise too_large(most)
        return Body(receive, most, settings.arriving, at_once=not many)


def _place(error: Exception) -> str:
    """The kind of an error and where it happened, without what it says, which can be of a record."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"unexpected {type(error).__name__} in {last.filename}, line {last.lineno}"


class Rates:
    """How often each address asks: a bucket that fills steadily, and that each request takes one from."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, address: str) -> int:
        """Seconds until the address may ask again; 0: it may now."""
        now = monotonic()
        level, before = self._buckets.pop(address, (float(self._burst), now))
        level = min(level + (now - before) * self._rate, self._burst)
        self._buckets[address] = (level - 1 if level >= 1 else level), now
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0 if level >= 1 else max(1, round((1 - level) / self._rate + 0.5))
