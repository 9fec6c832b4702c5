"""The ground rules of a program, as clingo's grounder gives them, and what depends on what in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from clingo import Observer


class GroundRule(NamedTuple):
    """A ground rule by the literals of its atoms; of one that counts, `body` has what is counted."""

    heads: tuple[int, ...]
    body: tuple[int, ...]
    counts: bool


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
        self._keep(GroundRule(tuple(head), tuple(body), False))

    def weight_rule(
        self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]
    ) -> None:  # fmt: skip
        """Keep a rule that counts."""
        self._keep(GroundRule(tuple(head), tuple(literal for literal, _ in body), True))

    def _keep(self, rule: GroundRule) -> None:
        place = len(self.rules)
        self.rules.append(rule)
        for atom in rule.heads:
            self._deriving.setdefault(atom, []).append(place)
        for literal in rule.body:
            self._reading.setdefault(abs(literal), []).append(place)

    def dependents(self, atoms: Iterable[int], false: Iterable[int], ends: Collection[int]) -> Dependents:
        """The atoms that depend on some, where others are `false`; what depends on one of `ends` is left out."""
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
