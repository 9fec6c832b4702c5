"""The numbers of a policy that its items are held to, and the policy with some of them changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from clingo import SymbolType
from clingo.ast import AST, ASTType

from reasoner.analysis.edited import with_files
from reasoner.errors import RulesError
from reasoner.policy.syntax import RuleFile, Statement, rule_files
from reasoner.verdict.policy import Policy

MOST = 99_999_999
"""The largest number that a threshold is changed to; the smallest is 0. Days are numbers too: YYYYMMDD."""
_THRESHOLD, _REVISED = ("threshold", 3), ("revised", 4)


class Threshold(NamedTuple):
    """A row `threshold(Item, Unit, N)`, or `revised(Version, Item, Unit, N)` of one version."""

    place: str
    """File, line and column of the number: its name in changes."""
    file: str
    line: int
    item: str
    unit: str
    number: int
    version: str
    """The version of a revised row; empty: of all others."""


class _Row(NamedTuple):
    threshold: Threshold
    start: int
    end: int
    """Characters of the number."""


def thresholds(policy: Policy) -> list[Threshold]:
    """The thresholds in the order of the policy's items, those of versions after the others."""
    found = [row.threshold for file in rule_files(policy.sources) for row in _rows(file)]
    order = policy.item_order
    return sorted(found, key=lambda one: (one.version != "", one.version, order.get(one.item, len(order))))


def changed_texts(policy: Policy, numbers: Mapping[str, int]) -> dict[str, str]:
    """The texts of the rule files in which thresholds are other numbers, by the places of these.

    Raises RulesError for a place where no threshold stands, and for a number out of bounds.
    """
    left = dict(numbers)
    texts = {}
    for file in rule_files(policy.sources):
        text = file.text
        for row in sorted(_rows(file), key=lambda row: row.start, reverse=True):
            number = left.pop(row.threshold.place, None)
            if number is None:
                continue
            if type(number) is not int or not 0 <= number <= MOST:
                raise RulesError(f"{row.threshold.place}: a whole number from 0 to {MOST:,} is needed")
            text = f"{text[: row.start]}{number}{text[row.end :]}"
        if text != file.text:
            texts[file.path.name] = text
    if left:
        raise RulesError(f"no threshold stands at {', '.join(map(repr, sorted(left)))}; the rules may be others now")
    return texts


def with_thresholds(policy: Policy, numbers: Mapping[str, int]) -> Policy:
    """The policy with other thresholds. Raises RulesError."""
    texts = {source.path.name: source.text for source in policy.sources}
    return with_files(policy, {**texts, **changed_texts(policy, numbers)})


def _rows(file: RuleFile) -> Iterator[_Row]:
    for statement in file.statements:
        if statement.heads & {_THRESHOLD, _REVISED} and not statement.body:
            row = _row(file, statement)
            if row is not None:
                yield row


def _row(file: RuleFile, statement: Statement) -> _Row | None:
    """A row of plain terms that ends in a number."""
    symbol = statement.node.head.atom.symbol
    if symbol.ast_type == ASTType.Pool:
        return None
    *names, number = symbol.arguments
    is_number = number.ast_type == ASTType.SymbolicTerm and number.symbol.type == SymbolType.Number
    if not is_number or not all(map(_is_plain, names)):
        return None
    start, end = file.offset(number.location, "begin"), file.offset(number.location, "end")
    position = number.location.begin
    name = file.path.name
    version, item, unit = map(_text, names if _REVISED in statement.heads else ("", *names))
    place = f"{name}:{position.line}:{position.column}"
    return _Row(Threshold(place, name, position.line, item, unit, number.symbol.number, version), start, end)


def _is_plain(term: AST) -> bool:
    """Whether a term is one constant, not a pool of several."""
    if term.ast_type == ASTType.Function:
        return all(map(_is_plain, term.arguments))
    return bool(term.ast_type == ASTType.SymbolicTerm)


def _text(term: AST | str) -> str:
    if isinstance(term, AST) and term.ast_type == ASTType.SymbolicTerm and term.symbol.type == SymbolType.String:
        return str(term.symbol.string)
    return str(term)
