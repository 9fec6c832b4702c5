"""Which of many cases two rule folders may judge differently: all of them in one search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor
from typing import NamedTuple

from clingo import Symbol

from facts.case import Case
from facts.symbols import symbol
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated, Term
from reasoner.analysis.compared_programs import ComparedPrograms
from reasoner.analysis.distinguish import BOUND, SECONDS
from reasoner.policy.request import use_of
from reasoner.verdict.policy import Policy

Row = tuple[Term, ...]


class Differing(NamedTuple):
    """The numbers of the cases on which two folders may differ; `finished`: they agree on all others."""

    cases: frozenset[int]
    finished: bool


class CaseSearch:
    """Cases whose facts are known. Those with longer lists than the bound are left to be judged one by one."""

    def __init__(self, policy: Policy, cases: Sequence[tuple[Case, Sequence[Fact]]], bound: int = BOUND) -> None:
        self._policy, self._bound = policy, bound
        self.longer = frozenset(number for number, (case, _) in enumerate(cases) if case.longest_list > bound)
        """The numbers of the cases with longer lists."""
        self._alike: dict[tuple[Row, ...], list[int]] = {}
        for number, (case, facts) in enumerate(cases):
            if number not in self.longer:
                rows = tuple(dict.fromkeys(_rows(case, facts)))
                self._alike.setdefault(rows, []).append(number)
        self._cases: dict[Row, list[tuple[int, Symbol]]] = {}
        """By row, as facts for the solver, the cases of which it is one."""
        for number, rows in enumerate(self._alike):
            for name, *terms in rows:
                row = (name, *terms)
                self._cases.setdefault(row, []).append((number, symbol((name, number, *terms))))

    def differing(self, other: Policy, seconds: float = SECONDS, most: int = 0, step: int = 1) -> Differing:
        """The cases on which another folder may differ from the policy; about `most` of them, if it is not 0.

        Every case is searched, or one of as many as `step` says.
        """
        search = ComparedPrograms(self._policy, other, self._bound, "record_cases.lp")
        if not search.can_differ:
            return Differing(frozenset(), True)
        symbols, finished = search.all(self._facts(other, step), seconds, most)
        found = {atom.arguments[0].number for atom in symbols}
        finished = finished and step == 1 and not 0 < most <= len(found)
        cases = (number for place, numbers in enumerate(self._alike.values()) if place in found for number in numbers)
        return Differing(frozenset(cases), finished)

    def _facts(self, other: Policy, step: int) -> Iterator[Symbol]:
        """The facts of every case, or of one in `step`, without those that neither folder reads."""
        expected: dict[Term, set[Term]] = {}
        for policy in (self._policy, other):
            for field, values in policy.expected_values().items():
                expected.setdefault(field, set()).update(values)
        compared = {*self._policy.compared_numbers(), *other.compared_numbers()}
        yield from (symbol(("one_case", number)) for number in range(0, len(self._alike), step))
        yield _THOROUGH
        for row, symbols in self._cases.items():
            match row:
                case ("case_given", field, value):
                    is_read = value in expected.get(field, ())
                case ("case_stated", field):
                    is_read = field in expected
                case ("case_low" | "case_high", field, _):
                    is_read = field in compared
                case _:
                    is_read = True
            if is_read:
                yield from (own for number, own in symbols if number % step == 0)


_THOROUGH: Symbol = symbol("thorough")
"""With it, what can only matter to the sets that are shown is compared of any set of conditions."""


def _rows(case: Case, facts: Sequence[Fact]) -> Iterator[Row]:
    """The facts of a case (record_cases.lp)."""
    declaration = case.declaration
    use = use_of(case)
    if use is not None:
        yield ("case_use", use)
    for fact in facts:
        field = fact.field
        for entry in (field, *field[1:]) if isinstance(field, tuple) else ():
            if declaration.list_of(entry) is not None:
                yield ("case_entry", entry)
        match fact:
            case Given():
                yield ("case_given", field, fact.value)
            case CouldBe():
                yield ("case_could_be", field, fact.value)
            case Stated():
                yield ("case_stated", field)
            case NotUnderstood():
                yield ("case_not_understood", field)
            case Between():
                if fact.low is not None:
                    yield ("case_low", field, _doubled(fact.low))
                if fact.high is not None:
                    yield ("case_high", field, _doubled(fact.high))


def _doubled(number: float) -> int:
    """A number times two; one between two whole numbers is taken halfway, which no rule distinguishes."""
    return 2 * floor(number) + (number != floor(number))
