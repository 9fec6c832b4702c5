"""Numbers from which others follow: who changes one of them changes these others, too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import floor
from typing import NamedTuple

from facts.arithmetic import OfTwo, fraction, number, on_grid
from facts.declaration import Declaration, Field
from facts.function import Number

_MOST = 4
"""Numbers that are changed together, at most."""
_USUAL = 100
"""A number of which each whole percent is whole, where nothing else says how great a number can be."""

Point = tuple[Fraction | None, ...]
"""A value of each number that a record can have; None: it is not known, or follows from the others."""
Compared = Mapping[Field, Collection[Number]]
"""The numbers with which rules compare each field, as rules have them."""


class Coupled(NamedTuple):
    """Fields of numbers, and those that follow from these alone, each after those that it follows from."""

    bases: tuple[Field, ...]
    derived: tuple[Field, ...]
    in_order: tuple[tuple[Field, Field], ...]
    """Pairs of the bases of which the first may not be above the second."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of them."""
        return *self.bases, *self.derived

    @property
    def statable(self) -> tuple[Field, ...]:
        """Those that follow from others, and that a record can state itself as well."""
        return tuple(field for field in self.derived if field.type != "computed")

    @property
    def written(self) -> tuple[Field, ...]:
        """Those that a record can have: a point has a value of each."""
        return *self.bases, *self.statable

    def values(self, point: Point) -> dict[Field, Number]:
        """What each field is where those that a record can have are these; nothing of one that is not known then."""
        exact = self.exact(dict(zip(self.written, point, strict=True)))
        return {field: value for field, one in exact.items() if (value := number(one)) is not None}

    def exact(self, known: Mapping[Field, Fraction | None]) -> dict[Field, Fraction | None]:
        """What each field is beside those that are known, one that is stated and does not follow as it is stated."""
        found = dict(known)
        for field in self.derived:
            by = _function(field)
            one, other = found.get(by.first), found.get(by.second)
            follows = None if one is None or other is None else by.of(one, other)
            found[field] = known.get(field) if follows is None else follows
        return found

    def regions(self, compared: Compared) -> list[dict[Field, Number]]:
        """Values of all of them, for each way in which they can lie between the numbers compared, or be missing.

        They are as rules have them; of one that lies between two whole numbers, the half between.
        """
        among = [(field, compared[field]) for field in self.fields if field in compared]
        found: dict[Region, dict[Field, Number]] = {}
        for point in self.points(compared):
            values = {field: _in_halves(field.scaled(value)) for field, value in self.values(point).items()}
            found.setdefault(region(values, among), values)
        return list(found.values())

    def points(self, compared: Compared, recorded: Mapping[Field, Fraction] | None = None) -> list[Point]:
        """Points that a record can have at, right below and right above each number with which a field is compared.

        The numbers `recorded` are among them, and none is taken away; without a record any can be missing. A number
        that follows from others of a point stands in none: it is stated where it cannot follow.
        """
        there = recorded or {}
        asked = {
            base for field in self.fields if field in compared or field in there for base in (field, *_below(field))
        }
        tried: dict[Field, list[Fraction]] = {}
        edges: list[tuple[Field, Fraction]] = []
        for field in self.fields:
            own = [there[field]] if field in there else []
            if field in asked:
                tried[field] = [
                    one for one in dict.fromkeys((*own, *_near(field, compared))) if field.admits(number(one))
                ]
            elif own:
                tried[field] = own
            if field in self.derived:
                edges += ((field, edge) for edge in dict.fromkeys((*own, *_at(field, compared))))
        found: dict[Point, None] = {}
        for known in self._known(there, [field for field in self.written if field in tried]):
            for values in self._beside({field: tried[field] for field in known}, edges, compared, there):
                found[tuple(map(values.get, self.written))] = None
        return list(found)

    def _known(self, recorded: Mapping[Field, Fraction], among: Sequence[Field]) -> Iterator[tuple[Field, ...]]:
        """The fields that can be known together, none of which follows from others: the most first."""
        for has in product((True, False), repeat=len(among)):
            known = [field for field, one in zip(among, has, strict=True) if one]
            follows: set[Field] = set()
            for field in self.derived:
                if {*_function(field).bases} <= {*known, *follows}:
                    follows.add(field)
            if follows.isdisjoint(known) and recorded.keys() <= {*known, *follows}:
                yield tuple(known)

    def _beside(
        self,
        tried: Mapping[Field, Sequence[Fraction]],
        edges: Sequence[tuple[Field, Fraction]],
        compared: Compared,
        recorded: Mapping[Field, Fraction],
    ) -> Iterator[Mapping[Field, Fraction]]:
        """Values of these fields, of which each is tried, or is what makes another one what is tried of that.

        A number that is recorded, and not compared itself, is another one only where there is no way beside it.
        """
        for known in _each(tried):
            if (values := self._possible(known, recorded)) is not None:
                yield values
        for field in tried:
            others = {other: own for other, own in tried.items() if other is not field}
            usual = {
                other: own[:1] if other in recorded and other not in compared else own for other, own in others.items()
            }
            unsolved = [edge for edge in edges if edge[0] not in tried]
            for beside in (usual, others) if usual != others else (others,):
                solved: set[tuple[Field, Fraction]] = set()
                for known in _each(beside):
                    for one, solving in self._solving(field, unsolved, known).items():
                        if (values := self._possible({**known, field: one}, recorded)) is not None:
                            yield values
                            exact = self.exact(values)
                            solved.update(edge for edge in solving if exact[edge[0]] is not None)
                unsolved = [edge for edge in unsolved if edge not in solved]

    def _solving(
        self, field: Field, edges: Iterable[tuple[Field, Fraction]], known: Mapping[Field, Fraction]
    ) -> dict[Fraction, list[tuple[Field, Fraction]]]:
        """The values of a field that make others what is tried of them, or next to it, beside what is known."""
        found: dict[Fraction, list[tuple[Field, Fraction]]] = {}
        exact = self.exact(known)
        for edge in edges:
            wanted = self._solved(*edge, field, exact)
            for one in _steps(field, wanted) if wanted is not None else ():
                found.setdefault(one, []).append(edge)
        return found

    def _possible(
        self, values: dict[Field, Fraction], recorded: Mapping[Field, Fraction]
    ) -> dict[Field, Fraction] | None:
        """Values with what is stated and cannot follow, as of a part of nothing; None: a record cannot have them."""
        stated = [field for field in self.statable if field in recorded and field not in values]
        if stated:
            exact = self.exact(values)
            values = {**values, **{field: recorded[field] for field in stated if exact[field] is None}}
        return values if self._can_be(values, recorded) else None

    def _solved(
        self, field: Field, value: Fraction | None, sought: Field, exact: Mapping[Field, Fraction | None]
    ) -> Fraction | None:
        """What the one sought has to be for a field to have the value, beside the others; None: no number, or any."""
        if field is sought or value is None:
            return value
        if field not in self.derived or exact.get(field) is not None:
            return None
        by = _function(field)
        one, other = exact.get(by.first), exact.get(by.second)
        if other is not None and one is None:
            return self._solved(by.first, by.first_for(other, value), sought, exact)
        if one is not None and other is None:
            return self._solved(by.second, by.second_for(one, value), sought, exact)
        return None

    def _can_be(self, known: Mapping[Field, Fraction], recorded: Mapping[Field, Fraction]) -> bool:
        """Whether a record can have the values, and what then follows where that is stated in it."""
        if not all(field.admits(number(value)) for field, value in known.items()):
            return False
        if any(low in known and high in known and known[low] > known[high] for low, high in self.in_order):
            return False
        stated = [field for field in self.statable if field in recorded and field not in known]
        exact = self.exact(known) if stated else {}
        return all(field.admits(number(exact[field])) for field in stated)


