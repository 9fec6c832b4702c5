"""The text of a file in lines of pieces: what lies within marks, and which words of its language it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Mark(NamedTuple):
    """Characters of a text (from, to), what they are, and a remark. Marks lie within each other, or do not overlap."""

    start: int
    end: int
    kind: str
    title: str = ""


class Piece(NamedTuple):
    """Characters of a line that are alike: the kind and the remark of the innermost mark, and the kind of word."""

    text: str
    kind: str = ""
    title: str = ""
    word: str = ""


def lines_of(text: str, marks: Sequence[Mark], words: Iterable[Mark] = ()) -> list[list[Piece]]:
    """The lines of a text, each as its pieces."""
    inner = sorted(marks, key=lambda mark: mark.start - mark.end)  # the widest first, so that what lies within wins
    mark_at = _at_each(text, inner)
    word_at = _at_each(text, words)
    cuts = sorted({0, len(text), *(at for own in (mark_at, word_at) for at in _changes(own))})
    lines: list[list[Piece]] = [[]]
    for start, end in zip(cuts, cuts[1:], strict=False):
        mark, word = mark_at[start], word_at[start]
        for number, part in enumerate(text[start:end].split("\n")):
            if number:
                lines.append([])
            if part:
                kind, title = (mark.kind, mark.title) if mark is not None else ("", "")
                lines[-1].append(Piece(part, kind, title, word.kind if word is not None else ""))
    return lines[:-1] if text.endswith("\n") else lines


def _at_each(text: str, marks: Iterable[Mark]) -> list[Mark | None]:
    """For each character the last of the marks that it lies in."""
    found: list[Mark | None] = [None] * len(text)
    for mark in marks:
        found[mark.start : mark.end] = [mark] * (mark.end - mark.start)
    return found


def _changes(marks: Sequence[Mark | None]) -> Iterable[int]:
    return (at for at in range(1, len(marks)) if marks[at] is not marks[at - 1])
