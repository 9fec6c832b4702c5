"""Minimal sets without search: labels, as in an assumption-based truth maintenance system, over the ground rules.

The label of an atom has the smallest environments in which it holds: what has to be supposed, and what must not be.
A conjunction combines the environments of its parts, of a disjunction the smallest of all stay. A label depends on
what a record says of the atom's cone alone (the atoms given that it hangs on): equal situations need it once.
After J. de Kleer, An assumption-based TMS, Artificial Intelligence 28 (1986).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from facts.terms import Term
from reasoner.engine.compiled import NotCovered, in_order
from reasoner.engine.ground_rules import GroundRule, simplified

Holds = Callable[[int], bool]
"""Whether an atom that hangs on no assumption holds in a situation."""
Environment = tuple[int, int]
"""Assumptions by their bits: those that are supposed, and those that must not be."""
Label = tuple[Environment, ...]
_TRUE: Label = ((0, 0),)
_FALSE: Label = ()
MOST_ENVIRONMENTS = 300
"""Environments of a label, at most: beyond them a search is quicker."""
_REMEMBERED = 100_000
"""Labels that are remembered, at most; most of them take less than 1 KB."""


class TooLarge(Exception):
    """A label would have more than MOST_ENVIRONMENTS."""


class _Goal(NamedTuple):
    """Literals that are to hold, with the constraints that can matter for them, and what a record can say of these."""

    literals: tuple[int, ...]
    constraints: tuple[GroundRule, ...]
    cone: frozenset[int]
    sets: dict[frozenset[int], tuple[frozenset[Term], ...] | None]


class Labels:
    """The labels of a program's atoms, where its choice rules admit assumptions."""

    def __init__(
        self, rules: Iterable[GroundRule], given: Sequence[int], true: Collection[int], assumptions: Mapping[int, Term]
    ) -> None:  # fmt: skip
        """Prepare. `given` are the atoms that a record can make true, `true` others that are. Raises NotCovered."""
        self._values, rest = simplified(rules, given, true)
        self._given = frozenset(given)
        self._terms = [*assumptions.values()]
        self._bits = {atom: 1 << place for place, atom in enumerate(assumptions)}
        self._deriving: dict[int, list[GroundRule]] = {}
        self._constraints: list[tuple[int, GroundRule]] = []
        for rule in rest:
            if len(rule.heads) > 1 or rule.is_choice > any(head in self._bits for head in rule.heads):
                raise NotCovered("a choice or a disjunction in the rules")
            for head in rule.heads:
                self._deriving.setdefault(head, []).append(rule)
        self._reach: dict[int, int] = {}
        constraints = [rule for rule in rest if not rule.heads]
        for atom in in_order(self._deriving, (*self._deriving, *_atoms(constraints))):
            reached = self._reached(self._deriving.get(atom, ()))
            if reached and atom in self._bits:
                raise NotCovered("a choice that hangs on another")
            self._reach[atom] = reached | self._bits.get(atom, 0)
        self._constraints = [(reached, rule) for rule in constraints if (reached := self._reached((rule,)))]
        if len(self._constraints) < len(constraints):
            raise NotCovered("a constraint in the rules")
        self._cones: dict[int, frozenset[int]] = {}
        self._labels: dict[tuple[int, frozenset[int]], Label | None] = {}
        self._goals: dict[tuple[int, ...], _Goal] = {}

    def _reached(self, rules: Iterable[GroundRule]) -> int:
        """The assumptions on which the bodies of rules hang."""
        bits = 0
        for atom in _atoms(rules):
            bits |= self._reach[atom]
        return bits

    @property
    def independent(self) -> list[int]:
        """The atoms that hang on no assumption, and of which labels do."""
        rules = [rule for atom, own in self._deriving.items() if self._reach[atom] for rule in own]
        atoms = dict.fromkeys(_atoms((*rules, *(rule for _, rule in self._constraints))))
        return [atom for atom in atoms if not self._reach[atom]]

    def minimal_sets(
        self, literals: Iterable[int], situation: frozenset[int], holds: Holds
    ) -> tuple[frozenset[Term], ...]:  # fmt: skip
        """The subset-minimal sets of assumptions with which all the literals hold. Raises TooLarge."""
        goal = self._goal(tuple(literals))
        key = situation & goal.cone
        if key not in goal.sets:
            if len(goal.sets) >= _REMEMBERED:
                goal.sets.clear()
            try:
                goal.sets[key] = self._found(goal, _Situation(self, situation, holds))
            except TooLarge:
                goal.sets[key] = None
        sets = goal.sets[key]
        if sets is None:
            raise TooLarge
        return sets

    def _goal(self, literals: tuple[int, ...]) -> _Goal:
        if literals not in self._goals:
            atoms = dict.fromkeys(map(abs, literals))
            reached, before = 0, -1
            for atom in atoms:
                reached |= self._reach.get(atom, 0)
            constraints: list[tuple[int, GroundRule]] = []
            while reached != before:
                before = reached
                constraints = [one for one in self._constraints if one[0] & reached]
                for own, _ in constraints:
                    reached |= own
            rules = tuple(rule for _, rule in constraints)
            cone = frozenset().union(*map(self._cone, (*atoms, *_atoms(rules))))
            self._goals[literals] = _Goal(literals, rules, cone, {})
        return self._goals[literals]

    def _cone(self, atom: int) -> frozenset[int]:
        """What a record can say that an atom hangs on."""
        if atom not in self._cones:
            todo, seen = [atom], {atom}
            while todo:
                new = set(_atoms(self._deriving.get(todo.pop(), ()))) - seen
                seen |= new
                todo += new
            self._cones[atom] = self._given & seen
        return self._cones[atom]

    def _found(self, goal: _Goal, situation: _Situation) -> tuple[frozenset[Term], ...]:
        """Environments of the goal, with what the constraints ask for besides."""
        todo = list(situation.conjunction(goal.literals))
        found: set[int] = set()
        while todo:
            supposed, excluded = todo.pop()
            violated = next((rule for rule in goal.constraints if situation.violates(rule, supposed)), None)
            if violated is None:
                found.add(supposed)
            else:
                todo += _both(((supposed, excluded),), _negated(situation.body(violated)))
            if len(todo) + len(found) > MOST_ENVIRONMENTS:
                raise TooLarge
        least = [one for one in found if not any(other != one and other & one == other for other in found)]
        return tuple(frozenset(t for place, t in enumerate(self._terms) if one >> place & 1) for one in sorted(least))


