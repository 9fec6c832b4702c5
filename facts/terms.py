"""The facts that a record becomes, as plain values.

A field is a name, or a tuple such as ("outcome", ("therapy", 1)) for the first therapy; numbers of entries
count from 1.
"""

from __future__ import annotations

import re

from msgspec import Struct

Term = str | int | bool | tuple["Term", ...]


class Given(Struct, frozen=True, cache_hash=True):
    """The record gives the field this value (one of its values, for a list), or a value that is one of its kind."""

    field: Term
    value: Term


class Stated(Struct, frozen=True, cache_hash=True):
    """The record speaks of the field."""

    field: Term


class Between(Struct, frozen=True, cache_hash=True):
    """The number in the field is known to lie from low to high; None: not bounded."""

    field: Term
    low: float | None
    high: float | None


class CouldBe(Struct, frozen=True, cache_hash=True):
    """The record leaves open which of several values the field has; this is one of them."""

    field: Term
    value: Term
    itself: bool = True
    """Whether it is what a word or name can mean, and not only what that belongs to."""


class NotUnderstood(Struct, frozen=True, cache_hash=True):
    """A word in the field is not known: it may mean any value, or none that the rules know."""

    field: Term


# No tuples: as such a Stated and a NotUnderstood of one field would be equal.
Fact = Given | Stated | Between | CouldBe | NotUnderstood

_CONSTANT = re.compile(r"(?!(?:not|true|false)\Z)[a-z][A-Za-z0-9_]*\Z")


def is_constant(text: str) -> bool:
    """Whether a text is a plain constant for a solver, and not a string."""
    return _CONSTANT.match(text) is not None


def shown(term: Term) -> str:
    """A term as rules write it: constants, and strings in quotes."""
    if isinstance(term, tuple):
        return f"{term[0]}({','.join(map(shown, term[1:]))})"
    if isinstance(term, bool):
        return "true" if term else "false"
    if isinstance(term, int) or is_constant(term):
        return str(term)
    escaped = term.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
