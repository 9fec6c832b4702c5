"""A case as facts: what its record gives, states and bounds, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from facts.case import Case, scaled
from facts.declaration import Field
from facts.derived import ClassNamed, OfProduct
from facts.durations import UsedTogether
from facts.periods import number_of_day
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated, Term
from facts.understanding import Reading, common

if TYPE_CHECKING:
    from facts.catalogue import Match

T = TypeVar("T")
Facts = tuple[Fact, ...]
Make = Callable[[Facts], T]
"""Makes something of all the facts of a field."""
Join = Callable[[Iterable[T]], T]
"""Makes of what was made of some fields what would be made of all their facts."""
_REMEMBERED = 1_000
"""Values of a field, and kinds of entries, for which it is remembered what was made."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Slot(Generic[T]):
    """A field of one entry, with what was made of the facts of the values that were met in it."""

    def __init__(self, field: Field, at: int, make: Make[T]) -> None:
        self.field, self.at, self._make = field, at, make
        self.of_value: dict[Any, T] = {}

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        """What is made of its facts, where it stands in this object; None where there are none."""
        stated = part.get(self.field.key)
        value: Any = self.field.default if stated is None else stated
        if value is None:
            return None
        if self.field.kind == "date":
            value = number_of_day(value)
        if self.field.kind in ("number", "date"):
            return self._remembered(stated, _of_bounds(self.field, self.at, (value, value)))
        return self._remembered(stated, _of_reading(case, self.field, self.at, case.understood(self.field, value)))

    def _remembered(self, value: Any, facts: Facts) -> T | None:
        if not facts:
            return None
        if len(self.of_value) >= _REMEMBERED:
            self.of_value.clear()
        found = self.of_value[value] = self._make(facts)
        return found


class _Words(_Slot[T]):
    """Of the words of a list."""

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        value = part.get(self.field.key)
        if value is None:
            return None
        words = tuple(value)
        found = self.of_value.get(words)
        if found is None:
            facts = _of_reading(case, self.field, self.at, case.understood(self.field, value))
            found = self._remembered(words, facts or (Stated(self.field.term(self.at)),))
        return found


class _Bounds(_Slot[T]):
    """Of a number that follows from others."""

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        value = part.get(self.field.key)
        bounds = case.unstated_bounds(self.field, self.at) if value is None else (value, value)
        if bounds is None:
            return None
        found = self.of_value.get(bounds)
        return self._remembered(bounds, _of_bounds(self.field, self.at, bounds)) if found is None else found


class _Truth(_Slot[T]):
    """Of a truth that follows from others."""

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        assert self.field.derived is not None
        value = self.field.derived.truth(case, self.at)
        if value is None:
            return None
        found = self.of_value.get(value)
        if found is None:
            found = self._remembered(value, _of_reading(case, self.field, self.at, Reading((value,))))
        return found


class _Understood(_Slot[T]):
    """Of what a field is understood to say."""

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        reading = case.reading(self.field, self.at)
        found = self.of_value.get(reading)
        if found is None:
            found = self._remembered(reading, _of_reading(case, self.field, self.at, reading))
        return found


class _Together(_Slot[T]):
    """Of fields beside each other of which records say few different things: choices, or a product and its like."""

    def __init__(self, product: Field | None, fields: tuple[Field, ...], at: int, make: Make[T], join: Join[T]) -> None:
        """The facts follow from what is stated in these fields, and from what the product is matched with."""
        super().__init__(fields[0], at, make)
        self._product, self._join = product, join
        self._each = [_Understood(field, at, make) for field in fields]
        bases = fields if product is None else (product, *fields)
        self._keys = tuple(one.key for one in dict.fromkeys(bases) if one.type != "computed")
        self._of_stated: dict[tuple[Any, ...], tuple[Match | None, T | None]] = {}
        """By what is stated, with the match."""

    def of(self, case: Case, part: Mapping[str, Any]) -> T | None:
        match = None if self._product is None else case.matches.get((self._product, self.at))
        stated = tuple(map(part.get, self._keys))
        known = self._of_stated.get(stated)
        if known is None or known[0] is not match:
            if len(self._of_stated) >= _REMEMBERED:
                self._of_stated.clear()
            each = [own for slot in self._each if (own := slot.of(case, part)) is not None]
            known = self._of_stated[stated] = match, self._join(each) if each else None
        return known[1]


