"""Rule files as syntax trees: their statements, where each stands, and what each derives and uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clingo import MessageCode
from clingo.ast import AST, ASTSequence, ASTType, Location, Sign, Transformer, parse_string

from reasoner.engine.messages import plain
from reasoner.errors import RulesError

Predicate = tuple[str, int]
"""Name and number of arguments."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A rule or fact of a file: its syntax tree, and the characters of the text that it spans."""

    file: RuleFile
    node: AST
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line in which it begins, from 1."""
        return int(self.node.location.begin.line)

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file.path.name}:{self.line}"

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule, a fact or a constraint, not a directive."""
        return bool(self.node.ast_type == ASTType.Rule)

    @property
    def body(self) -> Sequence[AST]:
        """The literals of its body."""
        return tuple(self.node.body) if self.is_rule else ()

    @property
    def heads(self) -> frozenset[Predicate]:
        """The predicates that it derives."""
        return frozenset(predicates(self.node.head)) if self.is_rule else frozenset()

    @property
    def uses(self) -> frozenset[Predicate]:
        """The predicates of its body, and of conditions in its head."""
        if not self.is_rule:
            return frozenset()
        found = {p for literal in self.node.body for p in predicates(literal)}
        head = self.node.head
        if head.ast_type != ASTType.Literal:
            found |= {p for part in getattr(head, "elements", ()) for c in part.condition for p in predicates(c)}
        return frozenset(found)

    def __str__(self) -> str:
        return str(self.node)


@dataclass(frozen=True)
class RuleFile:
    """The text of a rule file."""

    path: Path
    text: str

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements in order, without comments. Raises RulesError with file, line and column."""
        return tuple(
            Statement(self, node, self.offset(node.location, "begin"), self.offset(node.location, "end"))
            for node in parsed(self.text, self.path)
        )

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        found, place = [0], 0
        for line in self.text.split("\n"):
            place += len(line) + 1
            found.append(place)
        return tuple(found)

    def offset(self, location: Location, side: str) -> int:
        """The character at which a location begins or ends; clingo counts columns in bytes."""
        position = getattr(location, side)
        start = self._starts[position.line - 1]
        line = self.text[start : self._starts[position.line]]
        before: bytes = line.encode()[: position.column - 1]
        return int(start + len(before.decode(errors="ignore")))


def read(files: Iterable[Path]) -> tuple[RuleFile, ...]:
    """The rule files, by name. Raises RulesError."""
    found = []
    for path in sorted(files):
        try:
            found.append(RuleFile(path, path.read_text("utf-8")))
        except UnicodeDecodeError as error:
            raise RulesError(f"{path}: not UTF-8 (byte {error.start})") from None
        except OSError as error:
            raise RulesError(f"{path}: cannot be read: {error.strerror}") from None
    return tuple(found)


def parsed(text: str, path: Path | None = None) -> list[AST]:
    """The statements of a program text, without comments. Raises RulesError."""
    messages: list[str] = []

    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip().replace("<string>", str(path or "<string>")))

    found: list[AST] = []

    def take(node: AST) -> None:
        if node.ast_type not in (ASTType.Comment, ASTType.Program):
            found.append(node)

    try:
        parse_string(text, take, logger=log)
    except RuntimeError as error:
        raise RulesError("\n".join(plain(messages)) or str(error)) from None
    return found


def predicates(node: AST) -> Iterator[Predicate]:
    """The predicates of the atoms below a node."""
    if node.ast_type == ASTType.SymbolicAtom:
        yield signature(node)
        return
    for key in node.child_keys:
        child = getattr(node, key)
        if isinstance(child, AST):
            yield from predicates(child)
        elif isinstance(child, ASTSequence):
            for part in child:
                if isinstance(part, AST):
                    yield from predicates(part)


def signature(atom: AST) -> Predicate:
    """Name and number of arguments of a symbolic atom."""
    symbol = atom.symbol
    while symbol.ast_type == ASTType.UnaryOperation:
        symbol = symbol.argument
    if symbol.ast_type == ASTType.Pool:
        symbol = symbol.arguments[0]
    if symbol.ast_type == ASTType.SymbolicTerm:
        return str(symbol.symbol.name), 0
    return str(symbol.name), len(symbol.arguments)


class _Renamer(Transformer):
    def __init__(self, name: Callable[[Predicate], str]) -> None:
        self._name = name

    def visit_SymbolicAtom(self, node: AST) -> AST:
        name = self._name(signature(node))
        return node.update(symbol=_named(node.symbol, name))


def _named(symbol: AST, name: str) -> AST:
    if symbol.ast_type == ASTType.Pool:
        return symbol.update(arguments=[_named(part, name) for part in symbol.arguments])
    return symbol.update(name=name)


def renamed(node: AST, name: Callable[[Predicate], str]) -> AST:
    """The statement with its predicates under other names."""
    found: AST = _Renamer(name).visit(node)
    return found


def positive(literal: AST) -> bool:
    """Whether a body literal is an atom that is not negated."""
    return bool(
        literal.ast_type == ASTType.Literal
        and literal.sign == Sign.NoSign
        and literal.atom.ast_type == ASTType.SymbolicAtom
    )
