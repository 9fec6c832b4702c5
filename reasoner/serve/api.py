"""The API for programs, in its first version: what the commands do, with the same bytes as their `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request
from starlette.responses import Response

from facts.schema import record_schema
from reasoner.batch.blocks import Explain
from reasoner.serve import questions
from reasoner.serve.json_body import JSON, asked, check_kind
from reasoner.serve.judging import Judging
from reasoner.serve.lines import NDJSON, LinesResponse, answers, judged_lines
from reasoner.serve.openapi import described, document, sent
from reasoner.serve.problems import Problem
from reasoner.verdict import model as verdict
from reasoner.verdict.policy import Policy

_MOST_SETS = 1_000
Limit = Annotated[int, Query(ge=1, le=_MOST_SETS, description="Minimal sets listed in a verdict, at most.")]
Whole = Annotated[Explain, Query(description="Which verdicts are whole; of the others there is the decision alone.")]

SCHEMAS: dict[str, Callable[[Policy], Any]] = {
    "record": lambda policy: record_schema(policy.declaration, policy.vocabularies),
    "verdict": lambda _: verdict.schema(),
    "suite": lambda _: _suite_schema(),
}
"""What there are schemas of."""


def router(judging: Judging) -> APIRouter:
    """The paths of the API."""
    api = APIRouter(prefix="/v1")

    async def answered(request: Request, question: Callable[[Policy, Any], str]) -> Response:
        return _answer(await asked(request, judging, question))

    @api.post("/decide", responses=described("Verdict"), openapi_extra=sent("Record"))
    async def decide(request: Request, limit: Limit = 50) -> Response:
        """The verdict of a record."""
        return await answered(request, lambda policy, data: policy.judge(policy.record(data), limit).to_json(indent=2))

    @api.post("/what-if", responses=described("Comparisons"), openapi_extra=sent("Scenarios"))
    async def what_if(request: Request, limit: Limit = 50) -> Response:
        """The verdicts of a record before and after some facts are different, for each scenario."""
        return await answered(request, lambda policy, data: _shown(questions.what_if(policy, data, limit)))

    @api.post("/ask", responses=described("Asked"), openapi_extra=sent("Open"))
    async def ask(request: Request) -> Response:
        """Which open question to answer next, and why."""
        return await answered(request, lambda policy, data: _shown(questions.next_to_ask(policy, data)))

    @api.post("/sweep", responses=described("Intervals"), openapi_extra=sent("Range"))
    async def sweep(request: Request) -> Response:
        """The decision along a range of one value."""
        return await answered(request, lambda policy, data: _shown(questions.along(policy, data)))

    @api.post(
        "/batch",
        responses=described("Line", NDJSON),
        openapi_extra=sent("Record", NDJSON),
    )
    async def batch(request: Request, limit: Limit = 50, explain: Whole = "all") -> Response:
        """For each line a verdict, or its number and the faults, as it is judged; read them while you send."""
        check_kind(request, NDJSON)

        async def judge(number: int, lines: list[bytes]) -> bytes:
            work = partial(judged_lines, number=number, lines=lines, limit=limit, explain=explain)
            return await judging.ask(work, again=number > 1)

        return LinesResponse(answers(request.receive, judge))

    @api.get("/policy", responses=described("Items"))
    async def policy() -> Response:
        """The items of the policy with titles, citations and the places of their rules."""
        return _answer(await judging.ask(lambda policy: _shown(policy.outline())))

    @api.get("/schema/{what}", responses=described("Schema", missing=True))
    async def schema(what: Annotated[str, Path(json_schema_extra={"enum": [*SCHEMAS]})]) -> Response:
        """The JSON Schema of records, verdicts or suites."""
        if what not in SCHEMAS:
            raise Problem(HTTPStatus.NOT_FOUND, f"there are schemas of: {', '.join(SCHEMAS)}")
        return _answer(await judging.ask(lambda policy: _shown(SCHEMAS[what](policy))))

    return api


def add_document(served: FastAPI, judging: Judging, *, with_token: bool) -> None:
    """The path of the document that describes the API of an application."""
    made: list[str] = []

    def text(policy: Policy) -> str:
        if not made:
            made.append(_shown(document(served, policy, SCHEMAS["record"](policy), with_token=with_token)))
        return made[0]

    @served.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return _answer(await judging.ask(text))


def _answer(text: str) -> Response:
    return Response(text + "\n", media_type=JSON)


def _shown(data: object) -> str:
    """Data as the commands print it for programs."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def _suite_schema() -> dict[str, Any]:
    from reasoner.suites import suite  # late, as are all parts that few ask for: the server is to be ready soon

    return suite.schema()
