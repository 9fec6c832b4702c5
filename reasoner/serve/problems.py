"""What went wrong with a request, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from facts.errors import RecordError, printable
from reasoner.errors import RulesError, TimeLimitError

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that is refused: the status, what is wrong, and what would be right."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        """`members` stand in the problem's details beside those that every problem has."""
        self.status, self.detail, self.headers, self.members = status, detail, headers, members
        super().__init__(detail)

    def details(self) -> dict[str, Any]:
        """The problem as JSON data."""
        return {
            "type": "about:blank", "title": self.status.phrase, "status": self.status.value,
            "detail": printable(self.detail), **self.members,
        }  # fmt: skip

    def response(self) -> JSONResponse:
        """The answer that says so."""
        return JSONResponse(self.details(), self.status, self.headers, MEDIA_TYPE)


UNEXPECTED = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a fault of the server; its log has the place")


def of_record(error: RecordError, place: str = "") -> Problem:
    """What is wrong with a record, each fault with its path; `place` is where the record stands in the request."""
    faults = [{"path": f"{place}{fault.path}", "message": printable(fault.message)} for fault in error.faults]
    number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"what was sent has {number}", errors=faults)


def of_rules(error: RulesError) -> Problem:
    """A record that the rules have no single answer for, or that takes the solver too long."""
    if isinstance(error, TimeLimitError):
        return Problem(HTTPStatus.GATEWAY_TIMEOUT, str(error))
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"the rules are wrong: {error}")
