"""The page on which a case is judged: its shell, and the parts of it that are made anew at each edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from facts.errors import Fault, RecordError
from facts.reading import decoded, read_json, read_yaml
from reasoner.analysis.edited import read_otherwise
from reasoner.errors import RulesError
from reasoner.render.timeline import timeline
from reasoner.serve.case_view import case_view
from reasoner.serve.form import completions
from reasoner.serve.json_body import asked
from reasoner.serve.judging import Judging
from reasoner.serve.rendering import page
from reasoner.serve.scenarios import scenario_file, scenario_table
from reasoner.verdict.policy import Policy
from reasoner.whatif.ask import answered, next_question
from reasoner.whatif.scenario import changed_record


class Example(NamedTuple):
    """A record that comes with the package, and what is decided of it."""

    name: str
    title: str
    decision: str


def router(judging: Judging) -> APIRouter:
    """The paths of the page."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/")
    async def shell() -> HTMLResponse:
        return page("case.html", view="case")

    @pages.get("/page/start")
    async def start() -> HTMLResponse:
        return await judging.ask(_start)

    @pages.get("/page/example/{name}")
    async def example(name: str) -> Response:
        data = await judging.ask(
            lambda policy: next((data for one, data in _examples(policy) if one.name == name), None)
        )
        return JSONResponse(data, 200 if data is not None else 404)

    @pages.post("/page/case")
    async def case(request: Request) -> HTMLResponse:
        return await asked(request, judging, _case)

    @pages.post("/page/apply")
    async def apply(request: Request) -> JSONResponse:
        return JSONResponse(await asked(request, judging, _applied))

    @pages.post("/page/answer")
    async def answer(request: Request) -> JSONResponse:
        return JSONResponse(await asked(request, judging, _answered))

    @pages.post("/page/scenarios")
    async def scenarios(request: Request) -> HTMLResponse:
        return await asked(
            request, judging, lambda policy, data: page("scenarios.html", **scenario_table(policy, data))
        )

    @pages.post("/page/scenarios-file")
    async def scenarios_as_file(request: Request) -> PlainTextResponse:
        text = await asked(request, judging, scenario_file)
        return PlainTextResponse(text, media_type="application/yaml")

    return pages


def _start(policy: Policy) -> HTMLResponse:
    day = policy.declaration.day
    return page(
        "start.html", id=policy.id, title=policy.title, day=day.place if day is not None else "",
        examples=[example for example, _ in _examples(policy)], completions=completions(policy),
    )  # fmt: skip


def _case(policy: Policy, data: Any) -> HTMLResponse:
    asked: Mapping[str, Any] = data if isinstance(data, dict) else {}
    given = asked.get("readings")
    read = {
        name: str(given[name])
        for name, choice in policy.choices.items()
        if isinstance(given, dict) and given.get(name) == choice.other
    }
    declined = [str(key) for key in asked.get("declined") or ()]
    as_read = _as_read(policy, read)
    view = case_view(as_read, asked.get("record"), asked.get("first"), read, declined, policy)
    titles = {item: own.title for item, own in policy.items.items()}
    day = policy.declaration.day
    return page(
        "case_parts.html", form=view.form, judged=view.judged, declaration=policy.declaration, titles=titles,
        day=day.place if day is not None else "",
        drawn=timeline(as_read, view.judged.case, view.judged.verdict) if view.judged is not None else None,
    )  # fmt: skip


_READ_OTHERWISE = 8
"""Policies that are kept as they are read otherwise; the one that was asked for longest ago is given up first."""


def _as_read(policy: Policy, read: Mapping[str, str]) -> Policy:
    """The policy with some of its choices read the other way; loaded at most once in a while."""
    if not read:
        return policy
    kept: dict[tuple[tuple[str, str], ...], Policy] = policy.remembered.setdefault(_as_read, {})
    key = tuple(sorted(read.items()))
    found = kept.pop(key, None) or read_otherwise(policy, read)
    kept[key] = found
    if len(kept) > _READ_OTHERWISE:
        del kept[next(iter(kept))]
    return found


def _applied(policy: Policy, data: Any) -> dict[str, Any]:
    """The record with edits applied, in full form."""
    if not isinstance(data, dict) or not isinstance(data.get("edits"), list):
        raise RecordError((Fault("edits", "a JSON Patch is needed"),))
    changed, _ = changed_record(policy, data.get("record") or {}, data["edits"])
    return {"record": changed}


def _answered(policy: Policy, data: Any) -> dict[str, Any]:
    """The record with the answer to the next question in it."""
    if not isinstance(data, dict) or not isinstance(data.get("answer"), str):
        raise RecordError((Fault("answer", "a text is needed"),))
    declined = [str(key) for key in data.get("declined") or ()]
    record = data.get("record") or {}
    _, question = next_question(policy, record, declined)
    if question is None or question.key != data.get("key"):
        raise RecordError((Fault("key", "this is no longer asked: the record is another"),))
    found = answered(policy, record, question, data["answer"])
    return {"record": policy.case(found).written}


def _examples(policy: Policy) -> list[tuple[Example, Any]]:
    """The records that come with the package and are of this policy, with what is decided of them."""
    found: list[tuple[Example, Any]] | None = policy.remembered.get(_examples)
    if found is None:
        found = policy.remembered[_examples] = list(_read_examples(policy))
    return found


def _read_examples(policy: Policy) -> Iterator[tuple[Example, Any]]:
    folder = files("facts") / "examples"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        name, _, kind = file.name.partition(".")
        text = decoded(file.read_bytes())
        data = read_json(text) if kind == "json" else read_yaml(text)
        try:
            decision = policy.decide(policy.record(data))
        except (RecordError, RulesError):
            continue
        yield Example(name, name.replace("-", " "), decision), data
