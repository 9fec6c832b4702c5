"""Who may ask: whoever calls this machine by its name, from no other site's page, and with the token, if there is one.

Pages of other sites are known by their Origin, and by what browsers say of where a request comes from; those that
reach this machine by another name (DNS rebinding) by their Host.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus

from starlette.datastructures import Headers

from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings

OPEN_PATHS = frozenset({"/", "/rules", "/healthz", "/readyz"})
OPEN_FOLDERS = ("/static/",)
"""Paths that say nothing of a policy or a record: no token is needed, and a link of another site may lead there."""


def is_open(path: str) -> bool:
    """Whether a path says nothing of a policy or a record."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def check_caller(path: str, headers: Headers, settings: Settings) -> None:
    """Raises Problem where the request is for another machine, or of another site's page."""
    host = headers.get("host", "")
    if _name(host) not in settings.names:
        detail = "this machine is not served by that name (Host): start it with --name"
        raise Problem(HTTPStatus.MISDIRECTED_REQUEST, detail)
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
        raise Problem(HTTPStatus.FORBIDDEN, "a page of another site may not ask (Origin)")
    if not is_open(path) and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Problem(HTTPStatus.FORBIDDEN, "a page of another site may not ask (Sec-Fetch-Site)")


def check_token(headers: Headers, settings: Settings) -> None:
    """Raises Problem where a token is needed, and not brought."""
    if settings.token is None:
        return
    given = headers.get("authorization", "")
    kind, _, token = given.partition(" ")
    if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), settings.token.encode()):
        remedy = {"WWW-Authenticate": "Bearer"}
        raise Problem(HTTPStatus.UNAUTHORIZED, "a token is needed: Authorization: Bearer TOKEN", remedy)


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().removesuffix(".")
