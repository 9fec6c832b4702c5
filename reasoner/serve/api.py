"""The API for programs, in its first version: what the commands do, with the same bytes as their `--json`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from facts.schema import record_schema
from reasoner.batch.blocks import Explain, judge_block, levels
from reasoner.batch.blocks import Settings as BlockSettings
from reasoner.batch.records import BLOCK, Block
from reasoner.serve import questions
from reasoner.serve.body import JSON, check_kind, json_of, refusing
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem
from reasoner.suites import suite
from reasoner.verdict import model as verdict
from reasoner.verdict.policy import Policy

NDJSON = "application/x-ndjson"
Limit = Annotated[int, Query(ge=1, le=100_000, description="Minimal sets listed in a verdict, at most.")]


def router(judging: Judging) -> APIRouter:
    """The paths of the API."""
    api = APIRouter(prefix="/v1")

    async def asked(request: Request, question: Callable[[Policy, Any], str]) -> Response:
        data = await json_of(request)
        return _answer(await judging.ask(lambda policy: refusing(lambda: question(policy, data))))

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
        check_kind(request, NDJSON)
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


def _answer(text: str) -> Response:
    return Response(text + "\n", media_type=JSON)


def _shown(data: object) -> str:
    """Data as the commands print it for programs."""
    return json.dumps(data, ensure_ascii=False, indent=2)