class _Part(Generic[T]):
    """The slots of an object of the record: a section, or an entry."""

    def __init__(self, slots: Iterable[_Slot[T]]) -> None:
        self._slots = tuple(slots)
        self._of_keys: dict[tuple[str, ...], list[_Met[T]]] = {}

    def add(self, case: Case, part: Mapping[str, Any], found: list[T]) -> None:
        """Add what is made of the facts of each field."""
        keys = tuple(part)
        slots = self._of_keys.get(keys)
        if slots is None:
            slots = self._met(keys)
        for key, known, slot in slots:
            own = known(part.get(key)) if key else None
            if own is None:
                own = slot.of(case, part)
            if own is not None:
                found.append(own)

    def _met(self, keys: tuple[str, ...]) -> list[_Met[T]]:
        """The slots that can have facts where the object has these keys."""
        if len(self._of_keys) >= _REMEMBERED:
            self._of_keys.clear()
        found = self._of_keys[keys] = [
            (slot.field.key if type(slot) is _Slot else "", slot.of_value.get, slot)
            for slot in self._slots
            if type(slot) not in (_Slot, _Words) or slot.field.key in keys or slot.field.default is not None
        ]
        return found


_Met = tuple[str, Callable[[Any], T | None], _Slot[T]]
"""The key by whose value alone a slot has its facts, if it does, and what was made of these for values met."""


class _Pairs(Generic[T]):
    """A field that is of two entries."""

    def __init__(self, field: Field, by: UsedTogether, make: Make[T]) -> None:
        self._field, self._by, self._make = field, by, make
        self._of_pairs: dict[tuple[int, int], T] = {}
        """By position; of a list with the most entries that there can be they are some thousands."""

    def of(self, case: Case) -> Iterator[tuple[date, T]]:
        """What is made of each pair of which it is so on some day, with the first such day."""
        for since, pair in self._by.pairs(case):
            found = self._of_pairs.get(pair)
            if found is None:
                facts = (Given(self._field.pair_term(*pair), True),)
                found = self._of_pairs[pair] = self._make(facts)
            yield since, found


class _Slots(Generic[T]):
    """The slots of a record and of its entries."""

    def __init__(self, case: Case, make: Make[T], join: Join[T], is_read: Callable[[Term], bool]) -> None:
        self._make, self._join, self._is_read = make, join, is_read
        self.declaration, self.vocabularies = case.declaration, case.vocabularies
        self.pairs = {
            name: [_Pairs(one, one.derived, make) for one in declared.fields if isinstance(one.derived, UsedTogether)]
            for name, declared in case.declaration.entry_lists.items()
        }
        self._slots: dict[tuple[tuple[Field, ...], int], _Slot[T]] = {}
        self._sections: dict[bool | None, list[tuple[str, _Part[T]]]] = {}
        self._entries: dict[tuple[str, bool | None], list[_Part[T]]] = {}

    def sections(self, in_time: bool | None) -> list[tuple[str, _Part[T]]]:
        """Those of the record itself, by section: all, or those whose facts change as days go by, or do not."""
        found = self._sections.get(in_time)
        if found is None:
            fields = [one for one in self.declaration.of_record if self._includes(one, in_time)]
            names = dict.fromkeys(one.section for one in fields)
            found = self._sections[in_time] = [
                (name, self._part([one for one in fields if one.section == name], -1)) for name in names
            ]
        return found

    def entries(self, name: str, count: int, in_time: bool | None) -> list[_Part[T]]:
        """Those of the first entries of a list, at least so many."""
        found = self._entries.setdefault((name, in_time), [])
        while len(found) < count:
            fields = self.declaration.entry_lists[name].fields
            found.append(self._part([one for one in fields if self._includes(one, in_time)], len(found)))
        return found

    def _includes(self, field: Field, in_time: bool | None) -> bool:
        if field.kind == "none" or isinstance(field.derived, UsedTogether):
            return False
        return in_time is None or in_time is self.declaration.changes(field)

    def _part(self, fields: Iterable[Field], at: int) -> _Part[T]:
        read = (one for one in fields if self._is_read(one.term(at)))
        groups = (tuple(group) for _, group in groupby(read, lambda one: _named_beside(one) or _is_closed(one) or one))
        return _Part(self._slot(own, at) for own in groups)

    def _slot(self, fields: tuple[Field, ...], at: int) -> _Slot[T]:
        found = self._slots.get((fields, at))
        if found is None:
            product = _named_beside(fields[0])
            if product is not None or _is_closed(fields[0]):
                found = _Together(product, fields, at, self._make, self._join)
            else:
                found = _kind_of_slot(fields[0])(fields[0], at, self._make)
            self._slots[fields, at] = found
        return found


def _named_beside(field: Field) -> Field | None:
    """What names a product, or a class, in the same object, where the field is that or follows from it."""
    by = field.derived
    if field.type == "product":
        return field
    named = by.product if isinstance(by, OfProduct) else by.text if isinstance(by, ClassNamed) else None
    return named if named is not None and (named.list, named.section) == (field.list, field.section) else None


def _is_closed(field: Field) -> bool:
    """Whether it states one of few values."""
    return field.derived is None and field.type in ("choice", "truth")


