"""The record as a policy declares it: its sections, lists and fields, and how they follow from each other.

The declaration is rows of tables, which the policy's rules give; nothing of a policy stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeGuard

from facts.function import Function, Number
from facts.terms import Term

if TYPE_CHECKING:
    from facts.words import Vocabulary

Row = tuple[Term, ...]
Rows = Callable[[str], Sequence[Row]]
"""The rows of a table by its name; none where there is no such table."""
Kind = Literal["number", "truth", "word", "words", "date", "none"]
"""What the facts of a field say: `none`, that there are no facts of it."""
Change = Literal["free", "unchangeable", "settled", "fixed"]

_Terms = list[Term]
_Paths = list[str]


class DeclarationFault(NamedTuple):
    """What is wrong with a declaration; `needles` are texts that stand in the line, if one line is at fault."""

    needles: tuple[str, ...]
    message: str


class DeclarationError(ValueError):
    """A declaration that is refused, with the faults that were found."""

    def __init__(self, faults: Sequence[DeclarationFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.message for fault in faults))


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of the record. Numbers are as the record has them; facts carry them scaled by `decimals`."""

    place: str
    """Its path, with [] for each entry of a list."""
    name: Term
    """What rules call it; of a list's entries, the name in the first of them."""
    key: str
    section: str
    """The section it stands in; empty where it stands at the top, or in a list."""
    list: str
    """The list in whose entries it stands, or empty."""
    type: str
    title: str
    vocabulary: str | None = None
    unit: str = ""
    low: Number | None = None
    high: Number | None = None
    decimals: int = 0
    allowed: tuple[str, ...] = ()
    default: str | bool | Number | None = None
    required: bool = False
    change: Change = "free"
    slips_refused: bool = False
    references: str = ""
    """The list whose entries it refers to."""
    derived: Function | None = None
    kind: Kind = "none"
    """What the facts of the field say."""
    _terms: _Terms = field(default_factory=lambda: [], repr=False)
    _paths: _Paths = field(default_factory=lambda: [], repr=False)

    @property
    def is_number(self) -> bool:
        """Whether its facts bound a number."""
        return self.kind == "number"

    @property
    def is_list(self) -> bool:
        """Whether it holds several values, complete when present."""
        return self.type == "words"

    def term(self, at: int) -> Term:
        """What rules call it, of the entry at a position (from 0); at -1 of the record as a whole."""
        if at < 0:
            return self.name
        terms = self._terms
        while at >= len(terms):
            terms.append(_numbered(self.name, len(terms) + 1))
        return terms[at]

    def pair_term(self, first: int, second: int) -> Term:
        """What rules call it, of two entries by position."""
        assert isinstance(self.name, tuple)
        entries = iter((first + 1, second + 1))
        return self.name[0], *((part[0], next(entries)) if _is_entry(part) else part for part in self.name[1:])

    def path(self, at: int) -> str:
        """Where it stands in a record, of the entry at a position; at -1 of the record as a whole."""
        if at < 0:
            return self.place
        paths = self._paths
        while at >= len(paths):
            paths.append(self.place.replace("[]", f"[{len(paths)}]"))
        return paths[at]

    def scaled(self, number: Number) -> Number:
        """A number of the record as facts and rules have it."""
        if not self.decimals:
            return number
        return int(Decimal(repr(number)).scaleb(self.decimals).to_integral_value(ROUND_HALF_EVEN))

    def unscaled(self, number: Number) -> Number:
        """A number of the rules as the record has it."""
        if not self.decimals:
            return number
        found = Decimal(repr(number)).scaleb(-self.decimals)
        return int(found) if found == found.to_integral_value() else float(found)

    def admits(self, number: Number | None) -> bool:
        """Whether a record can have the number in the field."""
        if number is None or (self.type == "whole" and number != int(number)):
            return False
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def is_checked(field: Field) -> bool:
    """Whether a stated value has to agree with what it follows from, before words are understood."""
    by = field.derived
    return by is not None and not by.after_reading and (field.type != "computed" or by.checks_bases)


def _is_entry(term: Term) -> TypeGuard[tuple[Term, int]]:
    return isinstance(term, tuple) and len(term) == 2 and type(term[1]) is int


