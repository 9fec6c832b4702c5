"""The only user of clingo.Control: a policy's rules, ground once, asked often.

Terms of the program are plain Python values here: a constant or string is a str, true and false
are bools, a compound term is a tuple of its name and arguments.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from clingo import Control, MessageCode, Model, Symbol, SymbolType

from reasoner.errors import RulesError
from reasoner.facts.symbols import Between, Fact, Given, Term

ENCODINGS = Path(__file__).parent / "encodings"
_RELATIONS = ("at_least", "below", "at_most", "above")
_WORLD = (
    "met", "excludes", "required", "satisfied", "approved", "in_scope", "medically_necessary",
    "decided_by", "in_force", "advisory", "concerns", "established", "contradicted", "open", "limit",
)  # fmt: skip


def term_of(symbol: Symbol) -> Term:
    """A ground term as a plain Python value."""
    if symbol.type is SymbolType.Number:
        return symbol.number
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.type is SymbolType.Function:
        if symbol.arguments:
            return (symbol.name, *(term_of(part) for part in symbol.arguments))
        return {"true": True, "false": False}.get(symbol.name, symbol.name)
    return str(symbol)


class Ask(NamedTuple):
    """What a condition asks of a field: `relation` is one_of, at_least or at_most."""

    field: Term
    relation: str
    value: Term


World = dict[str, dict[tuple[Term, ...], None]]
"""The true atoms of the answer set by predicate, in the order of the rules."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Subset-minimal sets of conditions for a goal, and whether these are all of them."""

    found: tuple[frozenset[Term], ...]
    complete: bool


class _Ground:
    """One ground program and the state of its externals."""

    def __init__(self, files: Sequence[Path], slots: int, options: Sequence[str]) -> None:
        messages: list[str] = []

        def log(code: MessageCode, message: str) -> None:
            messages.append(message.strip())

        self.messages = messages
        self.control = Control([f"-cslots={slots}", *options], logger=log, message_limit=50)
        try:
            for file in files:
                self.control.load(str(file))
            self.control.ground([("base", [])])
        except RuntimeError as error:
            raise RulesError("\n".join(messages) or str(error)) from None
        if messages:
            raise RulesError("\n".join(messages))
        self.inputs: dict[tuple[Term, ...], int] = {}
        self.bounds: dict[Term, list[tuple[str, int, Symbol]]] = {}
        self.externals: dict[int, Symbol] = {}
        self.on: set[Symbol] = set()
        self.externs: dict[tuple[Term, ...], Symbol] = {}
        for atom in self.control.symbolic_atoms:
            if not atom.is_external:
                continue
            name, args = atom.symbol.name, [term_of(part) for part in atom.symbol.arguments]
            if name in _RELATIONS:
                limit = args[1]
                assert isinstance(limit, int)
                self.bounds.setdefault(args[0], []).append((name, limit, atom.symbol))
            else:
                self.externs[(name, *args)] = atom.symbol

    def atoms(self, name: str) -> list[tuple[int, tuple[Term, ...]]]:
        """The atoms of a predicate: solver literal and arguments, in the order of the rules."""
        found = []
        symbols = self.control.symbolic_atoms
        for signature, arity, positive in symbols.signatures:
            if signature == name and positive:
                for atom in symbols.by_signature(name, arity):
                    args = tuple(term_of(part) for part in atom.symbol.arguments)
                    found.append((atom.literal, args))
        return found

    def tell(self, facts: Iterable[Fact]) -> None:
        """Make exactly the externals true that the facts speak for."""
        true: set[Symbol] = set()
        externs = self.externs
        for fact in facts:
            if type(fact) is Between:
                for relation, limit, symbol in self.bounds.get(fact.field, ()):
                    bound = fact.low if relation in ("at_least", "above") else fact.high
                    if bound is not None and _compare(relation, bound, limit):
                        true.add(symbol)
            else:
                key = ("given", *fact) if type(fact) is Given else ("stated", *fact)
                found = externs.get(key)
                if found is not None:
                    true.add(found)
        for symbol in self.on - true:
            self.control.assign_external(symbol, False)
        for symbol in true - self.on:
            self.control.assign_external(symbol, True)
        self.on = true


def _compare(relation: str, bound: float, limit: int) -> bool:
    if relation == "at_least":
        return bound >= limit
    if relation == "below":
        return bound < limit
    if relation == "at_most":
        return bound <= limit
    return bound > limit