Region = tuple[tuple[bool, ...] | None, ...]
"""Of each field whether it lies below and above each number with which it is compared; None: it is missing."""


def region(values: Mapping[Field, Number], compared: Iterable[tuple[Field, Iterable[Number]]]) -> Region:
    """How some values lie between the numbers with which rules compare them."""
    return tuple(
        tuple(sign for edge in edges for sign in (values[field] < edge, values[field] > edge))
        if field in values
        else None
        for field, edges in compared
    )


def coupled(declaration: Declaration) -> tuple[Coupled, ...]:
    """The numbers of a record that are changed together with those that follow from them."""
    groups: list[list[Field]] = []
    for field in _in_dependence(declaration):
        of = [
            group
            for group in groups
            if not {*_leaves(field)}.isdisjoint(base for one in group for base in _leaves(one))
        ]
        groups = [group for group in groups if group not in of]
        groups.append([*(one for group in of for one in group), field])
    found = []
    for group in groups:
        bases = tuple(dict.fromkeys(base for field in group for base in _leaves(field)))
        one_place = len({field.list for field in (*bases, *group)}) == 1
        among = tuple(both for both in declaration.in_order if {*both} <= {*bases, *group})
        made = Coupled(bases, tuple(field for field in _in_dependence(declaration) if field in group), among)
        if one_place and len(bases) <= _MOST and all(one.change in ("free", "unchangeable") for one in made.written):
            found.append(made)
    return tuple(found)


def _in_dependence(declaration: Declaration) -> Sequence[Field]:
    """The fields that follow from two others alone, each after those that it follows from."""
    return sorted((one for one in declaration.fields if isinstance(one.derived, OfTwo)), key=_depth)


def _each(tried: Mapping[Field, Sequence[Fraction]]) -> Iterator[dict[Field, Fraction]]:
    """All combinations of what is tried."""
    return (dict(zip(tried, values, strict=True)) for values in product(*tried.values()))


def _depth(field: Field) -> int:
    return 1 + max(map(_depth, _function(field).bases)) if isinstance(field.derived, OfTwo) else 0


def _leaves(field: Field) -> Iterator[Field]:
    """The fields from which it follows in the end."""
    if isinstance(field.derived, OfTwo):
        for base in field.derived.bases:
            yield from _leaves(base)
    else:
        yield field


def _function(field: Field) -> OfTwo:
    assert isinstance(field.derived, OfTwo)
    return field.derived


def _in_halves(value: Number) -> Number:
    return value if value == int(value) else floor(value) + 0.5


def _below(field: Field) -> Iterator[Field]:
    """All that it follows from."""
    if isinstance(field.derived, OfTwo):
        for base in field.derived.bases:
            yield base
            yield from _below(base)


def _near(field: Field, compared: Compared) -> Iterator[Fraction]:
    """The numbers with which a field is compared, those beside them, and those at its bounds."""
    yield from _at(field, compared)
    for bound in (field.low, field.high):
        if (end := fraction(bound)) is not None:
            yield end
            yield from _steps(field, end)
    if not isinstance(field.derived, OfTwo):
        yield Fraction(_USUAL)


def _at(field: Field, compared: Compared) -> Iterator[Fraction]:
    """The numbers with which a field is compared, and those beside them."""
    for edge in compared.get(field, ()):
        yield from _steps(field, Fraction(repr(field.unscaled(edge))))


def _steps(field: Field, wanted: Fraction) -> list[Fraction]:
    """The numbers that a record can have next to a wanted one, and those beside them."""
    near, step = list(on_grid(field, wanted)), Fraction(1, 10**field.decimals)
    return list(dict.fromkeys((near[0] - step, *near, near[-1] + step)))
