"""Values that were worked out of cases before, found again by what was read for them.

As a value is worked out, it is noted what is read of the case, and what the answer is each time. What is read next
depends on the answers alone: so the notes of all cases are a tree, and another case finds its value there by reading
just as much. A value for which dates were read, or all of a record, is not remembered: only that it is worked out anew.
Such notes are the constructive traces of A. Mokhov, N. Mitchell and S. Peyton Jones, Build systems à la carte (2018).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from facts.case import Case
from facts.terms import Between, Term
from facts.traced import TracedCase, frozen
from reasoner.verdict.standing import Position
from reasoner.verdict.state import AnsweringState, CaseState

T = TypeVar("T")
_DATES = ("date", "periods")
"""Types of fields of which records seldom say the same."""
_UNREAD = object()
_ANEW = object()
"""In the place of a value: so much is read next that it is worked out anew."""


class Query:
    """What is read: of the case, or of its conditions; by which method, with which arguments."""

    __slots__ = ("_arguments", "_name", "_of_case")

    def __init__(self, of_case: bool, name: str, arguments: tuple[Any, ...]) -> None:
        self._of_case, self._name, self._arguments = of_case, name, arguments

    def answer(self, state: CaseState) -> Hashable:
        """What it is in a case."""
        return frozen(getattr(state.case if self._of_case else state, self._name)(*self._arguments))


class _Node(Struct, gc=False):
    """What is read next, and what comes after each answer: another node, or the value."""

    query: Query
    after: dict[Hashable, Any]


class Memory:
    """What is remembered of a policy's cases: so many values at most; were there more, all are forgotten."""

    def __init__(self, most: int) -> None:
        """Where it is 0, each value is worked out anew."""
        self.most = most
        self.queries: dict[tuple[bool, str, tuple[Any, ...]], Query] = {}
        self._roots: list[dict[Any, Any]] = []
        self._number = 0

    def roots(self) -> dict[Any, Any]:
        """Where the values of one function are kept."""
        self._roots.append({})
        return self._roots[-1]

    def make_room(self) -> None:
        """Forget what is remembered, where one value more would be too many."""
        if self._number >= self.most:
            for roots in self._roots:
                roots.clear()
            self._number = 0
        self._number += 1


class Traces(Generic[T]):
    """The values of a function of a case and of arguments that were worked out before."""

    def __init__(self, work_out: Callable[..., T], memory: Memory) -> None:
        self._work_out = work_out
        self._memory = memory
        self._roots = memory.roots()

    def value(self, state: AnsweringState, *arguments: Hashable) -> T:
        """The value for a case."""
        found: Any = self._roots.get(arguments)
        answers = state.answers
        while type(found) is _Node:
            query = found.query
            answer = answers.get(query, _UNREAD)
            if answer is _UNREAD:
                answer = answers[query] = query.answer(state)
            found = found.after.get(answer)
        if found is None:
            return self._new(state, arguments)
        return self._work_out(state, *arguments) if found is _ANEW else found

    def _new(self, state: AnsweringState, arguments: tuple[Hashable, ...]) -> T:
        if not self._memory.most:
            return self._work_out(state, *arguments)
        noted = Noted(state)
        value = self._work_out(noted, *arguments)
        self._memory.make_room()
        self._keep(arguments, noted, value if noted.can_repeat else _ANEW)
        return value

    def _keep(self, arguments: tuple[Hashable, ...], noted: Noted, value: object) -> None:
        branches, queries = self._roots, self._memory.queries
        branch: Any = arguments
        for key, answer in noted.read.items():
            node = branches.get(branch)
            if node is None:
                query = queries.get(key) or queries.setdefault(key, Query(*key))
                node = branches[branch] = _Node(query, {})
            branches, branch = node.after, answer
        branches[branch] = value


class Noted:
    """The state of a case, of which it is noted what is read."""

    def __init__(self, state: CaseState) -> None:
        self._state = state
        self.read: dict[tuple[bool, str, tuple[Any, ...]], Hashable] = {}
        """What was read, and the answers: whether of the case, by which method, with which arguments."""
        self.can_repeat = True
        """Whether that is all, and another case can have the same. What is read after what cannot is not noted."""
        self.conditions = state.conditions
        self.case: Case = TracedCase(state.case, self._of_case)

    def _of_case(self, name: str, arguments: tuple[Any, ...]) -> Any:
        found = getattr(self._state.case, name)
        if name == "full":
            self.can_repeat = False
            return found
        value = found(*arguments)
        if name == "stated" and arguments[0].type in _DATES and value is not None:
            self.can_repeat = False
        if self.can_repeat:
            self.read[True, name, arguments] = frozen(value)
        return value

    def _of_conditions(self, name: str, *arguments: Any) -> Any:
        value = getattr(self._state, name)(*arguments)
        if self.can_repeat:
            self.read[False, name, arguments] = frozen(value)
        return value

    def position(self, term: Term) -> Position:
        """What follows of the condition from the record."""
        found: Position = self._of_conditions("position", term)
        return found

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""
        found: bool = self._of_conditions("is_required", item)
        return found

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""
        found: Between | None = self._of_conditions("number", field)
        return found
