"""Question by question to a decision, asking only what can still matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from facts.errors import RecordError
from facts.model import Record
from reasoner.verdict.model import Verdict
from reasoner.verdict.policy import Policy
from reasoner.whatif.ask import Question, answered, next_question


def interview(
    policy: Policy, record: Record | Mapping[str, Any], show: Callable[[str], object], listen: Callable[[Question], str]
) -> tuple[Verdict, Record]:
    """Ask until nothing that is asked can matter: the verdict then, and the record with the answers.

    An empty answer leaves a question open, and so does one after which it would be asked again. `show` prints a
    line; `listen` returns what was typed in answer to a question. Raises RecordError.
    """
    found = record if isinstance(record, Record) else policy.record(record)
    declined: set[str] = set()
    settled: set[str] = set()
    while True:
        verdict, question = next_question(policy, found, declined)
        if question is None:
            return verdict, found
        if question.key in settled:
            declined.add(question.key)
            continue
        show(f"{question.fact.criterion}: {question.text}")
        show(f"  {question.why}")
        try:
            answer = listen(question).strip()
        except EOFError:
            return verdict, found
        if not answer or (question.path is None and answer.casefold() in ("n", "no")):
            declined.add(question.key)
        elif question.path is None and answer.casefold() not in ("y", "yes"):
            show(f"  not accepted: {question.answers.allowed}, not {answer!r}")
        else:
            try:
                found = answered(policy, found, question, answer)
                settled.add(question.key)
            except RecordError as error:
                show(f"  not accepted: {error}")
