"""Programs from texts and syntax trees in memory: no file is opened, and messages name the text that they are on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from clingo import Control
from clingo.ast import AST, ASTType, ProgramBuilder, parse_string

Text = tuple[str, str]
"""A name, as messages show it, and a program text without directives of others: the parser follows #include."""

_LINE = re.compile(r"<string>:(\d+):")


def add_to(control: Control, nodes: Iterable[AST]) -> None:
    """Add statements to a program."""
    with ProgramBuilder(control) as builder:
        for node in nodes:
            builder.add(node)


def parsed(texts: Sequence[Text], messages: list[str]) -> list[AST]:
    """The statements of all the texts, as of one part and without comments; lines are counted on from text to text.

    So a line says in which text it stands, which the parser does not note. Raises RuntimeError, with
    the reasons added to `messages`.
    """
    nodes: list[AST] = []
    for (_, text), start in zip(texts, _starts(texts), strict=True):
        parse_string("\n" * start + text, nodes.append, logger=lambda _, message: messages.append(message))
    return [node for node in nodes if node.ast_type not in (ASTType.Program, ASTType.Comment)]


def in_place(message: str, texts: Sequence[Text]) -> str:
    """A message on statements of `parsed`, with name and line of the text in which they stand."""
    return _LINE.sub(lambda found: f"{place(int(found[1]), texts)}:", message.strip())


def place(line: int, texts: Sequence[Text]) -> str:
    """Name of the text and line in it, of a line that is counted through all the texts."""
    starts = _starts(texts)
    number = bisect_right(starts, line - 1) - 1
    return f"{texts[number][0]}:{line - starts[number]}"


def placed_messages(texts: Sequence[Text], options: Sequence[str] = ()) -> list[str]:
    """The solver's messages on grounding the texts, each with name, line and column.

    For a program whose grounding gave messages: they do not say in which text a line is.
    """
    messages: list[str] = []
    control = Control(list(options), logger=lambda _, message: messages.append(message), message_limit=50)
    try:
        add_to(control, parsed(texts, messages))
        control.ground([("base", [])])
    except RuntimeError as error:
        messages = messages or [str(error)]
    return [in_place(message, texts) for message in messages]


def head_of(node: AST) -> str:
    """The predicate, with its number of arguments, whose atom is the head of a rule; else what may stand for it."""
    head = node.head if node.ast_type == ASTType.Rule else node
    if head.ast_type != ASTType.Literal or head.atom.ast_type != ASTType.SymbolicAtom:
        return "this statement"
    symbol = head.atom.symbol
    while symbol.ast_type in (ASTType.UnaryOperation, ASTType.Pool):
        symbol = symbol.argument if symbol.ast_type == ASTType.UnaryOperation else symbol.arguments[0]
    return f"{symbol.name}/{len(symbol.arguments)}" if symbol.ast_type == ASTType.Function else f"{symbol}/0"


def _starts(texts: Sequence[Text]) -> list[int]:
    """The number of lines before each text."""
    return [0, *accumulate(text.count("\n") + 2 for _, text in texts)][: len(texts)]
