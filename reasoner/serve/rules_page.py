"""The page of those who keep the rules: their files, the suites, versions compared, thresholds tried."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse

from reasoner.analysis.thresholds import MOST, thresholds
from reasoner.render.coverage import LEGEND
from reasoner.serve import suite_files
from reasoner.serve.json_body import json_of, refusing
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem
from reasoner.serve.questions import members
from reasoner.serve.rendering import page
from reasoner.serve.rule_files import RuleFiles
from reasoner.serve.rules_work import RulesWork, numbers_of
from reasoner.serve.settings import Settings
from reasoner.serve.tasks import Tasks


def router(judging: Judging, settings: Settings, tasks: Tasks) -> APIRouter:
    """The paths of the rules and the suites."""
    pages = APIRouter(include_in_schema=False)
    work = RulesWork(judging, settings, tasks)

    @pages.get("/rules")
    async def shell() -> HTMLResponse:
        return page("rules.html", view="rules")

    @pages.get("/page/rules")
    async def files() -> HTMLResponse:
        return page("rule_files.html", files=(await work.files()).files, **await work.covered())

    @pages.get("/page/rules/{name}")
    async def file(name: str) -> HTMLResponse:
        files, coverage = await work.files(), await work.covered()
        shown = files.file(name)
        if shown is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"no rule file {name!r}; there are: {_names(files)}")
        found = coverage["coverage"]
        own = found.found[name].marks if found is not None and found.has_result and name in found.found else ()
        lines = await run_in_threadpool(files.lines, name, own)
        return page("rule_file.html", file=shown, lines=lines, titles=files.titles, legend=LEGEND, **coverage)

    @pages.get("/page/rule/{item}")
    async def rule(item: str) -> HTMLResponse:
        files = await work.files()
        if item not in files.titles:
            raise Problem(HTTPStatus.NOT_FOUND, f"no item {item!r}")
        return page("rule.html", item=item, title=files.titles[item], blocks=files.blocks(item))

    @pages.post("/page/coverage")
    async def coverage() -> HTMLResponse:
        await work.begin_coverage()
        return page("rule_files.html", files=(await work.files()).files, **await work.covered())

    @pages.get("/page/suites")
    async def suites() -> HTMLResponse:
        return page("suites.html", run=await work.suites(), folder=settings.edit)

    @pages.post("/page/suites")
    async def suites_again() -> HTMLResponse:
        return page("suites.html", run=await work.suites(again=True), folder=settings.edit)

    @pages.get("/page/suites/{number}")
    async def record_of_case(number: int) -> JSONResponse:
        run = await work.suites()
        if run is None or not run.has_result or not 0 <= number < len(run.found.results):
            raise Problem(HTTPStatus.NOT_FOUND, f"no case {number} was run; see the suites")
        return JSONResponse({"record": run.found.results[number].case.data})

    @pages.get("/page/suite-case")
    async def form_of_case() -> HTMLResponse:
        return page("suite_case.html", suites=list(work.suite_files()), can_write=settings.edit is not None)

    @pages.post("/page/suite-case")
    async def suite_case(request: Request) -> HTMLResponse:
        asked = await _asked(request, {"record": dict, "name": str}, {"suite": str})
        case = await judging.ask(
            lambda policy: refusing(lambda: suite_files.new_case(policy, asked["record"], asked["name"]))
        )
        suite, folder = asked.get("suite"), settings.edit
        if suite is not None and folder is None:
            raise Problem(HTTPStatus.CONFLICT, "nothing is written by this server: start it with --edit DIR")
        to = (
            refusing(lambda: suite_files.written(case, folder, suite))
            if folder is not None and suite is not None
            else None
        )
        return page("suite_case_text.html", text=suite_files.as_yaml(case), suite=to)

    @pages.get("/page/versions")
    async def versions() -> HTMLResponse:
        return page("versions.html", versions=await judging.ask(lambda policy: list(policy.versions)))

    @pages.post("/page/differences")
    async def differences(request: Request) -> HTMLResponse:
        asked = await _asked(request, {}, {"versions": list, "texts": dict})
        return page("differences.html", task=await work.compare(asked))

    @pages.get("/page/thresholds")
    async def table() -> HTMLResponse:
        rows = await judging.ask(thresholds)
        titles = (await work.files()).titles
        return page("thresholds.html", rows=rows, titles=titles, most=MOST, has_suites=settings.edit is not None)

    @pages.post("/page/thresholds")
    async def trial(request: Request) -> HTMLResponse:
        asked = await _asked(request, {"changes": list}, {"record": dict})
        numbers = await judging.ask(partial(numbers_of, changes=asked["changes"]))
        if not numbers:
            return page("trial.html", run=None, task=None, numbers=0)
        run = await work.suites()
        task = None if run is None or not run.has_result else await work.trial(run, numbers, asked.get("record"))
        return page("trial.html", run=run, task=task, numbers=len(numbers))

    return pages


async def _asked(request: Request, needed: Mapping[str, type], others: Mapping[str, type]) -> dict[str, Any]:
    """The members of a request's body, of the types that they are to have. Raises Problem."""
    data = await json_of(request)
    return refusing(lambda: members(data, needed, others))


def _names(files: RuleFiles) -> str:
    return ", ".join(file.name for file in files.files)
