"""Where a server listens, and whom it listens to: its address, the names of its machine, and the token."""

from __future__ import annotations

import errno
import ipaddress
import os
import secrets
import socket
from pathlib import Path
from typing import NamedTuple

from reasoner.serve.settings import LOOPBACK

TOKEN = "REASONER_TOKEN"
"""The variable of the environment that holds the token, where no file does."""
_SHORTEST = 16
_BACKLOG = 2048


class ListeningError(Exception):
    """A server that cannot listen as it was asked to: why, and what would be right."""


class Listening(NamedTuple):
    """An address, and what the requests to it have to bring."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    """Names of this machine beside its loopback ones and the host itself."""

    @property
    def is_local(self) -> bool:
        """Whether no other machine reaches it."""
        return self.host == "localhost" or _is_loopback(self.host)

    @property
    def known_names(self) -> tuple[str, ...]:
        """The names by which requests may call this machine."""
        return (*LOOPBACK, *(name.lower() for name in self._own_names))

    @property
    def _own_names(self) -> tuple[str, ...]:
        if self.host not in ("", "0.0.0.0", "::"):
            return (self.host, *self.names)
        return self.names or (socket.gethostname(),)

    def address(self, port: int, token: str | None) -> str:
        """What to open in a browser; the token is in the fragment, which browsers keep to themselves."""
        name = self._own_names[0]
        shown = f"[{name}]" if ":" in name else name
        return f"http://{shown}:{port}/" + (f"#token={token}" if token is not None else "")

    def socket(self) -> socket.socket:
        """A socket that listens. Raises ListeningError."""
        try:
            family, _, _, _, where = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            listener = socket.create_server(where[:2], family=family, backlog=_BACKLOG)
        except (OSError, UnicodeError) as error:
            raise ListeningError(_reason(self, error)) from None
        # connections inherit it: without it the second part of an answer waits for the client to confirm the first
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener


def _reason(asked: Listening, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"port {asked.port} of {asked.host} is in use: stop what listens there, or give another one (--port)"
    if number == errno.EACCES:
        return f"port {asked.port} is not for this user: give one from 1024 on (--port)"
    return f"--host {asked.host}: no address of this machine: {getattr(error, 'strerror', None) or error}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def token_of(file: Path | None, listening: Listening) -> str | None:
    """The token of a file, or of the environment; where others reach the address and there is none, a new one.

    Raises ListeningError.
    """
    if file is not None:
        try:
            token, source = file.read_text("utf-8").strip(), f"--token-file {file}"
        except (OSError, UnicodeError) as error:
            raise ListeningError(f"--token-file {file}: cannot be read: {getattr(error, 'strerror', error)}") from None
    elif TOKEN in os.environ:
        token, source = os.environ[TOKEN].strip(), TOKEN
    else:
        return None if listening.is_local else secrets.token_urlsafe(32)
    if len(token) < _SHORTEST or not all("!" <= sign <= "~" for sign in token):
        advice = "python -c 'import secrets; print(secrets.token_urlsafe(32))' prints one"
        raise ListeningError(f"{source}: a token has {_SHORTEST} or more letters, digits or signs: {advice}")
    return token
