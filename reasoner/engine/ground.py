"""The only user of clingo.Control: a program that is ground once, and the externals that a record turns.

Terms of the program are plain Python values here: a constant or string is a str, true and false
are bools, a compound term is a tuple of its name and arguments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clingo import Control, MessageCode, Model, Symbol, SymbolicAtom

from facts.program_text import foreign_sign
from facts.symbols import Between, Fact, Given, Term, symbol, term_of
from reasoner.errors import RulesError

if TYPE_CHECKING:
    from clingo.ast import AST

ENCODINGS = Path(__file__).parent / "encodings"
_FROM_BELOW, _FROM_ABOVE = ("reaches", "exceeds"), ("falls_short", "keeps_to")
_EXTERNALS = (
    *((name, 2) for name in (*_FROM_BELOW, *_FROM_ABOVE, "given")),
    ("unexpected", 1), ("turned", 1), ("hopeful", 0), ("explaining", 0), ("one_by_one", 0),
)  # fmt: skip
_REMEMBERED = 20_000
"""Facts whose externals are remembered."""
_NONE: dict[str, list[tuple[int, int]]] = {}


class Atom(NamedTuple):
    """A ground atom: its solver literal, its arguments, and whether it holds for every record."""

    literal: int
    args: tuple[Term, ...]
    is_fact: bool


class Ground:
    """A ground program. Its externals are free: what a record says is assumed in the solves of it."""

    def __init__(self, files: Sequence[Path], slots: int, options: Sequence[str]) -> None:
        messages: list[str] = []

        def log(code: MessageCode, message: str) -> None:
            messages.append(message.strip())

        self.messages = messages
        self.control = Control([f"-cslots={slots}", *options], logger=log, message_limit=50)
        foreign = list(filter(None, map(foreign_sign, files)))
        if foreign:
            raise RulesError("\n".join(foreign))
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
        self._atoms: dict[str, list[Atom]] = {}
        self._arities: dict[str, list[int]] = {}
        for name, arity, positive in self.control.symbolic_atoms.signatures:
            if positive:
                self._arities.setdefault(name, []).append(arity)
        self.given: dict[Term, dict[Term, int]] = {}
        self.unexpected: dict[Term, int] = {}
        self.bounds: dict[Term, dict[str, list[tuple[int, int]]]] = {}
        self.switches: dict[tuple[Term, ...], int] = {}
        sayable: list[int] = []
        for name, arity in _EXTERNALS:
            for atom in self.control.symbolic_atoms.by_signature(name, arity):
                if atom.is_external and not self._take(name, arguments(atom.symbol), atom.literal):
                    sayable.append(atom.literal)
        for field in self.bounds.values():
            for limits in field.values():
                limits.sort()
        self._unsaid = [-literal for literal in sayable]
        self._places = {literal: place for place, literal in enumerate(sayable)}

    def _take(self, name: str, args: tuple[Term, ...], literal: int) -> bool:
        """An external, by what it tells: of a number's bounds, of a field's value, or (True) of the program itself."""
        if name in (*_FROM_BELOW, *_FROM_ABOVE):
            limit = args[1]
            if not isinstance(limit, int):
                raise RulesError(f"{symbol(args[0])} is compared with {limit!r}, which is no whole number")
            self.bounds.setdefault(args[0], {}).setdefault(name, []).append((limit, literal))
        elif name == "given":
            self.given.setdefault(args[0], {})[args[1]] = literal
        elif name == "unexpected":
            self.unexpected[args[0]] = literal
        else:
            self.switches[(name, *args)] = literal
            return True
        return False

    def atoms(self, name: str) -> list[Atom]:
        """The atoms of a predicate, in the order of the rules; read once."""
        if name not in self._atoms:
            self._atoms[name] = [
                Atom(atom.literal, arguments(atom.symbol), atom.is_fact) for atom in self._of_predicate(name)
            ]
        return self._atoms[name]

    def symbols(self, name: str) -> list[Symbol]:
        """The atoms of a predicate as clingo's symbols, in the order of the rules."""
        return [atom.symbol for atom in self._of_predicate(name)]

    def _of_predicate(self, name: str) -> Iterator[SymbolicAtom]:
        for arity in self._arities.get(name, ()):
            yield from self.control.symbolic_atoms.by_signature(name, arity)

    def facts(self) -> list[Symbol]:
        """The atoms that hold for every record."""
        return [atom.symbol for atom in self.control.symbolic_atoms if atom.is_fact]

    def said(self, facts: Iterable[Fact]) -> list[int]:
        """All that a record can say, as literals: true those that the facts speak for, and no other."""
        true: set[int] = set()
        false: set[int] = set()
        for fact in facts:
            turned_on, turned_off = self._told.get(fact) or self._tell(fact)
            true.update(turned_on)
            false.update(turned_off)
        found = self._unsaid.copy()
        for literal in true - false:
            found[self._places[literal]] = literal
        return found

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


def arguments(symbol: Symbol) -> tuple[Term, ...]:
    """The arguments of a symbol as plain Python values."""
    return tuple(term_of(part) for part in symbol.arguments)


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


def _in_words(messages: Iterable[str], known: Iterable[str] = ()) -> str:
    from reasoner.engine.messages import plain

    return "\n".join(plain(messages, known))


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
