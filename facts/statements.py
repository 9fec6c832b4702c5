"""A case as facts: what its record gives, states and bounds, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from facts.case import Case, scaled
from facts.declaration import Field
from facts.derived import ClassNamed, OfProduct
from facts.durations import UsedTogether
from facts.periods import number_of_day
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated, Term
from facts.understanding import Reading, common

if TYPE_CHECKING:
    from facts.catalogue import Match

Facts = tuple[Fact, ...]
_REMEMBERED = 2_000
"""Values of a field whose facts are remembered."""


class _Slot:
    """A field of one entry, with the facts of the values that were met in it."""

    def __init__(self, field: Field, at: int) -> None:
        self.field, self.at = field, at
        self.of_value: dict[Any, Facts] = {}

    def remembered(self, value: Any, found: Facts) -> Facts:
        """The facts, which are remembered for the value."""
        if len(self.of_value) >= _REMEMBERED:
            self.of_value.clear()
        self.of_value[value] = found
        return found

    def of(self, case: Case, value: Any) -> Facts:
        """The facts of a value that is stated, or stands for one that is not."""
        field, at = self.field, self.at
        if field.kind == "number":
            return self.remembered(value, _of_bounds(field, at, (value, value)))
        if field.kind == "date":
            number = number_of_day(value)
            return self.remembered(value, _of_bounds(field, at, (number, number)))
        return self.remembered(value, _of_reading(case, field, at, case.understood(field, value)))

    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        """The facts of the field in the object in which it stands."""
        value = part.get(self.field.key, self.field.default)
        return () if value is None else self.of_value.get(value) or self.of(case, value)


class _Words(_Slot):
    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        value = part.get(self.field.key)
        if value is None:
            return ()
        words = tuple(value)
        found = self.of_value.get(words)
        if found is None:
            found = _of_reading(case, self.field, self.at, case.understood(self.field, value))
            found = self.remembered(words, found or (Stated(self.field.term(self.at)),))
        return found


class _Bounds(_Slot):
    """Of a number that follows from others."""

    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        value = part.get(self.field.key)
        bounds = case.bounds(self.field, self.at) if value is None else (value, value)
        if bounds is None:
            return ()
        return self.of_value.get(bounds) or self.remembered(bounds, _of_bounds(self.field, self.at, bounds))


class _Truth(_Slot):
    """Of a truth that follows from others."""

    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        assert self.field.derived is not None
        value = self.field.derived.truth(case, self.at)
        if value is None:
            return ()
        found = self.of_value.get(value)
        return found or self.remembered(value, _of_reading(case, self.field, self.at, Reading((value,))))


class _Understood(_Slot):
    """Of what a field is understood to say."""

    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        reading = case.reading(self.field, self.at)
        found = self.of_value.get(reading)
        if found is None:
            found = self.remembered(reading, _of_reading(case, self.field, self.at, reading))
        return found


class _OfProduct(_Understood):
    """Of a product, or what follows from it."""

    def __init__(self, field: Field, at: int, product: Field) -> None:
        super().__init__(field, at)
        self.key = product, at
        self.stated = _Slot(field, at)
        self.of_match: dict[tuple[Any, int], tuple[Match, Facts]] = {}
        """By what is stated and the identity of a match; with the match, so that no other can have that identity."""

    def facts(self, case: Case, part: Mapping[str, Any]) -> Facts:
        match = case.matches.get(self.key)
        if match is None:
            return () if self.field.type == "product" else self.stated.facts(case, part)
        key = part.get(self.field.key), id(match)
        known = self.of_match.get(key)
        if known is None or known[0] is not match:
            if len(self.of_match) >= _REMEMBERED:
                self.of_match.clear()
            known = self.of_match[key] = match, super().facts(case, part)
        return known[1]


_Quick = tuple[str, dict[Any, Facts], Facts, _Slot]
"""The key of a field whose value alone makes its facts (else empty), the facts of values, and those of none."""


class _Part:
    """The slots of an object of the record: a section, or an entry."""

    def __init__(self, case: Case, fields: Iterable[Field], at: int) -> None:
        there = (one for one in fields if one.kind != "none" and not isinstance(one.derived, UsedTogether))
        self._slots = [_quick(case, _slot(one, at)) for one in there]
        self._of_keys: dict[tuple[str, ...], list[_Quick]] = {}

    def of(self, part: Mapping[str, Any]) -> list[_Quick]:
        """Those that can make facts where the object has these keys."""
        keys = tuple(part)
        found = self._of_keys.get(keys)
        if found is None:
            if len(self._of_keys) >= _REMEMBERED:
                self._of_keys.clear()
            own = (slot for slot in self._slots if not slot[0] or slot[0] in part or slot[2])
            found = self._of_keys[keys] = list(own)
        return found


class _Pairs:
    """The facts of a field that is of two entries."""

    def __init__(self, field: Field, by: UsedTogether) -> None:
        self._field, self._by = field, by
        self._of_pairs: dict[tuple[int, int], Facts] = {}
        """By position; of a list with the most entries that there can be they are some thousands."""

    def facts(self, case: Case) -> Iterator[tuple[date, Facts]]:
        """Those of each pair of which it is so on some day, with the first such day."""
        for since, pair in self._by.pairs(case):
            found = self._of_pairs.get(pair)
            if found is None:
                found = self._of_pairs[pair] = (Given(self._field.pair_term(*pair), True),)
            yield since, found


class _Slots:
    """The slots of a record and of its entries."""

    def __init__(self, case: Case, in_time: bool | None) -> None:
        """All of them; or only those of which the facts change as days go by, or do not."""
        self._in_time = in_time
        of_record = [one for one in case.declaration.of_record if self._includes(case, one)]
        self.vocabularies = case.vocabularies
        names = dict.fromkeys(one.section for one in of_record)
        self.of_record = [(name, _Part(case, (one for one in of_record if one.section == name), -1)) for name in names]
        self.pairs = {
            name: [
                _Pairs(one, one.derived)
                for one in declared.fields
                if isinstance(one.derived, UsedTogether) and in_time is not False
            ]
            for name, declared in case.declaration.entry_lists.items()
        }
        self._of_entries: dict[str, list[_Part]] = {name: [] for name in self.pairs}

    def of_entries(self, case: Case, name: str, count: int) -> list[_Part]:
        """The slots of the first entries of a list, at least so many."""
        found = self._of_entries[name]
        while len(found) < count:
            fields = (one for one in case.declaration.entry_lists[name].fields if self._includes(case, one))
            found.append(_Part(case, fields, len(found)))
        return found

    def _includes(self, case: Case, field: Field) -> bool:
        return self._in_time is None or self._in_time is case.declaration.changes(field)


def _slot(field: Field, at: int) -> _Slot:
    by = field.derived
    if field.type == "product":
        return _OfProduct(field, at, field)
    if isinstance(by, OfProduct):
        return _OfProduct(field, at, by.product)
    if field.type == "words":
        return _Words(field, at)
    if by is None:
        return _Slot(field, at)
    return {"number": _Bounds, "truth": _Truth, "word": _Understood}[by.kind](field, at)


def _quick(case: Case, slot: _Slot) -> _Quick:
    if type(slot) is not _Slot:
        return "", {}, (), slot
    return slot.field.key, slot.of_value, slot.facts(case, _NOTHING), slot


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def facts_of(case: Case) -> list[Fact]:
    """The facts that a case becomes, in the order of the declaration's fields, entry by entry."""
    return [fact for own in facts_by_field(case) for fact in own]


