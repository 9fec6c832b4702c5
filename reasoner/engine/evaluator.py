"""What follows from many records at once, in every reading, by the ground rules of a program, without solving them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import compress
from operator import and_, or_

from reasoner.engine.compiled import compiled, interpreted, stratified
from reasoner.engine.ground_program import Situation
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

Asked = tuple[int, Sequence[int]]
"""A reading, by the number of its switch (0: as it stands), and the atoms that are asked for in it."""
Row = Sequence[int]
"""Of each atom that is asked for whether it holds for one record: 1 or 0."""
_DIGITS = bytes.maketrans(b"01", b"\0\1")


class Evaluator:
    """The rules of a program: a reading is what is derived with one of its switches on, or with none."""

    def __init__(
        self, rules: Simplified, given: Sequence[int], switches: Sequence[int], asked: Mapping[object, Asked],
        independent: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """`rules` are those of `rules_of`; `given` the atoms that a record can make true."""
        self.given = len(given)
        self.readings = 1 + len(switches)
        wanted = _wanted(asked, independent)
        self.place = {literal: position for position, literal in enumerate(wanted)}
        self.asked = {name: (n, [self.place[own] for own in literals]) for name, (n, literals) in asked.items()}
        self.independent = [self.place[own] for own in independent]
        self._rules, self._inputs, self._wanted = rules, (*given, *switches), wanted
        self.evaluate = interpreted(rules, self._inputs, wanted)

    @staticmethod
    def rules_of(
        rules: Iterable[GroundRule], given: Sequence[int], switches: Sequence[int], asked: Mapping[object, Asked],
        independent: Sequence[int] = (),
    ) -> Simplified:  # fmt: skip
        """The rules that are evaluated, of all ground ones. Raises NotCovered.

        The `independent` atoms are asked for as one number.
        """
        inputs = (*given, *switches)
        return stratified(simplified(rules, inputs, exclusive=switches), _wanted(asked, independent))

    def compile(self) -> None:
        """Evaluate by a compiled function from now on: worth while for many records."""
        self.evaluate = compiled(self._rules, self._inputs, self._wanted)


def _wanted(asked: Mapping[object, Asked], independent: Iterable[int]) -> list[int]:
    return list(dict.fromkeys([*(own for _, literals in asked.values() for own in literals), *independent]))


class Evaluated:
    """What follows from some records, in every reading."""

    def __init__(self, evaluator: Evaluator, situations: Iterable[Situation], readings: int | None = None) -> None:
        """Evaluate the first `readings`, or all. Of an atom's bits each block of as many as records is one reading."""
        self._evaluator = evaluator
        self._records = {situation: record for record, situation in enumerate(dict.fromkeys(situations))}
        count, readings = len(self._records), readings or evaluator.readings
        self._every = (1 << count) - 1
        bits = _columns(self._records, evaluator.given)
        spread = sum(1 << count * reading for reading in range(readings))
        if readings > 1:
            bits = [own and own * spread for own in bits]
        bits += [0] * (evaluator.readings - 1)
        for reading in range(1, readings):
            bits[reading - evaluator.readings] = self._every << count * reading
        self._bits = evaluator.evaluate(bits, self._every * spread)
        self._rows: dict[object, Sequence[Row]] = {}
        self._digits: bytes | None = None
        """Of each independent atom, the last one first, the digits of all records."""

    def __contains__(self, situation: Situation) -> bool:
        return situation in self._records

    def row(self, situation: Situation, name: object) -> Row:
        """Of one of the records, whether each of the atoms holds that are asked for under a name."""
        if name not in self._rows:
            reading, places = self._evaluator.asked[name]
            shift = len(self._records) * reading
            columns = [self._bits[place] >> shift & self._every for place in places]
            self._rows[name] = _rows(columns, len(self._records))
        return self._rows[name][self._records[situation]]

    def independent(self, situation: Situation) -> int:
        """The independent atoms that hold for one of the records as it stands, by their bits."""
        count = len(self._records)
        if self._digits is None:
            columns = [self._bits[place] & self._every for place in reversed(self._evaluator.independent)]
            self._digits = "".join([f"{column:0{count}b}" for column in columns]).encode()
        return int(self._digits[count - 1 - self._records[situation] :: count] or b"0", 2)


def _columns(rows: Collection[int], width: int) -> list[int]:
    """The bits of each place, where a row has those of a record: the first place is the lowest bit of a row."""
    of_some, of_all = reduce(or_, rows, 0), reduce(and_, rows, -1 if rows else 0)
    every = (1 << len(rows)) - 1
    found = [own and every for own in _digits(of_all, width)]
    if of_some != of_all:
        digits = "".join([f"{row:0{width}b}" for row in rows][::-1])
        for place in compress(range(width), _digits(of_some ^ of_all, width)):
            found[place] = int(digits[width - 1 - place :: width], 2)
    return found


def _digits(row: int, width: int) -> bytes:
    """Of each place 1 or 0, the lowest bit first."""
    return f"{row:0{width}b}"[:width][::-1].encode().translate(_DIGITS)


def _rows(columns: Sequence[int], count: int) -> Sequence[Row]:
    """The bits of each record, where a column has those of an atom."""
    if count == 1:
        return [columns]
    digits: Iterator[bytes] = (f"{column:0{count}b}".encode().translate(_DIGITS) for column in columns)
    return list(zip(*digits, strict=True))[::-1] if columns else [()] * count
