"""What the facts layer makes of contents: records in which they are tried, and all else is as little as can be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from facts.case import Case
from facts.declaration import Field
from facts.errors import RecordError
from facts.statements import facts_of
from facts.terms import Fact
from reasoner.analysis.minimal import Minimal, put, take
from reasoner.analysis.options import Content
from reasoner.policy.folder import DECLARATION, RuleFolder


class Tried(NamedTuple):
    """The facts of the fields that have the content, and the record as a case."""

    facts: tuple[Fact, ...]
    case: Case


class Trials:
    """The contents that were tried in records of a folder."""

    def __init__(self, folder: RuleFolder) -> None:
        self._folder = folder
        self._minimal = Minimal(folder)
        self._found: dict[tuple[str, str], Tried | None] = {}

    def of(self, name: str, fields: Sequence[Field], content: Content) -> Tried | None:
        """What follows from a content of a group of fields; None where the record is refused."""
        key = name, repr(content)
        if key not in self._found:
            self._found[key] = self._try(fields, content)
        return self._found[key]

    def _try(self, fields: Sequence[Field], content: Content) -> Tried | None:
        name = fields[0].list
        data, at = self._minimal.data(name), 0 if name else -1
        for one in fields:
            take(data, one, at)
            if one.place in content:
                put(data, one, at, content[one.place])
        try:
            case = self._folder.case(data)
        except RecordError:
            return None
        names = {one.term(at) for one in fields}
        return Tried(tuple(fact for fact in facts_of(case) if fact.field in names), case)


@lru_cache(maxsize=4)
def trials(folder: RuleFolder) -> Trials:
    return Trials(folder)


def distinct(folders: Sequence[RuleFolder]) -> list[RuleFolder]:
    """The folders that can understand a record in different ways."""
    found: list[RuleFolder] = []
    for folder in folders:
        if not any(same_record(folder, other) for other in found):
            found.append(folder)
    return found


def same_record(one: RuleFolder, other: RuleFolder) -> bool:
    """Whether two folders declare the same record, and understand its words and products alike."""
    is_same = one.catalogue is other.catalogue and one.vocabularies is other.vocabularies
    is_same = is_same or (None not in one.folders and one.folders == other.folders)
    return one is other or (is_same and _text(one) == _text(other))


def _text(folder: RuleFolder) -> str:
    return next(source.program for source in folder.sources if source.path.name == DECLARATION)
