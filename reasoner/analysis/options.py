"""What can stand in fields of a record that are chosen together, one option for each way in which rules see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facts.declaration import Field
from facts.terms import CouldBe, Fact, NotUnderstood

OTHER = "another value"
"""What stands in facts for all values that no rule reads; with a space, which no constant has."""

Content = Mapping[str, Any]
"""What stands in the fields of a group, by the paths of the declaration; an absent one is silent."""


def size_of(content: Content) -> int:
    """How much is written; each word of a list counts."""
    return sum(len(value) if isinstance(value, list) else 1 for value in content.values())


@dataclass(frozen=True, slots=True)
class Option:
    """A content of a group, and what follows from it where the group is of the first entry of its list."""

    content: Content
    facts: tuple[Fact, ...]
    use: str | None = None
    """What the request is for, if the group says so."""
    compared: object = None
    """What is compared where entries have to differ to be used together."""

    @property
    def cost(self) -> int:
        """How much is written; each word of a list counts, and it counts that something is left open."""
        is_open = any(isinstance(fact, CouldBe | NotUnderstood) for fact in self.facts)
        return size_of(self.content) + is_open


@dataclass(frozen=True, slots=True)
class Group:
    """Fields whose contents are chosen together: of the record as a whole, or of each entry of a list."""

    name: str
    list: str
    fields: tuple[Field, ...]
    options: tuple[Option, ...]
    """Of which a record has one."""
    beside: str = ""
    """The group whose facts about the field it replaces, if it says anything."""
    barred: tuple[tuple[int, int], ...] = ()
    """Pairs of options of that group and of this one, by position, that no record has together."""
    is_alike: bool = True
    """Whether all folders understand each content in the same way; where they do not, it is no option."""
