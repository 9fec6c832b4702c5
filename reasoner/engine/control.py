"""The only user of clingo.Control: a program that is ground once, and the externals by which a record is assumed.

Terms of the program are plain Python values here: a constant or string is a str, true and false
are bools, a compound term is a tuple of its name and arguments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from clingo import Control, MessageCode, Model, Observer, SolveResult, Symbol, SymbolicAtom
from clingo.ast import AST, ProgramBuilder

from facts.symbols import symbol, term_of
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Term
from reasoner.engine.watchdog import Watchdog
from reasoner.errors import RulesError

Text = tuple[str, str]
"""The name and the text of a program file."""
ENCODINGS = Path(__file__).parent / "encodings"
_FROM_BELOW, _FROM_ABOVE = ("reaches", "exceeds"), ("falls_short", "keeps_to")
_VALUES = ("recorded", "could_be", "could_mean")
_MARKS = ("unexpected", "measured", "not_understood", "could_be_other", "present")
_SWITCHES = (("read_otherwise", 1), ("best_case", 0), ("explaining", 0), ("one_by_one", 0), ("kept", 1))
_EXTERNALS = (
    *((name, 2) for name in (*_FROM_BELOW, *_FROM_ABOVE, *_VALUES)),
    *((name, 1) for name in _MARKS), *_SWITCHES,
)  # fmt: skip
_REMEMBERED = 20_000
"""Facts of fields whose assumptions are remembered."""
_NONE: dict[str, list[tuple[int, int]]] = {}


class Program(NamedTuple):
    """What is ground: encodings of the engine by name, statements of a rule folder, and text derived from these."""

    encodings: tuple[str, ...]
    statements: Sequence[AST]
    files: tuple[Text, ...]
    """The files of the statements, each by name and text, for messages and trials."""
    text: str

    @property
    def texts(self) -> list[Text]:
        """All of it as texts with their names."""
        engine = [(name, (ENCODINGS / name).read_text("utf-8")) for name in self.encodings]
        return [*engine, *self.files, (_DERIVED, self.text)]


class Atom(NamedTuple):
    """A ground atom: its solver literal, its arguments, and whether it holds for every record."""

    literal: int
    args: tuple[Term, ...]
    is_fact: bool


class GroundProgram:
    """A ground program. Its externals are free: what a record says is assumed in the solves of it."""

    def __init__(
        self, program: Program, options: Sequence[str], solve_seconds: float = 20.0, observer: Observer | None = None
    ) -> None:  # fmt: skip
        """Ground. Raises RulesError with clingo's messages in plain words. No solve of it may take longer."""
        self.messages: list[str] = []
        self.control = _grounded(program, options, self.messages, observer)
        self._watchdog = Watchdog(self.control, solve_seconds)
        self._assumptions: dict[tuple[Fact, ...], tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._atoms: dict[str, list[Atom]] = {}
        self._arities: dict[str, list[int]] = {}
        for name, arity, positive in self.control.symbolic_atoms.signatures:
            if positive:
                self._arities.setdefault(name, []).append(arity)
        self.values: dict[str, dict[Term, dict[Term, int]]] = {name: {} for name in _VALUES}
        self.marks: dict[str, dict[Term, int]] = {name: {} for name in _MARKS}
        self.bounds: dict[Term, dict[str, list[tuple[int, int]]]] = {}
        self.switches: dict[tuple[Term, ...], int] = {}
        of_record: list[int] = []
        for name, arity in _EXTERNALS:
            for atom in self.control.symbolic_atoms.by_signature(name, arity):
                if atom.is_external and self._is_of_record(name, arguments(atom.symbol), atom.literal):
                    of_record.append(atom.literal)
        for field in self.bounds.values():
            for limits in field.values():
                limits.sort()
        self._all_false = [-literal for literal in of_record]
        self._positions = {literal: position for position, literal in enumerate(of_record)}

    def _is_of_record(self, name: str, args: tuple[Term, ...], literal: int) -> bool:
        """Keep an external by what it stands for; whether this is something that a record says."""
        if name in (*_FROM_BELOW, *_FROM_ABOVE):
            limit = args[1]
            if not isinstance(limit, int):
                raise RulesError(f"{symbol(args[0])} is compared with {limit!r}, which is no whole number")
            self.bounds.setdefault(args[0], {}).setdefault(name, []).append((limit, literal))
        elif name in _VALUES:
            self.values[name].setdefault(args[0], {})[args[1]] = literal
        elif name in _MARKS:
            self.marks[name][args[0]] = literal
        else:
            self.switches[(name, *args)] = literal
            return False
        return True

    def solve(self, assumptions: Sequence[int], on_model: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets under assumptions. Raises RulesError where that takes too long."""
        with self._watchdog.solve():
            return self.control.solve(assumptions=assumptions, on_model=on_model)

    def literals_of(self, entry: Term) -> Iterator[int]:
        """What a record can say of an entry."""
        fields = dict.fromkeys(chain(self.bounds, *self.values.values(), *self.marks.values()))
        for field in (field for field in fields if entry in _entries(field)):
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

    def situation(self, facts: Iterable[tuple[Fact, ...]]) -> frozenset[int]:
        """The externals that the facts speak for, as literals; of a record no other one is true.

        Those facts come together that others come with as well: what they speak for is remembered.
        """
        true: set[int] = set()
        false: set[int] = set()
        for own in facts:
            made_true, made_false = self._assumptions.get(own) or self._assume(own)
            true.update(made_true)
            if made_false:
                false.update(made_false)
        return frozenset(true - false if false else true)

    def assumptions(self, situation: Iterable[int]) -> list[int]:
        """All that a record can say, as literals: true those of its situation, and no other."""
        found = self._all_false.copy()
        for literal in situation:
            found[self._positions[literal]] = literal
        return found

    @property
    def of_record(self) -> Sequence[int]:
        """The externals by which a record is assumed."""
        return list(self._positions)

    def _assume(self, facts: tuple[Fact, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The externals that facts make true, and those that they make false whatever else is assumed."""
        if len(self._assumptions) > _REMEMBERED:
            self._assumptions.clear()
        each = [self._of_fact(fact) for fact in facts]
        true, false = ({literal: None for part in parts for literal in part} for parts in zip(*each, strict=True))
        found = self._assumptions[facts] = tuple(literal for literal in true if literal not in false), tuple(false)
        return found

    def _of_fact(self, fact: Fact) -> tuple[tuple[int, ...], tuple[int, ...]]:
        true: list[int] = []
        false: tuple[int, ...] = ()
        field = fact.field
        if isinstance(fact, Given):
            values = self.expected.get(field, {})
            if fact.value in values:
                true.append(values[fact.value])
                false = (self.marks["unexpected"][field],)
        elif isinstance(fact, Between):
            true += [self.marks["measured"][field]] if field in self.marks["measured"] else []
            for relation, limits in self.bounds.get(field, _NONE).items():
                position = _sharpest(relation, limits, fact)
                if position is not None and 0 <= position < len(limits):
                    true.append(limits[position][1])
        elif isinstance(fact, CouldBe):
            literal = self.values["could_be"].get(field, {}).get(fact.value, self.marks["could_be_other"].get(field))
            true += [literal] if literal is not None else []
            meant = self.values["could_mean"].get(field, {}).get(fact.value) if fact.itself else None
            true += [meant] if meant is not None else []
        else:
            mark = "not_understood" if isinstance(fact, NotUnderstood) else "unexpected"
            true += [self.marks[mark][field]] if field in self.marks[mark] else []
        true += [self.marks["present"][entry] for entry in _entries(field) if entry in self.marks["present"]]
        return tuple(true), false


def _entries(field: Term) -> tuple[Term, ...]:
    """The entries of the record of which a field is, or which it is itself."""
    return (field, *field[1:]) if isinstance(field, tuple) else ()


def arguments(symbol: Symbol) -> tuple[Term, ...]:
    """The arguments of a symbol as plain Python values."""
    return tuple(term_of(part) for part in symbol.arguments)


def _grounded(
    program: Program, options: Sequence[str], messages: list[str], observer: Observer | None = None
) -> Control:  # fmt: skip
    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip())

    control = Control(list(options), logger=log, message_limit=50)
    if observer is not None:
        control.register_observer(observer)
    try:
        for name in program.encodings:
            control.load(str(ENCODINGS / name))
        with ProgramBuilder(control) as builder:
            for statement in program.statements:
                builder.add(statement)
        control.add("base", [], program.text)
        control.ground([("base", [])])
    except RuntimeError as error:
        raise RulesError(_in_words(_placed(program, options) or [str(error)])) from None
    if messages:
        atoms = control.symbolic_atoms
        known = (
            name for name, arity, sign in atoms.signatures if any(True for _ in atoms.by_signature(name, arity, sign))
        )
        raise RulesError(_in_words(_placed(program, options), known))
    return control


_DERIVED = "what follows from the rules"


def _placed(program: Program, options: Sequence[str]) -> list[str]:
    """The messages on a program that does not ground cleanly, with their files; on what is derived only if there is
    nothing else.
    """
    from reasoner.engine.texts import placed_messages

    messages = placed_messages(program.texts, options)
    return [message for message in messages if not message.startswith(_DERIVED)] or messages


def rows_of(program: Program) -> dict[str, list[tuple[Term, ...]]]:
    """The atoms of a program without choices, as rows by predicate. Raises RulesError."""
    control = _grounded(program, (), [])
    rows: dict[str, list[tuple[Term, ...]]] = {}
    for atom in control.symbolic_atoms:
        rows.setdefault(atom.symbol.name, []).append(arguments(atom.symbol))
    return rows


def _sharpest(relation: str, limits: list[tuple[int, int]], number: Between) -> int | None:
    """The position, among the compared numbers, of the sharpest that is known of the number."""
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


class Optimum(NamedTuple):
    """The best answer set of a search, if there is one, and whether the search came to its end."""

    symbols: list[Symbol] | None
    finished: bool


def optimum(program: Iterable[AST], facts: Iterable[Symbol], options: Sequence[str], seconds: float) -> Optimum:
    """Solve a program once, with facts; of several answer sets the best that `seconds` sufficed for."""
    found: list[list[Symbol]] = []

    def keep(model: Model) -> None:
        found[:] = [list(model.symbols(shown=True))]

    finished = _solved_once(program, facts, options, seconds, keep)
    return Optimum(found[0] if found else None, finished)


class Shown(NamedTuple):
    """The atoms that some answer set shows, and whether the search came to its end."""

    symbols: list[Symbol]
    finished: bool


def every_shown(program: Iterable[AST], facts: Iterable[Symbol], seconds: float, most: int) -> Shown:
    """Solve a program once, with facts, for the atoms that its answer sets show: all of them, or `most` if not 0."""
    found: dict[Symbol, None] = {}

    def keep(model: Model) -> None:
        found.update(dict.fromkeys(model.symbols(shown=True)))

    options = ("--opt-mode=ignore", f"--models={most}", "--project=show")
    finished = _solved_once(program, facts, options, seconds, keep)
    return Shown(list(found), finished)


def _solved_once(
    program: Iterable[AST], facts: Iterable[Symbol], options: Sequence[str], seconds: float,
    keep: Callable[[Model], None],
) -> bool:  # fmt: skip
    """Ground and solve a program for so long, at most; whether it came to its end. Raises RulesError."""
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
    try:
        control.ground([("base", [])])
        with control.solve(on_model=keep, async_=True) as handle:
            finished: bool = handle.wait(seconds)
            handle.cancel()
    except RuntimeError as error:
        raise RulesError(_in_words(messages or [str(error)])) from None
    return finished
