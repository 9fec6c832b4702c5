"""The rule files as the page shows them: lines with numbers and colours, the items that stand in them, coverage."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reasoner.policy.syntax import RuleFile, Statement, rule_files
from reasoner.render.source import Mark, Piece, lines_of
from reasoner.serve.highlight import words_of
from reasoner.verdict.policy import Policy


class Line(NamedTuple):
    """A line of a rule file: its number, its pieces, and the items that are declared in it."""

    number: int
    pieces: Sequence[Piece]
    items: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its marks that most needs to be seen; empty: it has none."""
        kinds = {piece.kind for piece in self.pieces}
        return next((kind for kind in _WORST_FIRST if kind in kinds), "")


_WORST_FIRST = ("unheld", "idle", "redundant", "covered")


class ShownFile(NamedTuple):
    """A rule file: its name, its title, its text, and the items that are declared in it."""

    name: str
    title: str
    text: str
    items: tuple[str, ...]


class Block(NamedTuple):
    """Lines of a rule file that stand together."""

    file: str
    lines: Sequence[Line]


class RuleFiles:
    """The rule files of a policy, and where the rules of its items stand in them."""

    def __init__(self, policy: Policy) -> None:
        self._files = {file.path.name: file for file in rule_files(policy.sources)}
        self._declared = {name: _declared(file, policy.items) for name, file in self._files.items()}
        self.titles = {item: own.title for item, own in policy.items.items()}
        self.outline = policy.outline()
        self.files = [
            ShownFile(name, _title(file.text), file.text, tuple(self._declared[name].values()))
            for name, file in self._files.items()
        ]

    def file(self, name: str) -> ShownFile | None:
        """A file by its name."""
        return next((file for file in self.files if file.name == name), None)

    def lines(self, name: str, marks: Sequence[Mark] = ()) -> list[Line]:
        """The lines of a file, with marks."""
        text = self._files[name].text
        declared = self._declared[name]
        return [
            Line(number, pieces, tuple(item for line, item in declared.items() if line == number))
            for number, pieces in enumerate(lines_of(text, marks, words_of(text)), start=1)
        ]

    def blocks(self, item: str) -> list[Block]:
        """The rules and rows of an item, file by file."""
        found = []
        for name, file in self._files.items():
            spans = [_lines_of_statement(file, one) for one in file.statements if _is_of(one, item)]
            lines = self.lines(name) if spans else []
            for first, last in _joined(spans):
                found.append(Block(name, lines[first - 1 : last]))
        return found


def _title(text: str) -> str:
    """What the first comment of a file says."""
    found = re.match(r"%[\s%═=─*-]*(.*?)[\s═=─*-]*$", text, re.MULTILINE)
    return found[1] if found else ""


def _declared(file: RuleFile, items: Mapping[str, object]) -> dict[int, str]:
    """The items that a file declares, by their lines."""
    found = {}
    for statement in file.statements:
        if ("item", 3) in statement.heads and not statement.body:
            name = str(statement.node.head.atom.symbol.arguments[0]).strip('"')
            if name in items:
                found[statement.line] = name
    return found


def _is_of(statement: Statement, item: str) -> bool:
    """Whether what a statement says is said of an item."""
    return bool(statement.is_rule and json.dumps(item, ensure_ascii=False) in str(statement.node.head))


def _lines_of_statement(file: RuleFile, statement: Statement) -> tuple[int, int]:
    return statement.line, statement.line + file.text.count("\n", statement.start, statement.end)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of lines, those together that follow each other with at most one line between them."""
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if found and first <= found[-1][1] + 2:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found
