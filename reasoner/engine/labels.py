"""Minimal sets without search: labels, as in an assumption-based truth maintenance system, over the ground rules.

The label of an atom has the smallest environments in which it holds: what has to be supposed, and what must not be.
A conjunction combines the environments of its parts, of a disjunction the smallest of all stay. A label depends on
those atoms of its cone alone that hang on no assumption: where the same of them hold it is needed once.
After J. de Kleer, An assumption-based TMS, Artificial Intelligence 28 (1986).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from reasoner.engine.bits import union
from reasoner.engine.compiled import NotCovered, in_order
from reasoner.engine.environments import FALSE, MOST_ENVIRONMENTS, TRUE, Environment, Environments, TooLarge, smallest
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

_REMEMBERED = 8_000
"""Labels of atoms, minimal sets, and labels that come of others, that are remembered, at most: some 2 MB."""
_TOO_LARGE = -1
"""In the place of a label."""


class Conjunction(NamedTuple):
    """Literals that are to hold together, by whether they hang on assumptions; those that do not, by their bits."""

    independent: int
    true: int
    """Those of the independent atoms that are to hold; the others are not to."""
    dependent: tuple[tuple[_Atom, bool], ...]
    """The other atoms, and whether each is to hold."""
    cone: int
    reach: int
    """The assumptions that these hang on."""
    counted: tuple[tuple[Conjunction, int], ...] = ()
    """In place of all that, what weighs so much."""
    least: int = 0
    """The weight that it has to have together."""


class _Atom:
    """An atom that hangs on assumptions."""

    __slots__ = ("assumption", "bodies", "cone", "labels", "reach")

    def __init__(self, assumption: int) -> None:
        self.assumption = assumption
        """Its own bit as an assumption; 0: it is none."""
        self.bodies: list[Conjunction] = []
        self.cone = 0
        """The independent atoms that it hangs on."""
        self.reach = assumption
        """The assumptions that it hangs on."""
        self.labels: dict[int, int] = {}
        """By what holds of its cone."""

    def add(self, body: Conjunction) -> None:
        """Derive it by one more rule."""
        self.bodies.append(body)
        self.cone |= body.cone
        self.reach |= body.reach


class _Constraints(NamedTuple):
    """Constraints that can matter together, and what they hang on."""

    bodies: tuple[Conjunction, ...]
    cone: int
    reach: int
    violations: dict[int, list[tuple[Environment, int]]]
    """By what holds of the cone: the environments in which one is violated, with the label that each is of."""


class _Supposition(NamedTuple):
    """An environment, with the constraints that can matter for it."""

    environment: Environment
    constraints: list[_Constraints]
    cone: int
    sets: dict[int, tuple[int, ...]]
    """By what holds of the cone what has to be supposed so that none is violated."""


class _Wanted(NamedTuple):
    """The environments of a label."""

    suppositions: list[_Supposition]
    cone: int
    sets: dict[int, tuple[int, ...] | None]
    """The minimal sets by what holds of the cone; None: too large."""


class Labels:
    """The labels of a program's atoms, where its choice rules admit assumptions."""

    def __init__(self, rules: Simplified, assumptions: Iterable[int], goals: Iterable[int] = ()) -> None:
        """`rules` are those of `rules_of`, `goals` the atoms that can be wanted. Raises NotCovered."""
        self._values = rules.values
        bits = {atom: 1 << place for place, atom in enumerate(assumptions)}
        self._environments = Environments(len(bits))
        self._independent: dict[int, int] = {}
        self._dependent: dict[int, _Atom] = {}
        self._atoms: list[_Atom] = []
        deriving = rules.deriving()
        for atom, own in deriving.items():
            if any(rule.is_choice for rule in own) and atom not in bits:
                raise NotCovered("a choice in the rules")
            self._derive(atom, bits.get(atom, 0), own)
        constraints = [self._body(rule) for rule in rules.rules if not rule.heads]
        if not all(body.reach for body in constraints if body is not _NEVER):
            raise NotCovered("a constraint in the rules")
        self._constraints = _connected(body for body in constraints if body is not _NEVER)
        self._number(goals)
        self._suppositions: dict[Environment, _Supposition] = {}
        self._wanted: dict[int, _Wanted] = {}
        self._remembered = 0

    @staticmethod
    def rules_of(rules: Iterable[GroundRule], given: Sequence[int], true: Collection[int]) -> Simplified:
        """The rules that labels are made of, each after those that derive what it reads; constraints are the last.

        `given` are the atoms that a record can make true, `true` others that hold always. Raises NotCovered.
        """
        values, rest = simplified(rules, given, true)
        if any(len(rule.heads) > 1 for rule in rest):
            raise NotCovered("a disjunction in the rules")
        deriving = Simplified(values, rest).deriving()
        constraints = [rule for rule in rest if not rule.heads]
        order = in_order(deriving, (*deriving, *(abs(own) for rule in constraints for own in rule.body)))
        return Simplified(values, [*(rule for atom in order for rule in deriving.get(atom, ())), *constraints])

    @property
    def independent(self) -> tuple[int, ...]:
        """The atoms that hang on no assumption, and of which labels and goals do, in the order of their bits."""
        return tuple(self._independent)

    def conjunction(self, literals: Iterable[int]) -> Conjunction:
        """What holds where all the literals do."""
        found = Conjunction(0, 0, (), 0, 0)
        for literal in literals:
            found = _together(found, self._literal(literal))
        return found

    def _literal(self, literal: int) -> Conjunction:
        """What holds where a literal does: of an atom that one rule derives, what the rule reads."""
        atom = self._dependent.get(abs(literal))
        if atom is None:
            known = self._values.get(abs(literal))
            if known is not None:
                return Conjunction(0, 0, (), 0, 0) if known is (literal > 0) else _NEVER
            bit = self._independent[abs(literal)]
            return Conjunction(bit, bit if literal > 0 else 0, (), bit, 0)
        if literal > 0 and not atom.assumption and len(atom.bodies) == 1 and not atom.bodies[0].counted:
            return atom.bodies[0]
        return Conjunction(0, 0, ((atom, literal > 0),), atom.cone, atom.reach)

    def _number(self, literals: Iterable[int]) -> None:
        for atom in map(abs, literals):
            if atom not in self._dependent and atom not in self._values:
                self._independent.setdefault(atom, 1 << len(self._independent))

    def _body(self, rule: GroundRule) -> Conjunction:
        self._number(rule.body)
        if not rule.counts:
            return self.conjunction(rule.body)
        parts = [self.conjunction((literal,)) for literal in rule.body]
        cone, reach = union(part.cone for part in parts), union(part.reach for part in parts)
        return Conjunction(0, 0, (), cone, reach, tuple(zip(parts, rule.weights, strict=True)), rule.least)

    def _derive(self, head: int, assumption: int, rules: Sequence[GroundRule]) -> None:
        if not assumption and all(abs(own) not in self._dependent for rule in rules for own in rule.body):
            return
        bodies = [self._body(rule) for rule in rules]
        if len(bodies) > 1:
            bodies = [self._shared(body) for body in bodies]
        self._dependent[head] = self._atom(assumption, bodies)

    def _atom(self, assumption: int, bodies: Iterable[Conjunction]) -> _Atom:
        atom = _Atom(assumption)
        for body in bodies:
            atom.add(body)
        self._atoms.append(atom)
        return atom

    def _shared(self, body: Conjunction) -> Conjunction:
        """A body of several with an atom in place of what hangs on assumptions: its label changes less often."""
        if body.counted or len(body.dependent) < 2:
            return body
        part = Conjunction(0, 0, body.dependent, union(atom.cone for atom, _ in body.dependent), body.reach)
        return body._replace(dependent=((self._atom(0, (part,)), True),))

    def minimal_sets(self, wanted: Conjunction, given: int) -> tuple[int, ...]:
        """The subset-minimal sets of assumptions, by their bits, with which a conjunction holds. Raises TooLarge.

        `given` are the independent atoms that hold, by their bits.
        """
        if self._remembered + self._environments.remembered >= _REMEMBERED:
            self._forget()
        label = self._of(wanted, given)
        if label == FALSE:
            return ()
        goal = self._wanted.get(label)
        if goal is None:
            goal = self._wanted[label] = self._goal(label)
        key = given & goal.cone
        if key not in goal.sets:
            self._remembered += 1
            try:
                goal.sets[key] = self._found(goal, given)
            except TooLarge:
                goal.sets[key] = None
        sets = goal.sets[key]
        if sets is None:
            raise TooLarge
        return sets

    def _forget(self) -> None:
        self._environments.clear()
        self._wanted.clear()
        self._suppositions.clear()
        for atom in self._atoms:
            atom.labels.clear()
        for constraints in self._constraints:
            constraints.violations.clear()
        self._remembered = 0

    def _of(self, body: Conjunction, given: int) -> int:
        """The label of a conjunction."""
        if body.counted:
            return self._counted(body, given)
        if given & body.independent != body.true:
            return FALSE
        environments, found = self._environments, TRUE
        for atom, is_positive in body.dependent:
            label = atom.labels.get(given & atom.cone, _TOO_LARGE)
            if label == _TOO_LARGE:
                label = self._derived(atom, given)
            if not is_positive:
                label = environments.negated(label)
            if label != TRUE:
                found = environments.both(found, label)
                if found == FALSE:
                    break
        return found

    def _derived(self, atom: _Atom, given: int) -> int:
        """The label of an atom that is met for the first time where so much is given."""
        key = given & atom.cone
        if key in atom.labels:
            raise TooLarge
        atom.labels[key] = _TOO_LARGE
        self._remembered += 1
        environments, found = self._environments, FALSE
        for body in atom.bodies:
            if given & body.independent == body.true:
                found = environments.either(found, self._of(body, given))
                if found == TRUE:
                    break
        if atom.assumption:
            found = environments.both(environments.assumed(atom.assumption), found)
        atom.labels[key] = found
        return found

    def _counted(self, body: Conjunction, given: int) -> int:
        environments = self._environments
        reached = [TRUE, *[FALSE] * body.least]  # by the weight that is reached at least
        for part, weight in body.counted:
            label = self._of(part, given)
            for least in range(body.least, 0, -1):
                before = environments.both(reached[max(least - weight, 0)], label)
                reached[least] = environments.either(reached[least], before)
        return reached[-1]

    def _goal(self, label: int) -> _Wanted:
        suppositions = [self._supposition(environment) for environment in self._environments[label]]
        return _Wanted(suppositions, union(own.cone for own in suppositions), {})

    def _supposition(self, environment: Environment) -> _Supposition:
        found = self._suppositions.get(environment)
        if found is None:
            self._remembered += 1
            supposed = environment & self._environments.supposed
            own = [constraints for constraints in self._constraints if constraints.reach & supposed]
            cone = union(constraints.cone for constraints in own)
            found = self._suppositions[environment] = _Supposition(environment, own, cone, {})
        return found

    def _found(self, goal: _Wanted, given: int) -> tuple[int, ...]:
        """What the environments of a label suppose, with what the constraints ask for besides. Raises TooLarge."""
        found: set[int] = set()
        for own in goal.suppositions:
            key = given & own.cone
            sets = own.sets.get(key)
            if sets is None:
                self._remembered += 1
                sets = own.sets[key] = self._consistent(own, given)
            found.update(sets)
        return smallest(found)

    def _consistent(self, supposition: _Supposition, given: int) -> tuple[int, ...]:
        """What an environment supposes, with what the constraints ask for besides. Raises TooLarge."""
        environments = self._environments
        violations = [each for own in supposition.constraints for each in self._violations(own, given)]
        todo = [supposition.environment]
        found: set[int] = set()
        while todo:
            environment = todo.pop()
            closed = environments.closed(environment)
            violated = next((label for own, label in violations if own & closed == own), None)
            if violated is None:
                found.add(environment & environments.supposed)
            else:
                todo += environments.without(environment, violated)
            if len(todo) + len(found) > MOST_ENVIRONMENTS:
                raise TooLarge
        return smallest(found)

    def _violations(self, constraints: _Constraints, given: int) -> list[tuple[Environment, int]]:
        key = given & constraints.cone
        found = constraints.violations.get(key)
        if found is None:
            self._remembered += 1
            labels = {self._of(body, given) for body in constraints.bodies}
            found = [(environment, label) for label in sorted(labels) for environment in self._environments[label]]
            constraints.violations[key] = found
        return found


_NEVER = Conjunction(0, 1, (), 0, 0)
"""What holds nowhere: of no atoms one is to hold."""


def _together(one: Conjunction, other: Conjunction) -> Conjunction:
    """What holds where two conjunctions do that count nothing."""
    if one is _NEVER or other is _NEVER or one.independent & other.independent & (one.true ^ other.true):
        return _NEVER
    return Conjunction(
        one.independent | other.independent,
        one.true | other.true,
        tuple(dict.fromkeys((*one.dependent, *other.dependent))),
        one.cone | other.cone,
        one.reach | other.reach,
    )


def _connected(constraints: Iterable[Conjunction]) -> list[_Constraints]:
    """Constraints by those that hang, one by one, on some of the same assumptions."""
    found: list[_Constraints] = []
    for body in constraints:
        touched = [own for own in found if own.reach & body.reach]
        together = (*touched, _Constraints((body,), body.cone, body.reach, {}))
        found = [own for own in found if own not in touched]
        found.append(
            _Constraints(
                tuple(chain.from_iterable(own.bodies for own in together)),
                union(own.cone for own in together),
                union(own.reach for own in together),
                {},
            )
        )
    return found
