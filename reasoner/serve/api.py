"""The API for programs, in its first version: what the commands do, with the same bytes as their `--json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, FastAPI, Path, Query, Request
from starlette.responses import Response

from facts.errors import RecordError
from facts.reading import decoded, read_json
from facts.schema import record_schema
from reasoner.batch.blocks import Explain
from reasoner.serve import questions
from reasoner.serve.judging import Judging
from reasoner.serve.lines import NDJSON, LinesResponse, answers, judged_lines
from reasoner.serve.openapi import JSON, described, document, sent
from reasoner.serve.problems import Problem, of_record
from reasoner.verdict import model as verdict
from reasoner.verdict.policy import Policy

T = TypeVar("T")
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

    async def asked(request: Request, question: Callable[[Policy, Any], str]) -> Response:
        _check_kind(request, JSON)
        body = await request.body()
        return _answer(await judging.ask(lambda policy: _refusing(lambda: question(policy, _read(body)))))

    @api.post("/decide", responses=described("Verdict"), openapi_extra=sent("Record"))
    async def decide(request: Request, limit: Limit = 50) -> Response:
        """The verdict of a record."""
        return await asked(request, lambda policy, data: policy.judge(policy.record(data), limit).to_json(indent=2))

    @api.post("/what-if", responses=described("Comparisons"), openapi_extra=sent("Scenarios"))
    async def what_if(request: Request, limit: Limit = 50) -> Response:
        """The verdicts of a record before and after some facts are different, for each scenario."""
        return await asked(request, lambda policy, data: _shown(questions.what_if(policy, data, limit)))

    @api.post("/ask", responses=described("Asked"), openapi_extra=sent("Open"))
    async def ask(request: Request) -> Response:
        """Which open question to answer next, and why."""
        return await asked(request, lambda policy, data: _shown(questions.next_to_ask(policy, data)))

    @api.post("/sweep", responses=described("Intervals"), openapi_extra=sent("Range"))
    async def sweep(request: Request) -> Response:
        """The decision along a range of one value."""
        return await asked(request, lambda policy, data: _shown(questions.along(policy, data)))

    @api.post(
        "/batch",
        responses=described("Line", NDJSON),
        openapi_extra=sent("Record", NDJSON),
    )
    async def batch(request: Request, limit: Limit = 50, explain: Whole = "all") -> Response:
        """For each line a verdict, or its number and the faults, as it is judged; read them while you send."""
        _check_kind(request, NDJSON)

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


def _check_kind(request: Request, wanted: str) -> None:
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


def _suite_schema() -> dict[str, Any]:
    from reasoner.suites import suite  # late, as are all parts that few ask for: the server is to be ready soon

    return suite.schema()
