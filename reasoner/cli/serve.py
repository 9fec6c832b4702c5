"""`reasoner serve`: a policy over HTTP, for programs and for people."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from reasoner.cli.records import Rules, UseCache, refuse
from reasoner.cli.rules import app

__all__ = ["app"]

_LIBRARIES = ("fastapi", "uvicorn", "jinja2", "prometheus_client", "pygments")


@app.command("serve")
def serve_(
    host: Annotated[str, typer.Option("--host", help="Anything but this machine alone takes a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0: any that is free.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes, each with the policy.")] = 1,
    rules: Rules = None,
    edit: Annotated[
        Path | None, typer.Option("--edit", metavar="DIR", help="A folder of suites that the page may write.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="Holds the token that requests bring; or in REASONER_TOKEN."),
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="HOSTNAME", help="Another name of this machine.")
    ] = None,
    in_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    cache: UseCache = True,
) -> None:
    """A page on which to see why and to try what if, and an API for programs.

    It ends at Ctrl-C or SIGTERM, after what is being answered then. Changed rules are served after a restart.
    """
    missing = [library for library in _LIBRARIES if find_spec(library) is None]
    if missing:
        refuse(f'this takes {", ".join(missing)}: pip install "reasoner[serve]"', 2)
    gc.disable()  # until all is loaded, which stays
    from reasoner.serve.listening import Listening, ListeningError, token_of
    from reasoner.serve.server import serve
    from reasoner.serve.settings import Settings

    listening = Listening(host, port, tuple(names or ()))
    if edit is not None and not edit.is_dir():
        refuse(f"--edit {edit}: no folder", 2)

    def ready(port: int) -> None:
        address = listening.address(port, token)
        print(f"reasoner: ready at {address}", file=sys.stderr, flush=True)
        if in_browser:
            import webbrowser

            Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    try:
        token = token_of(token_file, listening)
        settings = Settings(rules, cache, edit, listening.known_names, token)
        serve(settings, listening.socket, workers, ready)
    except ListeningError as error:
        refuse(str(error), 2)
