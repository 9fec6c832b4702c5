"""Small pieces of messages."""

from __future__ import annotations

from collections.abc import Sequence


def one_of(words: Sequence[str]) -> str:
    """Alternatives as a phrase: a, b or c."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def number_text(number: float) -> str:
    """A number as people write it, without a needless .0."""
    return str(int(number)) if number == int(number) else repr(number)


def quoted(text: str) -> str:
    """A text in quotes; of a long one its beginning."""
    return repr(text if len(text) <= 80 else text[:77] + "...")


def cut(text: str, most: int = 60) -> str:
    """A text, or its beginning where it is longer."""
    return text if len(text) <= most else text[: most - 3] + "..."
