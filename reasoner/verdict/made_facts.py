"""Facts of verdicts that were made before, found again by what they were made of.

As a fact is made, it is noted what is read of the case, and what the answer is each time. What is read next depends on
the answers alone: so the notes of all facts for one need are a tree, and another case finds its fact there by reading
just as much. Nothing is remembered of a fact for which all of a record was read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

from msgspec import Struct

from facts.case import Case
from facts.terms import Between, Term
from facts.traced import TracedCase, frozen
from reasoner.engine.solver import AnswerSet
from reasoner.policy.conditions import Ask, Condition, Conditions, Relations, ask_of
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.facts import CaseState, FactMaker
from reasoner.verdict.model import Fact, FactStatus

MOST_FACTS = 4_000
"""Facts of one program's conditions that are remembered, at most: some 12 MB."""
_Question = tuple[bool, str, tuple[Any, ...]]
"""Whether the case is asked, or what follows of its conditions; by which method, and with which arguments."""


class _Node(Struct, gc=False):
    """What is read next, and what comes after each answer: another node, or the fact."""

    read: Callable[[CaseState], Hashable]
    after: dict[Hashable, Any]


class MadeFacts:
    """The facts that were made of some conditions."""

    def __init__(self, folder: RuleFolder, relations: Relations) -> None:
        self._folder = folder
        self._relations = relations
        self._roots: dict[tuple[frozenset[Term], str], _Node] = {}
        self._number = 0

    def fact(self, state: CaseState, terms: frozenset[Term], item: str) -> Fact:
        """The fact of these conditions for an item."""
        found: Any = self._roots.get((terms, item))
        while type(found) is _Node:
            found = found.after.get(found.read(state))
        return self._make(state, terms, item) if found is None else found

    def _make(self, state: CaseState, terms: frozenset[Term], item: str) -> Fact:
        noted = _Noted(state)
        fact = FactMaker(self._folder, self._relations, noted).fact(terms, item)
        if not noted.answers or not noted.is_complete:
            return fact
        if self._number >= MOST_FACTS:
            self._roots.clear()
            self._number = 0
        self._number += 1
        (first, answer), *others = noted.answers.items()
        node = self._roots.get((terms, item)) or self._roots.setdefault((terms, item), _Node(_reader(first), {}))
        for question, following in others:
            after = node.after.get(answer)
            if type(after) is not _Node:
                after = node.after[answer] = _Node(_reader(question), {})
            node, answer = after, following
        node.after[answer] = fact
        return fact


class _Noted:
    """The state of a case, of which it is noted what is read."""

    def __init__(self, state: CaseState) -> None:
        self._state = state
        self.answers: dict[_Question, Hashable] = {}
        self.is_complete = True
        self.conditions = state.conditions
        self.case: Case = TracedCase(state.case, self._of_case)

    def _of_case(self, name: str, arguments: tuple[Any, ...]) -> Any:
        found = getattr(self._state.case, name)
        if name == "full":
            self.is_complete = False
            return found
        value = found(*arguments)
        self.answers[True, name, arguments] = frozen(value)
        return value

    def _of_conditions(self, name: str, argument: Term) -> Any:
        value = getattr(self._state, name)(argument)
        self.answers[False, name, (argument,)] = frozen(value)
        return value

    def status(self, term: Term) -> FactStatus:
        """Whether the record establishes or contradicts the condition, or leaves it open."""
        found: FactStatus = self._of_conditions("status", term)
        return found

    def is_open(self, term: Term) -> bool:
        """Whether the condition can be supposed."""
        found: bool = self._of_conditions("is_open", term)
        return found

    def concerned(self, term: Term) -> list[str]:
        """The items that the condition concerns in this case."""
        found: list[str] = self._of_conditions("concerned", term)
        return found

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""
        found: bool = self._of_conditions("is_required", item)
        return found

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""
        found: Between | None = self._of_conditions("number", field)
        return found


def _reader(question: _Question) -> Callable[[CaseState], Hashable]:
    of_case, name, arguments = question
    if of_case:
        return lambda state: frozen(getattr(state.case, name)(*arguments))
    return lambda state: frozen(getattr(state, name)(*arguments))


# ── Conditions: some ask for more in one version, or reading, than in another ────────────────────


class Variant(NamedTuple):
    """The conditions of a program as some cases have them, in their order, and the facts that were made of them."""

    conditions: Conditions
    order: dict[Term, int]
    made: MadeFacts | None
    """None where each fact is made anew."""


def variant_of(
    folder: RuleFolder, case: Case, varying: Iterable[tuple[Term, ...]], answer_set: AnswerSet
) -> Variant:  # fmt: skip
    """The conditions with what they ask in one case; the `varying` rows of asks/3 are not of every record."""
    gone = frozenset((row[0], ask_of(*row[1:])) for row in varying if row not in answer_set["asks"])
    key = folder.program_of(case), gone
    variants: dict[Any, Variant] = folder.remembered.setdefault(Variant, {})
    if key not in variants:
        conditions = folder.conditions(case)
        kept = {term: tuple(ask for ask in conditions[term].asks if (term, ask) not in gone) for term, _ in gone}
        conditions = {**conditions, **{term: _asking(conditions[term], asks) for term, asks in kept.items()}}
        order = {term: position for position, term in enumerate(conditions)}
        variants[key] = Variant(
            conditions, order, None if folder.by_solver else MadeFacts(folder, folder.relations(case))
        )
    return variants[key]


def _asking(condition: Condition, asks: tuple[Ask, ...]) -> Condition:
    return condition._replace(asks=asks, fields=tuple(dict.fromkeys(ask.field for ask in asks)))
