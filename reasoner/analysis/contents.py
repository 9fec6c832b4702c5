"""What can be written into the fields of a record that hold words, products and truths, as far as it matters to rules.

Fields that decide each other's values (a product, and what the catalogue knows of it) are a group. Of a group each
content is tried that a vocabulary, the catalogue or the declaration has; the facts layer itself says what follows
from it, and of contents from which the same follows one is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

from facts.case import Case
from facts.catalogue import AmbiguousProduct, Catalogue
from facts.declaration import Declaration, Field
from facts.derived import ClassNamed, OfProduct
from facts.durations import UsedTogether
from facts.errors import RecordError
from facts.statements import facts_of
from facts.terms import CouldBe, Fact, Given, NotUnderstood, Term
from facts.words import Vocabulary
from reasoner.analysis.minimal import Minimal, pairs_of, put, take
from reasoner.analysis.reads import Reads
from reasoner.policy.folder import DECLARATION, RuleFolder
from reasoner.policy.request import USE, use_of

OTHER = "another value"
"""What stands in facts for all values that no rule reads; with a space, which no constant has."""
_UNKNOWN = ("something else", "quite something else", "zzz zzz")
"""Texts of which the first is taken that a vocabulary does not understand."""
_IN_GROUPS = ("choice", "word", "words", "truth", "product")

Content = Mapping[str, Any]
"""What stands in the fields of a group, by their places; an absent one is silent."""


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
        return _size(self.content) + is_open


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


def groups_of(folders: Sequence[RuleFolder], reads: Reads) -> list[Group]:
    """The groups of the record's fields that matter, or cannot be absent, with their options."""
    declaration = folders[0].declaration
    in_pairs = {one for pair in pairs_of(declaration) for one in pair}
    return [
        group
        for fields in _linked(declaration)
        if any(one.place in reads.wanted or one.required or one in in_pairs for one in fields)
        for group in _Linked(_distinct(folders), fields, reads).groups()
    ]


def _linked(declaration: Declaration) -> list[tuple[Field, ...]]:
    """The fields of words, products and truths, together those that decide each other's values or need one another."""
    links: list[tuple[Field, ...]] = []
    for one in declaration.fields:
        by = one.derived
        if isinstance(by, OfProduct | ClassNamed):
            links.append((*by.bases, one))
        elif one.type in _IN_GROUPS:
            links.append((one,))
    links += [pair for pair in pairs_of(declaration) if all(one.type in _IN_GROUPS for one in pair)]
    groups: list[tuple[Field, ...]] = []
    for link in links:
        same = [group for group in groups if set(link) & set(group)]
        groups = [group for group in groups if group not in same]
        groups.append(tuple(dict.fromkeys(one for group in (*same, link) for one in group)))
    return groups


# ── Options: contents from which something else follows ──────────────────────────────────────────


class _Tried(NamedTuple):
    facts: tuple[Fact, ...]
    case: Case


class _Linked:
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
            contents = self._with(contents, one, _values(self._folders[0], one, self._reads), later)
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
                contents = self._with(contents, one, _values(self._folders[0], one, self._reads), beside[number + 1 :])
            else:
                replacing[one] = found
        kept = self._distinguished(contents, replacing)
        options = tuple(map(self._option, kept))
        yield Group(self._name, self._list, self._fields, options, is_alike=self._is_alike)
        for one, values in replacing.items():
            yield self._beside(one, list(values.values()), kept)

    def _try(self, content: Content) -> _Tried | None:
        """What follows from a content, the same in all folders; None where one refuses it, or they differ."""
        first, *others = (_trials(folder).of(self._name, self._fields, content) for folder in self._folders)
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

    def _compares(self, tried: _Tried) -> object:
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
            for value in _values(self._folders[0], one, self._reads) if base is not None else ():
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
        for content in sorted(contents, key=_size):
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

    def _use(self, tried: _Tried) -> str | None:
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


def _size(content: Content) -> int:
    """How much is written; each word of a list counts."""
    return sum(len(value) if isinstance(value, list) else 1 for value in content.values())


@dataclass(slots=True)
class _Replacement:
    """A value of a field, the facts of it, and the contents beside which it is refused."""

    value: Any
    facts: tuple[Fact, ...] = ()
    refused: list[Content] = field(default_factory=list)


