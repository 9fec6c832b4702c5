"""One-step changes of rule files, made on their syntax trees: what a wrong edit could look like.

The declaration of the record is left out: it is no rule, and what is wrong in it is found when it is loaded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clingo import SymbolType
from clingo.ast import AST, ASTSequence, ASTType, ComparisonOperator, Sign

from reasoner.policy.syntax import RuleFile, Statement, signature

Position = tuple[str | int, ...]
"""Where a constant stands: predicate, number of arguments, and the positions down to it."""

_TEXTS = frozenset({"citation", "words", "advisory_text", "choice_text", "policy"})
"""Tables whose last argument is text for people."""

_FLIPPED = {
    ComparisonOperator.LessThan: (ComparisonOperator.LessEqual, ComparisonOperator.GreaterEqual),
    ComparisonOperator.LessEqual: (ComparisonOperator.LessThan, ComparisonOperator.GreaterThan),
    ComparisonOperator.GreaterThan: (ComparisonOperator.GreaterEqual, ComparisonOperator.LessEqual),
    ComparisonOperator.GreaterEqual: (ComparisonOperator.GreaterThan, ComparisonOperator.LessThan),
    ComparisonOperator.Equal: (ComparisonOperator.NotEqual,),
    ComparisonOperator.NotEqual: (ComparisonOperator.Equal,),
}
_SIGNS = {
    ComparisonOperator.LessThan: "<", ComparisonOperator.LessEqual: "<=", ComparisonOperator.Equal: "=",
    ComparisonOperator.GreaterThan: ">", ComparisonOperator.GreaterEqual: ">=",
    ComparisonOperator.NotEqual: "!=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule file with one change: where it stands, what kind it is, and what it does in words."""

    path: Path
    line: int
    kind: str
    change: str
    start: int
    end: int
    text: str

    @property
    def location(self) -> str:
        """File and line."""
        return f"{self.path.name}:{self.line}"

    def applied(self, text: str) -> str:
        """The text of the file with the change."""
        return text[: self.start] + self.text + text[self.end :]


def mutants(files: Sequence[RuleFile]) -> Iterator[Mutant]:
    """All the mutants of the rule files of a folder, file by file and line by line."""
    constants = _constants(statement for file in files for statement in file.statements)
    for file in files:
        made: set[str] = set()
        for statement in file.statements:
            if not statement.is_rule:
                continue
            for mutant in (*drops(statement), *_negations(statement), *_in_terms(statement, constants)):
                text = mutant.applied(file.text)
                if text not in made:
                    made.add(text)
                    yield mutant


def drops(statement: Statement) -> Iterator[Mutant]:
    """The rule left out, and each literal of its body left out."""
    shown = " ".join(statement.file.text[statement.start : statement.end].split())
    yield _mutant(statement, "rule dropped", f"dropped: {shown}", "")
    body = statement.body
    for position, literal in enumerate(body):
        rest = [*body[:position], *body[position + 1 :]]
        text = str(statement.node.update(body=rest))
        yield _mutant(statement, "literal dropped", f"dropped: {literal}", text)


def _mutant(statement: Statement, kind: str, change: str, text: str) -> Mutant:
    return Mutant(statement.file.path, statement.line, kind, change, statement.start, statement.end, text)


def _negations(statement: Statement) -> Iterator[Mutant]:
    for position, literal in enumerate(statement.body):
        if literal.ast_type != ASTType.Literal:
            continue
        for changed, kind in _changed(literal):
            body = [*statement.body[:position], changed, *statement.body[position + 1 :]]
            text = str(statement.node.update(body=body))
            yield _mutant(statement, kind, f"{literal} → {changed}", text)


def _changed(literal: AST) -> Iterator[tuple[AST, str]]:
    atom = literal.atom
    if atom.ast_type == ASTType.SymbolicAtom:
        sign = Sign.Negation if literal.sign == Sign.NoSign else Sign.NoSign
        yield literal.update(sign=sign), "literal negated"
    elif atom.ast_type == ASTType.Comparison and len(atom.guards) == 1:
        guard = atom.guards[0]
        for comparison in _FLIPPED[ComparisonOperator(guard.comparison)]:
            flipped = atom.update(guards=[guard.update(comparison=int(comparison))])
            yield literal.update(atom=flipped), "comparison flipped"


