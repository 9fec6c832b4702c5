"""What a policy's statements may be: rules and facts with one plain atom as head. Everything else is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clingo import MessageCode, SymbolType, parse_term
from clingo.ast import AST, ASTSequence, ASTType, Sign

MAX_INTERVAL = 10_000
"""Values of an interval between two numbers."""

_TEXT = r'"(?:[^"\\]|\\.)*"'
_PLAIN_HEAD = re.compile(
    rf"[_']*[a-z][\w']*(?:\((?:[^()\"]|{_TEXT}|\((?:[^()\"]|{_TEXT}|\([^()\"]*\))*+\))*+\))?(?: :-|\.$)", re.ASCII
)
"""The clingo form of a statement with a plain atom as head: its tree need not be read, which takes far longer."""
_UNUSUAL = re.compile(r"[@&]|\.\.|-[_']*[a-z]")

_STATEMENTS = {
    ASTType.Minimize: "a weak constraint: which answer is best is the engine's part; write a rule with a condition",
}
_HEADS = {
    ASTType.Aggregate: "a choice as head: what is open is the engine's part; write a rule for what follows",
    ASTType.HeadAggregate: "an aggregate as head: what is open is the engine's part; write a rule for what follows",
    ASTType.TheoryAtom: "a theory atom as head: write a rule or a fact",
}
_DISJUNCTION = "a disjunction as head: write one rule for each alternative that follows"
_CONDITIONAL = "a condition inside of a head: write the condition into the body, after :-"
_CONSTRAINT = "a rule without a head: a policy's rules derive, and an item's condition belongs into met/1"
_TRUE = "a head that always holds: leave it out"
_COMPARISON = "a comparison as head: write the comparison into the body, after :-"
_NEGATED = "a negated head: write a rule for what follows, and use it with `not`"
_CLASSICAL = "a predicate with a minus before it: give it a name of its own, or write `not`"
_SCRIPTED = "a function of Python: a rule folder runs no program; write a rule or a fact"
_THEORY = "a theory atom: write a rule or a fact"


def refused(nodes: Iterable[AST], name: str) -> Iterator[str]:
    """What does not belong into a policy's rules, with file, line and column."""
    for node in nodes:
        shown = str(node)
        if not _PLAIN_HEAD.match(shown) or _UNUSUAL.search(shown):
            for place, message in _faults(node):
                begin = place.location.begin
                yield f"{name}:{begin.line}:{begin.column}: {message}"


def _faults(node: AST) -> Iterator[tuple[AST, str]]:
    if node.ast_type != ASTType.Rule:
        yield node, _STATEMENTS.get(node.ast_type, "neither a rule nor a fact: leave it out")
        return
    parts = list(node.body)
    head = _head_fault(node.head)
    if head is not None:
        yield node, head
    else:
        parts.append(node.head)
    while parts:
        part = parts.pop()
        message = _part_fault(part)
        if message is not None:
            yield (part.symbol if part.ast_type == ASTType.SymbolicAtom else part), message
        else:
            parts += reversed(list(_children(part)))


def _head_fault(head: AST) -> str | None:
    kind = head.ast_type
    if kind == ASTType.Disjunction:
        return _DISJUNCTION if len(head.elements) > 1 else _CONDITIONAL
    if kind != ASTType.Literal:
        return _HEADS.get(kind, "no atom as head: write a rule or a fact")
    if head.sign != Sign.NoSign:
        return _NEGATED
    kind = head.atom.ast_type
    if kind == ASTType.BooleanConstant:
        return _TRUE if head.atom.value else _CONSTRAINT
    if kind == ASTType.Comparison:
        return _COMPARISON
    return None if kind == ASTType.SymbolicAtom else "no atom as head: write a rule or a fact"


def _part_fault(part: AST) -> str | None:
    kind = part.ast_type
    if kind == ASTType.TheoryAtom:
        return _THEORY
    if kind == ASTType.SymbolicAtom and part.symbol.ast_type == ASTType.UnaryOperation:
        return _CLASSICAL
    if kind == ASTType.Function and part.external:
        return _SCRIPTED
    if kind == ASTType.Interval:
        low, high = _number(part.left), _number(part.right)
        if low is not None and high is not None and high - low >= MAX_INTERVAL:
            return f"{part} has more than {MAX_INTERVAL:,} values: compare with its ends instead"
    return None


def _children(part: AST) -> Iterator[AST]:
    for key in part.child_keys:
        child = getattr(part, key)
        if isinstance(child, AST):
            yield child
        elif isinstance(child, ASTSequence):
            yield from (each for each in child if isinstance(each, AST))


def _number(bound: AST) -> int | None:
    """The value of a bound without variables."""

    def ignore(code: MessageCode, message: str) -> None:
        return None

    try:
        symbol = parse_term(str(bound), logger=ignore)
    except RuntimeError:
        return None
    return symbol.number if symbol.type == SymbolType.Number else None
