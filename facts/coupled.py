"""Numbers from which others follow: who changes one of them changes these others, too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
"""A value of each number; None: it is not known."""
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

    def values(self, point: Point) -> dict[Field, Number]:
        """What each field is where the bases are these; nothing of a field that is not known then."""
        exact = self._exact(dict(zip(self.bases, point, strict=True)))
        return {field: value for field, one in exact.items() if (value := number(one)) is not None}

    def regions(self, compared: Compared) -> list[dict[Field, Number]]:
        """Values of all of them, for each way in which they can lie between the numbers that are compared.

        They are as rules have them; of one that lies between two whole numbers, the half between.
        """
        found: dict[tuple[tuple[bool, ...], ...], dict[Field, Number]] = {}
        for point in self.points(compared):
            values = {field: _in_halves(field.scaled(value)) for field, value in self.values(point).items()}
            lies = tuple(
                tuple(sign for edge in compared.get(field, ()) for sign in (value < edge, value > edge))
                for field, value in values.items()
            )
            found.setdefault(lies, values)
        return list(found.values())

    def points(self, compared: Compared, recorded: Mapping[Field, Fraction] | None = None) -> list[Point]:
        """Points that a record can have at, right below and right above each number with which a field is compared.

        The numbers `recorded` of the bases are among them; of a record also points without one that it does not have.
        """
        tried: list[list[Fraction | None]] = []
        for base in self.bases:
            known = [recorded[base]] if recorded is not None and base in recorded else []
            tried.append(list(dict.fromkeys((*known, *_near(base, compared)))))
        found = dict.fromkeys(product(*tried))
        edges = [(field, edge) for field in self.derived for edge in _near(field, compared)]
        for place, base in enumerate(self.bases):
            for others in product(*tried[:place], *tried[place + 1 :]):
                known_others = dict(zip((*self.bases[:place], *self.bases[place + 1 :]), others, strict=True))
                for field, edge in edges:
                    wanted = self._solved(field, edge, base, known_others)
                    near = _steps(base, wanted) if wanted is not None else ()
                    found |= dict.fromkeys((*others[:place], one, *others[place:]) for one in near)
        if recorded is not None:
            absent = [(None,) if base not in recorded else () for base in self.bases]
            found |= dict.fromkeys(product(*((*own, *nothing) for own, nothing in zip(tried, absent, strict=True))))
        return [point for point in found if self._can_be(point)]

    def _exact(self, known: Mapping[Field, Fraction | None]) -> dict[Field, Fraction | None]:
        found = dict(known)
        for field in self.derived:
            by = _function(field)
            one, other = found.get(by.first), found.get(by.second)
            found[field] = None if one is None or other is None else by.of(one, other)
        return found

    def _solved(
        self, field: Field, value: Fraction | None, base: Field, others: Mapping[Field, Fraction | None]
    ) -> Fraction | None:
        """What the base has to be for a field to have the value, beside the others; None: no number, or any."""
        if field is base or value is None:
            return value
        if field in self.bases:
            return None
        by, exact = _function(field), self._exact(others)
        one, other = exact.get(by.first), exact.get(by.second)
        if other is not None and one is None:
            return self._solved(by.first, by.first_for(other, value), base, others)
        if one is not None and other is None:
            return self._solved(by.second, by.second_for(one, value), base, others)
        return None

    def _can_be(self, point: Point) -> bool:
        known = {field: value for field, value in zip(self.bases, point, strict=True) if value is not None}
        return all(field.admits(number(value)) for field, value in known.items()) and all(
            known[low] <= known[high] for low, high in self.in_order if low in known and high in known
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
    ordered = [*declaration.not_above, *(both for one in declaration.entry_lists.values() for both in one.not_above)]
    found = []
    for group in groups:
        bases = tuple(dict.fromkeys(base for field in group for base in _leaves(field)))
        one_place = len({base.list for base in bases}) == 1
        if one_place and len(bases) <= _MOST and all(base.change in ("free", "unchangeable") for base in bases):
            among = tuple(both for both in ordered if {*both} <= {*bases})
            found.append(Coupled(bases, tuple(field for field in _in_dependence(declaration) if field in group), among))
    return tuple(found)


def _in_dependence(declaration: Declaration) -> Sequence[Field]:
    """The fields that follow from two others alone, each after those that it follows from."""
    computed = [one for one in declaration.fields if isinstance(one.derived, OfTwo) and one.type == "computed"]
    return sorted(computed, key=_depth)


def _depth(field: Field) -> int:
    return 1 + max(map(_depth, _function(field).bases)) if isinstance(field.derived, OfTwo) else 0


def _leaves(field: Field) -> Iterator[Field]:
    """The fields from which it follows in the end."""
    if isinstance(field.derived, OfTwo) and field.type == "computed":
        for base in field.derived.bases:
            yield from _leaves(base)
    else:
        yield field


def _function(field: Field) -> OfTwo:
    assert isinstance(field.derived, OfTwo)
    return field.derived


def _in_halves(value: Number) -> Number:
    return value if value == int(value) else floor(value) + 0.5


def _near(field: Field, compared: Compared) -> Iterator[Fraction]:
    """The numbers with which a field is compared, those beside them, and those at its bounds."""
    edges = [Fraction(repr(field.unscaled(edge))) for edge in compared.get(field, ())]
    ends = [end for bound in (field.low, field.high) if (end := fraction(bound)) is not None]
    usual = () if isinstance(field.derived, OfTwo) else (Fraction(_USUAL),)
    for edge in dict.fromkeys((*edges, *ends, *usual)):
        yield from _steps(field, edge)


def _steps(field: Field, wanted: Fraction) -> list[Fraction]:
    """The numbers that a record can have next to a wanted one, and those beside them."""
    near, step = list(on_grid(field, wanted)), Fraction(1, 10**field.decimals)
    return list(dict.fromkeys((near[0] - step, *near, near[-1] + step)))
