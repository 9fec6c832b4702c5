"""Labels of an assumption-based truth maintenance system: sets of environments, each with nothing that another has.

Each label stands once in a table, and is known by its number there; what comes of two labels is remembered by their
numbers, as the operations on decision diagrams are (R. E. Bryant, Graph-based algorithms for Boolean function
manipulation, IEEE Transactions on Computers 35, 1986).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reasoner.engine.bits import single

Environment = int
"""Assumptions by their bits: those that are supposed, and, above the bits of all, those that must not be."""
Label = tuple[Environment, ...]
FALSE, TRUE = 0, 1
"""The numbers of the label that no environment is of, and of that which the empty one is of."""
_TOO_LARGE = -1
"""In the place of a number."""
MOST_ENVIRONMENTS = 300
"""Environments of a label, at most: beyond them a search is quicker."""


class TooLarge(Exception):
    """A label would have more than MOST_ENVIRONMENTS."""


class Environments:
    """The labels over some assumptions."""

    def __init__(self, assumptions: int) -> None:
        self._assumptions = assumptions
        self.supposed = (1 << assumptions) - 1
        """The bits of what an environment supposes."""
        self.clear()

    def clear(self) -> None:
        """Forget all labels but FALSE and TRUE."""
        self._labels: list[Label] = [(), (0,)]
        self._numbers: dict[Label, int] = {(): FALSE, (0,): TRUE}
        self._remembered: dict[tuple[int, int], int] = {}
        """By two labels the one of the environments that are of both; of either, where the greater is the first."""
        self._negated: dict[int, int] = {FALSE: TRUE, TRUE: FALSE}
        self.remembered = 0
        """How often something was worked out that is remembered."""

    def __getitem__(self, label: int) -> Label:
        """The environments of a label, in an order that hangs on them alone."""
        return self._labels[label]

    def assumed(self, bit: int) -> int:
        """The label of an assumption."""
        return self._number((bit,))

    def both(self, one: int, other: int) -> int:
        """The environments that are of both labels. Raises TooLarge."""
        if one > other:
            one, other = other, one
        if one <= TRUE:
            return other if one else FALSE
        if one == other:
            return one
        found = self._remembered.get((one, other))
        if found is None:
            together = self._together(self._labels[one], self._labels[other])
            found = self._remembered[one, other] = self._smallest(together)
        if found == _TOO_LARGE:
            raise TooLarge
        return found

    def either(self, one: int, other: int) -> int:
        """The environments that are of either label. Raises TooLarge."""
        if one < other:
            one, other = other, one
        if other <= TRUE:
            return TRUE if other else one
        if one == other:
            return one
        found = self._remembered.get((one, other))
        if found is None:
            found = self._remembered[one, other] = self._smallest((*self._labels[one], *self._labels[other]))
        if found == _TOO_LARGE:
            raise TooLarge
        return found

    def negated(self, label: int) -> int:
        """The environments in which what has the label does not hold. Raises TooLarge."""
        found = self._negated.get(label)
        if found is None:
            negation: Label = (0,)
            for environment in self._labels[label]:
                negation = smallest(self._together(negation, tuple(map(self._opposite, single(environment)))))
            found = self._negated[label] = self._number(negation)
        return found

    def without(self, environment: Environment, label: int) -> Label:
        """The environment with as much more as keeps it from being of the label. Raises TooLarge."""
        return smallest(self._together((environment,), self._labels[self.negated(label)]))

    def closed(self, environment: Environment) -> Environment:
        """Where as much is supposed as in an environment, and no more: what is of it has no other bits."""
        supposed = environment & self.supposed
        return supposed | (self.supposed ^ supposed) << self._assumptions

    def _number(self, label: Label) -> int:
        found = self._numbers.get(label)
        self.remembered += 1
        if found is None:
            found = self._numbers[label] = len(self._labels)
            self._labels.append(label)
        return found

    def _opposite(self, bit: int) -> int:
        return bit << self._assumptions if bit <= self.supposed else bit >> self._assumptions

    def _together(self, one: Label, other: Label) -> Iterator[Environment]:
        """What is of both labels: each environment of the one with each of the other, where these agree."""
        shift = self._assumptions
        together = (first | second for first in one for second in other)
        return (own for own in together if not own & own >> shift)

    def _smallest(self, environments: Iterable[Environment]) -> int:
        try:
            return self._number(smallest(environments))
        except TooLarge:
            return _TOO_LARGE


def smallest(environments: Iterable[Environment]) -> Label:
    """The environments without those that have all of another one. Raises TooLarge."""
    kept: list[Environment] = []
    every = set(environments)
    if len(every) < 2:
        return tuple(every)
    for own in sorted(sorted(every), key=int.bit_count):
        if not any(other & own == other for other in kept):
            kept.append(own)
            if len(kept) > MOST_ENVIRONMENTS:
                raise TooLarge
    return tuple(kept)