def _in_terms(statement: Statement, constants: dict[Position, list[str]]) -> Iterator[Mutant]:
    """Numbers one up and down, constants swapped, an element of a pool left out, a default swapped."""
    file, node = statement.file, statement.node
    for position, term in _terms(node):
        start, end = file.offset(term.location, "begin"), file.offset(term.location, "end")

        def changed(kind: str, text: str, start: int = start, end: int = end) -> Mutant:
            old = file.text[start:end]
            return Mutant(file.path, statement.line, kind, f"{old} → {text or 'nothing'}", start, end, text)

        if term.ast_type == ASTType.Pool:
            parts = [str(part) for part in term.arguments]
            for left in range(len(parts)):
                rest = parts[:left] + parts[left + 1 :]
                yield changed("alternative dropped", f"({'; '.join(rest)})" if len(rest) > 1 else rest[0])
        elif term.ast_type == ASTType.SymbolicTerm and term.symbol.type == SymbolType.Number:
            for number in (term.symbol.number - 1, term.symbol.number + 1):
                yield changed("number moved", str(number))
        elif _is_constant(term, position):
            known = constants[position]
            if len(known) > 1:
                other = known[(known.index(str(term)) + 1) % len(known)]
                yield changed("constant swapped", other)
    if ("choice", 3) in statement.heads and not statement.body:
        symbol = node.head.atom.symbol
        name, default, other = symbol.arguments
        text = f"{symbol.update(arguments=[name, other, default])}."
        yield _mutant(statement, "default swapped", f"{name}: {default} → {other}", text)


def _constants(statements: Iterable[Statement]) -> dict[Position, list[str]]:
    """The constants that stand at each position of each predicate, somewhere in the files."""
    found: dict[Position, set[str]] = defaultdict(set)
    for statement in statements:
        if statement.is_rule:
            for position, term in _terms(statement.node):
                if _is_constant(term, position):
                    found[position].add(str(term))
    return {position: sorted(names) for position, names in found.items()}


def _is_constant(term: AST, position: Position) -> bool:
    if position[0] in _TEXTS or (position[:2] == ("item", 3) and position[2] == 2):
        return False
    if term.ast_type == ASTType.Function:
        return not term.arguments and not term.external
    return bool(term.ast_type == ASTType.SymbolicTerm and term.symbol.type != SymbolType.Number)


def _terms(node: AST, position: Position = ()) -> Iterator[tuple[Position, AST]]:
    """The terms below a statement: pools, numbers and constants, each with its position."""
    if node.ast_type == ASTType.SymbolicAtom:
        name, arity = signature(node)
        if arity:
            yield from _arguments(node.symbol, (name, arity))
        return
    for key in node.child_keys:
        child = getattr(node, key)
        for part in child if isinstance(child, ASTSequence) else (child,):
            if isinstance(part, AST):
                if part.ast_type == ASTType.SymbolicTerm:
                    yield (*position, node.ast_type.name), part
                else:
                    yield from _terms(part, position)


def _arguments(term: AST, position: Position) -> Iterator[tuple[Position, AST]]:
    if term.ast_type == ASTType.Pool:
        yield position, term
        for part in term.arguments:
            yield from _arguments_of(part, position)
        return
    for number, argument in enumerate(getattr(term, "arguments", ())):
        yield from _arguments_of(argument, (*position, number))


def _arguments_of(term: AST, position: Position) -> Iterator[tuple[Position, AST]]:
    if term.ast_type == ASTType.Function and term.arguments:
        yield from _arguments(term, (*position, str(term.name)))
    elif term.ast_type == ASTType.Pool:
        yield from _arguments(term, position)
    else:
        yield position, term
