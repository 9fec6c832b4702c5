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
from reasoner.policy.source import SourceFile

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
    def location(self) -> str:
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
        return predicates_of(self.node)[0]

    @property
    def uses(self) -> frozenset[Predicate]:
        """The predicates of its body, and of conditions in its head."""
        return predicates_of(self.node)[1]

    def __str__(self) -> str:
        return str(self.node)


@dataclass(frozen=True, eq=False)
class RuleFile:
    """A rule file as its statements; nodes are the syntax trees that the parser found in the text."""

    path: Path
    text: str
    nodes: tuple[AST, ...]

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Its rules and facts in order."""
        return tuple(
            Statement(self, node, self.offset(node.location, "begin"), self.offset(node.location, "end"))
            for node in self.nodes
        )

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        found, position = [0], 0
        for line in self.text.split("\n"):
            position += len(line) + 1
            found.append(position)
        return tuple(found)

    def offset(self, location: Location, side: str) -> int:
        """The character at which a location begins or ends; clingo counts columns in bytes."""
        position = getattr(location, side)
        start = self._starts[position.line - 1]
        line = self.text[start : self._starts[position.line]]
        before: bytes = line.encode()[: position.column - 1]
        return int(start + len(before.decode(errors="ignore")))


def rule_files(sources: Iterable[SourceFile]) -> tuple[RuleFile, ...]:
    """The files of a rule folder, by path."""
    return tuple(_rule_file(source) for source in sorted(sources, key=_path))


_FILES: dict[tuple[Path, str], RuleFile] = {}
"""Files by path and text: of a folder that is loaded again, few files are others."""
_MOST_FILES = 300


def _rule_file(source: SourceFile) -> RuleFile:
    key = source.path, source.text
    if key not in _FILES:
        if len(_FILES) >= _MOST_FILES:
            _FILES.clear()
        _FILES[key] = RuleFile(source.path, source.text, source.nodes)
    return _FILES[key]


def _path(source: SourceFile) -> Path:
    return source.path


def parsed(text: str) -> list[AST]:
    """The statements of a program text, without comments. Raises RulesError."""
    messages: list[str] = []

    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip())

    found: list[AST] = []

    def take(node: AST) -> None:
        if node.ast_type not in (ASTType.Comment, ASTType.Program):
            found.append(node)

    try:
        parse_string(text, take, logger=log)
    except RuntimeError as error:
        raise RulesError("\n".join(plain(messages)) or str(error)) from None
    return found


def predicates_of(node: AST) -> tuple[frozenset[Predicate], frozenset[Predicate]]:
    """The predicates that a statement derives; those of its body, and of conditions in its head."""
    if node.ast_type != ASTType.Rule:
        return frozenset(), frozenset()
    uses = {p for literal in node.body for p in predicates(literal)}
    head = node.head
    if head.ast_type != ASTType.Literal:
        uses |= {p for part in getattr(head, "elements", ()) for c in part.condition for p in predicates(c)}
    return frozenset(predicates(head)), frozenset(uses)


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
