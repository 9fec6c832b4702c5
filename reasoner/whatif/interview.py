"""Question by question to a decision, asking only what can still matter."""

from __future__ import annotations

from collections.abc import Callable

from facts.errors import RecordError
from facts.record import Record
from reasoner.policy.policy import Policy
from reasoner.verdict.model import Verdict
from reasoner.whatif.ask import Question, answered, next_question


def interview(
    policy: Policy, record: Record, tell: Callable[[str], object], listen: Callable[[Question], str]
) -> tuple[Verdict, Record]:
    """Ask until nothing that is asked can matter: the verdict then, and the record with the answers.

    An empty answer leaves a question open. `tell` shows a line; `listen` returns what was typed in answer
    to a question. Raises RecordError.
    """
    declined: set[str] = set()
    while True:
        verdict, question = next_question(policy, record, declined)
        if question is None:
            return verdict, record
        tell(f"{question.fact.criterion}: {question.fact.text}")
        tell(f"  {question.why}")
        try:
            answer = listen(question).strip()
        except EOFError:
            return verdict, record
        if not answer or (question.path is None and answer.casefold() in ("n", "no")):
            declined.add(question.fact.fact)
        elif question.path is None and answer.casefold() not in ("y", "yes"):
            tell(f"  not accepted: {question.allowed}, not {answer!r}")
        else:
            record = _written(policy, record, question, answer, tell)


def _written(policy: Policy, record: Record, question: Question, answer: str, tell: Callable[[str], object]) -> Record:
    try:
        changed = answered(policy, record, question, answer)
        policy.normalize(changed)
    except RecordError as error:
        tell(f"  not accepted: {error}")
        return record
    return changed
