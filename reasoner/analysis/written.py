"""The record that the solver chose, written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from clingo import Symbol

from facts.days import DaysInAll, DaysInOneRun
from facts.declaration import Declaration, Field
from facts.durations import UsedTogether
from facts.periods import day_of_number
from facts.symbols import term_of
from facts.terms import Term
from reasoner.analysis.minimal import DAY, Data, Minimal, put, take
from reasoner.analysis.numbers import halved
from reasoner.analysis.options import Group
from reasoner.policy.folder import RuleFolder

_ONE = timedelta(days=1)


class Chosen(NamedTuple):
    """What the solver chose (record_space.lp)."""

    entries: frozenset[Term]
    options: dict[str, list[tuple[Term, int]]]
    """By group, the entry and the option of it."""
    numbers: dict[Term, int]
    """By field, doubled."""
    periods: dict[Term, str]
    references: tuple[Term, ...]
    lists: tuple[str, ...]
    """Those that are present, be they empty."""

    @classmethod
    def of(cls, atoms: Iterable[Symbol]) -> Chosen:
        """Read the atoms that an answer set shows."""
        rows: dict[str, list[tuple[Term, ...]]] = {}
        for atom in atoms:
            rows.setdefault(atom.name, []).append(tuple(term_of(part) for part in atom.arguments))
        options: dict[str, list[tuple[Term, int]]] = {}
        for group, entry, option in rows.get("chosen", ()):
            assert isinstance(option, int)
            options.setdefault(str(group), []).append((entry, option))
        return cls(
            frozenset(row[0] for row in rows.get("entry_there", ())),
            {group: sorted(found, key=repr) for group, found in options.items()},
            {row[0]: row[1] for row in rows.get("number", ()) if isinstance(row[1], int)},
            {row[0]: str(row[1]) for row in rows.get("pattern", ())},
            tuple(sorted((row[0] for row in rows.get("referenced", ())), key=repr)),
            tuple(sorted(str(row[0]) for row in rows.get("list_given", ()))),
        )


def written(folder: RuleFolder, groups: Mapping[str, Group], chosen: Chosen, numbers: Iterable[Field]) -> Data:
    """The record as JSON data, in the order of the declaration."""
    declaration = folder.declaration
    minimal = Minimal(folder)
    data = minimal.data()
    for name, declared in declaration.entry_lists.items():
        count = sum(declared.entry(at) in chosen.entries for at in range(len(chosen.entries)))
        if count or name in chosen.lists:
            data[name] = [dict(minimal.entries[name]) for _ in range(count)]
    for group in groups.values():
        _write_group(declaration, data, group, chosen)
    for one in numbers:
        for at in _positions(data, one):
            near = chosen.numbers.get(one.term(at))
            if one.type == "computed" or (near is not None and _follows(one, at, chosen)):
                continue
            take(data, one, at)
            if near is not None:
                _write_number(data, one, at, near)
    _Periods(declaration, chosen).write(data)
    for one in declaration.fields:
        if isinstance(one.derived, UsedTogether):
            pairs = [term for term in chosen.references if declaration.field(term) is one]
            _write_references(declaration, data, one.derived, pairs)
    return _in_order(declaration, data)


def _positions(data: Data, one: Field) -> range | tuple[int, ...]:
    return range(len(data.get(one.list, ()))) if one.list else (-1,)


def _write_group(declaration: Declaration, data: Data, group: Group, chosen: Chosen) -> None:
    for entry, number in chosen.options.get(group.name, ()):
        at = -1 if entry == "record" else declaration.position(("", entry))
        content = group.options[number].content
        for one in group.fields:
            if one.place not in content:
                if not group.beside and one.list:
                    data[one.list][at].pop(one.key, None)
                continue
            put(data, one, at, content[one.place])


def _write_number(data: Data, one: Field, at: int, near: int) -> None:
    value = halved(one, near)
    if one.type == "date":
        day = day_of_number(int(value))
        assert day is not None
        put(data, one, at, day.isoformat())
    elif value != one.default:
        put(data, one, at, value)


def _follows(one: Field, at: int, chosen: Chosen) -> bool:
    """Whether the number is one of days that periods bring about."""
    by = one.derived
    if not isinstance(by, DaysInAll | DaysInOneRun):
        return False
    return chosen.periods.get(by.periods.term(at if by.periods.list else -1), "").startswith("dated")


class _Periods:
    """The periods that have the chosen days, none overlapping another that does not have to."""

    def __init__(self, declaration: Declaration, chosen: Chosen) -> None:
        self._declaration, self._chosen = declaration, chosen

    def write(self, data: Data) -> None:
        """Those that go on first, then those that have ended, further and further back; without a start last."""
        fields = [one for one in self._declaration.fields if one.type == "periods"]
        own = [(one, at) for one in fields for at in _positions(data, one) if one.term(at) in self._chosen.periods]
        first: date | None = None
        for how in ("dated", "dated_ended"):
            for one, at in own:
                if self._chosen.periods[one.term(at)] == how:
                    until = self._until(one, at)
                    end = until if how == "dated" else min(until, first or until) - 2 * _ONE
                    begin = self._dated(data, one, at, end, goes_on=how == "dated")
                    first = min(begin, first or begin)
        for one, at in own:
            if self._chosen.periods[one.term(at)] == "ended":
                end = self._until(one, at) - _ONE if first is None else min(first, self._until(one, at)) - 2 * _ONE
                put(data, one, at, [{"end": end.isoformat()}])

    def _until(self, one: Field, at: int) -> date:
        """The day up to which days count."""
        for other in self._declaration.fields:
            until: Field | None = getattr(other.derived, "until", None)
            if until is not None and other.derived is not None and one in other.derived.bases:
                return self._day(until, at)
        own = self._declaration.day
        return DAY if own is None else self._day(own, at)

    def _day(self, one: Field, at: int) -> date:
        number = self._chosen.numbers.get(one.term(at if one.list else -1))
        return (None if number is None else day_of_number(number // 2)) or DAY

    def _dated(self, data: Data, one: Field, at: int, end: date, *, goes_on: bool) -> date:
        """Write periods with the chosen days in all and in one run, up to `end`; the day on which they begin."""
        counts: dict[type, int] = {}
        for other in self._declaration.days_of(one):
            near = self._chosen.numbers.get(other.term(at))
            if near is not None:
                counts[type(other.derived)] = near // 2
        run = counts.get(DaysInOneRun, counts.get(DaysInAll, 1))
        left = counts.get(DaysInAll, run)
        found: list[dict[str, str]] = []
        begin = end
        while left > 0:
            length = min(run, left)
            begin = end - timedelta(days=length - 1)
            period = {"start": begin.isoformat()}
            found.insert(0, period if goes_on and not found else {**period, "end": end.isoformat()})
            left -= length
            end = begin - 2 * _ONE
        put(data, one, at, found)
        return begin


def _write_references(declaration: Declaration, data: Data, by: UsedTogether, pairs: Iterable[Term]) -> None:
    functor = declaration.entry_lists[by.references.list].functor
    for left, right in map(_pair, pairs):
        present = data[by.references.list][left].get(by.references.key, [])
        put(data, by.references, left, [*present, f"{functor[0]}{right + 1}"])


def _pair(term: Term) -> tuple[int, int]:
    assert isinstance(term, tuple)
    first, second = (int(str(entry[1])) - 1 for entry in term[1:] if isinstance(entry, tuple))
    return first, second


def _in_order(declaration: Declaration, data: Data) -> Data:
    """The parts of a record in the order of the declaration; empty sections left out."""

    def ordered(name: str, part: Data) -> Data:
        keys = [one.key for one in declaration.fields if name in (one.list, one.section)]
        return {key: part[key] for key in keys if key in part}

    def parts() -> Iterator[tuple[str, object]]:
        for name in declaration.order:
            part = data.get(name)
            if isinstance(part, dict) and part:
                yield name, ordered(name, part)
            elif name in declaration.entry_lists and part is not None:
                yield name, [ordered(name, entry) for entry in part]
            elif part is not None and not isinstance(part, dict):
                yield name, part

    return dict(parts())
