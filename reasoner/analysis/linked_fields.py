"""Fields that decide each other's values, while the options for what stands in them are found.

Each content is tried that a vocabulary, the catalogue or the declaration has; the facts layer itself says what
follows from it, and of contents from which the same follows for all rules one is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from facts.declaration import Field
from facts.derived import OfProduct
from facts.durations import UsedTogether
from facts.terms import CouldBe, Fact, Given, Term
from reasoner.analysis.options import OTHER, Content, Group, Option, size_of
from reasoner.analysis.reads import Reads
from reasoner.analysis.trials import Tried, trials
from reasoner.analysis.tried_values import tried_values
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import USE, use_of


@dataclass(slots=True)
class _Replacement:
    """A value of a field, the facts of it, and the contents beside which it is refused."""

    value: Any
    facts: tuple[Fact, ...] = ()
    refused: list[Content] = field(default_factory=list)


class LinkedFields:
    """Fields that decide each other's values, while their options are found."""

    def __init__(self, folders: Sequence[RuleFolder], fields: tuple[Field, ...], reads: Reads) -> None:
        self._folders, self._fields, self._reads = folders, fields, reads
        self._name, self._list = fields[0].place, fields[0].list
        self._at = 0 if self._list else -1
        together = (one.derived for one in folders[0].declaration.fields)
        compared = [by.differing for by in together if isinstance(by, UsedTogether) and by.differing in fields]
        self._compared = compared[0] if compared else None
        self._is_alike = True

    def groups(self) -> Iterator[Group]:
        """One group; and one for each field that says the same whatever stands in the others."""
        writable = [one for one in self._fields if one.type != "computed"]
        beside = [one for one in writable if isinstance(one.derived, OfProduct) and one is not self._compared]
        contents: list[Content] = [{}]
        first = [one for one in writable if one not in beside]
        for number, one in enumerate(first):
            later = [*first[number + 1 :], *beside]
            alone = contents
            contents = self._with(contents, one, self._tried(one), later)
            if one.is_list:
                words = [content[one.place] for content in contents if len(content.get(one.place, ())) == 1]
                pairs = [[*left, *right] for left, right in combinations(words, 2)]
                contents = list({repr(c): c for c in (*contents, *self._with(alone, one, pairs, later))}.values())
        replacing: dict[Field, dict[str, _Replacement]] = {}
        for number, one in enumerate(beside):
            if one.place not in self._reads.wanted:
                continue
            found = self._replacements(contents, one)
            if found is None:
                contents = self._with(contents, one, self._tried(one), beside[number + 1 :])
            else:
                replacing[one] = found
        kept = self._distinguished(contents, replacing)
        options = tuple(map(self._option, kept))
        yield Group(self._name, self._list, self._fields, options, is_alike=self._is_alike)
        for one, values in replacing.items():
            yield self._beside(one, list(values.values()), kept)

    def _tried(self, one: Field) -> list[Any]:
        return tried_values(self._folders[0], one, self._reads)

    def _try(self, content: Content) -> Tried | None:
        """What follows from a content, the same in all folders; None where one refuses it, or they differ."""
        first, *others = (trials(folder).of(self._name, self._fields, content) for folder in self._folders)
        for other in others:
            if (first is None) != (other is None) or (first and other and first.facts != other.facts):
                self._is_alike = False
                return None
        return first

    def _with(
        self, contents: Iterable[Content], one: Field, values: Sequence[Any], later: Sequence[Field]
    ) -> list[Content]:
        """The contents with and without each value of a field, as far as they differ for the rules or a later field."""
        found: dict[object, Content] = {}
        for content in contents:
            for more in (content, *({**content, one.place: value} for value in values)):
                tried = self._try(more)
                if tried is not None:
                    readings = tuple(tried.case.reading(other, self._at) for other in later)
                    found.setdefault((self._visible(tried.facts), readings, self._compares(tried)), more)
                elif not more:
                    found[None] = more
        return list(found.values())

    def _compares(self, tried: Tried) -> object:
        """What is compared of entries that are used together, if rules read nothing of it: two of these are kept."""
        if self._compared is None or any(isinstance(fact, Given) for fact in self._visible(tried.facts)):
            return None
        return tried.case.compared(self._compared, self._at)

    def _replacements(self, contents: Iterable[Content], one: Field) -> dict[str, _Replacement] | None:
        """The values of a field that say the same whatever stands in the others; None: not all of them do."""
        found: dict[str, _Replacement] = {}
        term = one.term(self._at)
        for content in contents:
            base = self._try(content)
            for value in self._tried(one) if base is not None else ():
                tried = self._try({**content, one.place: value})
                if tried is None:
                    found.setdefault(repr(value), _Replacement(value)).refused.append(content)
                    continue
                own = tuple(fact for fact in tried.facts if fact.field == term)
                others = [[f for f in one.facts if f.field != term] for one in (base, tried) if one is not None]
                replacement = found.setdefault(repr(value), _Replacement(value))
                replacement.facts = replacement.facts or own
                if replacement.facts != own or self._visible(others[0]) != self._visible(others[1]):
                    return None
        return found

    def _distinguished(
        self, contents: Iterable[Content], replacing: Mapping[Field, Mapping[str, _Replacement]]
    ) -> list[Content]:
        """Of the contents that a record can have those that rules distinguish, short ones first."""
        found: dict[object, Content] = {}
        refused = [one.refused for values in replacing.values() for one in values.values()]
        few: dict[object, int] = {}
        for content in sorted(contents, key=size_of):
            tried = self._try(content)
            if tried is not None:
                key = self._visible(tried.facts), self._use(tried), tuple(content in other for other in refused)
                compared = self._compares(tried)
                if (key, compared) not in found and few.setdefault(key, 0) < 2:
                    few[key] += 1
                    found[key, compared] = content
        return list(found.values())

    def _option(self, content: Content) -> Option:
        tried = self._try(content)
        assert tried is not None
        compared = None if self._compared is None else tried.case.compared(self._compared, self._at)
        return Option(content, self._visible(tried.facts), self._use(tried), compared)

    def _beside(self, one: Field, values: Sequence[_Replacement], contents: Sequence[Content]) -> Group:
        """The group of a field that replaces what the others say of it."""
        found: dict[object, _Replacement] = {}
        for value in values:
            refused = tuple(content in value.refused for content in contents)
            if not all(refused):
                found.setdefault((self._visible(value.facts), refused), value)
        options = [Option({}, ()), *(Option({one.place: v.value}, self._visible(v.facts)) for v in found.values())]
        barred = [
            (first, second)
            for second, value in enumerate(found.values(), start=1)
            for first, content in enumerate(contents)
            if content in value.refused
        ]
        return Group(one.place, self._list, (one,), tuple(options), self._name, tuple(barred))

    def _use(self, tried: Tried) -> str | None:
        use = use_of(tried.case) if any(one.name == USE for one in self._fields) else None
        return use if use is None or use in self._reads.uses else OTHER

    def _visible(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """The facts as rules can see them: values that none of them reads are one other value, or left out."""
        fields = {_functor(one.name): one for one in self._fields}
        found: dict[Fact, None] = {}
        for fact in facts:
            own = fields[_functor(fact.field)]
            read = self._reads.values.get(own.place, ())
            if isinstance(fact, Given) and fact.value not in read:
                continue
            if isinstance(fact, CouldBe) and fact.value not in read and own.type != "product":
                fact = CouldBe(fact.field, OTHER)
            found[fact] = None
        return tuple(found)


def _functor(name: Term) -> Term:
    return name[0] if isinstance(name, tuple) else name
