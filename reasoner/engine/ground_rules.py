"""The ground rules of a program, and what depends on what in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple


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


class Simplified(NamedTuple):
    """Rules without what is always so: the atoms whose value is known, and what is left of the rules of the others."""

    values: dict[int, bool]
    rules: list[GroundRule]

    def deriving(self) -> dict[int, list[GroundRule]]:
        """The rules by their heads."""
        found: dict[int, list[GroundRule]] = {}
        for rule in self.rules:
            for head in rule.heads:
                found.setdefault(head, []).append(rule)
        return found


class Dependents(NamedTuple):
    """The atoms that depend on others, and which of them do so by a negation or a count."""

    all: frozenset[int]
    by_negation_or_count: frozenset[int]


class GroundRules:
    """The rules of a ground program."""

    def __init__(self) -> None:
        self.rules: list[GroundRule] = []
        self._deriving: dict[int, list[int]] = {}
        self._reading: dict[int, list[int]] = {}

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


def simplified(
    rules: Iterable[GroundRule], inputs: Collection[int], true: Iterable[int] = (), exclusive: Collection[int] = ()
) -> Simplified:  # fmt: skip
    """The rules where `inputs` are open, others `true`, and of the `exclusive` ones at most one holds."""
    own = [rule for rule in rules if rule.heads or sum(literal in exclusive for literal in rule.body) < 2]
    own += (GroundRule((atom,), ()) for atom in true)
    reading: dict[int, list[int]] = {}
    left = dict.fromkeys(inputs, 1)
    for place, rule in enumerate(own):
        for head in rule.heads:
            left[head] = left.get(head, 0) + 1
        for atom in dict.fromkeys(map(abs, rule.body)):
            reading.setdefault(atom, []).append(place)
    values: dict[int, bool] = {}
    idle: set[int] = set()
    # by how much each body falls short of holding by now, and by how much more it can
    lacking = [rule.least if rule.counts else len(rule.body) for rule in own]
    slack = [sum(rule.weights) - rule.least if rule.counts else 0 for rule in own]
    todo = [(atom, False) for atom in reading if atom not in left]
    changed: list[int] = list(range(len(own)))
    while changed or todo:
        for place in changed:
            rule = own[place]
            if slack[place] < 0 and place not in idle:
                idle.add(place)
                for head in rule.heads:
                    left[head] -= 1
                    if not left[head]:
                        todo.append((head, False))
            elif lacking[place] <= 0 and place not in idle and len(rule.heads) == 1 and not rule.is_choice:
                todo.append((rule.heads[0], True))
        changed = []
        while todo and not changed:
            atom, value = todo.pop()
            if atom in values:
                continue
            values[atom] = value
            for place in reading.get(atom, ()):
                for literal, weight in _weighted(own[place]):
                    if literal == (atom if value else -atom):
                        lacking[place] -= weight
                    elif abs(literal) == atom:
                        slack[place] -= weight
                changed.append(place)
    kept = (place for place in range(len(own)) if place not in idle and not _always(own[place].heads, values))
    return Simplified(values, [_without_known(own[place], values) for place in kept])


def _weighted(rule: GroundRule) -> Iterable[tuple[int, int]]:
    return zip(rule.body, rule.weights or repeat(1), strict=False)


def _always(heads: Sequence[int], values: Mapping[int, bool]) -> bool:
    """Whether there is nothing left to derive."""
    return bool(heads) and all(values.get(head) for head in heads)


def _without_known(rule: GroundRule, values: Mapping[int, bool]) -> GroundRule:
    """A rule without the literals whose value is known."""
    rest = [(literal, weight) for literal, weight in _weighted(rule) if abs(literal) not in values]
    body = tuple(literal for literal, _ in rest)
    if not rule.counts:
        return rule._replace(body=body)
    there = sum(weight for literal, weight in _weighted(rule) if values.get(abs(literal)) is (literal > 0))
    return rule._replace(body=body, least=rule.least - there, weights=tuple(weight for _, weight in rest))
