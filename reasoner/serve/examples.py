"""Requests that fit a policy, with what it answers: made from its declaration and a record at hand, never by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import facts
from facts.errors import RecordError
from facts.reading import read_data
from reasoner.serve import questions
from reasoner.serve.lines import judged_lines
from reasoner.verdict.model import Verdict
from reasoner.verdict.policy import Policy

_FOLDER = Path(facts.__file__).parent / "examples"
_VALUES = 20


class Example(NamedTuple):
    """A request's body and the answer to it; of lines, both are text."""

    sent: Any
    answer: Any


def examples(policy: Policy) -> dict[str, Example]:
    """An example for each path that is asked of a record; none where no record at hand fits the policy."""
    found = _record(policy)
    if found is None:
        return {}
    record, verdict = found
    made = {
        "decide": Example(record, verdict.as_dict()),
        "what-if": _of(questions.what_if, policy, _changed(record, verdict), 1),
        "ask": _of(questions.next_to_ask, policy, {"record": record}),
    }
    if (sweep := _sweep(policy, record)) is not None:
        made["sweep"] = sweep
    lines = [json.dumps(record, ensure_ascii=False).encode(), b"{}"]
    answer = judged_lines(policy, 1, lines, 1, "none").decode()
    return {**made, "batch": Example(b"\n".join(lines).decode(), answer)}


def _of(ask: Callable[..., Any], policy: Policy, body: Any, *rest: Any) -> Example:
    return Example(body, ask(policy, body, *rest))


def _record(policy: Policy) -> tuple[dict[str, Any], Verdict] | None:
    """The smallest record at hand that is denied and could be approved, with its verdict."""
    for path in sorted(_FOLDER.glob("*.json"), key=lambda path: (path.stat().st_size, path.name)):
        data = read_data(path)
        try:
            verdict = policy.judge(policy.record(data))
        except RecordError:
            continue
        if isinstance(data, dict) and verdict.explanation is not None and verdict.explanation.approvable:
            return data, verdict
    return None


def _changed(record: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    assert verdict.explanation is not None
    first = verdict.explanation.minimal_sets[0]
    return {"record": record, "scenarios": {"approved": [edit for fact in first.facts for edit in fact.edits]}}


def _sweep(policy: Policy, record: dict[str, Any]) -> Example | None:
    """A few values of the first number along which something changes."""
    for field in policy.declaration.of_record:
        if not field.is_number or field.low is None or field.high is None:
            continue
        step = max(1, int(field.high - field.low) // _VALUES)
        body = {"record": record, "over": f"{field.place}={field.low}..{field.high}", "step": str(step)}
        with suppress(RecordError):
            found = _of(questions.along, policy, body)
            if len(found.answer) > 1:
                return found
    return None