def _numbered(name: Term, number: int) -> Term:
    assert isinstance(name, tuple)
    return name[0], *((part[0], number) if _is_entry(part) else part for part in name[1:])


_NAMING = ("product", "word", "choice", "text")


@dataclass(frozen=True, slots=True, eq=False)
class EntryList:
    """A list of entries; `functor` is what rules call an entry: ("therapy", 1)."""

    name: str
    functor: str
    title: str
    complete: bool
    """Whether there are no other entries than those of a record that has the list."""
    fields: tuple[Field, ...]
    one_of: tuple[tuple[Field, Field], ...]
    """Pairs of fields of which an entry needs one."""
    not_above: tuple[tuple[Field, Field], ...]
    """Pairs of fields of an entry of which the first may not be above, or after, the second."""
    not_above_record: tuple[tuple[Field, Field], ...]
    """The same, where the second is a field of the record as a whole."""
    identifier: Field | None
    """The field that identifies an entry."""
    references: tuple[Field, ...]
    periods: tuple[Field, ...]
    checked: tuple[Field, ...]
    """Those whose stated values have to agree with what they follow from, before words are understood."""

    @property
    def fits_together(self) -> bool:
        """Whether something of an entry has to fit to something else of it."""
        return bool(self.one_of or self.not_above or self.periods)

    @property
    def naming(self) -> tuple[Field, ...]:
        """The fields that an entry can be called by: a product, else a word, a choice, a text."""
        found = (one for one in self.fields if one.type in _NAMING and (one.type != "choice" or one.vocabulary))
        return tuple(sorted(found, key=lambda one: _NAMING.index(one.type)))

    def entry(self, at: int) -> Term:
        """The entry at a position (from 0), as rules call it."""
        return self.functor, at + 1


class Followers(NamedTuple):
    """The fields that follow from a product."""

    of_product: tuple[tuple[Field, str], ...]
    """Each with what of the product it is."""
    class_named: tuple[Field, ...]
    """Those that are the class which its text names."""
    all: tuple[Field, ...]
    """All of them, the product itself first."""


