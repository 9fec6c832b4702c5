"""The ground rules of a program, as clingo's grounder gives them, and what depends on what in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from clingo import Observer


class GroundRule(NamedTuple):
    """A ground rule by the literals of its atoms; without heads it is a constraint.

    Of a rule that counts, the literals that hold weigh at least so much together.
    """

    heads: tuple[int, ...]
    body: tuple[int, ...]
    is_choice: bool = False
    least: int = 0
    weights: tuple[int, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the rule counts, or sums, what holds of its body."""
        return bool(self.weights)


class Dependents(NamedTuple):
    """The atoms that depend on others, and which of them do so by a negation or a count."""

    all: frozenset[int]
    by_negation_or_count: frozenset[int]


class GroundRules(Observer):
    """Observes how a program is ground, and keeps its rules."""

    def __init__(self) -> None:
        self.rules: list[GroundRule] = []
        self._deriving: dict[int, list[int]] = {}
        self._reading: dict[int, list[int]] = {}

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        """Keep a rule."""
        self.rules.append(GroundRule(tuple(head), tuple(body), choice))

    def weight_rule(
        self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]
    ) -> None:  # fmt: skip
        """Keep a rule that counts."""
        literals, weights = (tuple(part) for part in zip(*body, strict=True)) if body else ((), ())
        self.rules.append(GroundRule(tuple(head), literals, choice, lower_bound, weights))

    def dependents(self, atoms: Iterable[int], false: Iterable[int], ends: Collection[int]) -> Dependents:
        """The atoms that depend on some, where others are `false`; what depends on one of `ends` is left out."""
        self._index()
        idle = self._idle(false)
        found: set[int] = set()
        indirect: set[int] = set()
        todo = [(atom, False) for atom in atoms]
        while todo:
            atom, is_indirect = todo.pop()
            if atom in (indirect if is_indirect else found):
                continue
            found.add(atom)
            if is_indirect:
                indirect.add(atom)
            if atom in ends:
                continue
            for place in self._reading.get(atom, ()):
                if place not in idle:
                    rule = self.rules[place]
                    turns = is_indirect or rule.counts or -atom in rule.body
                    todo += ((head, turns) for head in rule.heads)
        return Dependents(frozenset(found), frozenset(indirect))

    def _index(self) -> None:
        if not self._reading:
            for place, rule in enumerate(self.rules):
                for atom in rule.heads:
                    self._deriving.setdefault(atom, []).append(place)
                for literal in rule.body:
                    self._reading.setdefault(abs(literal), []).append(place)

    def _idle(self, false: Iterable[int]) -> set[int]:
        """The rules that derive nothing where some atoms are false."""
        idle: set[int] = set()
        left: dict[int, int] = {}
        todo = list(false)
        while todo:
            atom = todo.pop()
            for place in self._reading.get(atom, ()):
                rule = self.rules[place]
                if place in idle or rule.counts or atom not in rule.body:
                    continue
                idle.add(place)
                for head in rule.heads:
                    left[head] = left.get(head, len(self._deriving[head])) - 1
                    if not left[head]:
                        todo.append(head)
        return idle
