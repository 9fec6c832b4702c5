"""A ground program: its atoms, and what facts of a record make true of them. clingo solves it, where that is asked.

Terms of the program are plain Python values here: a constant or string is a str, true and false
are bools, a compound term is a tuple of its name and arguments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, NamedTuple

from facts.case import Case
from facts.statements import Statements
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Term, shown
from reasoner.engine.bits import union
from reasoner.engine.program import Atom, Atoms, External, Program
from reasoner.errors import RulesError

if TYPE_CHECKING:
    from clingo import Control, Model, SolveResult, SymbolicAtom

    from reasoner.engine.ground_rules import GroundRules
    from reasoner.engine.watchdog import Watchdog

_FROM_BELOW, _FROM_ABOVE = ("reaches", "exceeds"), ("falls_short", "keeps_to")
_VALUES = ("recorded", "could_be", "could_mean")
_MARKS = ("unexpected", "measured", "not_understood", "could_be_other", "present")
_SWITCHES = (("read_otherwise", 1), ("best_case", 0), ("explaining", 0), ("one_by_one", 0), ("kept", 1))
_EXTERNALS = (
    *((name, 2) for name in (*_FROM_BELOW, *_FROM_ABOVE, *_VALUES)),
    *((name, 1) for name in _MARKS), *_SWITCHES,
)  # fmt: skip
_DECIDING = ("outcome", "met", "supposed")
"""Predicates by whose literals a program that was known is compared with what is ground of it."""
Situation = int
"""What a record makes true: of what a record can say, in the order of the program, a bit each."""
_NONE: dict[str, list[tuple[int, int]]] = {}


class GroundProgram:
    """A ground program. Its externals are free: what a record says is assumed in the solves of it."""

    def __init__(
        self, program: Callable[[], Program], options: Sequence[str], solve_seconds: float = 20.0, *,
        rules: GroundRules | None = None, atoms: Atoms | None = None,
    ) -> None:  # fmt: skip
        """Ground, and take up the ground `rules`; or take the `atoms` that are known from before.

        Then it is ground when it is to be solved. No solve of it may take longer than `solve_seconds`. Raises
        RulesError with clingo's messages in plain words.
        """
        self.messages: list[str] = []
        self._program, self._options, self._solve_seconds = program, options, solve_seconds
        self._rules = rules
        self._known = atoms
        self._atoms: dict[str, list[Atom]] = {}
        self.values: dict[str, dict[Term, dict[Term, int]]] = {name: {} for name in _VALUES}
        self.marks: dict[str, dict[Term, int]] = {name: {} for name in _MARKS}
        self.bounds: dict[Term, dict[str, list[tuple[int, int]]]] = {}
        self.switches: dict[tuple[Term, ...], int] = {}
        of_record: list[int] = []
        for name, literal, args in self._externals() if atoms is None else atoms.externals:
            if self._is_of_record(name, args, literal):
                of_record.append(literal)
        for field in self.bounds.values():
            for limits in field.values():
                limits.sort()
        self.of_record: Sequence[int] = of_record
        """The externals by which a record is assumed."""
        self._bits = {literal: 1 << place for place, literal in enumerate(of_record)}
        self._limits: dict[Term, _Limits] = {}
        self._fields = dict.fromkeys(chain(self.bounds, *self.values.values(), *self.marks.values()))
        self.statements = Statements(self.situation_of, union, self._fields.__contains__)
        """What is made true by the facts of each field of a record."""

    def _is_of_record(self, name: str, args: tuple[Term, ...], literal: int) -> bool:
        """Keep an external by what it stands for; whether this is something that a record says."""
        if name in (*_FROM_BELOW, *_FROM_ABOVE):
            limit = args[1]
            if not isinstance(limit, int):
                raise RulesError(f"{shown(args[0])} is compared with {limit!r}, which is no whole number")
            self.bounds.setdefault(args[0], {}).setdefault(name, []).append((limit, literal))
        elif name in _VALUES:
            self.values[name].setdefault(args[0], {})[args[1]] = literal
        elif name in _MARKS:
            self.marks[name][args[0]] = literal
        else:
            self.switches[(name, *args)] = literal
            return False
        return True

    @cached_property
    def control(self) -> Control:
        """The solver with the ground program."""
        from reasoner.engine.control import grounded

        rules, self._rules = self._rules, None
        return grounded(self._program(), self._options, self.messages, rules)

    @cached_property
    def _solver(self) -> tuple[Control, Watchdog]:
        from reasoner.engine.watchdog import Watchdog

        known = self._known.derived if self._known is not None else {}
        if any(known.get(name, []) != self._atoms_of(name) for name in _DECIDING if known):
            raise RulesError("what is kept of the rules is not what they are when ground; use --no-cache")
        return self.control, Watchdog(self.control, self._solve_seconds)

    def solve(self, assumptions: Sequence[int], on_model: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets under assumptions. Raises RulesError where that takes too long."""
        control, watchdog = self._solver
        with watchdog.solve():
            return control.solve(assumptions=assumptions, on_model=on_model)

    def literals_of(self, is_meant: Callable[[Term], bool]) -> Iterator[int]:
        """What a record can say in some fields, and that it has some entries."""
        for field in filter(is_meant, self._fields):
            for own in self.values.values():
                yield from own.get(field, {}).values()
            yield from (own[field] for own in self.marks.values() if field in own)
            yield from (literal for limits in self.bounds.get(field, _NONE).values() for _, literal in limits)

    @property
    def expected(self) -> dict[Term, dict[Term, int]]:
        """The values, by field, that the rules read of a record."""
        return self.values["recorded"]

    def atoms(self, name: str) -> list[Atom]:
        """The atoms of a predicate, in the order of the rules; read once."""
        if name not in self._atoms:
            known = self._known
            self._atoms[name] = self._atoms_of(name) if known is None else known.derived.get(name, [])
        return self._atoms[name]

    @property
    def every_atom(self) -> Atoms:
        """All the atoms."""
        return self._known if self._known is not None else self._read()

    def _read(self) -> Atoms:
        return Atoms({name: self._atoms_of(name) for name in self._arities}, self._externals())

    def _atoms_of(self, name: str) -> list[Atom]:
        from reasoner.engine.control import arguments

        return [Atom(atom.literal, arguments(atom.symbol), atom.is_fact) for atom in self._of_predicate(name)]

    def _of_predicate(self, name: str) -> Iterator[SymbolicAtom]:
        for arity in self._arities.get(name, ()):
            yield from self.control.symbolic_atoms.by_signature(name, arity)

    @cached_property
    def _arities(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for name, arity, positive in self.control.symbolic_atoms.signatures:
            if positive:
                found.setdefault(name, []).append(arity)
        return found

    def _externals(self) -> list[External]:
        from reasoner.engine.control import arguments

        return [
            External(name, atom.literal, arguments(atom.symbol))
            for name, arity in _EXTERNALS
            for atom in self.control.symbolic_atoms.by_signature(name, arity)
            if atom.is_external
        ]

    def situation(self, case: Case) -> Situation:
        """What a case makes true."""
        return union(self.statements.of(case))

    def situation_of(self, facts: Iterable[Fact]) -> Situation:
        """What facts make true: all those of a field, of some fields or of a record."""
        true = false = 0
        for fact in facts:
            made_true, made_false = self._of_fact(fact)
            true |= made_true
            false |= made_false
        return true & ~false

    def literals(self, situation: Situation) -> Iterator[int]:
        """What is true in a situation."""
        return (literal for literal, bit in self._bits.items() if situation & bit)

    def assumptions(self, situation: Situation) -> list[int]:
        """All that a record can say, as literals: true those of its situation, and no other."""
        return [literal if situation & bit else -literal for literal, bit in self._bits.items()]

    def _of_fact(self, fact: Fact) -> tuple[Situation, Situation]:
        """The externals that a fact makes true, and those that it makes false whatever else is given of its field."""
        true: list[int | None] = []
        false = 0
        field = fact.field
        if isinstance(fact, Given):
            values = self.expected.get(field, {})
            if fact.value in values:
                true.append(values[fact.value])
                false = self._bits[self.marks["unexpected"][field]]
        elif isinstance(fact, Between):
            limits = self._limits.get(field)
            if limits is None:
                limits = self._limits[field] = self._limits_of(field)
            return limits.of(fact), 0
        elif isinstance(fact, CouldBe):
            literal = self.values["could_be"].get(field, {}).get(fact.value, self.marks["could_be_other"].get(field))
            true += [literal, self.values["could_mean"].get(field, {}).get(fact.value) if fact.itself else None]
        else:
            mark = "not_understood" if isinstance(fact, NotUnderstood) else "unexpected"
            true.append(self.marks[mark].get(field))
        return self._mask(true) | self._presence(field), false

    def _presence(self, field: Term) -> Situation:
        """That the entries are there of which a field is."""
        present = self.marks["present"]
        return self._mask(present[entry] for entry in entries_of(field) if entry in present)

    def _mask(self, literals: Iterable[int | None]) -> Situation:
        return union(self._bits[literal] for literal in literals if literal is not None)

    def _limits_of(self, field: Term) -> _Limits:
        """What numbers in a field make true."""
        compared, measured = self.bounds.get(field, _NONE), self.marks["measured"]
        points = sorted({limit for limits in compared.values() for limit, _ in limits})
        tried = [number for point in points for number in (point - 0.5, point)] + [points[-1] + 0.5 if points else 0]

        def masks(relations: Iterable[str]) -> list[Situation]:
            each = [(relation, compared[relation]) for relation in relations if relation in compared]
            return [self._mask(_sharpest(relation, limits, n) for relation, limits in each) for n in tried]

        always = self._presence(field) | self._mask((measured.get(field),))
        return _Limits(always, points, masks(_FROM_BELOW), masks(_FROM_ABOVE))


class _Limits(NamedTuple):
    """What a number in a field makes true, by where its bounds lie among the numbers that it is compared with."""

    always: Situation
    points: list[int]
    """Those numbers."""
    from_below: list[Situation]
    from_above: list[Situation]

    def of(self, number: Between) -> Situation:
        """What is true of the number."""
        found = self.always
        if number.low is not None:
            found |= self.from_below[self._place(number.low)]
        if number.high is not None:
            found |= self.from_above[self._place(number.high)]
        return found

    def _place(self, bound: float) -> int:
        return bisect_left(self.points, bound) + bisect_right(self.points, bound)


def entries_of(field: Term) -> tuple[Term, ...]:
    """The entries of the record of which a field is, or which it is itself."""
    return (field, *field[1:]) if isinstance(field, tuple) else ()


def _sharpest(relation: str, limits: list[tuple[int, int]], bound: float) -> int | None:
    """Of the compared numbers the sharpest that is known of a number with this bound, as a literal."""
    if relation in _FROM_BELOW:
        limits = limits[::-1]
    passed = {"reaches": ge, "exceeds": gt, "falls_short": lt, "keeps_to": le}[relation]
    return next((literal for limit, literal in limits if passed(bound, limit)), None)
