"""The API for programs, in its first version: what the commands do, with the same bytes as their `--json`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from facts.errors import RecordError
from facts.reading import decoded, read_json
from facts.schema import record_schema
from reasoner.batch.blocks import Explain, judge_block, levels
from reasoner.batch.blocks import Settings as BlockSettings
from reasoner.batch.records import BLOCK, Block
from reasoner.serve import questions
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem, of_record
from reasoner.suites import suite
from reasoner.verdict import model as verdict
from reasoner.verdict.policy import Policy

T = TypeVar("T")
JSON = "application/json"
NDJSON = "application/x-ndjson"
Limit = Annotated[int, Query(ge=1, le=100_000, description="Minimal sets listed in a verdict, at most.")]


def router(judging: Judging) -> APIRouter:
    """The paths of the API."""
    api = APIRouter(prefix="/v1")

    async def asked(request: Request, question: Callable[[Policy, Any], str]) -> Response:
        data = await _json(request)
        return _answer(await judging.ask(lambda policy: _refusing(lambda: question(policy, data))))

    @api.post("/decide")
    async def decide(request: Request, limit: Limit = 50) -> Response:
        """The verdict of a record."""
        return await asked(request, lambda policy, data: policy.judge(policy.record(data), limit).to_json(indent=2))

    @api.post("/what-if")
    async def what_if(request: Request, limit: Limit = 50) -> Response:
        """The verdicts of a record before and after some facts are different, for each scenario."""
        return await asked(request, lambda policy, data: _shown(questions.what_if(policy, data, limit)))

    @api.post("/ask")
    async def ask(request: Request) -> Response:
        """Which open question to answer next, and why."""
        return await asked(request, lambda policy, data: _shown(questions.next_to_ask(policy, data)))

    @api.post("/sweep")
    async def along(request: Request) -> Response:
        """The decision along a range of one value."""
        return await asked(request, lambda policy, data: _shown(questions.along(policy, data)))

    @api.post("/batch")
    async def batch(request: Request, limit: Limit = 50, explain: Explain = "all") -> Response:
        """A verdict, or the faults, for each line, as they are judged."""
        _check_kind(request, NDJSON)
        return StreamingResponse(_judged(judging, request, limit, explain), media_type=NDJSON)

    @api.get("/policy")
    async def policy() -> Response:
        """The items of the policy with titles, citations and the places of their rules."""
        return _answer(await judging.ask(lambda policy: _shown(policy.outline())))

    @api.get("/schema/{what}")
    async def schema(what: str) -> Response:
        """The JSON Schema of records, verdicts or suites."""
        schemas: dict[str, Callable[[Policy], Any]] = {
            "record": lambda policy: record_schema(policy.declaration, policy.vocabularies),
            "verdict": lambda _: verdict.schema(),
            "suite": lambda _: suite.schema(),
        }
        if what not in schemas:
            raise Problem(HTTPStatus.NOT_FOUND, f"no schema of {what}; there are: {', '.join(schemas)}")
        return _answer(await judging.ask(lambda policy: _shown(schemas[what](policy))))

    return api


async def _judged(judging: Judging, request: Request, limit: int, explain: Explain) -> AsyncIterator[bytes]:
    """The lines of verdicts and of faults, block by block, in the order of the records."""
    async for block in _blocks(request):
        yield await judging.ask(partial(_block, block=block, limit=limit, explain=explain))


async def _blocks(request: Request) -> AsyncIterator[Block]:
    """The lines of a request as they arrive, in blocks."""
    number, lines, rest = 1, list[bytes](), b""
    async for piece in request.stream():
        *whole, rest = (rest + piece).split(b"\n")
        lines += whole
        while len(lines) >= BLOCK:
            yield Block(number, lines[:BLOCK], "", 0)
            number, lines = number + BLOCK, lines[BLOCK:]
    lines += [rest] if rest else []
    if lines:
        yield Block(number, lines, "", 0)


def _block(policy: Policy, block: Block, limit: int, explain: Explain) -> bytes:
    settings = BlockSettings(limit, explain, "lines", "lines", levels(policy, explain))
    found = judge_block(policy, block, settings)
    return found.verdicts + found.refused


async def _json(request: Request) -> Any:
    """The data of a request. Raises Problem."""
    _check_kind(request, JSON)
    body = await request.body()
    try:
        return read_json(decoded(body))
    except RecordError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


def _check_kind(request: Request, wanted: str) -> None:
    """Raises Problem where the request is of another media type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {wanted} (Content-Type)", {"Accept": wanted})


def _refusing(answer: Callable[[], T]) -> T:
    """An answer. Raises Problem where the record, or what is asked of it, is wrong."""
    try:
        return answer()
    except RecordError as error:
        raise of_record(error) from None
    except (RecursionError, MemoryError, ArithmeticError):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "something in it is too large, or nested too deep") from None


def _answer(text: str) -> Response:
    return Response(text + "\n", media_type=JSON)


def _shown(data: object) -> str:
    """Data as the commands print it for programs."""
    return json.dumps(data, ensure_ascii=False, indent=2)
