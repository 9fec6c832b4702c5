"""What follows from many records at once, in every reading, by the compiled ground rules of a program."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reasoner.engine.compiled import compiled
from reasoner.engine.ground_rules import GroundRule

Situation = Collection[int]
"""What a record makes true, as literals of the program."""
Asked = tuple[int, Sequence[int]]
"""A reading, by the number of its switch (0: as it stands), and the atoms that are asked for in it."""
Row = Sequence[int]
"""Of each atom that is asked for whether it holds for one record: 1 or 0."""
_DIGITS = bytes.maketrans(b"01", b"\0\1")


class Evaluator:
    """The compiled rules of a program: a reading is what is derived with one of its switches on, or with none."""

    def __init__(
        self, rules: Iterable[GroundRule], given: Sequence[int], switches: Sequence[int], asked: Mapping[object, Asked]
    ) -> None:  # fmt: skip
        """Compile. Raises NotCovered. `given` are the atoms that a record can make true."""
        self._given = {literal: place for place, literal in enumerate(given)}
        self._readings = 1 + len(switches)
        wanted = list(dict.fromkeys(literal for _, literals in asked.values() for literal in literals))
        place = {literal: position for position, literal in enumerate(wanted)}
        self._asked = {name: (reading, [place[own] for own in literals]) for name, (reading, literals) in asked.items()}
        self._evaluate = compiled(rules, (*given, *switches), wanted, switches)

    def rows(self, situations: Sequence[Situation], names: Iterable[object] = ()) -> dict[object, Sequence[Row]]:
        """Of each record, by what is asked, whether each of the atoms holds; `names`: no more than these."""
        count = len(situations)
        bits = [0] * (len(self._given) + self._readings - 1)
        for record, situation in enumerate(situations):
            bit = 1 << record
            for literal in situation:
                bits[self._given[literal]] |= bit
        spread = sum(1 << count * reading for reading in range(self._readings))
        bits = [own and own * spread for own in bits]
        every = (1 << count) - 1
        for reading in range(1, self._readings):
            bits[reading - self._readings] = every << count * reading
        found = self._evaluate(bits, every * spread)
        return {
            name: _rows([found[place] >> count * reading & every for place in places], count)
            for name in names or self._asked
            for reading, places in (self._asked[name],)
        }


def _rows(columns: Sequence[int], count: int) -> Sequence[Row]:
    """The bits of each record, where a column has those of an atom."""
    if count == 1:
        return [columns]
    digits: Iterator[bytes] = (f"{column:0{count}b}".encode().translate(_DIGITS) for column in columns)
    return list(zip(*digits, strict=True))[::-1] if columns else [()] * count
