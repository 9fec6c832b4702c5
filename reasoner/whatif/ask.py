"""Which single open question to answer next: the missing fact on which most minimal sets hang."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from facts import fields
from facts.errors import Fault, RecordError
from facts.fields import path_of
from facts.record import Record
from reasoner.policy.policy import Policy
from reasoner.verdict.model import Fact, Verdict
from reasoner.verdict.wording import one_of
from reasoner.whatif.scenario import changed_record

_MANY = 5000
"""Minimal sets that a question is chosen over, at most."""


Answer = Literal["yes_no", "number", "one_of", "text", "list"]


@dataclass(frozen=True, slots=True)
class Question:
    """A missing fact, and where its answer goes; `path` is None for evidence that would be new.

    It stands in `sets` of the `total` minimal sets that can still be met. `answer` is the kind of its
    answer, and `values` are those there are (one_of) or those that the rules know among others (text, list).
    """

    fact: Fact
    path: str | None
    sets: int
    total: int
    answer: Answer
    values: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """What can be answered, in words."""
        if self.answer == "yes_no":
            return "yes or no"
        if self.answer == "number":
            # the name of a number in a record ends in its unit
            return f"a number of {str(self.path).rpartition('_')[2].rpartition('.')[2]}"
        if self.answer == "one_of":
            return one_of(self.values)
        words = ", ".join((*self.values, "or another"))
        return words if self.answer == "text" else f"{words}; several with commas; or none"

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
    fact = min(asked, key=_place)
    return verdict, Question(fact, _path(fact), most, len(within_reach), *_answers(policy, record, fact))


def _place(fact: Fact) -> int:
    """Of facts that tell as much: a single field of the record first, then an entry's, then new evidence."""
    path = _path(fact)
    return 2 if path is None else int("[" in path)


def _answers(policy: Policy, record: Record, fact: Fact) -> tuple[Answer, tuple[str, ...]]:
    """The kind of answer that a fact's field takes, and its values."""
    path, like = _path(fact), fact.edits[-1].get("value")
    if path is None or isinstance(like, bool):
        return "yes_no", ()
    if isinstance(like, int | float):
        return "number", ()
    case = policy.normalize(record)
    (condition,) = (one for one in policy.conditions(case).values() if one.name == fact.fact)
    field = next(ask.field for ask in condition.asks if path in fields.paths(ask.field, case.full))
    closed = fields.values(field)
    if closed is not None:
        return "one_of", tuple(map(str, closed))
    return "list" if isinstance(like, list) else "text", tuple(sorted(policy.words_of(field)))


def answered(policy: Policy, record: Record, question: Question, answer: str) -> Record:
    """The record with the answer written into it. Raises RecordError, as for any record.

    The answer is text as people type it: a number, a word, a list with commas, yes or no.
    """
    if question.path is None:
        patch = list(question.fact.edits)
    else:
        value = _value(question, answer.strip())
        patch = [{"op": "add", "path": question.fact.edits[-1]["path"], "value": value}]
    return changed_record(policy, record, patch)[1]


def _path(fact: Fact) -> str | None:
    """Where the answer goes; a fact that is an entry of its own has no place in the record yet."""
    path: str = fact.edits[-1]["path"]
    return None if path.endswith("/-") else path_of(path)


_TRUTHS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def _value(question: Question, text: str) -> Any:
    """What was typed, as the kind of value that the record has there. Raises RecordError."""
    if question.answer == "yes_no":
        return _TRUTHS.get(text.casefold(), text)
    if question.answer == "number":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if question.answer == "list":
        return [_word(question, part.strip()) for part in text.split(",") if part.strip() not in ("", "none")]
    return _word(question, text)


def _word(question: Question, text: str) -> str:
    """A word, as the rules write it where they know it."""
    if text.casefold() in _TRUTHS:
        raise RecordError((Fault(str(question.path), f"{text} is no answer here; {question.allowed}"),))
    word = "_".join(text.casefold().replace("-", " ").split())
    return word if word in question.values else text
