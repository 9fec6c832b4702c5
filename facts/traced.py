"""A case of which it is noted what is read, so that what was made of it can be used again where that is the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from facts.case import Case
from facts.catalogue import Match
from facts.declaration import Field
from facts.function import Bounds
from facts.terms import Term
from facts.values import Source

Note = Callable[[str, tuple[Any, ...]], Any]
"""Reads a value of the case that is traced, by the name of a method and its arguments, and keeps which it was."""


class TracedCase(Case):
    """The case, read by way of `note`. Whoever reads its full form, or all of an entry, reads everything."""

    def __init__(self, case: Case, note: Note) -> None:
        super().__init__(
            case.record, case.declaration, case.vocabularies, case.catalogue, case.matches, case.warnings
        )  # fmt: skip
        self._note = note

    def stated(self, field: Field, at: int) -> Any:
        """What the record states in the field, or None."""
        return self._note("stated", (field, at))

    def fills(self, source: Source) -> bool:
        """Whether something stands there in the record's full form."""
        found: bool = self._note("fills", (source,))
        return found

    def match(self, field: Field, at: int) -> Match | None:
        """What the catalogue knows of a product."""
        found: Match | None = self._note("match", (field, at))
        return found

    def bounds(self, field: Field, at: int) -> Bounds | None:
        """The bounds of a number."""
        found: Bounds | None = self._note("bounds", (field, at))
        return found

    def count(self, name: str) -> int:
        """How many entries a list has."""
        found: int = self._note("count", (name,))
        return found

    def entries(self, name: str) -> Sequence[dict[str, Any]]:
        """The entries of a list."""
        found: Sequence[dict[str, Any]] = self._note("entries", (name,))
        return found

    def gives_list(self, name: str) -> bool:
        """Whether the record has the list, be it empty."""
        found: bool = self._note("gives_list", (name,))
        return found

    def ids(self, name: str) -> list[str | None]:
        """What identifies each entry of a list."""
        found: list[str | None] = self._note("ids", (name,))
        return found

    def entry_title(self, entry: Term) -> str:
        """An entry by what it is."""
        found: str = self._note("entry_title", (entry,))
        return found

    @property
    def full(self) -> dict[str, Any]:
        """The record in full form."""
        found: dict[str, Any] = self._note("full", ())
        return found


def frozen(value: Any) -> Hashable:
    """A value of a record so that it can be compared, and be a key."""
    kind = type(value)
    if kind is list:
        return tuple(map(frozen, value))
    if kind is dict:
        return tuple((key, frozen(own)) for key, own in value.items())
    hashable: Hashable = value
    return hashable