class Declaration:
    """What a record can say: looked up by place, by the terms of rules, or in the order of the record."""

    def __init__(
        self,
        sections: Mapping[str, str],
        fields: Sequence[Field],
        lists: Sequence[EntryList],
        order: Sequence[str],
        one_of: Sequence[tuple[Field, Field]] = (),
        not_above: Sequence[tuple[Field, Field]] = (),
        day: Field | None = None,
        vocabularies: Mapping[str, Vocabulary] | None = None,
    ) -> None:
        self.sections = dict(sections)
        """Titles of the sections by name."""
        self.entry_lists = {one.name: one for one in lists}
        self.lists = {one.name: one.functor for one in lists}
        """By the name of a list, what rules call an entry of it."""
        self.order = tuple(order)
        """The names at the top of a record: fields, sections and lists."""
        self.fields = tuple(fields)
        """Those of the record as a whole first, then those of each list's entries."""
        self.one_of = tuple(one_of)
        self.not_above = tuple(not_above)
        self.day = day
        """The date on which the record is judged: what is left to time moves it."""
        self.vocabularies = dict(vocabularies or {})
        self.of_record = tuple(one for one in self.fields if not one.list)
        self.periods = tuple(one for one in self.of_record if one.type == "periods")
        self.checked = tuple(one for one in self.of_record if is_checked(one))
        self._by_place = {one.place: one for one in self.fields}
        self._by_term = {_signature(one.name): one for one in self.fields}
        self._fields_met: dict[Term, Field | None] = {}
        self._lists_by_functor = {one.functor: one for one in lists}
        self._days: dict[str, tuple[Field, ...]] = {}
        self._followers: dict[Field, Followers] = {}
        self.remembered: dict[Any, Any] = {}
        """What others have worked out of the declaration."""

    def field(self, term: Term) -> Field | None:
        """The field that rules call so; None where it is not declared."""
        if term not in self._fields_met:
            self._fields_met[term] = self._by_term.get(_signature(term))
        return self._fields_met[term]

    def in_time(self, term: Term) -> bool:
        """Whether what the field says, that rules call so, can change as days go by."""
        field = self.field(term)
        return field is not None and self.changes(field)

    def changes(self, field: Field) -> bool:
        """Whether what the field says can change as days go by."""
        return field is self.day or (field.derived is not None and field.derived.in_time)

    def at_place(self, place: str) -> Field | None:
        """The field at a place such as therapies[].days, or at the path of one; None where there is none."""
        found = self._by_place.get(place)
        if found is None and "[" in place:
            head, _, rest = place.partition("[")
            number, _, key = rest.partition("].")
            found = self._by_place.get(f"{head}[].{key}") if number.isdigit() else None
        return found

    @cached_property
    def in_order(self) -> tuple[tuple[Field, Field], ...]:
        """All pairs of fields of which the first may not be above, or after, the second."""
        of_entries = (pair for own in self.entry_lists.values() for pair in (*own.not_above, *own.not_above_record))
        return (*self.not_above, *of_entries)

    def entry_of(self, term: Term) -> Term | None:
        """The entry whose field it is (of two the first); None for a field of the record as a whole."""
        if isinstance(term, tuple):
            for part in term[1:]:
                if isinstance(part, tuple) and len(part) == 2 and part[0] in self._lists_by_functor:
                    return part
        return None

    def list_of(self, entry: Term) -> EntryList | None:
        """The list that an entry is of."""
        return self._lists_by_functor.get(str(entry[0])) if isinstance(entry, tuple) else None

    def position(self, term: Term) -> int:
        """The position (from 0) of the entry whose field it is; -1 for a field of the record as a whole."""
        entry = self.entry_of(term)
        if entry is None:
            return -1
        number = entry[1] if isinstance(entry, tuple) else None
        if type(number) is not int or number < 1:
            raise ValueError(f"{entry!r} is no entry of a record")
        return number - 1

    def values(self, term: Term) -> tuple[Term, ...] | None:
        """The values that a record can have in a field; None where any text or number can stand."""
        found = self.field(term)
        return None if found is None else self.values_of(found)

    def values_of(self, field: Field) -> tuple[Term, ...] | None:
        """The values that a record can have in a field; None where any text or number can stand."""
        if field.kind == "truth" or field.type == "truth":
            return True, False
        if field.type != "choice":
            return None
        if field.vocabulary:
            vocabulary = self.vocabularies.get(field.vocabulary)
            return None if vocabulary is None else tuple(vocabulary.terms)
        return field.allowed

    def of_product(self, place: str) -> tuple[tuple[Field, str], ...]:
        """The fields that follow from the product at a place, each with what of it they are."""
        return self.followers(self._by_place[place]).of_product

    def followers(self, product: Field) -> Followers:
        """The fields that follow from a product."""
        found = self._followers.get(product)
        if found is None:
            from facts.derived import ClassNamed, OfProduct

            by_product = [(one, one.derived) for one in self.fields if isinstance(one.derived, OfProduct)]
            of_product = tuple(
                (one, by.attribute) for one, by in by_product if isinstance(by, OfProduct) and by.product is product
            )
            named = tuple(
                one for one in self.fields if isinstance(one.derived, ClassNamed) and one.derived.text is product
            )
            every = (product, *(one for one, _ in of_product), *named)
            found = self._followers[product] = Followers(of_product, named, every)
        return found

    def days_of(self, periods: Field) -> tuple[Field, ...]:
        """The fields that count the days of these periods."""
        if periods.place not in self._days:
            self._days[periods.place] = tuple(
                one for one in self.fields if one.is_number and one.derived is not None and periods in one.derived.bases
            )
        return self._days[periods.place]


def _signature(term: Term) -> Term:
    """A field's term without the numbers of entries."""
    if not isinstance(term, tuple):
        return term
    return term[0], *(part[0] if _is_entry(part) else part for part in term[1:])


def places_in(text: str) -> tuple[str, ...]:
    """The places, sections and lists that the text of rules declares, in the order in which they first stand."""
    import re

    declared = re.findall(r'^[ \t]*(?:field|section|list)\(\s*"([^"\\]+)"', text, re.MULTILINE)
    return tuple(dict.fromkeys(declared))
