"""Worker processes: each has a loaded policy of its own, and all have the same one."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from reasoner.batch.identity import content_key
from reasoner.errors import RulesError
from reasoner.serve.application import application
from reasoner.serve.metrics import SHARED
from reasoner.serve.settings import Settings
from reasoner.verdict.policy import Policy

_LOG = logging.getLogger("uvicorn.error")
_STARTING_SECONDS = 60
_AGAIN_SECONDS = 1


def worker(settings: Settings, policy: Policy) -> Callable[[], ASGIApp]:
    """What makes the application in each process, with the policy as it is loaded here."""
    return partial(_of_worker, settings, content_key(policy))


def run_workers(config: uvicorn.Config, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve by several processes, which keep their counts together, until this one is asked to stop."""
    with TemporaryDirectory(prefix="reasoner-") as counts:
        os.environ[SHARED] = counts
        _Workers(config, [listener], announce).run()


class _Workers(Multiprocess):
    """Processes that answer, and come back when they are killed."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self._announce = announce

    def init_processes(self) -> None:
        """Start the processes, and wait until they answer."""
        super().init_processes()
        if all(process.wait_until_ready(_STARTING_SECONDS, self.should_exit) for process in self.processes):
            self._announce()

    def terminate_all(self) -> None:
        """Listen no more, and end the processes as soon as they have answered."""
        for one in self.sockets:
            one.close()
        super().terminate_all()


def _of_worker(settings: Settings, key: str) -> ASGIApp:
    Thread(target=_end_with_parent, daemon=True).start()
    handler = signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is being answered yet
    policy = policy_as_before(settings, key)
    signal.signal(signal.SIGTERM, handler)
    return application(settings, lambda: policy)


def policy_as_before(settings: Settings, key: str) -> Policy:
    """The policy that the other processes have; waits while its files are others, or wrong."""
    waits = False
    while True:
        with suppress(RulesError):
            policy = settings.policy()
            if content_key(policy) == key:
                return policy
        if not waits:
            _LOG.warning("a worker waits: the rules are not those of the start; restore them, or start it again")
        waits = True
        sleep(_AGAIN_SECONDS)


def _end_with_parent() -> None:
    """A worker whose parent was killed would hold the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
