"""What stands between a policy and the network: who may ask, by which name, how much, and how often.

Requests of other sites' pages are refused by their Origin, and those that reach this machine by another name (DNS
rebinding) by their Host. Of a request nothing is logged but its method, path and status.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from http import HTTPStatus
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings

_OPEN = ("/healthz", "/readyz")
"""Paths for which no token is needed: they say nothing of the policy."""
_MANY = "/v1/batch"
_MOST_ADDRESSES = 10_000
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
        self._rates = _Rates(settings.rate, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            self._check_caller(scope, headers)
            body = _Body(receive, self._most_bytes(scope, headers))
        except Problem as problem:
            await problem.response()(scope, receive, send_safely)
            return
        await self._application(scope, body.receive, send_safely)

    def _check_caller(self, scope: Scope, headers: Headers) -> None:
        """Raises Problem for who may not ask."""
        host = headers.get("host", "")
        if _name(host) not in self._settings.names:
            raise Problem(HTTPStatus.MISDIRECTED_REQUEST, "this machine is not served by that name (Host)")
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            raise Problem(HTTPStatus.FORBIDDEN, "a page of another site may not ask (Origin)")
        token = self._settings.token
        if token is not None and scope["path"] not in _OPEN:
            given = headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, f"Bearer {token}".encode()):
                remedy = {"WWW-Authenticate": "Bearer"}
                raise Problem(HTTPStatus.UNAUTHORIZED, "a token is needed: Authorization: Bearer TOKEN", remedy)
        wait = self._rates.wait((scope.get("client") or ("",))[0])
        if wait:
            detail = "too many requests from this address"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})

    def _most_bytes(self, scope: Scope, headers: Headers) -> int:
        """The bytes that the body may have. Raises Problem where it is said to have more."""
        most = self._settings.batch_bytes if scope["path"] == _MANY else self._settings.record_bytes
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            raise Problem(HTTPStatus.BAD_REQUEST, "Content-Length is no number")
        if int(length) > most:
            raise _too_large(most)
        return most


class _Body:
    """A request's body, of which no more than so many bytes are received."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most, self._left = receive, most, most

    async def receive(self) -> Message:
        """The next piece. Raises Problem where it is too much."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _too_large(self._most)
        return message


def _too_large(most: int) -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the request has more than {most:,} bytes")


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


class _Rates:
    """How often each address asks: a bucket that fills steadily, and that each request takes one from."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until the address may ask again; 0: it may now."""
        now = monotonic()
        level, before = self._buckets.pop(address, (float(self._burst), now))
        level = min(level + (now - before) * self._rate, self._burst)
        self._buckets[address] = (level - 1 if level >= 1 else level), now
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0 if level >= 1 else max(1, round((1 - level) / self._rate + 0.5))
