"""The only user of clingo.Control: a policy's rules, ground once, asked often.

Terms of the program are plain Python values here: a constant or string is a str, true and false
are bools, a compound term is a tuple of its name and arguments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from clingo import Control, MessageCode, Model, Symbol

from reasoner.errors import RulesError
from reasoner.facts.symbols import Between, Fact, Given, Term, term_of

if TYPE_CHECKING:
    from clingo.ast import AST

ENCODINGS = Path(__file__).parent / "encodings"
T = TypeVar("T")
_FROM_BELOW, _FROM_ABOVE = ("reaches", "exceeds"), ("falls_short", "keeps_to")
_EXTERNALS = (
    *((name, 2) for name in (*_FROM_BELOW, *_FROM_ABOVE, "given")),
    ("unexpected", 1), ("turned", 1), ("hopeful", 0),
)  # fmt: skip
SHOWN = (
    "met", "excludes", "required", "satisfied", "outcome", "medically_necessary",
    "decided_by", "in_force", "advisory", "concerns", "established", "contradicted", "open",
)  # fmt: skip


class Ask(NamedTuple):
    """What a condition asks of a field: `relation` is one_of, at_least or at_most."""

    field: Term
    relation: str
    value: Term


World = dict[str, dict[tuple[Term, ...], None]]
"""The true atoms of the answer set by predicate, in the order of the rules."""


class Sets(NamedTuple):
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
            raise RulesError(_in_words(messages or [str(error)])) from None
        if messages:
            known = (name for name, _, _ in self.control.symbolic_atoms.signatures)
            raise RulesError(_in_words(messages, known))
        self._told: dict[Fact, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._arities: dict[str, list[int]] = {}
        for name, arity, positive in self.control.symbolic_atoms.signatures:
            if positive:
                self._arities.setdefault(name, []).append(arity)
        self.on: set[int] = set()
        self.given: dict[Term, dict[Term, int]] = {}
        self.unexpected: dict[Term, int] = {}
        self.bounds: dict[Term, dict[str, list[tuple[int, int]]]] = {}
        self.switches: dict[tuple[Term, ...], int] = {}
        for name, arity in _EXTERNALS:
            for atom in self.control.symbolic_atoms.by_signature(name, arity):
                if atom.is_external:
                    self._take(name, _arguments(atom.symbol), atom.literal)
        for field in self.bounds.values():
            for limits in field.values():
                limits.sort()

    def _take(self, name: str, args: tuple[Term, ...], literal: int) -> None:
        """An external, by what it tells: of a number's bounds, of a field's value, or of the program itself."""
        if name in (*_FROM_BELOW, *_FROM_ABOVE):
            limit = args[1]
            if not isinstance(limit, int):
                raise RulesError(f"{args[0]} is compared with {limit!r}, which is no whole number")
            self.bounds.setdefault(args[0], {}).setdefault(name, []).append((limit, literal))
        elif name == "given":
            self.given.setdefault(args[0], {})[args[1]] = literal
        elif name == "unexpected":
            self.unexpected[args[0]] = literal
        else:
            self.switches[(name, *args)] = literal

    def record_literals(self) -> Iterator[int]:
        """The literals of all that a record can say."""
        yield from (literal for values in self.given.values() for literal in values.values())
        yield from self.unexpected.values()
        for field in self.bounds.values():
            yield from (literal for limits in field.values() for _, literal in limits)

    def atoms(self, name: str) -> list[tuple[int, tuple[Term, ...]]]:
        """The atoms of a predicate: solver literal and arguments, in the order of the rules."""
        return [(literal, _arguments(symbol)) for literal, symbol in self.symbols(name)]

    def symbols(self, name: str) -> list[tuple[int, Symbol]]:
        """The atoms of a predicate: solver literal and symbol, in the order of the rules."""
        symbols = self.control.symbolic_atoms
        return [
            (atom.literal, atom.symbol)
            for arity in self._arities.get(name, ())
            for atom in symbols.by_signature(name, arity)
        ]

    def facts(self) -> list[Symbol]:
        """The atoms that hold for every record."""
        return [atom.symbol for atom in self.control.symbolic_atoms if atom.is_fact]

    def true_of(self, facts: Iterable[Fact]) -> set[int]:
        """The literals of exactly the externals that the facts speak for."""
        true: set[int] = set()
        false: set[int] = set()
        for fact in facts:
            turned_on, turned_off = self._told.get(fact) or self._tell(fact)
            true.update(turned_on)
            false.update(turned_off)
        return true - false

    def assign(self, true: set[int]) -> None:
        """Make exactly these externals true, until others are."""
        assign = self.control.assign_external
        for literal in self.on - true:
            assign(literal, False)
        for literal in true - self.on:
            assign(literal, True)
        self.on = true

    def _tell(self, fact: Fact) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The externals that a fact makes true, and those that it makes false whatever else is said."""
        found: tuple[tuple[int, ...], tuple[int, ...]] = (), ()
        if isinstance(fact, Given):
            values = self.given.get(fact.field, {})
            if fact.value in values:
                found = (values[fact.value],), (self.unexpected[fact.field],)
        elif isinstance(fact, Between):
            places = (
                (limits, _sharpest(relation, limits, fact))
                for relation, limits in self.bounds.get(fact.field, _NONE).items()
            )
            found = tuple(limits[n][1] for limits, n in places if n is not None and 0 <= n < len(limits)), ()
        elif fact.field in self.unexpected:
            found = (self.unexpected[fact.field],), ()
        if len(self._told) > _REMEMBERED:
            self._told.clear()
        self._told[fact] = found
        return found

    def free(self, names: Iterable[Term]) -> tuple[int, ...]:
        """Leave the externals of these names to assumptions; their literals."""
        found = tuple(literal for key, literal in self.switches.items() if key[0] in names)
        for literal in found:
            self.control.assign_external(literal, None)
        return found


