"""What is ground: the text of a program, and the atoms that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from facts.terms import Term

if TYPE_CHECKING:
    from clingo.ast import AST

Text = tuple[str, str]
"""The name and the text of a program file."""
ENCODINGS = Path(__file__).parent / "encodings"
DERIVED = "what follows from the rules"
"""The name of the text that is derived from the statements."""


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
        return [*engine, *self.files, (DERIVED, self.text)]


class Atom(NamedTuple):
    """A ground atom: its solver literal, its arguments, and whether it holds for every record."""

    literal: int
    args: tuple[Term, ...]
    is_fact: bool


class External(NamedTuple):
    """An external atom: its predicate, its solver literal, and its arguments."""

    name: str
    literal: int
    args: tuple[Term, ...]


class Atoms(NamedTuple):
    """The atoms of a ground program by predicate, in the order of the rules, and those that are external."""

    derived: dict[str, list[Atom]]
    externals: list[External]