class Decider:
    """Derives what follows from a record, and from the record under another reading."""

    def __init__(self, files: Sequence[Path], slots: int) -> None:
        self.ground = _Ground([ENCODINGS / "decide.lp", *files], slots, ())
        atoms = {name: self.ground.atoms(name) for name in _WORLD}
        self._watched = [(literal, name, args) for name in _WORLD for literal, args in atoms[name]]
        self._approved = [literal for literal, _ in atoms["approved"]]
        self._scope = [literal for literal, _ in atoms["in_scope"]]
        self._met = [(lit, name, args) for lit, name, args in self._watched if name == "met"]

    def tell(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        self.ground.tell(facts)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        result = []

        def look(model: Model) -> None:
            if not any(map(model.is_true, self._scope)):
                result.append("out_of_scope")
            else:
                result.append("approved" if any(map(model.is_true, self._approved)) else "denied")

        self.ground.control.solve(on_model=look)
        return self._one(result)

    def decision_with(self, choice: str) -> str:
        """The decision with one interpretation choice turned to its other reading."""
        symbol = self.ground.externs[("turned", choice)]
        self.ground.control.assign_external(symbol, True)
        try:
            return self.decision()
        finally:
            self.ground.control.assign_external(symbol, False)

    def world(self) -> World:
        """Everything that follows from the record."""
        return self._world(self._watched)

    def hopeful(self) -> World:
        """The items that would be met with everything supplied that is missing."""
        symbol = self.ground.externs[("hopeful",)]
        self.ground.control.assign_external(symbol, True)
        try:
            return self._world(self._met)
        finally:
            self.ground.control.assign_external(symbol, False)

    def _world(self, watched: list[tuple[int, str, tuple[Term, ...]]]) -> World:
        found: list[World] = []

        def look(model: Model) -> None:
            true = model.is_true
            world: World = {name: {} for name in _WORLD}
            for literal, name, args in watched:
                if true(literal):
                    world[name][args] = None
            found.append(world)

        self.ground.control.solve(on_model=look)
        if len(found) != 1:
            raise RulesError("the rules have no single answer set: look for a loop through `not`")
        return found[0]

    @staticmethod
    def _one(result: list[str]) -> str:
        if len(result) != 1:
            raise RulesError("the rules have no single answer set: look for a loop through `not`")
        return result[0]


class Explainer:
    """Finds the subset-minimal sets of open conditions that meet a goal (abduction)."""

    def __init__(self, files: Sequence[Path], slots: int) -> None:
        self.ground = _Ground(
            [ENCODINGS / "decide.lp", ENCODINGS / "explain.lp", *files],
            slots,
            ("--heuristic=Domain", "--enum-mode=domRec", "--models=0"),
        )
        self._supposed = {args[0]: literal for literal, args in self.ground.atoms("supposed")}
        self._met = {args[0]: literal for literal, args in self.ground.atoms("met")}
        self._excludes = {args[0]: literal for literal, args in self.ground.atoms("excludes")}

    def tell(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        self.ground.tell(facts)

    def sets(
        self, items: Sequence[Term], open_conditions: Iterable[Term], most: int, deadline: float
    ) -> Sets:
        """The subset-minimal sets that meet all the items, at most `most`, until `deadline` (s)."""
        assumptions = []
        for item in items:
            if item in self._met:
                assumptions.append(self._met[item])
            elif item in self._excludes:
                assumptions.append(-self._excludes[item])
            else:
                return Sets((), True)
        watched = [(self._supposed[c], c) for c in open_conditions if c in self._supposed]
        found: list[frozenset[Term]] = []
        cut = False

        def look(model: Model) -> bool:
            nonlocal cut
            if len(found) >= most or time.monotonic() > deadline:
                cut = True
                return False
            true = model.is_true
            found.append(frozenset(c for literal, c in watched if true(literal)))
            return True

        self.ground.control.solve(assumptions=assumptions, on_model=look)
        if self.ground.messages:
            raise RulesError("\n".join(self.ground.messages))
        return Sets(tuple(found), not cut)


class Tables:
    """The policy's tables: rows that are the same for every record."""

    def __init__(self, decider: Decider) -> None:
        self._ground = decider.ground

    def rows(self, name: str) -> list[tuple[Term, ...]]:
        """The rows of a table, in the order in which the rules give them."""
        return [args for _, args in self._ground.atoms(name)]


