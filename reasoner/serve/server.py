"""The server: one process, or several of which each has a loaded policy of its own."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import uvicorn

from reasoner.serve.application import application
from reasoner.serve.connections import Connection
from reasoner.serve.settings import Settings

_STOPPING_SECONDS = 30


def serve(settings: Settings, listen: Callable[[], socket.socket], workers: int, ready: Callable[[int], None]) -> None:
    """Serve until the process is asked to stop; what is being answered then is answered.

    Calls `ready` with the port as soon as requests are answered. Raises RulesError before it listens.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    policy = settings.policy()
    gc.freeze()
    gc.enable()
    with suppress(KeyboardInterrupt), listen() as listener:
        config = partial(
            uvicorn.Config, workers=workers, factory=True, loop="asyncio", http=Connection, ws="none", lifespan="on",
            access_log=False, log_level="warning", server_header=False, proxy_headers=False,
            timeout_graceful_shutdown=_STOPPING_SECONDS,
        )  # fmt: skip
        announce = partial(ready, listener.getsockname()[1])
        if workers == 1:
            _Server(config(lambda: application(settings, lambda: policy)), announce).run([listener])
        else:
            from reasoner.serve.workers import run_workers, worker

            run_workers(config(worker(settings, policy)), listener, announce)


class _Server(uvicorn.Server):
    """A server that announces that it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the application and listen."""
        await super().startup(sockets)
        self._announce()
