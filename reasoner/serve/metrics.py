"""Counts and times of requests, in the text format of Prometheus. Nothing of a record is among them."""

from __future__ import annotations

import os
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment with the folder in which several processes keep their counts."""
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


class Metrics:
    """An application whose requests are counted."""

    def __init__(self, application: ASGIApp, registry: CollectorRegistry) -> None:
        self._application = application
        disable_created_metrics()
        self._requests = Counter("reasoner_requests", "Requests.", ["method", "path", "status"], registry=registry)
        self._seconds = Histogram(
            "reasoner_request_seconds", "Until the answer is sent.", ["path"], registry=registry, buckets=_SECONDS
        )
        self._open = Gauge(
            "reasoner_requests_open",
            "Requests that are being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        status, begin = 500, perf_counter()

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._open.inc()
        try:
            await self._application(scope, receive, send_counted)
        finally:
            self._open.dec()
            path = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if scope["method"] in _METHODS else "unknown"
            self._requests.labels(method, path, str(status)).inc()
            self._seconds.labels(path).observe(perf_counter() - begin)


def shown(registry: CollectorRegistry) -> Response:
    """The counts; of several processes, those of all."""
    if SHARED in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
