"""Which single open question to answer next: the missing fact on which most minimal sets hang."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from facts.case import Case
from facts.declaration import Field
from facts.model import Record
from facts.paths import pointer, value_at
from facts.terms import Term
from reasoner.policy.conditions import Condition
from reasoner.verdict.judge import judge
from reasoner.verdict.model import Fact, Verdict
from reasoner.verdict.policy import Policy
from reasoner.whatif.answers import Answers, answers_to, value_of
from reasoner.whatif.patch import patched

_MANY = 5000
"""Minimal sets that a question is chosen over, at most."""


@dataclass(frozen=True, slots=True)
class Question:
    """A missing fact in words, and where its answer goes; `path` is None for evidence that would be new.

    The fact, or another fact that the same answer decides, stands in `sets` of the `total` minimal sets that can
    still be met.
    """

    fact: Fact
    text: str
    path: str | None
    sets: int
    total: int
    answers: Answers

    @property
    def key(self) -> str:
        """What tells the question from others of the same record."""
        return self.path or self.fact.fact

    @property
    def why(self) -> str:
        """Why this is asked next."""
        if self.sets == self.total:
            return "every remaining way to an approval needs it"
        return f"{self.sets} of the {self.total} remaining ways to an approval need it"

    def as_dict(self) -> dict[str, Any]:
        """The question as JSON data."""
        from msgspec import to_builtins

        answers = self.answers
        return {
            "fact": to_builtins(self.fact),
            "text": self.text,
            "path": self.path,
            "sets": self.sets,
            "total": self.total,
            "answer": answers.kind,
            "values": list(answers.titles),
            "titles": dict(answers.titles),
            "allowed": answers.allowed,
            "why": self.why,
        }


def next_question(
    policy: Policy, record: Record | Mapping[str, Any], declined: Collection[str] = ()
) -> tuple[Verdict, Question | None]:
    """The verdict as it stands and the next question; None: nothing that is asked can still matter.

    `declined` are the keys of questions that cannot be answered. Minimal sets that hold one of their facts, or a
    contradicted fact, are out of reach of questions. Raises RecordError.
    """
    case = policy.case(record)
    verdict = judge(policy, case, _MANY)
    sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    missing = [found.facts for found in sets if all(fact.status == "missing" for fact in found.facts)]
    sought = _Sought(policy, case)
    within_reach = [facts for facts in missing if not any(sought.key(fact) in declined for fact in facts)]
    first: dict[str, Fact] = {}
    counts: dict[str, int] = {}
    for facts in within_reach:
        for key in dict.fromkeys(map(sought.key, facts)):
            counts[key] = counts.get(key, 0) + 1
        for fact in facts:
            first.setdefault(sought.key(fact), fact)
    if not counts:
        return verdict, None
    most = max(counts.values())
    key = min((key for key, count in counts.items() if count == most), key=lambda key: sought.rank(first[key]))
    path, field = sought.of(first[key])
    text = sought.text(first[key])
    return verdict, Question(first[key], text, path, most, len(within_reach), answers_to(policy, case, field, path))


def answered(policy: Policy, record: Record | Mapping[str, Any], question: Question, answer: str) -> Record:
    """The record with the answer written into it. Raises RecordError, as for any record, and for what is no answer.

    The answer is text as people type it: a number, a word, a list with commas, yes or no.
    """
    case = policy.case(record)
    if question.path is None:
        patch = list(question.fact.edits)
    else:
        value = value_of(policy, case, question.answers, question.path, answer.strip())
        operation = "replace" if question.path.endswith("]") else "add"
        patch = [{"op": operation, "path": pointer(question.path), "value": value}]
    changed = policy.record(patched(case.written, patch))
    policy.case(changed)
    return changed


class _Sought:
    """Where the answers to missing facts of a case go."""

    def __init__(self, policy: Policy, case: Case) -> None:
        self._case = case
        self._conditions = {condition.name: condition for condition in policy.conditions(case).values()}
        self._found: dict[str, tuple[str | None, Field | None]] = {}

    def key(self, fact: Fact) -> str:
        """What distinguishes the question about a fact from others."""
        return self.of(fact)[0] or fact.fact

    def rank(self, fact: Fact) -> int:
        """Of facts that matter as much: a single field of the record first, then an entry's, then new evidence."""
        path, field = self.of(fact)
        return 2 if path is None else int(field is not None and bool(field.list))

    def of(self, fact: Fact) -> tuple[str | None, Field | None]:
        """Path and field of the answer; None where an entry of its own would be new, or several fields change."""
        if fact.fact not in self._found:
            self._found[fact.fact] = self._locate(fact)
        return self._found[fact.fact]

    def text(self, fact: Fact) -> str:
        """What is asked, in words."""
        path, field = self.of(fact)
        if field is None or path is None:
            return fact.text
        written = value_at(self._case.written, path)
        if field.type == "product" and written is not None:
            return f"which product {written!r} was"
        if field.vocabulary and isinstance(written, str):
            return f"{field.title}: what {written!r} means"
        asked = (self._case.declaration.field(term) for term in self._condition(fact.fact).fields)
        if field not in asked:  # one that the condition's own field follows from
            return f"{field.title}, for this: {fact.text}"
        return fact.text

    def _locate(self, fact: Fact) -> tuple[str | None, Field | None]:
        case, condition = self._case, self._condition(fact.fact)
        if condition.list or not condition.fields:
            return None, None
        silent, unclear = (filter(test, condition.fields) for test in (case.silent, self._unclear))
        term = next(silent, None) or next(unclear, None) or condition.fields[0]
        field = case.declaration.field(term)
        if field is None:
            return None, None
        at = case.declaration.position(term)
        return self._product(field, at) or self._open(field, at) or (None, None)

    def _condition(self, name: str) -> Condition:
        """The condition of a fact; of several that are one fact, the first."""
        if name in self._conditions:
            return self._conditions[name]
        return next(found for own, found in self._conditions.items() if name.startswith(f"{own} and "))

    def _unclear(self, term: Term) -> bool:
        """Whether the record leaves open which of several values a field has, or has a word that is not understood."""
        field = self._case.declaration.field(term)
        if field is None or field.kind not in ("word", "words"):
            return False
        reading = self._case.reading(field, self._case.declaration.position(term))
        return reading.unknown or bool(reading.could_be)

    def _product(self, field: Field, at: int) -> tuple[str, Field] | None:
        """The product of which it is open which one it is, where the field follows from it."""
        products = [field] if field.type == "product" else field.derived.bases if field.derived is not None else ()
        found = (one for one in products if one.type == "product" and self._case.candidates_of(one, at))
        return next(((one.path(at), one) for one in found), None)

    def _open(self, field: Field, at: int) -> tuple[str, Field] | None:
        """Where a field is written: itself, the word in it that is not understood, or what it follows from."""
        case = self._case
        if field.type != "computed":
            return self._unclear_word(field, at) or (field.path(at), field)
        for base in field.derived.bases if field.derived is not None else ():
            if base.list in ("", field.list) and case.stated(base, at if base.list else -1) is None:
                return self._open(base, at if base.list else -1)
        return None

    def _unclear_word(self, field: Field, at: int) -> tuple[str, Field] | None:
        """The first word of a list that is not understood, or can mean several terms."""
        if not field.is_list:
            return None
        for position, text in enumerate(self._case.stated(field, at) or ()):
            if not self._case.understood(field, [text]).values:
                return f"{field.path(at)}[{position}]", field
        return None
