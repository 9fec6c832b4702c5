"""Functions of numbers: changes, ratios, sums and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain
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


def _known(bounds: Bounds | None) -> Number | None:
    """The number that is known to be just one."""
    return bounds[0] if bounds is not None and bounds[0] == bounds[1] else None


def number(exact: Exact) -> Number | None:
    """An exact number as a record has it."""
    if exact is None:
        return None
    return int(exact) if exact.denominator == 1 else float(exact)


class OfTwo(Function):
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

    def first_for(self, second: Fraction, value: Fraction) -> Exact:
        """What the first number has to be for the value, beside the second one; None: there is no such number."""
        raise NotImplementedError

    def second_for(self, first: Fraction, value: Fraction) -> Exact:
        """What the second number has to be for the value, beside the first one; None: there is no such number."""
        raise NotImplementedError

    def written_first(self) -> bool:
        """Whether the first number is rather the one to change for another result."""
        return False

    def inverse(self, known: Fraction, value: Fraction) -> Exact:
        """What the number to change has to be for the value, beside the other one."""
        return self.first_for(known, value) if self.written_first() else self.second_for(known, value)

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        """Change one of the numbers, or state the result where they leave it open; if need be, change both."""
        first, second = fraction(_known(case.bounds(self.first, at))), fraction(_known(case.bounds(self.second, at)))
        if own.type != "computed" and (first is None or second is None):
            return [{"op": "add", "path": pointer(own.path(at)), "value": value}]
        pairs = [pair for by in self._order() for pair in self._pairs(by, first, second, Fraction(repr(value)))]
        for one, two in (*pairs, *self._both(Fraction(repr(value)))):
            changed = [(self.first, one)] if one != first else []
            changed += [(self.second, two)] if two != second else []
            each = [write(field, at, number(new)) for field, new in changed]
            if each and all(each):
                return [*chain.from_iterable(each), *_beside(case, own, at, value)]
        return []

    def _order(self) -> tuple[bool, bool]:
        return (True, False) if self.written_first() else (False, True)

    def _pairs(self, by_first: bool, first: Exact, second: Exact, value: Fraction) -> Iterator[_Pair]:
        """Pairs with the value, of which one number is changed and the other as it is."""
        known = second if by_first else first
        wanted = None if known is None else (self.first_for if by_first else self.second_for)(known, value)
        if known is None or wanted is None:
            return
        for tried in on_grid(self.first if by_first else self.second, wanted):
            pair = (tried, known) if by_first else (known, tried)
            if self.of(*pair) == value and self.first.admits(number(pair[0])) and self.second.admits(number(pair[1])):
                yield pair

    def _both(self, value: Fraction) -> Iterator[_Pair]:
        """Pairs with the value, one of whose numbers is as great, or as small, as a record can have it."""
        for by_first, field in ((False, self.first), (True, self.second)):
            for bound in (field.high, field.low):
                end = None if bound is None else Fraction(repr(bound))
                yield from self._pairs(by_first, None if by_first else end, end if by_first else None, value)


_Pair = tuple[Fraction, Fraction]


def on_grid(field: Field, wanted: Fraction) -> Iterable[Fraction]:
    """The numbers next to a wanted one that a record can have with few decimals."""
    grid = 10 ** (max(field.decimals, 2) if field.type == "decimal" else 0)
    return dict.fromkeys(Fraction(scaled, grid) for scaled in (floor(wanted * grid), ceil(wanted * grid)))


def _beside(case: Case, own: Field, at: int, value: Number) -> list[Edit]:
    """The edit of a number that is stated beside those that it follows from."""
    if case.stated(own, at) is None:
        return []
    return [{"op": "add", "path": pointer(own.path(at)), "value": value}]


_BEFORE_AFTER = (Parameter("Before", _NUMBER), Parameter("After", _NUMBER))


class Difference(OfTwo):
    """The first number less the second."""

    parameters = _BEFORE_AFTER

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return first - second

    def first_for(self, second: Fraction, value: Fraction) -> Exact:
        return second + value

    def second_for(self, first: Fraction, value: Fraction) -> Exact:
        return first - value


class DecreasePercent(OfTwo):
    """By how much of the first number the second is smaller, in percent, rounded down to whole."""

    parameters = _BEFORE_AFTER

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor((first - second) * 100 / first)) if first > 0 else None

    def first_for(self, second: Fraction, value: Fraction) -> Exact:
        return second * 100 / (100 - value) if value < 100 else None

    def second_for(self, first: Fraction, value: Fraction) -> Exact:
        return first * (100 - value) / 100


class IncreasePercent(OfTwo):
    """By how much of the first number the second is greater, in percent, rounded down to whole."""

    parameters = _BEFORE_AFTER
    rises_with_first = False

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor((second - first) * 100 / first)) if first > 0 else None

    def first_for(self, second: Fraction, value: Fraction) -> Exact:
        return second * 100 / (100 + value) if value > -100 else None

    def second_for(self, first: Fraction, value: Fraction) -> Exact:
        return first * (100 + value) / 100


class RatioPercent(OfTwo):
    """How much of the second number the first is, in percent, rounded down to whole."""

    parameters = (Parameter("Part", _NUMBER), Parameter("Whole", _NUMBER))

    def of(self, first: Fraction, second: Fraction) -> Exact:
        return Fraction(floor(first * 100 / second)) if second > 0 else None

    def written_first(self) -> bool:
        return True

    def first_for(self, second: Fraction, value: Fraction) -> Exact:
        return second * value / 100

    def second_for(self, first: Fraction, value: Fraction) -> Exact:
        return first * 100 / value if value else None


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

    def leaves_open(self, values: Values, own: Field, bounds: Bounds | None, value: Number) -> bool:
        """Whether a record can state the number itself, beside entries that need not be all there are."""
        low = bounds[0] if bounds is not None else None
        return own.type != "computed" and not self.all_there(values) and (low is None or value >= low)

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
        """Change the numbers, the greatest first, by what is missing or too much; state the sum of an open list."""
        bounds = self.bounds(case, at)
        if self.leaves_open(case, own, bounds, value):
            return [{"op": "add", "path": pointer(own.path(at)), "value": value}]
        never_less = self.field.low is not None and self.field.low >= 0
        if not (never_less or self.all_there(case)):
            return []  # what else there is could make it less
        known = [fraction(_known(case.bounds(self.field, at))) for at in range(len(case.entries(self.field.list)))]
        missing = fraction(self.field.low) or Fraction(0) if self.all_there(case) else Fraction(0)
        rest = Fraction(repr(value)) - sum((missing if one is None else one for one in known), Fraction(0))
        edits: list[Edit] = []
        for position, amount in sorted(enumerate(known), key=_missing_first):
            if amount is None and rest <= 0 and not self.all_there(case):
                continue
            before = missing if amount is None else amount
            wanted = before + rest
            if self.field.low is not None:
                wanted = max(wanted, Fraction(repr(self.field.low)))
            if self.field.high is not None:
                wanted = min(wanted, Fraction(repr(self.field.high)))
            if wanted != amount:
                made = write(self.field, position, number(wanted))
                if not made:
                    return []
                edits += made
            rest -= wanted - before
        return [*edits, *_beside(case, own, at, value)] if edits and rest == 0 else []


def _missing_first(numbered: tuple[int, Exact]) -> tuple[bool, Fraction, int]:
    """Orders the numbers of a list: those that are missing, then the greatest."""
    position, amount = numbered
    return amount is not None, -(amount or Fraction(0)), position


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

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        """State the number, where the entries need not be all there are; else change entries of the list."""
        if self.leaves_open(case, own, self.bounds(case, at), value):
            return [{"op": "add", "path": pointer(own.path(at)), "value": value}]
        made = self.edits_between(case, value, value, write)
        if own.type == "computed" or case.stated(own, at) is None:
            return made
        return [*made, *_beside(case, own, at, value)] if made else []

    def edits_between(self, case: Case, least: Number | None, most: Number | None, write: Write) -> list[Edit]:
        """Change the fewest entries so that so many have the value: those first that say nothing."""
        has = [case.has(self.field, position, self.value) for position in range(len(case.entries(self.field.list)))]
        edits: list[Edit] = []
        wanted = (True, 0 if least is None else ceil(least)), (False, 0 if most is None else len(has) - floor(most))
        for value, number_of in wanted:
            for position in sorted(range(len(has)), key=lambda position: has[position] is not None):
                if has.count(value) < number_of and has[position] is not value:
                    made = self._changed(case, position, value, write)
                    has[position] = value if made else has[position]
                    edits += made
            if has.count(value) < number_of:
                return []
        return edits if most is None or self.all_there(case) else []

    def _changed(self, case: Case, position: int, wanted: bool, write: Write) -> list[Edit]:
        """Give the field of an entry the value, or another one; none where a record cannot have it so."""
        field, says = self.field, case.stated(self.field, position) is not None
        if field.change == "fixed" or (says and field.change != "free"):
            return []
        if field.type == "product" or (field.derived is not None and field.derived.kind == "word"):
            return []  # what a product is decides more than this
        if wanted:
            return write(field, position, self.value)
        other = next((one for one in case.declaration.values_of(field) or () if self._is_other(case, one)), None)
        return [] if other is None or field.is_list else write(field, position, other)

    def _is_other(self, case: Case, one: Term) -> bool:
        """Whether whatever is so has not the value that is counted."""
        return self.value not in case.broader(self.field, one)
