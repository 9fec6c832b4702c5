"""A policy's rules, asked of one record at a time: what follows from it, and what it would take to meet an item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from clingo import Model, SolveResult, Symbol

from facts.symbols import Fact, Term
from reasoner.engine.ground import ENCODINGS, Ground, arguments
from reasoner.errors import RulesError

T = TypeVar("T")
SHOWN = (
    "met", "excludes", "required", "satisfied", "outcome", "medically_necessary",
    "decided_by", "in_force", "advisory", "concerns", "established", "contradicted", "open",
    "approval_months",
)  # fmt: skip
_HOPEFUL = ("hopeful",)
_AS_IT_STANDS = ("as it stands",)
_ABDUCTION = (("explaining",), ("one_by_one",))


class Ask(NamedTuple):
    """What a condition asks of a field: `relation` is one_of, at_least or at_most."""

    field: Term
    relation: str
    value: Term


World = dict[str, dict[tuple[Term, ...], None]]
"""The true atoms by predicate, in the order of the rules; of asks/3 those that are not of every record."""


class Readings(NamedTuple):
    """What follows from a record: as it stands, at its most hopeful, and with a choice read the other way."""

    world: World
    hopeful: frozenset[Term]
    """The items that would be met with everything supplied that is missing."""
    hinges: frozenset[str]
    """The choices that would turn the decision if read the other way, one at a time."""


class Sets(NamedTuple):
    """Subset-minimal sets of conditions for a goal, and whether these are all of them."""

    found: tuple[frozenset[Term], ...]
    complete: bool


class Decider:
    """Derives what follows from a record. It is told by assumptions, and stays until the next is told."""

    encodings: tuple[str, ...] = ("decide.lp",)
    heuristic = "None"

    def __init__(self, files: Sequence[Path], slots: int) -> None:
        """Ground the rules for records with up to `slots` entries in a list. Raises RulesError."""
        engine = [ENCODINGS / name for name in self.encodings]
        self.ground = Ground([*engine, *files], slots, (f"--heuristic={self.heuristic}", "--models=0"))
        shown = [(name, symbol) for name in SHOWN for symbol in self.ground.symbols(name)]
        self._places = {symbol: (place, name) for place, (name, symbol) in enumerate(shown)}
        self._read: dict[Symbol, tuple[int, str, tuple[Term, ...]]] = {}
        self._outcomes = [(atom.literal, str(atom.args[0])) for atom in self.ground.atoms("outcome")]
        self.varying_asks = {atom.args: atom.literal for atom in self.ground.atoms("asks") if not atom.is_fact}
        self._met = [(atom.literal, atom.args[0]) for atom in self.ground.atoms("met")]
        switches = self.ground.switches
        self._deciding = tuple(-switches[name] for name in _ABDUCTION if name in switches)
        self._switches = tuple((name, literal) for name, literal in switches.items() if name not in _ABDUCTION)
        self._calm = tuple(-literal for _, literal in self._switches)
        self.tell(())

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

    def tell(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        self._said = self.ground.said(facts)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        return self._read_of_the_only(self._outcome)

    def world(self) -> World:
        """Everything that follows from the record as it stands."""
        return self._read_of_the_only(self._world)

    def readings(self) -> Readings:
        """What follows from the record in every reading, in one search."""
        worlds: list[World] = []
        hopeful: list[frozenset[Term]] = []
        outcomes: dict[tuple[Term, ...], str] = {}

        def look(model: Model) -> bool:
            on = self._reading(model)
            if on in outcomes:
                return False
            outcomes[on] = self._outcome(model)
            if on == _HOPEFUL:
                hopeful.append(frozenset(item for literal, item in self._met if model.is_true(literal)))
            elif on == _AS_IT_STANDS:
                worlds.append(self._world(model))
            return True

        result = self._ask((), look)
        if len(outcomes) <= len(self._switches) or not result.exhausted:
            raise RulesError(_NO_SINGLE)
        usual = outcomes[_AS_IT_STANDS]
        hinges = (str(on[1]) for on, outcome in outcomes.items() if len(on) > 1 and outcome != usual)
        return Readings(worlds[0], hopeful[0], frozenset(hinges))

    def _reading(self, model: Model) -> tuple[Term, ...]:
        """Which switch is on in an answer set: one at a time."""
        return next((switch for switch, literal in self._switches if model.is_true(literal)), _AS_IT_STANDS)

    def _outcome(self, model: Model) -> str:
        return next((outcome for literal, outcome in self._outcomes if model.is_true(literal)), "")

    def _world(self, model: Model) -> World:
        world: World = {name: {} for name in SHOWN}
        read = self._read
        atoms = [read.get(symbol) or self._atom(symbol) for symbol in model.symbols(shown=True)]
        for _, name, args in sorted(atoms, key=_first):
            world[name][args] = None
        world["asks"] = {args: None for args, literal in self.varying_asks.items() if model.is_true(literal)}
        return world

    def _atom(self, symbol: Symbol) -> tuple[int, str, tuple[Term, ...]]:
        """The place of an atom in the order of the rules, its predicate and its arguments; read once."""
        found = self._read[symbol] = (*self._places[symbol], arguments(symbol))
        return found

    def derives(self, predicate: str) -> list[tuple[Term, ...]]:
        """The arguments with which a predicate holds for the record."""
        atoms = self.ground.atoms(predicate)
        found: list[tuple[Term, ...]] = []

        def look(model: Model) -> bool:
            found.extend(atom.args for atom in atoms if model.is_true(atom.literal))
            return False

        self._ask(self._calm, look)
        return found

    def derived(self, predicate: str) -> frozenset[tuple[Term, ...]]:
        """What is derived of a predicate in any of the readings of the record."""
        atoms = self.ground.atoms(predicate)
        found: set[tuple[Term, ...]] = set()

        def look(model: Model) -> None:
            found.update(atom.args for atom in atoms if model.is_true(atom.literal))

        self._ask((), look)
        return frozenset(found)

    def possible(self, *predicates: str, default: bool = False) -> frozenset[tuple[Term, ...]]:
        """The atoms of these predicates that hold for some record, in some reading (or by default)."""
        wanted = {atom.literal: atom.args for name in predicates for atom in self.ground.atoms(name)}
        found: set[tuple[Term, ...]] = set()

        def look(model: Model) -> bool:
            found.update(args for literal, args in wanted.items() if model.is_true(literal))
            return False

        signs: Any = self.ground.control.configuration.solver
        signs.sign_def = "pos"  # records that say much: a few of them show most of what is possible
        calm = (*self._deciding, *(self._calm if default else ()))
        for literal, args in wanted.items():
            if args not in found:
                self.ground.control.solve(assumptions=(literal, *calm), on_model=look)
        signs.sign_def = "asp"
        return frozenset(found)

    def _read_of_the_only(self, read: Callable[[Model], T]) -> T:
        """What is read of the one answer set of the record as it stands. Raises RulesError."""
        found: list[T] = []

        def look(model: Model) -> bool:
            found.append(read(model))
            return len(found) < 2

        self._ask(self._calm, look)
        if len(found) != 1:
            raise RulesError(_NO_SINGLE)
        return found[0]

    def _ask(self, switches: Iterable[int], look: Callable[[Model], bool | None]) -> SolveResult:
        """Look at the answer sets of the record, nothing supposed, with the switches fixed as given."""
        return self.ground.control.solve(assumptions=(*self._deciding, *switches, *self._said), on_model=look)


class Explainer(Decider):
    """Decides too, and finds the subset-minimal sets of open conditions that meet a goal (abduction)."""

    encodings = ("decide.lp", "explain.lp")
    heuristic = "Domain"

    def __init__(self, files: Sequence[Path], slots: int) -> None:
        """Ground the rules and the search for sets. Raises RulesError."""
        super().__init__(files, slots)
        self._explaining, self._one_by_one = (self.ground.switches[name] for name in _ABDUCTION)
        self._aims = {atom.args[0]: atom.literal for atom in self.ground.atoms("aim")}
        self._supposed = {atom.args[0]: atom.literal for atom in self.ground.atoms("supposed")}
        self._solving: Any = self.ground.control.configuration.solve
        self._mode = "auto"

    def sets(self, items: Sequence[Term], open_conditions: Iterable[Term], most: int) -> Sets:
        """The subset-minimal sets of open conditions that, supposed, meet all the items; at most `most`."""
        aims = self._aims
        if not all(item in aims for item in items):
            return Sets((), True)
        found: list[frozenset[Term]] = []
        watched = self._watched(open_conditions)

        def look(model: Model) -> bool:
            if len(found) == most:
                found.append(frozenset())
                return False
            found.append(frozenset(c for literal, c in watched if model.is_true(literal)))
            return True

        self._explain((-self._one_by_one, *(aim if item in items else -aim for item, aim in aims.items())), look)
        return Sets(tuple(found[:most]), len(found) <= most)

    def sets_of_each(
        self, items: Sequence[Term], open_conditions: Iterable[Term], most: int
    ) -> dict[Term, tuple[frozenset[Term], ...]] | None:
        """The subset-minimal sets for each item alone, in one search; None where they are more than `most` in all."""
        aims = {item: aim for item, aim in self._aims.items() if item in items}
        found: dict[Term, list[frozenset[Term]]] = {item: [] for item in items}
        watched = self._watched(open_conditions)
        number = 0

        def look(model: Model) -> bool:
            nonlocal number
            number += 1
            item = next(item for item, aim in aims.items() if model.is_true(aim))
            found[item].append(frozenset(c for literal, c in watched if model.is_true(literal)))
            return number <= most

        self._explain((self._one_by_one, *(-aim for item, aim in self._aims.items() if item not in aims)), look)
        return {item: tuple(sets) for item, sets in found.items()} if number <= most else None

    def _watched(self, conditions: Iterable[Term]) -> list[tuple[int, Term]]:
        return [(self._supposed[c], c) for c in conditions if c in self._supposed]

    def _explain(self, aims: Iterable[int], look: Callable[[Model], bool]) -> None:
        """Look at the subset-minimal ways to reach the aims, every choice read by default."""
        self._enumerate("domRec")
        assumptions = (self._explaining, *aims, *self._calm, *self._said)
        self.ground.control.solve(assumptions=assumptions, on_model=look)
        if self.ground.messages:
            raise RulesError("\n".join(self.ground.messages))

    def _ask(self, switches: Iterable[int], look: Callable[[Model], bool | None]) -> SolveResult:
        self._enumerate("auto")
        return super()._ask(switches, look)

    def _enumerate(self, mode: str) -> None:
        """Enumerate every answer set (auto), or the subset-minimal ones (domRec)."""
        if mode != self._mode:
            self._solving.enum_mode = self._mode = mode


_NO_SINGLE = (
    "the rules have no single answer set for this record, but none or several: look for a loop through `not`, "
    "a choice or disjunction in a head, or a rule without a head"
)
_first = itemgetter(0)
