"""Functions of numbers: changes, ratios, sums and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from facts.function import NUMBERS, Bounds, Edit, Function, Number, Parameter, Write
from facts.paths import pointer
from facts.periods import LAST_DAY
from facts.phrases import number_text
from facts.terms import Term

if TYPE_CHECKING:
    from facts.case import Case
    from facts.declaration import Field
    from facts.values import Values

_NUMBER = (*NUMBERS, "computed")
Exact = Fraction | None


def fraction(number: Number | None) -> Exact:
    """A number as people wrote it: 0.1 is a tenth."""
    return None if number is None else Fraction(repr(number))


def number(exact: Exact) -> Number | None:
    """An exact number as a record has it."""
    if exact is None:
        return None
    return int(exact) if exact.denominator == 1 else float(exact)


class _OfTwo(Function):
    """A number that follows from two others; of bounds, from those that make it least and greatest."""

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.first: Field = arguments[0]
        self.second: Field = arguments[1]

    @property
    def bases(self) -> tuple[Field, ...]:
        return self.first, self.second

    def of(self, first: Fraction, second: Fraction) -> Exact:
        """The number, of two exact ones; None where there is none."""
        raise NotImplementedError

    rises_with_first = True
    """Whether a greater first number makes it greater, and a greater second one smaller."""

    def bounds(self, values: Values, at: int) -> Bounds | None:
        first, second = values.bounds(self.first, at), values.bounds(self.second, at)
        if first is None or second is None:
            return None
        (first_low, first_high), (second_low, second_high) = first, second
        low, high = (first_low, second_high), (first_high, second_low)
        if not self.rises_with_first:
            low, high = (first_high, second_low), (first_low, second_high)
        found = self._bound(*low), self._bound(*high)
        return None if found == (None, None) else found

    def _bound(self, first: Number | None, second: Number | None) -> Number | None:
        one, two = fraction(first), fraction(second)
        return None if one is None or two is None else number(self.of(one, two))

    def written_first(self) -> bool:
        """Whether the first number is the one to change for another result."""
        return False

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        """What the number to change has to be for the value, beside the other one."""
        raise NotImplementedError

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        target, other = (self.first, self.second) if self.written_first() else (self.second, self.first)
        known = case.bounds(other, at)
        stated = known[0] if known is not None and known[0] == known[1] else None
        for beside in dict.fromkeys((stated, *_ROUND, other.high, other.low)):
            found = None if beside is None or not other.admits(beside) else self._paired(target, beside, value)
            if found is not None and beside is not None:
                edits = [] if beside == stated else write(other, at, beside)
                return [*edits, *write(target, at, found), *_beside(case, own, at, value)]
        return []

    def _paired(self, target: Field, beside: Number, value: Number) -> Number | None:
        """The number that gives the value beside another one; None where there is none that a record can have."""
        known, aim = fraction(beside), fraction(value)
        wanted = None if known is None or aim is None else self.inverse(known, aim)
        if known is None or wanted is None:
            return None
        grid = 10 ** (max(target.decimals, 2) if target.type == "decimal" else 0)
        for scaled in dict.fromkeys((floor(wanted * grid), ceil(wanted * grid))):
            tried = Fraction(scaled, grid)
            pair = (tried, known) if self.written_first() else (known, tried)
            if self.of(*pair) == aim and target.admits(number(tried)):
                return number(tried)
        return None


_ROUND = (100, 1000, 10)
"""Numbers that most others can be written beside, for a pair of which neither is known."""


def _beside(case: Case, own: Field, at: int, value: Number) -> list[Edit]:
    """The edit of a number that is stated beside those that it follows from."""
    if case.stated(own, at) is None:
        return []
    return [{"op": "add", "path": pointer(own.path(at)), "value": value}]


_BEFORE_AFTER = (Parameter("Before", _NUMBER), Parameter("After", _NUMBER))


class Difference(_OfTwo):
    """The first number less the second."""

    parameters = _BEFORE_AFTER

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return first - second

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        return known - value


class DecreasePercent(_OfTwo):
    """By how much of the first number the second is smaller, in percent, rounded down to whole."""

    parameters = _BEFORE_AFTER

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor((first - second) * 100 / first)) if first > 0 else None

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        return known * (100 - value) / 100


class IncreasePercent(_OfTwo):
    """By how much of the first number the second is greater, in percent, rounded down to whole."""

    parameters = _BEFORE_AFTER
    rises_with_first = False

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor((second - first) * 100 / first)) if first > 0 else None

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        return known * (100 + value) / 100


class RatioPercent(_OfTwo):
    """How much of the second number the first is, in percent, rounded down to whole."""

    parameters = (Parameter("Part", _NUMBER), Parameter("Whole", _NUMBER))

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor(first * 100 / second)) if second > 0 else None

    def written_first(self) -> bool:
        return True

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        return known * value / 100


class _OfEntries(Function):
    """A number that follows from the entries of a list; one that a list has not yet can add to it."""

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.field: Field

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.field,)

    def all_there(self, values: Values) -> bool:
        """Whether the record has all the entries that there are."""
        declared = values.declaration.entry_lists[self.field.list]
        return declared.complete and values.gives_list(declared.name)

    def disagreement(self, stated: Any, found: Any) -> str:
        return f"{stated} does not agree with the {self.field.list}, which give {number_text(found)}"


class SumOf(_OfEntries):
    """The sum of a number over the entries of a list."""

    parameters = (Parameter("Place", _NUMBER, of_list=True),)

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.field: Field = arguments[0]

    def bounds(self, values: Values, at: int) -> Bounds | None:
        never_less = self.field.low is not None and self.field.low >= 0
        low: Exact = Fraction(0)
        high: Exact = Fraction(0)
        if not self.all_there(values):
            low, high = (low if never_less else None), None
        for position in range(len(values.entries(self.field.list))):
            known = values.bounds(self.field, position) or ((0, None) if never_less else (None, None))
            one, other = map(fraction, known)
            low = None if low is None or one is None else low + one
            high = None if high is None or other is None else high + other
        return None if low is None and high is None else (number(low), number(high))

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        """Sums of days grow with time: the first days of reaching a number, found by halving."""
        today = values.day
        if not self.in_time or today is None:
            return

        def reached(day: date, number: int) -> bool:
            bounds = self.bounds(values.on(day), at)
            return bounds is not None and bounds[0] is not None and bounds[0] >= number

        for wanted in dict.fromkeys(near for number in numbers for near in (number, number + 1)):
            low, high = today, LAST_DAY
            if reached(low, wanted) or not reached(high, wanted):
                continue
            while (high - low).days > 1:
                middle = low + (high - low) // 2
                low, high = (low, middle) if reached(middle, wanted) else (middle, high)
            yield high

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        """Change the greatest of the numbers by what is missing, or too much."""
        count = len(case.entries(self.field.list))
        known = [(case.bounds(self.field, position) or (None, None))[0] for position in range(count)]
        there = [(amount, position) for position, amount in enumerate(known) if amount is not None]
        if not there:
            return []
        amount, position = max(there, key=lambda one: (one[0], -one[1]))
        others = sum((Fraction(repr(other)) for other, place in there if place != position), Fraction(0))
        wanted = number(Fraction(repr(value)) - others)
        if not self.field.admits(wanted):
            return []
        edits = write(self.field, position, wanted)
        return [*edits, *_beside(case, own, at, value)] if edits else []


class NumberOf(_OfEntries):
    """How many entries of a list have a value in a field."""

    parameters = (
        Parameter("List", what="list"),
        Parameter("Place", ("choice", "word", "words", "truth", "product", "computed"), of_list=True),
        Parameter("Value", what="value"),
    )
    after_reading = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.field: Field = arguments[1]
        self.value: Term = arguments[2]

    def bounds(self, values: Values, at: int) -> Bounds | None:
        low = possible = 0
        for position in range(len(values.entries(self.field.list))):
            known = values.has(self.field, position, self.value)
            low += known is True
            possible += known is not False
        return low, possible if self.all_there(values) else None

    def faults(self, values: Values, own: Field, at: int) -> list[tuple[str, str]]:
        stated, bounds = values.stated(own, at), self.bounds(values, at)
        if stated is None or bounds is None:
            return []
        low, high = bounds
        found = low if low is not None and stated < low else high if high is not None and stated > high else None
        return [] if found is None else [(own.path(at), self.disagreement(stated, found))]
