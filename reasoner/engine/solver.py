"""A policy's rules, asked of one record at a time: what follows from it, and what it would take to meet an item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from clingo import Model, SolveResult, Symbol

from facts.terms import Fact, Term
from reasoner.engine.compiled import NotCovered
from reasoner.engine.control import GroundProgram, Program, arguments
from reasoner.engine.evaluator import Evaluator, Row, Situation
from reasoner.engine.ground_rules import GroundRules
from reasoner.errors import RulesError

T = TypeVar("T")
DECIDING = ("decide.lp",)
"""The encodings of a program that decides."""
EXPLAINING = (*DECIDING, "suppose.lp", "explain.lp")
"""Those of a program that explains as well."""
SHOWN = (
    "met", "excludes", "unclear", "required", "summary", "satisfied", "outcome", "medically_necessary",
    "decided_by", "in_force", "advisory", "concerns", "established", "contradicted", "open",
    "approval_months",
)  # fmt: skip
_BEST_CASE = ("best_case",)
_AS_IT_STANDS = ("as it stands",)
_DECISION = "decision"
_FEW = 8
"""Records that are solved before the rules are compiled: that takes as long as so many solves."""
_ABDUCTION = ("explaining", "one_by_one", "kept")

AnswerSet = dict[str, dict[tuple[Term, ...], None]]
"""The true atoms by predicate, in the order of the rules; of asks/3 those that are not of every record."""


class Readings(NamedTuple):
    """What follows from a record: as it stands, in the best case, and with a choice read the other way."""

    answer_set: AnswerSet
    best_case: frozenset[Term]
    """The items that would be met, or not exclude, with everything supplied that is missing."""
    hinges: frozenset[str]
    """The choices that would turn the decision if read the other way, one at a time."""


class MinimalSets(NamedTuple):
    """Subset-minimal sets of conditions for a goal, and whether these are all of them."""

    found: tuple[frozenset[Term], ...]
    complete: bool


class Decider:
    """Derives what follows from a record. A record is taken by assumptions, and stays until the next one."""

    heuristic = "None"

    def __init__(self, program: Program, solve_seconds: float = 20.0, *, by_solver: bool = False) -> None:
        """Ground the rules; no solve of them may take longer. Raises RulesError.

        What follows from a record is evaluated by the compiled ground rules, where these are covered, unless it is to
        be derived `by_solver`.
        """
        self._rules = None if by_solver else GroundRules()
        options = (f"--heuristic={self.heuristic}", "--models=0")
        self.ground = GroundProgram(program, options, solve_seconds, self._rules)
        shown = [(name, symbol) for name in SHOWN for symbol in self.ground.symbols(name)]
        self._positions = {symbol: (position, name) for position, (name, symbol) in enumerate(shown)}
        self._shown = [(name, self.ground.atoms(name)) for name in SHOWN]
        self._shown_args = [(name, [atom.args for atom in atoms]) for name, atoms in self._shown]
        self._read: dict[Symbol, tuple[int, str, tuple[Term, ...]]] = {}
        self._outcomes = [(atom.literal, str(atom.args[0])) for atom in self.ground.atoms("outcome")]
        self.varying_asks = {atom.args: atom.literal for atom in self.ground.atoms("asks") if not atom.is_fact}
        self._met = [(atom.literal, atom.args[0]) for atom in self.ground.atoms("met")]
        self._items = [item for _, item in self._met]
        switches = self.ground.switches
        self._deciding = tuple(-literal for name, literal in switches.items() if name[0] in _ABDUCTION)
        self._switches = tuple((name, literal) for name, literal in switches.items() if name[0] not in _ABDUCTION)
        self._by_default = tuple(-literal for _, literal in self._switches)
        self._asked = 0
        self._evaluator: Evaluator | None = None
        self.assume(())

    def rows(self, table: str) -> list[tuple[Term, ...]]:
        """The rows of a table, in the order in which the rules give them."""
        return [atom.args for atom in self.ground.atoms(table)]

    def varying(self, table: str) -> list[tuple[Term, ...]]:
        """The rows of a table that hold for some records only."""
        return [atom.args for atom in self.ground.atoms(table) if not atom.is_fact]

    @property
    def compared(self) -> dict[Term, list[int]]:
        """The numbers that the rules compare with each field."""
        return {
            field: sorted({limit for limits in relations.values() for limit, _ in limits})
            for field, relations in self.ground.bounds.items()
        }

    def assume(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        self._situation = self.ground.situation(facts)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        if self._is_compiled(1):
            return self.decisions([self._situation])[0]
        return self._of_the_only_model(self._outcome)

    def answer_set(self) -> AnswerSet:
        """Everything that follows from the record as it stands."""
        if self._is_compiled(1):
            return self.all_readings([self._situation])[0].answer_set
        return self._of_the_only_model(self._atoms_of)

    def readings(self) -> Readings:
        """What follows from the record in every reading."""
        return self.all_readings([self._situation])[0]

    def decisions(self, situations: Sequence[Situation]) -> list[str]:
        """The decision of each of several records."""
        if not self._is_compiled(len(situations)):
            return [self._each(situation, self.decision) for situation in situations]
        assert self._evaluator is not None
        return [_named(self._outcomes, row) for row in self._evaluator.rows(situations, (_DECISION,))[_DECISION]]

    def all_readings(self, situations: Sequence[Situation]) -> list[Readings]:
        """What follows from each of several records in every reading."""
        if not self._is_compiled(len(situations)):
            return [self._each(situation, self._solved_readings) for situation in situations]
        assert self._evaluator is not None
        rows = self._evaluator.rows(situations)
        return [
            self._evaluated(dict(zip(rows, of_record, strict=True))) for of_record in zip(*rows.values(), strict=True)
        ]

    def _each(self, situation: Situation, derive: Callable[[], T]) -> T:
        self._situation = frozenset(situation)
        return derive()

    def _is_compiled(self, records: int) -> bool:
        """Whether records are evaluated by compiled rules; so many more are asked for. Compiling has to pay off."""
        self._asked += records
        if self._rules is not None and self._asked > _FEW:
            rules, self._rules = self._rules, None
            try:
                self._evaluator = self._compiled(rules)
            except NotCovered as reason:
                self.not_covered = str(reason)
        return self._evaluator is not None

    def _compiled(self, rules: GroundRules) -> Evaluator:
        outcomes = [literal for literal, _ in self._outcomes]
        best_case = next((n for n, (name, _) in enumerate(self._switches, start=1) if name == _BEST_CASE), None)
        of_record = (*(atom.literal for _, atoms in self._shown for atom in atoms), *self.varying_asks.values())
        asked: dict[object, tuple[int, Sequence[int]]] = {_AS_IT_STANDS: (0, of_record), _DECISION: (0, outcomes)}
        for number, (name, _) in enumerate(self._switches, start=1):
            met = [literal for literal, _ in self._met]
            asked[name] = number, met if number == best_case else outcomes
        return Evaluator(rules.rules, self.ground.of_record, [literal for _, literal in self._switches], asked)

    def _evaluated(self, rows: Mapping[object, Row]) -> Readings:
        """The readings of a record by what holds in each."""
        row, usual = rows[_AS_IT_STANDS], _named(self._outcomes, rows[_DECISION])
        answer_set: AnswerSet = {}
        start = 0
        for name, args in self._shown_args:
            answer_set[name] = dict.fromkeys(compress(args, row[start : start + len(args)]))
            start += len(args)
        answer_set["asks"] = dict.fromkeys(compress(self.varying_asks, row[start:]))
        best_case = frozenset(compress(self._items, rows.get(_BEST_CASE, ())))
        otherwise = (name for name, _ in self._switches if name != _BEST_CASE)
        hinges = frozenset(str(name[1]) for name in otherwise if _named(self._outcomes, rows[name]) != usual)
        return Readings(answer_set, best_case, hinges)

    def _solved_readings(self) -> Readings:
        """What follows from the record in every reading, in one search."""
        as_it_stands: list[AnswerSet] = []
        best_case: list[frozenset[Term]] = []
        outcomes: dict[tuple[Term, ...], str] = {}

        def keep(model: Model) -> bool:
            reading = self._reading(model)
            if reading in outcomes:
                return False
            outcomes[reading] = self._outcome(model)
            if reading == _BEST_CASE:
                best_case.append(frozenset(item for literal, item in self._met if model.is_true(literal)))
            elif reading == _AS_IT_STANDS:
                as_it_stands.append(self._atoms_of(model))
            return True

        result = self._solve((), keep)
        if len(outcomes) <= len(self._switches) or not result.exhausted:
            raise RulesError(_NO_SINGLE)
        usual = outcomes[_AS_IT_STANDS]
        hinges = (str(reading[1]) for reading, outcome in outcomes.items() if len(reading) > 1 and outcome != usual)
        return Readings(as_it_stands[0], best_case[0], frozenset(hinges))

    def derives(self, predicate: str) -> list[tuple[Term, ...]]:
        """The arguments with which a predicate holds for the record as it stands, in any reading of its rules."""
        atoms = self.ground.atoms(predicate)
        found: dict[tuple[Term, ...], None] = {}

        def keep(model: Model) -> None:
            found.update(dict.fromkeys(atom.args for atom in atoms if model.is_true(atom.literal)))

        self._solve(self._by_default, keep)
        return list(found)

    def derived(self, predicate: str) -> frozenset[tuple[Term, ...]]:
        """The arguments with which a predicate holds for the record in some reading."""
        atoms = self.ground.atoms(predicate)
        found: set[tuple[Term, ...]] = set()

        def keep(model: Model) -> None:
            found.update(atom.args for atom in atoms if model.is_true(atom.literal))

        self._solve((), keep)
        return frozenset(found)

    def possible(self, *predicates: str, default: bool = False) -> frozenset[tuple[Term, ...]]:
        """The atoms of these predicates that hold for some record, in some reading (or by default)."""
        wanted = {atom.literal: atom.args for name in predicates for atom in self.ground.atoms(name)}
        found: set[tuple[Term, ...]] = set()

        def keep(model: Model) -> bool:
            found.update(args for literal, args in wanted.items() if model.is_true(literal))
            return False

        signs: Any = self.ground.control.configuration.solver
        signs.sign_def = "pos"  # records that say much: a few of them show most of what is possible
        switches = (*self._deciding, *(self._by_default if default else ()))
        for literal, args in wanted.items():
            if args not in found:
                self._search((literal, *switches), keep)
        signs.sign_def = "asp"
        return frozenset(found)

    def _solve(self, switches: Iterable[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets of the record, nothing supposed, with the switches fixed as given."""
        return self._search((*self._deciding, *switches, *self.ground.assumptions(self._situation)), keep)

    def _search(self, assumptions: Sequence[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets under assumptions."""
        return self.ground.solve(assumptions, keep)

    # ── Reading an answer set ────────────────────────────────────────────────────────────────────

    def _of_the_only_model(self, read: Callable[[Model], T]) -> T:
        """What is read of the one answer set of the record as it stands. Raises RulesError."""
        found: list[T] = []

        def keep(model: Model) -> bool:
            found.append(read(model))
            return len(found) < 2

        self._solve(self._by_default, keep)
        if len(found) != 1:
            raise RulesError(_NO_SINGLE)
        return found[0]

    def _reading(self, model: Model) -> tuple[Term, ...]:
        """Which switch is on in an answer set: one at a time."""
        return next((switch for switch, literal in self._switches if model.is_true(literal)), _AS_IT_STANDS)

    def _outcome(self, model: Model) -> str:
        return next((outcome for literal, outcome in self._outcomes if model.is_true(literal)), "")

    def _atoms_of(self, model: Model) -> AnswerSet:
        answer_set: AnswerSet = {name: {} for name in SHOWN}
        read = self._read
        atoms = [read.get(symbol) or self._atom(symbol) for symbol in model.symbols(shown=True)]
        for _, name, args in sorted(atoms, key=_first):
            answer_set[name][args] = None
        answer_set["asks"] = {args: None for args, literal in self.varying_asks.items() if model.is_true(literal)}
        return answer_set

    def _atom(self, symbol: Symbol) -> tuple[int, str, tuple[Term, ...]]:
        """The position of an atom in the order of the rules, its predicate and its arguments; read once."""
        found = self._read[symbol] = (*self._positions[symbol], arguments(symbol))
        return found


class Solver(Decider):
    """Decides too, and finds the subset-minimal sets of open conditions that meet a goal (abduction)."""

    heuristic = "Domain"

    def __init__(self, program: Program, solve_seconds: float = 20.0) -> None:
        """Ground the rules and the search for sets. Raises RulesError."""
        super().__init__(program, solve_seconds)
        switches = self.ground.switches
        self._explaining, self._one_by_one = switches[("explaining",)], switches[("one_by_one",)]
        self._kept = {name[1]: literal for name, literal in switches.items() if name[0] == "kept"}
        self._aims = {atom.args[0]: atom.literal for atom in self.ground.atoms("aim")}
        self._supposed = {atom.args[0]: atom.literal for atom in self.ground.atoms("supposed")}
        self._configuration: Any = self.ground.control.configuration.solve
        self._mode = "auto"

    def minimal_sets(
        self, items: Collection[Term], kept: Collection[Term], open_conditions: Iterable[Term], most: int
    ) -> MinimalSets:
        """The subset-minimal sets of open conditions that, supposed, meet all the items; at most `most`.

        The items that are `kept` are met now, and stay so.
        """
        aims = self._aims
        if not all(item in aims for item in items):
            return MinimalSets((), True)
        found: list[frozenset[Term]] = []
        watched = self._watched(open_conditions)

        def keep(model: Model) -> bool:
            if len(found) == most:
                found.append(frozenset())
                return False
            found.append(frozenset(c for literal, c in watched if model.is_true(literal)))
            return True

        chosen = (aim if item in items else -aim for item, aim in aims.items())
        self._explain((-self._one_by_one, *chosen), kept, keep)
        return MinimalSets(tuple(found[:most]), len(found) <= most)

    def minimal_sets_of_each(
        self, items: Collection[Term], kept: Collection[Term], open_conditions: Iterable[Term], most: int
    ) -> dict[Term, tuple[frozenset[Term], ...]] | None:
        """The subset-minimal sets for each item alone, in one search; None where they are more than `most` in all."""
        aims = {item: aim for item, aim in self._aims.items() if item in items}
        found: dict[Term, list[frozenset[Term]]] = {item: [] for item in items}
        watched = self._watched(open_conditions)
        number = 0

        def keep(model: Model) -> bool:
            nonlocal number
            number += 1
            item = next(item for item, aim in aims.items() if model.is_true(aim))
            found[item].append(frozenset(c for literal, c in watched if model.is_true(literal)))
            return number <= most

        unwanted = (-aim for item, aim in self._aims.items() if item not in aims)
        self._explain((self._one_by_one, *unwanted), kept, keep)
        return {item: tuple(sets) for item, sets in found.items()} if number <= most else None

    def _watched(self, conditions: Iterable[Term]) -> list[tuple[int, Term]]:
        return [(self._supposed[c], c) for c in conditions if c in self._supposed]

    def _explain(self, aims: Iterable[int], kept: Collection[Term], keep: Callable[[Model], bool]) -> None:
        """Take the subset-minimal ways to reach the aims, every choice read by default."""
        self._enumerate("domRec")
        staying = (literal if item in kept else -literal for item, literal in self._kept.items())
        assumptions = (self._explaining, *aims, *staying, *self._by_default, *self.ground.assumptions(self._situation))
        self.ground.solve(assumptions, keep)
        if self.ground.messages:
            raise RulesError("\n".join(self.ground.messages))

    def _search(self, assumptions: Sequence[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        self._enumerate("auto")
        return super()._search(assumptions, keep)

    def _enumerate(self, mode: str) -> None:
        """Enumerate every answer set (auto), or the subset-minimal ones (domRec)."""
        if mode != self._mode:
            self._configuration.enum_mode = self._mode = mode


_NO_SINGLE = (
    "the rules have no single answer set for this record, but none or several: look for a loop through `not`, "
    "a choice or disjunction in a head, or a rule without a head"
)
_first = itemgetter(0)


def _named(outcomes: Sequence[tuple[int, str]], row: Row) -> str:
    """The outcome that holds."""
    return next((outcome for (_, outcome), holds in zip(outcomes, row, strict=True) if holds), "")
