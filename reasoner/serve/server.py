"""The server: one process, or several of which each has a loaded policy of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from reasoner.serve.application import application
from reasoner.serve.settings import Settings

_SETTINGS = "REASONER_SERVE"
"""The variable of the environment by which worker processes are given their settings."""
_STOPPING_SECONDS = 30


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until the process is asked to stop; what is being answered then is answered. Raises OSError."""
    options = uvicorn.Config(
        _of_environment, host=host, port=port, workers=workers, factory=True, access_log=False, log_level="warning",
        server_header=False, timeout_graceful_shutdown=_STOPPING_SECONDS,
    )  # fmt: skip
    if workers == 1:
        options.app, options.factory = application(settings), False
        uvicorn.Server(options).run()
        return
    from uvicorn.supervisors import Multiprocess

    os.environ[_SETTINGS] = json.dumps([settings.rules and str(settings.rules), *settings[1:]])
    options.app = f"{__name__}:{_of_environment.__name__}"
    Multiprocess(options, [options.bind_socket()]).run()


def _of_environment() -> ASGIApp:
    rules, cache, names, *rest = json.loads(os.environ[_SETTINGS])
    return application(Settings(rules and Path(rules), cache, tuple(names), *rest))
