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
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

Holds = Callable[[int], bool]
"""Whether an atom that hangs on no assumption holds in a situation."""
Environment = tuple[int, int]
"""Assumptions by their bits: those that are supposed, and those that must not be."""
Label = tuple[Environment, ...]
_TRUE: Label = ((0, 0),)
_FALSE: Label = ()
MOST_ENVIRONMENTS = 300
"""Environments of a label, at most: beyond them a search is quicker."""
_REMEMBERED = 5_000
"""Labels, and minimal sets of goals, that are remembered, at most: some 4 MB."""


class TooLarge(Exception):
    """A label would have more than MOST_ENVIRONMENTS."""


class _Body(NamedTuple):
    """The body of a rule: its literals by whether they hang on assumptions, and on which these hang."""

    independent: tuple[int, ...]
    dependent: tuple[int, ...]
    reach: int
    counting: GroundRule | None
    """The rule, where it counts."""


class _Goal(NamedTuple):
    """What is wanted, with the constraints that can matter for it, and what a record can say of these."""

    label: Label
    constraints: list[_Body]
    cone: int
    sets: dict[int, tuple[frozenset[Term], ...] | None]
    """The minimal sets by what a record says of these; None: too large."""


class Labels:
    """The labels of a program's atoms, where its choice rules admit assumptions."""

    def __init__(self, rules: Simplified, given: Sequence[int], assumptions: Mapping[int, Term]) -> None:
        """`rules` are those of `rules_of`, `given` the atoms that a record can make true. Raises NotCovered."""
        self._values = rules.values
        self._given = {atom: 1 << place for place, atom in enumerate(given)}
        self._terms = [*assumptions.values()]
        self._bits = {atom: 1 << place for place, atom in enumerate(assumptions)}
        self._reach: dict[int, int] = dict.fromkeys(given, 0)
        """Of each atom the assumptions that it hangs on."""
        self._bodies: dict[int, list[_Body]] = {}
        """Of each atom the bodies of its rules."""
        constraints: list[GroundRule] = []
        for rule in rules.rules:
            if not rule.heads:
                constraints.append(rule)
                continue
            (atom,) = rule.heads
            if rule.is_choice and atom not in self._bits:
                raise NotCovered("a choice in the rules")
            body = self._body(rule.body, rule)
            self._bodies.setdefault(atom, []).append(body)
            self._reach[atom] = self._reach.get(atom, self._bits.get(atom, 0)) | body.reach
        self._constraints = [self._body(rule.body, rule) for rule in constraints]
        if not all(body.reach for body in self._constraints):
            raise NotCovered("a constraint in the rules")
        self._cones: dict[int, int] = {}
        self._labels: dict[tuple[int, int], Label | None] = {}
        """By an atom and what a record says of its cone; None: too large."""
        self._goals: dict[frozenset[Label], _Goal] = {}
        self._number_of_sets = 0
        self._current: _Situation | None = None

    @staticmethod
    def rules_of(rules: Iterable[GroundRule], given: Sequence[int], true: Collection[int]) -> Simplified:
        """The rules that labels are made of, each after those that derive what it reads; constraints are the last.

        `true` are atoms that hold whatever is given. Raises NotCovered.
        """
        values, rest = simplified(rules, given, true)
        if any(len(rule.heads) > 1 for rule in rest):
            raise NotCovered("a disjunction in the rules")
        deriving = Simplified(values, rest).deriving()
        constraints = [rule for rule in rest if not rule.heads]
        order = in_order(deriving, (*deriving, *(abs(own) for rule in constraints for own in rule.body)))
        return Simplified(values, [*(rule for atom in order for rule in deriving.get(atom, ())), *constraints])

    def _body(self, literals: Iterable[int], rule: GroundRule | None = None) -> _Body:
        dependent = tuple(literal for literal in literals if self._reach.get(abs(literal)))
        reach = 0
        for literal in dependent:
            reach |= self._reach[abs(literal)]
        independent = tuple(literal for literal in literals if not self._reach.get(abs(literal)))
        return _Body(independent, dependent, reach, rule if rule is not None and rule.counts else None)

    @property
    def independent(self) -> list[int]:
        """The atoms that hang on no assumption, and of which labels do."""
        bodies = [body for atom, own in self._bodies.items() if self._reach[atom] for body in own]
        return list(dict.fromkeys(abs(own) for body in (*bodies, *self._constraints) for own in body.independent))

    def minimal_sets(
        self, literals: Iterable[int], situation: int, holds: Holds
    ) -> tuple[frozenset[Term], ...]:  # fmt: skip
        """The subset-minimal sets of assumptions with which all the literals hold. Raises TooLarge.

        A situation has a bit for each atom that is given.
        """
        if self._current is None or self._current.given != situation:
            self._make_room()
            self._current = _Situation(self, situation, holds)
        here = self._current
        goal = self._goal(frozenset(label for literal in literals if (label := here.literal(literal)) != _TRUE))
        key = here.given & goal.cone
        if key not in goal.sets:
            self._number_of_sets += 1
            try:
                goal.sets[key] = self._found(goal, here)
            except TooLarge:
                goal.sets[key] = None
        sets = goal.sets[key]
        if sets is None:
            raise TooLarge
        return sets

    def _make_room(self) -> None:
        """Forget what is remembered, where it grows too large."""
        if len(self._labels) + self._number_of_sets >= _REMEMBERED:
            self._labels.clear()
            self._goals.clear()
            self._number_of_sets = 0

    def _goal(self, labels: frozenset[Label]) -> _Goal:
        """What is wanted where all of these labels are. Raises TooLarge."""
        if labels not in self._goals:
            wanted = _TRUE
            for label in sorted(labels):
                wanted = _both(wanted, label)
            constraints = self._constraints_on(wanted)
            cone = 0
            for atom in {abs(own) for body in constraints for own in (*body.independent, *body.dependent)}:
                cone |= self._cone(atom)
            self._goals[labels] = _Goal(wanted, constraints, cone, {})
        return self._goals[labels]

    def _constraints_on(self, wanted: Label) -> list[_Body]:
        """The constraints on what is supposed, and on what these bring along."""
        constraints: list[_Body] = []
        reach, before = 0, -1
        for supposed, _ in wanted:
            reach |= supposed
        while reach != before:
            before = reach
            constraints = [body for body in self._constraints if body.reach & reach]
            for body in constraints:
                reach |= body.reach
        return constraints

    def _cone(self, atom: int) -> int:
        """What a record can say that an atom hangs on."""
        if atom not in self._cones:
            todo, seen = [atom], {atom}
            while todo:
                bodies = self._bodies.get(todo.pop(), ())
                new = {abs(own) for body in bodies for own in (*body.independent, *body.dependent)} - seen
                seen |= new
                todo += new
            self._cones[atom] = sum(self._given[own] for own in seen if own in self._given)
        return self._cones[atom]

    def _found(self, goal: _Goal, situation: _Situation) -> tuple[frozenset[Term], ...]:
        """The environments that are wanted, with what the constraints ask for besides."""
        violations = [label for body in goal.constraints if (label := situation.body(body))]
        todo = list(goal.label)
        found: set[int] = set()
        while todo:
            supposed, excluded = todo.pop()
            violated = next((label for label in violations if _includes(label, supposed)), None)
            if violated is None:
                found.add(supposed)
            else:
                todo += _both(((supposed, excluded),), _negated(violated))
            if len(todo) + len(found) > MOST_ENVIRONMENTS:
                raise TooLarge
        least = [one for one in found if not any(other != one and other & one == other for other in found)]
        return tuple(frozenset(t for place, t in enumerate(self._terms) if one >> place & 1) for one in sorted(least))