class _Situation:
    """The labels in one situation."""

    def __init__(self, labels: Labels, situation: frozenset[int], holds: Holds) -> None:
        self._values, self._reach, self._bits = labels._values, labels._reach, labels._bits
        self._deriving, self._cone, self._remembered = labels._deriving, labels._cone, labels._labels
        self._situation = situation
        self._holds = holds

    def conjunction(self, literals: Iterable[int]) -> Label:
        """The environments in which all the literals hold."""
        found = _TRUE
        for literal in sorted(literals, key=self._is_dependent):
            label = self.atom(abs(literal))
            found = _both(found, label if literal > 0 else _negated(label))
            if not found:
                break
        return found

    def _is_dependent(self, literal: int) -> bool:
        return bool(self._reach.get(abs(literal)))

    def body(self, rule: GroundRule) -> Label:
        """The environments in which the body of a rule holds."""
        if not rule.counts:
            return self.conjunction(rule.body)
        reached: list[Label] = [_TRUE, *[_FALSE] * rule.least]  # by the weight that is reached at least
        for literal, weight in zip(rule.body, rule.weights, strict=True):
            label = self.conjunction((literal,))
            for least in range(rule.least, 0, -1):
                reached[least] = _smallest((*reached[least], *_both(reached[max(least - weight, 0)], label)))
        return reached[-1]

    def atom(self, atom: int) -> Label:
        """The environments in which an atom holds."""
        if atom in self._values or atom not in self._reach:
            return _TRUE if self._values.get(atom) else _FALSE
        if not self._reach[atom]:
            return _TRUE if self._holds(atom) else _FALSE
        key = atom, self._situation & self._cone(atom)
        if key not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = None
            self._remembered[key] = self._derived(atom)
        label = self._remembered[key]
        if label is None:
            raise TooLarge
        return label

    def _derived(self, atom: int) -> Label:
        found: list[Environment] = []
        for rule in self._deriving.get(atom, ()):
            label = self.body(rule)
            if label == _TRUE:
                found = [*_TRUE]
                break
            found += label
        if found and atom in self._bits:
            return ((self._bits[atom], 0),)
        return _smallest(found)

    def violates(self, constraint: GroundRule, supposed: int) -> bool:
        """Whether the body of a constraint holds with so much supposed, and no more."""
        return any(own & supposed == own and not no & supposed for own, no in self.body(constraint))


def _both(one: Label, other: Label) -> Label:
    """The environments that are of both labels."""
    if one == _TRUE:
        return other
    if other == _TRUE:
        return one
    return _smallest(
        (first | second, no | never)
        for first, no in one
        for second, never in other
        if not (first & never or second & no)
    )  # fmt: skip


def _negated(label: Label) -> Label:
    """The environments in which what has the label does not hold."""
    found = _TRUE
    for supposed, excluded in label:
        found = _both(found, (*((0, bit) for bit in _single(supposed)), *((bit, 0) for bit in _single(excluded))))
    return found


def _single(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


def _smallest(label: Iterable[Environment]) -> Label:
    """The environments without those that have all of another one. Raises TooLarge."""
    kept: list[Environment] = []
    for own, no in sorted(set(label), key=_size):
        if not any(other & own == other and never & no == never for other, never in kept):
            kept.append((own, no))
            if len(kept) > MOST_ENVIRONMENTS:
                raise TooLarge
    return tuple(kept)


def _size(environment: Environment) -> tuple[int, Environment]:
    return environment[0].bit_count() + environment[1].bit_count(), environment


def _atoms(rules: Iterable[GroundRule]) -> Iterator[int]:
    return (abs(literal) for rule in rules for literal in rule.body)
