"""The facts of a verdict: conditions of one case in words, with what the record says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facts import changes
from facts.case import Case
from facts.changes import Edit
from facts.terms import Term
from facts.wording import Recorded
from reasoner.policy.conditions import Condition
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.wording import Limits, Shortfall, Words, limits_of, words_of


class _Texts(NamedTuple):
    """What is put into words of a condition, prepared for all records."""

    words: Words
    recorded: Recorded
    limits: tuple[Limits, ...]


class FactPlan:
    """A condition as a fact: what is the same in each record is prepared once, when it is first needed."""

    __slots__ = ("_texts", "condition", "items", "number", "term")

    def __init__(self, term: Term, condition: Condition, number: int, items: Sequence[str]) -> None:
        """The number is that of its place in the order; the items are those that it can concern in some case."""
        self.term, self.condition, self.number, self.items = term, condition, number, items
        self._texts: _Texts | None = None

    def _prepare(self, case: Case) -> _Texts:
        condition = self.condition
        found = self._texts = _Texts(
            words_of(self.term, condition, case),
            Recorded(case, condition.fields),
            limits_of(condition.asks, case.declaration),
        )
        return found

    def limits(self, case: Case) -> tuple[Limits, ...]:
        """The limits of numbers among what it asks."""
        return (self._texts or self._prepare(case)).limits

    def fact(
        self, case: Case, criterion: str, status: FactStatus, shortfall: Shortfall | None, edits: tuple[Edit, ...]
    ) -> Fact:
        """The fact of a case, for a criterion; the shortfall is that of a number that misses what is asked."""
        words, recorded, _ = self._texts or self._prepare(case)
        condition, text, near = self.condition, words.of(case), None
        if status != "established" and condition.asks:
            near = None if shortfall is None else shortfall.words
            text = f"{text}; {recorded.text(case) if near is None else f'the record says: {near}'}"
        record = recorded.paths(case) or (condition.list,)
        return Fact(condition.name, criterion, status, text, record, edits, condition.unchangeable, near)

    def appended(self, case: Case, criterion: str, place: int) -> tuple[Edit, ...]:
        """The edits that add its entry for a criterion; the place is that among what can be added to the list for it."""
        label = criterion if place == 1 else f"{criterion}-{place}"
        return tuple(changes.append(case, self.condition.list, self.condition.content, label))


def joined(parts: Sequence[Fact], text: str, criterion: str, edits: tuple[Edit, ...]) -> Fact:
    """Several conditions of one target as one fact: values that satisfy all of them, and one edit."""
    recorded = next((part.text.partition("; ")[2] for part in parts if part.status == "contradicted"), "")
    recorded = recorded or parts[0].text.partition("; ")[2]
    return Fact(
        fact=" and ".join(part.fact for part in parts),
        criterion=criterion,
        status="contradicted" if any(part.status == "contradicted" for part in parts) else "missing",
        text=f"{text}; {recorded}" if recorded else text,
        record=tuple(dict.fromkeys(path for part in parts for path in part.record)),
        edits=edits,
        unchangeable=any(part.unchangeable for part in parts),
        near=next((part.near for part in parts if part.near is not None), None),
    )
