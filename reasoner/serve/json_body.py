"""The data of a request, and what becomes of a request whose data are wrong."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.requests import Request

from facts.errors import RecordError
from facts.reading import decoded, read_json
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem, of_record
from reasoner.verdict.policy import Policy

T = TypeVar("T")
JSON = "application/json"


async def asked(request: Request, judging: Judging, question: Callable[[Policy, Any], T]) -> T:
    """What the policy answers to a question about the data of a request. Raises Problem."""
    check_kind(request, JSON)
    body = await request.body()
    return await judging.ask(lambda policy: refusing(lambda: question(policy, _read(body))))


async def json_of(request: Request) -> Any:
    """The data of a request. Raises Problem."""
    check_kind(request, JSON)
    return _read(await request.body())


def check_kind(request: Request, wanted: str) -> None:
    """Raises Problem where the request is of another media type, or compressed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {wanted} (Content-Type)", {"Accept": wanted})
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        remedy = {"Accept-Encoding": "identity"}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send it as it is (Content-Encoding)", remedy)


def _read(body: bytes) -> object:
    """The data of a request. Raises Problem."""
    try:
        return read_json(decoded(body))
    except RecordError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


def refusing(answer: Callable[[], T]) -> T:
    """An answer. Raises Problem where the record, or what is asked of it, is wrong."""
    try:
        return answer()
    except RecordError as error:
        raise of_record(error) from None
    except (RecursionError, MemoryError, ArithmeticError):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "something in it is too large, or nested too deep") from None
