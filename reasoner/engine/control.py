"""The only user of clingo.Control: programs are ground, with what is seen of that, or solved once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from clingo import Control, MessageCode, Model, Observer, Symbol
from clingo.ast import AST, ProgramBuilder

from facts.symbols import term_of
from facts.terms import Term
from reasoner.engine.ground_rules import GroundRule, GroundRules
from reasoner.engine.program import DERIVED, ENCODINGS, Program
from reasoner.errors import RulesError


def arguments(symbol: Symbol) -> tuple[Term, ...]:
    """The arguments of a symbol as plain Python values."""
    return tuple(term_of(part) for part in symbol.arguments)


class _Observed(Observer):
    """Takes up the rules of a program as it is ground."""

    def __init__(self, rules: GroundRules) -> None:
        self._add = rules.rules.append

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        """Take up a rule."""
        self._add(GroundRule(tuple(head), tuple(body), choice))

    def weight_rule(
        self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]
    ) -> None:  # fmt: skip
        """Take up a rule that counts."""
        literals, weights = (tuple(part) for part in zip(*body, strict=True)) if body else ((), ())
        self._add(GroundRule(tuple(head), literals, choice, lower_bound, weights))


def observe(control: Control, rules: GroundRules) -> None:
    """Take up the rules of what is ground from now on."""
    control.register_observer(_Observed(rules))


def grounded(
    program: Program, options: Sequence[str], messages: list[str], rules: GroundRules | None = None
) -> Control:  # fmt: skip
    """Ground a program, and take up its ground rules. Raises RulesError with clingo's messages in plain words."""

    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip())

    control = Control(list(options), logger=log, message_limit=50)
    if rules is not None:
        observe(control, rules)
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


def _placed(program: Program, options: Sequence[str]) -> list[str]:
    """The messages on a program that does not ground cleanly, with their files; on what is derived only if there is
    nothing else.
    """
    from reasoner.engine.texts import placed_messages

    messages = placed_messages(program.texts, options)
    return [message for message in messages if not message.startswith(DERIVED)] or messages


def rows_of(program: Program) -> dict[str, list[tuple[Term, ...]]]:
    """The atoms of a program without choices, as rows by predicate. Raises RulesError."""
    control = grounded(program, (), [])
    rows: dict[str, list[tuple[Term, ...]]] = {}
    for atom in control.symbolic_atoms:
        rows.setdefault(atom.symbol.name, []).append(arguments(atom.symbol))
    return rows


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
