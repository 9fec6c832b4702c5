"""Which single open question to answer next: the missing fact on which most minimal sets hang."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from reasoner.facts.fields import path_of
from reasoner.facts.record import Record
from reasoner.policy import Policy
from reasoner.scenario import changed_record
from reasoner.verdict import Fact, Verdict

_MANY = 5000
"""Minimal sets that a question is chosen over, at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """A missing fact, and where its answer goes; `path` is None for evidence that would be new.

    It stands in `sets` of the `total` minimal sets that can still be met.
    """

    fact: Fact
    path: str | None
    sets: int
    total: int

    @property
    def why(self) -> str:
        """Why this is asked next."""
        if self.sets == self.total:
            return "every remaining way to an approval needs it"
        return f"{self.sets} of the {self.total} remaining ways to an approval need it"


def next_question(policy: Policy, record: Record, declined: Collection[str] = ()) -> tuple[Verdict, Question | None]:
    """The verdict as it stands and the next question; None: nothing that is asked can still matter.

    `declined` are the names of facts that cannot be answered. Minimal sets that hold one of them, or a
    contradicted fact, are out of reach of questions. Raises RecordError.
    """
    verdict = policy.judge(record, _MANY)
    sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    within_reach = [
        found.facts
        for found in sets
        if all(fact.status == "missing" and fact.fact not in declined for fact in found.facts)
    ]
    counts: dict[str, tuple[int, Fact]] = {}
    for facts in within_reach:
        for fact in facts:
            count, first = counts.get(fact.fact, (0, fact))
            counts[fact.fact] = (count + 1, first)
    if not counts:
        return verdict, None
    most = max(count for count, _ in counts.values())
    asked = [fact for count, fact in counts.values() if count == most]
    fact = next((one for one in asked if _path(one) is not None), asked[0])
    return verdict, Question(fact, _path(fact), most, len(within_reach))


def answered(policy: Policy, record: Record, question: Question, answer: str) -> Record:
    """The record with the answer written into it. Raises RecordError, as for any record.

    The answer is text as people type it: a number, a word, a list with commas, yes or no.
    """
    if question.path is None:
        patch = list(question.fact.edits)
    else:
        wanted = question.fact.edits[-1]
        patch = [{"op": "add", "path": wanted["path"], "value": _value(answer, wanted["value"])}]
    return changed_record(policy, record, patch)[1]


def _path(fact: Fact) -> str | None:
    """Where the answer goes; a fact that is an entry of its own has no place in the record yet."""
    path: str = fact.edits[-1]["path"]
    return None if path.endswith("/-") else path_of(path)


def _value(answer: str, like: Any) -> Any:
    """What was typed, as the kind of value that the record has there."""
    text = answer.strip()
    if isinstance(like, bool):
        return {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}.get(
            text.casefold(), text
        )
    if isinstance(like, list):
        return [part.strip() for part in text.split(",") if part.strip() and part.strip() != "none"]
    if isinstance(like, int | float):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