def _kind_of_slot(field: Field) -> Callable[[Field, int, Make[T]], _Slot[T]]:
    if field.type == "words":
        return _Words
    if field.derived is None:
        return _Slot
    return {"number": _Bounds, "truth": _Truth, "word": _Understood}[field.derived.kind]


class Statements(Generic[T]):
    """What is made of the facts of cases, field by field; remembered by what a record says in the field."""

    def __init__(self, make: Make[T], join: Join[T], is_read: Callable[[Term], bool] = lambda field: True) -> None:
        """Facts of a field that is not read are left out; of an entry of which nothing else is there it is stated."""
        self._make, self._join, self._is_read = make, join, is_read
        self._known: _Slots[T] | None = None

    def of(self, case: Case) -> list[T]:
        """What is made of all the facts of a case, in the order of the declaration's fields, entry by entry."""
        return self._of(case, None)

    def lasting(self, case: Case) -> list[T]:
        """What is made of the facts that stay the same as days go by."""
        return self._of(case, False)

    def in_time(self, case: Case, name: str, at: int) -> list[T]:
        """What is made of those that can change: of an entry of a list, or of the record itself (at -1)."""
        slots, found = self._slots(case), list[T]()
        if name:
            slots.entries(name, at + 1, True)[at].add(case, case.entries(name)[at], found)
        else:
            _add_sections(case, slots, True, found)
        return found

    def of_pairs(self, case: Case) -> Iterator[tuple[date, T]]:
        """What is made of pairs of entries, each with the first day on which it is one: from then on it stays one."""
        for pairs in self._slots(case).pairs.values():
            for own in pairs:
                yield from own.of(case)

    def _of(self, case: Case, in_time: bool | None) -> list[T]:
        slots, found = self._slots(case), list[T]()
        _add_sections(case, slots, in_time, found)
        for name, pairs in slots.pairs.items():
            entries = case.entries(name)
            if not entries:
                continue
            for at, (entry, own) in enumerate(zip(entries, slots.entries(name, len(entries), in_time), strict=False)):
                before = len(found)
                own.add(case, entry, found)
                if len(found) == before:
                    found.append(self._make((Stated(case.declaration.entry_lists[name].entry(at)),)))
            if in_time is None and len(entries) > 1:
                day = case.day or date.max
                found += [made for own_pairs in pairs for since, made in own_pairs.of(case) if since <= day]
        return found

    def _slots(self, case: Case) -> _Slots[T]:
        slots = self._known
        if slots is None or slots.declaration is not case.declaration or slots.vocabularies is not case.vocabularies:
            slots = self._known = _Slots(case, self._make, self._join, self._is_read)
        return slots


def _add_sections(case: Case, slots: _Slots[T], in_time: bool | None, found: list[T]) -> None:
    """Add what is made of the facts of the fields of the record itself."""
    data = case.data
    for section, own in slots.sections(in_time):
        own.add(case, data.get(section, _NOTHING) if section else data, found)


def statements_of(case: Case) -> Statements[Facts]:
    """The facts of cases of the same declaration."""
    found: Statements[Facts] | None = case.declaration.remembered.get(Statements)
    if found is None:
        found = case.declaration.remembered[Statements] = Statements(
            lambda facts: facts, lambda each: tuple(chain.from_iterable(each))
        )
    return found


def facts_of(case: Case) -> list[Fact]:
    """The facts that a case becomes, in the order of the declaration's fields, entry by entry."""
    return list(chain.from_iterable(statements_of(case).of(case)))


def _of_bounds(field: Field, at: int, bounds: tuple[Any, Any]) -> Facts:
    return (Between(field.term(at), *scaled(field, bounds)),)


def _of_reading(case: Case, field: Field, at: int, reading: Reading) -> Facts:
    """The facts of what a field is understood to say.

    What every term that a phrase stands for belongs to, is given. Of a product it stays open: which product it
    was decides on more than this field.
    """
    term = field.term(at)
    each = [case.broader(field, value) for value in reading.could_be]
    given: list[Term] = [wider for value in reading.values for wider in case.broader(field, value)]
    if not isinstance(field.derived, OfProduct | ClassNamed):
        given += common(each)
    found: list[Fact] = []
    if reading.values or reading.unknown or (field.type == "words" and reading.could_be):
        found.append(Stated(term))
    found += [Given(term, value) for value in dict.fromkeys(given)]
    open_values = dict.fromkeys(value for wider in each for value in wider)
    itself, shared = frozenset(reading.could_be), frozenset(common(each))
    found += [
        CouldBe(term, value, value in itself)
        for value in open_values
        if value not in given or (value in itself and value not in shared)  # which another word of the list gives
    ]
    if reading.unknown:
        found.append(NotUnderstood(term))
    return tuple(found)
