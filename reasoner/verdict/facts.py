"""The facts of a verdict: conditions of one case in words, with what the record says of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from facts import changes
from facts.case import Case
from facts.changes import Edit
from facts.function import Bounds
from facts.terms import Term
from facts.wording import Recorded
from reasoner.policy.conditions import Condition
from reasoner.verdict.model import Fact, FactStatus
from reasoner.verdict.wording import Limits, Shortfall, Words, limits_of, words_of

NumberIn = Callable[[Term], Bounds | None]
"""What is known of the number in a field of a record."""


class _Texts(NamedTuple):
    """What is put into words of a condition, prepared for all records."""

    words: Words
    recorded: Recorded
    paths: tuple[str, ...]
    """Where what it asks for stands, if that is the same in each record."""
    limits: tuple[Limits, ...]


class FactPlan:
    """A condition as a fact: what is the same in each record is prepared once, when it is first needed."""

    __slots__ = ("_appended", "_serving", "_texts", "concerns", "condition", "items", "number", "term")

    def __init__(
        self, term: Term, condition: Condition, number: int, items: Sequence[str], concerns: Sequence[tuple[str, int]]
    ) -> None:
        """The number is that of its place in the order; the items are those that it can concern in some case.

        `concerns` has each of them with its place in the table of concerns/2.
        """
        self.term, self.condition, self.number, self.items, self.concerns = term, condition, number, items, concerns
        self._appended: dict[tuple[str, bool], tuple[Edit, ...]] = {}
        """By what tells its entry from others, and whether the record gives the list."""
        self._serving: dict[str, Sequence[tuple[str, int]]] = {}
        self._texts: _Texts | None = None

    def _prepare(self, case: Case) -> _Texts:
        condition, recorded = self.condition, Recorded(case, self.condition.fields)
        found = self._texts = _Texts(
            words_of(self.term, condition, case),
            recorded,
            recorded.fixed_paths if condition.fields else (condition.list,),
            limits_of(condition.asks, case.declaration),
        )
        return found

    def serving(self, item: str) -> Sequence[tuple[str, int]]:
        """Of the items that it can concern that one and those below it, with their places; worked out once."""
        found = self._serving.get(item)
        if found is None:
            own = [row for row in self.concerns if row[0] == item or row[0].startswith(f"{item}.")]
            found = self._serving[item] = own
        return found

    def shortfall(self, case: Case, number: NumberIn) -> Shortfall | None:
        """How a number misses what the condition asks of it; None: it does not, or is not known."""
        for limits in (self._texts or self._prepare(case)).limits:
            missed = limits.missed(number(limits.field))
            if missed is not None:
                return missed
        return None

    def fact(
        self, case: Case, criterion: str, status: FactStatus, number: NumberIn, edits: tuple[Edit, ...] = ()
    ) -> Fact:
        """The fact of a case, for a criterion; `number` is what is known of the number in a field."""
        words, recorded, paths, _ = self._texts or self._prepare(case)
        condition, text, near = self.condition, words.of(case), None
        if status != "established" and condition.asks:
            shortfall = self.shortfall(case, number)
            near = None if shortfall is None else shortfall.words
            text = f"{text}; {recorded.text(case) if near is None else f'the record says: {near}'}"
        record = paths or recorded.paths(case) or (condition.list,)
        return Fact(condition.name, criterion, status, text, record, edits, condition.unchangeable, near)

    def appended(
        self, case: Case, taken: Collection[str | None], criterion: str, place: int
    ) -> tuple[Edit, ...]:  # fmt: skip
        """The edits that add its entry for a criterion, in its place among those that can be added to the list for it.

        `taken` is what identifies the entries that there are.
        """
        condition, label = self.condition, criterion if place == 1 else f"{criterion}-{place}"
        key = label, case.gives_list(condition.list)
        found = self._appended.get(key)
        if found is None or changes.new_identity(label) in taken:
            found = tuple(changes.append(case, condition.list, condition.content, label))
            if changes.new_identity(label) not in taken:
                self._appended[key] = found
        return found


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
