"""The page on which a case is judged: its shell, and the parts of it that are made anew at each edit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
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
from reasoner.serve.questions import declined_of, members
from reasoner.serve.rendering import page
from reasoner.serve.scenarios import scenario_file, scenario_table
from reasoner.serve.sweep_view import sweep_view
from reasoner.serve.text_places import Format
from reasoner.serve.text_view import TextFault, faults_in, kind_of, parsed, written
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

    def answering(question: Callable[[Policy, Any], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await asked(request, judging, question)

        return answer

    for name, question in _QUESTIONS.items():
        pages.add_api_route(f"/page/{name}", answering(question), methods=["POST"])
    return pages


def _start(policy: Policy) -> HTMLResponse:
    day = policy.declaration.day
    return page(
        "start.html", id=policy.id, title=policy.title, day=day.place if day is not None else "",
        examples=[example for example, _ in _examples(policy)], completions=completions(policy),
    )  # fmt: skip


def _case(policy: Policy, data: Any) -> HTMLResponse:
    asked = members(data, {"record": dict}, {"first": dict, "readings": dict, "declined": list})
    read = _read_as(policy, asked)
    as_read = _as_read(policy, read)
    view = case_view(as_read, asked["record"], asked.get("first", asked["record"]), read, declined_of(asked), policy)
    titles = {item: own.title for item, own in policy.items.items()}
    day = policy.declaration.day
    return page(
        "case_parts.html", form=view.form, judged=view.judged, declaration=policy.declaration, titles=titles,
        day=day.place if day is not None else "",
        drawn=timeline(as_read, view.judged.case, view.judged.verdict) if view.judged is not None else None,
    )  # fmt: skip


def _read_as(policy: Policy, asked: Mapping[str, Any]) -> dict[str, str]:
    """The choices that are read the other way."""
    given = asked.get("readings", {})
    return {name: choice.other for name, choice in policy.choices.items() if given.get(name) == choice.other}


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


def _scenarios(policy: Policy, data: Any) -> HTMLResponse:
    """The scenarios side by side, as the policy is read."""
    asked = members(data, {"first": dict, "scenarios": list}, {"record": dict, "readings": dict})
    return page("scenarios.html", **scenario_table(_as_read(policy, _read_as(policy, asked)), asked))


def _applied(policy: Policy, data: Any) -> Response:
    """The record with edits applied, in full form."""
    asked = members(data, {"record": dict, "edits": list})
    changed, _ = changed_record(policy, asked["record"], asked["edits"])
    return JSONResponse({"record": changed})


def _answered(policy: Policy, data: Any) -> Response:
    """The record with the answer to the next question in it."""
    asked = members(data, {"record": dict, "key": str, "answer": str}, {"declined": list, "readings": dict})
    policy = _as_read(policy, _read_as(policy, asked))
    _, question = next_question(policy, asked["record"], declined_of(asked))
    if question is None or question.key != asked["key"]:
        raise RecordError((Fault("key", "this is no longer asked: the record is another"),))
    found = answered(policy, asked["record"], question, asked["answer"])
    return JSONResponse({"record": policy.case(found).written})


def _swept(policy: Policy, data: Any) -> HTMLResponse:
    """The decision along a value of the record, and the values that there are."""
    asked = members(data, {"record": dict}, {"path": str, "range": str, "readings": dict})
    as_read = _as_read(policy, _read_as(policy, asked))
    case = as_read.case(asked["record"])
    return page("sweep.html", swept=sweep_view(as_read, case, asked.get("path", ""), asked.get("range", "")))


def _read_text(policy: Policy, data: Any) -> Response:
    """The record that a text is, if it is one, and each fault with its line; JSON or YAML, as the text is."""
    asked = members(data, {"text": str}, {"format": str})
    text = asked["text"]
    kind = _format(asked) or kind_of(text)
    record: object = None
    faults: tuple[TextFault, ...] = ()
    try:
        record = parsed(text, kind)
        policy.case(policy.record(record))
    except RecordError as error:
        faults = faults_in(text, kind, error)
    is_record = isinstance(record, dict)
    return JSONResponse({"record": record if is_record else None, "faults": [fault._asdict() for fault in faults]})


def _written_text(_: Policy, data: Any) -> Response:
    """The record as text."""
    asked = members(data, {"record": dict, "format": str})
    return JSONResponse({"text": written(asked["record"], _format(asked) or "json")})


def _format(asked: Mapping[str, Any]) -> Format | None:
    """The format that is asked for, if any. Raises RecordError."""
    match asked.get("format"):
        case None:
            return None
        case "json":
            return "json"
        case "yaml":
            return "yaml"
    raise RecordError((Fault("format", "json or yaml is needed"),))


def _scenarios_as_file(policy: Policy, data: Any) -> Response:
    """The scenarios as a file for `reasoner what-if`."""
    return PlainTextResponse(scenario_file(policy, data), media_type="application/yaml")


_QUESTIONS: dict[str, Callable[[Policy, Any], Response]] = {
    "case": _case,
    "apply": _applied,
    "answer": _answered,
    "scenarios": _scenarios,
    "scenarios-file": _scenarios_as_file,
    "sweep": _swept,
    "read": _read_text,
    "write": _written_text,
}
"""What the page asks, by the last part of its path."""


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