def _functor(name: Term) -> Term:
    return name[0] if isinstance(name, tuple) else name


def _distinct(folders: Sequence[RuleFolder]) -> list[RuleFolder]:
    """The folders that can understand a record in different ways."""
    found: list[RuleFolder] = []
    for folder in folders:
        if not any(same_record(folder, other) for other in found):
            found.append(folder)
    return found


def same_record(one: RuleFolder, other: RuleFolder) -> bool:
    """Whether two folders declare the same record, and understand its words and products alike."""
    is_same = one.catalogue is other.catalogue and one.vocabularies is other.vocabularies
    return one is other or (is_same and _text(one) == _text(other))


def _text(folder: RuleFolder) -> str:
    return next(source.program for source in folder.sources if source.path.name == DECLARATION)


# ── The values that are tried ────────────────────────────────────────────────────────────────────


def _values(folder: RuleFolder, one: Field, reads: Reads) -> list[Any]:
    """What can stand in a field, as far as it may matter."""
    read = reads.values.get(one.place, frozenset())
    if one.type == "truth":
        return [True, False]
    if one.vocabulary:
        words = _words(folder.vocabularies[one.vocabulary], read, is_open=one.type != "choice")
        return [[word] for word in words] if one.is_list else words
    if one.type == "choice":
        return list(one.allowed)
    named = [other for other in folder.declaration.fields if isinstance(other.derived, ClassNamed)]
    found: dict[str, None] = {}
    for other in named:
        by = other.derived
        if isinstance(by, ClassNamed) and by.text == one:
            classes = reads.values.get(other.place, frozenset())
            found.update(dict.fromkeys(_words(folder.vocabularies[by.vocabulary], classes, is_open=True)))
    if one.type == "product":
        found.update(dict.fromkeys(_product_names(folder.catalogue)))
    return [*found]


def _words(vocabulary: Vocabulary, read: frozenset[Term], *, is_open: bool) -> list[str]:
    """Terms that belong to different ones of those that are read, phrases for several, and a word that is none."""
    found: dict[frozenset[Term], list[str]] = {}
    for term in sorted(vocabulary.terms, key=lambda term: term not in read):
        found.setdefault(frozenset(vocabulary.broader(term)) & read, []).append(term)
    words = [term for meaning, terms in found.items() for term in terms[: 1 if meaning else 2]]
    phrases: dict[frozenset[frozenset[Term]], str] = {}
    for text, meaning in vocabulary.phrases.items():
        phrases.setdefault(frozenset(frozenset(vocabulary.broader(term)) & read for term in meaning), text)
    unknown = [text for text in _UNKNOWN if not vocabulary.meaning(text) and vocabulary.slip(text) is None]
    return [*words, *phrases.values(), *(unknown[:1] if is_open else ())]


@lru_cache(maxsize=4)
def _product_names(catalogue: Catalogue) -> tuple[str, ...]:
    """A name of each product alone, and each name that fits several."""
    found = dict.fromkeys(catalogue.written(product) for product in catalogue.products)
    for name in sorted({name for product in catalogue.products for name in product.names}):
        try:
            match = catalogue.lookup(name)
        except AmbiguousProduct:
            continue
        if match is not None and len(match.products) > 1:
            found[name] = None
    return tuple(name for name in found if name is not None)


# ── What the facts layer makes of a content ──────────────────────────────────────────────────────


class _Trials:
    """Records in which the content of one group is tried, and all else is as little as can be."""

    def __init__(self, folder: RuleFolder) -> None:
        self._folder = folder
        self._minimal = Minimal(folder)
        self._found: dict[tuple[str, str], _Tried | None] = {}

    def of(self, name: str, fields: Sequence[Field], content: Content) -> _Tried | None:
        """What follows from a content of a group of fields; None where the record is refused."""
        key = name, repr(content)
        if key not in self._found:
            self._found[key] = self._try(fields, content)
        return self._found[key]

    def _try(self, fields: Sequence[Field], content: Content) -> _Tried | None:
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
        return _Tried(tuple(fact for fact in facts_of(case) if fact.field in names), case)


@lru_cache(maxsize=4)
def _trials(folder: RuleFolder) -> _Trials:
    return _Trials(folder)