class _Situation:
    """The labels in one situation."""

    def __init__(self, labels: Labels, given: int, holds: Holds) -> None:
        self._values, self._reach, self._bits = labels._values, labels._reach, labels._bits
        self._bodies, self._cone, self._remembered = labels._bodies, labels._cone, labels._labels
        self.given = given
        self._is_true = holds
        self._here: dict[int, Label] = {}

    def literal(self, literal: int) -> Label:
        """The environments in which a literal holds."""
        label = self._atom(abs(literal))
        return label if literal > 0 else _negated(label)

    def body(self, body: _Body) -> Label:
        """The environments in which the body of a rule holds."""
        if body.counting is not None:
            return self._counted(body.counting)
        for literal in body.independent:
            if self._known(abs(literal)) is not (literal > 0):
                return _FALSE
        found = _TRUE
        for literal in body.dependent:
            found = _both(found, self.literal(literal))
            if not found:
                break
        return found

    def _counted(self, rule: GroundRule) -> Label:
        reached: list[Label] = [_TRUE, *[_FALSE] * rule.least]  # by the weight that is reached at least
        for literal, weight in zip(rule.body, rule.weights, strict=True):
            label = self.literal(literal)
            for least in range(rule.least, 0, -1):
                reached[least] = _smallest((*reached[least], *_both(reached[max(least - weight, 0)], label)))
        return reached[-1]

    def _known(self, atom: int) -> bool:
        """The value of an atom that hangs on no assumption; one that nothing derives is false."""
        known = self._values.get(atom)
        return known if known is not None else atom in self._reach and self._is_true(atom)

    def _atom(self, atom: int) -> Label:
        """The environments in which an atom holds."""
        if not self._reach.get(atom):
            return _TRUE if self._known(atom) else _FALSE
        label = self._here.get(atom)
        if label is None:
            label = self._here[atom] = self._recalled(atom)
        return label

    def _recalled(self, atom: int) -> Label:
        key = atom, self.given & self._cone(atom)
        if key not in self._remembered:
            self._remembered[key] = None
            self._remembered[key] = self._derived(atom)
        label = self._remembered[key]
        if label is None:
            raise TooLarge
        return label

    def _derived(self, atom: int) -> Label:
        found: list[Environment] = []
        for body in self._bodies[atom]:
            label = self.body(body)
            if label == _TRUE:
                found = [*_TRUE]
                break
            found += label
        label = _smallest(found)
        return _both(((self._bits[atom], 0),), label) if atom in self._bits else label


def _includes(label: Label, supposed: int) -> bool:
    """Whether what has the label holds with so much supposed, and no more."""
    return any(own & supposed == own and not no & supposed for own, no in label)


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