def facts_by_field(case: Case) -> list[Facts]:
    """The facts that a case becomes, those of each field together: the same for the same value, once it was met."""
    return _facts(case, _slots(case, None))


def lasting_facts(case: Case) -> list[Facts]:
    """The facts of a case, by field, that stay the same as days go by."""
    return _facts(case, _slots(case, False))


def facts_in_time(case: Case, name: str, at: int) -> list[Facts]:
    """The facts, by field, that can change as days go by: of an entry of a list, or of the record itself (at -1)."""
    slots = _slots(case, True)
    found: list[Facts] = []
    if name:
        _add(case, case.entries(name)[at], slots.of_entries(case, name, at + 1)[at], found)
    else:
        _add_record(case, slots, found)
    return found


def facts_of_pairs(case: Case) -> Iterator[tuple[date, Facts]]:
    """The facts of pairs of entries, each with the first day on which it is one: from then on it stays one."""
    for pairs in _slots(case, None).pairs.values():
        for own in pairs:
            yield from own.facts(case)


def _slots(case: Case, in_time: bool | None) -> _Slots:
    """The slots with the facts that were met in them before."""
    remembered = case.declaration.remembered
    slots: _Slots | None = remembered.get((_Slots, in_time))
    if slots is None or slots.vocabularies is not case.vocabularies:
        slots = remembered[_Slots, in_time] = _Slots(case, in_time)
    return slots


def _facts(case: Case, slots: _Slots) -> list[Facts]:
    found: list[Facts] = []
    day = case.day or date.max
    _add_record(case, slots, found)
    for name, pairs in slots.pairs.items():
        entries = case.entries(name)
        for at, (entry, own) in enumerate(zip(entries, slots.of_entries(case, name, len(entries)), strict=False)):
            before = len(found)
            _add(case, entry, own, found)
            if len(found) == before:
                found.append((Stated(case.declaration.entry_lists[name].entry(at)),))
        for own_pairs in pairs:
            found += [facts for since, facts in own_pairs.facts(case) if since <= day]
    return found


def _add_record(case: Case, slots: _Slots, found: list[Facts]) -> None:
    """Add the facts of the fields of the record itself."""
    data = case.data
    for section, own in slots.of_record:
        _add(case, data.get(section, _NOTHING) if section else data, own, found)


def _add(case: Case, part: Mapping[str, Any], slots: _Part, found: list[Facts]) -> None:
    """Add the facts of the fields that stand in one object."""
    for key, of_value, absent, slot in slots.of(part):
        if key:
            value = part.get(key)
            own = absent if value is None else of_value.get(value) or slot.of(case, value)
        else:
            own = slot.facts(case, part)
        if own:
            found.append(own)


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
