"""The application: a policy, the paths by which it is asked, and what protects it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from reasoner.errors import RulesError
from reasoner.serve import api, metrics, page, rules_page, work
from reasoner.serve.judging import Judging
from reasoner.serve.problems import UNEXPECTED, Problem, of_rules
from reasoner.serve.protection import Protection
from reasoner.serve.settings import Settings
from reasoner.serve.tasks import Tasks
from reasoner.verdict.policy import Policy

_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def application(settings: Settings, load: Callable[[], Policy] | None = None) -> ASGIApp:
    """The application that serves a policy, which is loaded when it starts."""
    judging = Judging(load or settings.policy, settings.waiting, settings.seconds)
    tasks = Tasks(work.__name__)
    registry = CollectorRegistry()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await judging.begin()
        yield
        tasks.end()
        judging.end()

    served = FastAPI(version="1", lifespan=lifespan, openapi_url=None, redirect_slashes=False, telemetry=_NO_TELEMETRY)
    served.include_router(api.router(judging))
    served.include_router(page.router(judging))
    served.include_router(rules_page.router(judging, settings, tasks))
    served.mount("/static", StaticFiles(packages=[("reasoner.serve", "static")]))
    api.add_document(served, judging, with_token=settings.token is not None)
    served.add_exception_handler(Problem, _of_problem)
    served.add_exception_handler(HTTPException, _of_http)
    served.add_exception_handler(RequestValidationError, _of_query)
    served.add_exception_handler(RulesError, _of_rules)
    served.add_exception_handler(Exception, _of_fault)

    @served.get("/healthz", include_in_schema=False)
    async def is_alive() -> Response:
        return JSONResponse({"status": "alive"})

    @served.get("/readyz", include_in_schema=False)
    async def is_ready() -> Response:
        if not judging.is_ready:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the policy is not loaded yet", {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    @served.get("/metrics", include_in_schema=False)
    async def counts() -> Response:
        return metrics.shown(registry)

    return metrics.Metrics(Protection(served, settings), registry)


def _of_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


def _of_http(_: Request, error: Exception) -> Response:
    """A path that there is not, or a method that it does not have."""
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow")
    known = {404: "there is no such path; /openapi.json has those of the API", 405: f"send {allowed} here"}
    return Problem(
        HTTPStatus(error.status_code), known.get(error.status_code, str(error.detail)), error.headers
    ).response()


def _of_query(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [{"path": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the query has faults", errors=faults).response()


def _of_rules(_: Request, error: Exception) -> Response:
    assert isinstance(error, RulesError)
    return of_rules(error).response()


def _of_fault(_: Request, error: Exception) -> Response:
    return UNEXPECTED.response()