def _in_words(messages: Iterable[str], known: Iterable[str] = ()) -> str:
    from reasoner.clingo_messages import plain

    return "\n".join(plain(messages, known))


def _arguments(symbol: Symbol) -> tuple[Term, ...]:
    return tuple(term_of(part) for part in symbol.arguments)


_REMEMBERED = 20_000
"""Facts whose externals are remembered."""
_NONE: dict[str, list[tuple[int, int]]] = {}


def _sharpest(relation: str, limits: list[tuple[int, int]], number: Between) -> int | None:
    """The place, among the compared numbers, of the sharpest that is known of the number."""
    bound = number.low if relation in _FROM_BELOW else number.high
    if bound is None:
        return None
    if relation == "reaches":
        return bisect_right(limits, bound, key=_first) - 1
    if relation == "exceeds":
        return bisect_left(limits, bound, key=_first) - 1
    if relation == "falls_short":
        return bisect_right(limits, bound, key=_first)
    return bisect_left(limits, bound, key=_first)


_first = itemgetter(0)


class Decider:
    """Derives what follows from a record, and from the record under another reading."""

    def __init__(self, files: Sequence[Path], slots: int) -> None:
        self.ground = _Ground([ENCODINGS / "decide.lp", *files], slots, ("--models=2",))
        shown = [(name, symbol) for name in SHOWN for _, symbol in self.ground.symbols(name)]
        self._places = {symbol: (place, name) for place, (name, symbol) in enumerate(shown)}
        self._read: dict[Symbol, tuple[int, str, tuple[Term, ...]]] = {}
        self._met = self.ground.atoms("met")
        self._rows: dict[str, list[tuple[Term, ...]]] = {}
        self._outcomes = [(literal, str(args[0])) for literal, args in self.ground.atoms("outcome")]
        self._choices = [str(key[1]) for key in self.ground.switches if key[0] == "turned"]
        self._calm = tuple(-literal for literal in self.ground.free(("turned", "hopeful")))
        # a record is told by assumptions: cheaper than turning externals, for the few solves of one record
        self._sayable = tuple(self.ground.record_literals())
        for literal in self._sayable:
            self.ground.control.assign_external(literal, None)
        self.tell(())

    def rows(self, table: str) -> list[tuple[Term, ...]]:
        """The rows of a table, in the order in which the rules give them."""
        if table not in self._rows:
            self._rows[table] = [args for _, args in self.ground.atoms(table)]
        return self._rows[table]

    @property
    def compared(self) -> dict[Term, list[int]]:
        """The numbers that the rules compare with each field."""
        return {
            field: sorted({limit for limits in relations.values() for limit, _ in limits})
            for field, relations in self.ground.bounds.items()
        }

    def tell(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        true = self.ground.true_of(facts)
        self._said = tuple(literal if literal in true else -literal for literal in self._sayable)

    @property
    def _plain(self) -> tuple[int, ...]:
        """The record as it stands, every choice read by default."""
        return self._calm + self._said

    def possible(self, *predicates: str, default: bool = False) -> frozenset[tuple[Term, ...]]:
        """The atoms of these predicates that hold for some record, in some reading (or by default)."""
        ground = self.ground
        wanted = {literal: args for name in predicates for literal, args in ground.atoms(name)}
        found: set[tuple[Term, ...]] = set()

        def look(model: Model) -> None:
            found.update(args for literal, args in wanted.items() if model.is_true(literal))

        signs: Any = ground.control.configuration.solver
        signs.sign_def = "pos"  # records that say much: a few of them show most of what is possible
        for literal, args in wanted.items():
            if args not in found:
                calm = self._calm if default else ()
                ground.control.solve(assumptions=(literal, *calm), on_model=look)
        signs.sign_def = "asp"
        return frozenset(found)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        return self._decision(self._plain)

    def derives(self, predicate: str) -> list[Term]:
        """The first arguments with which a predicate holds for the record."""
        found: list[Term] = []
        atoms = self.ground.atoms(predicate)

        def look(model: Model) -> None:
            found.extend(args[0] for literal, args in atoms if model.is_true(literal))

        self.ground.control.solve(assumptions=self._plain, on_model=look)
        return found

    def hinges(self, decision: str) -> frozenset[str]:
        """The choices that would turn this decision if read the other way, one at a time."""
        same = next(literal for literal, outcome in self._outcomes if outcome == decision)
        calm = -self.ground.switches[("hopeful",)]
        if not self.ground.control.solve(assumptions=(calm, -same, *self._said)).satisfiable:
            return frozenset()
        return frozenset(
            choice for choice in self._choices if self._decision(self._turned(("turned", choice))) != decision
        )

    def _decision(self, assumptions: tuple[int, ...]) -> str:
        found: list[str] = []

        def look(model: Model) -> None:
            found.extend(outcome for literal, outcome in self._outcomes if model.is_true(literal))

        self.ground.control.solve(assumptions=assumptions, on_model=look)
        return _single(found)

    def world(self) -> World:
        """Everything that follows from the record."""
        found: list[Sequence[Symbol]] = []

        def look(model: Model) -> None:
            found.append(model.symbols(shown=True))

        self.ground.control.solve(assumptions=self._plain, on_model=look)
        world: World = {name: {} for name in SHOWN}
        read = self._read
        atoms = [read.get(symbol) or self._atom(symbol) for symbol in _single(found)]
        for _, name, args in sorted(atoms, key=_first):
            world[name][args] = None
        return world

    def _atom(self, symbol: Symbol) -> tuple[int, str, tuple[Term, ...]]:
        """The place of an atom in the order of the rules, its predicate and its arguments; read once."""
        found = self._read[symbol] = (*self._places[symbol], _arguments(symbol))
        return found

    def derived(self, predicate: str) -> frozenset[tuple[Term, ...]]:
        """What is derived of a predicate: as the record stands, with all supplied that is missing, or when a
        choice is read the other way.
        """
        atoms = self.ground.atoms(predicate)
        found: set[tuple[Term, ...]] = set()

        def look(model: Model) -> None:
            found.update(args for literal, args in atoms if model.is_true(literal))

        others = [("hopeful",), *(("turned", choice) for choice in self._choices)]
        for assumptions in (self._plain, *map(self._turned, others)):
            self.ground.control.solve(assumptions=assumptions, on_model=look)
        return frozenset(found)

    def hopeful(self) -> frozenset[Term]:
        """The items that would be met with everything supplied that is missing."""
        found: list[frozenset[Term]] = []

        def look(model: Model) -> None:
            found.append(frozenset(args[0] for literal, args in self._met if model.is_true(literal)))

        self.ground.control.solve(assumptions=self._turned(("hopeful",)), on_model=look)
        return _single(found)

    def _turned(self, extern: tuple[Term, ...]) -> tuple[int, ...]:
        literal = self.ground.switches[extern]
        return tuple(literal if other == -literal else other for other in self._calm) + self._said


def _single(found: Sequence[T]) -> T:
    if len(found) != 1:
        raise RulesError("the rules have no single answer set: look for a loop through `not`")
    return found[0]


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
        self.ground.assign(self.ground.true_of(facts))

    def sets(self, items: Sequence[Term], open_conditions: Iterable[Term], most: int) -> Sets:
        """The subset-minimal sets that meet all the items, at most `most`."""
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
            if len(found) >= most:
                cut = True
                return False
            true = model.is_true
            found.append(frozenset(c for literal, c in watched if true(literal)))
            return True

        self.ground.control.solve(assumptions=assumptions, on_model=look)
        if self.ground.messages:
            raise RulesError("\n".join(self.ground.messages))
        return Sets(tuple(found), not cut)


class Answer(NamedTuple):
    """The best answer set of a search, if there is one, and whether the search came to its end."""

    symbols: list[Symbol] | None
    finished: bool


def answers(program: Iterable[AST], facts: Iterable[Symbol], options: Sequence[str], seconds: float) -> Answer:
    """Solve a program once, with facts; of several answer sets the best that `seconds` sufficed for."""
    from clingo.ast import ProgramBuilder

    messages: list[str] = []

    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip())

    control = Control(list(options), logger=log, message_limit=50)
    with ProgramBuilder(control) as builder:
        for node in program:
            builder.add(node)
    with control.backend() as backend:
        for fact in facts:
            backend.add_rule([backend.add_atom(fact)])
    found: list[list[Symbol]] = []
    try:
        control.ground([("base", [])])

        def look(model: Model) -> None:
            found[:] = [list(model.symbols(shown=True))]

        with control.solve(on_model=look, async_=True) as handle:
            finished = handle.wait(seconds)
            handle.cancel()
    except RuntimeError as error:
        raise RulesError(_in_words(messages or [str(error)])) from None
    return Answer(found[0] if found else None, finished)
