"""Minimal sets without search: labels, as in an assumption-based truth maintenance system, over the ground rules.

The label of an atom has the smallest environments in which it holds: what has to be supposed, and what must not be.
A conjunction combines the environments of its parts, of a disjunction the smallest of all stay. A label depends on
those atoms of its cone alone that hang on no assumption: where the same of them hold it is needed once.
After J. de Kleer, An assumption-based TMS, Artificial Intelligence 28 (1986).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from reasoner.engine.compiled import NotCovered, in_order
from reasoner.engine.environments import FALSE, MOST_ENVIRONMENTS, TRUE, Environments, TooLarge, smallest
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

_REMEMBERED = 20_000
"""Labels of atoms, minimal sets, and labels that come of others, that are remembered, at most: some 4 MB."""
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


class _Wanted(NamedTuple):
    """The constraints that can matter for what has a label, and what they hang on."""

    constraints: list[Conjunction]
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
        deriving = rules.deriving()
        for atom, own in deriving.items():
            if any(rule.is_choice for rule in own) and atom not in bits:
                raise NotCovered("a choice in the rules")
            self._derive(atom, bits.get(atom, 0), own)
        self._constraints = [self._body(rule) for rule in rules.rules if not rule.heads]
        if not all(body.reach for body in self._constraints):
            raise NotCovered("a constraint in the rules")
        self._number(goals)
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
        independent = true = cone = reach = 0
        dependent: list[tuple[_Atom, bool]] = []
        for literal in literals:
            atom = self._dependent.get(abs(literal))
            if atom is not None:
                dependent.append((atom, literal > 0))
                cone |= atom.cone
                reach |= atom.reach
            elif abs(literal) not in self._values:
                bit = self._independent[abs(literal)]
                independent |= bit
                true |= bit if literal > 0 else 0
            elif self._values[abs(literal)] is not (literal > 0):
                return Conjunction(0, 1, (), 0, 0)  # no atoms of none are true
        return Conjunction(independent, true, tuple(dependent), independent | cone, reach)

    def _number(self, literals: Iterable[int]) -> None:
        for atom in map(abs, literals):
            if atom not in self._dependent and atom not in self._values:
                self._independent.setdefault(atom, 1 << len(self._independent))

    def _body(self, rule: GroundRule) -> Conjunction:
        self._number(rule.body)
        whole = self.conjunction(rule.body)
        if not rule.counts:
            return whole
        parts = [self.conjunction((literal,)) for literal in rule.body]
        return whole._replace(counted=tuple(zip(parts, rule.weights, strict=True)), least=rule.least)

    def _derive(self, head: int, assumption: int, rules: Sequence[GroundRule]) -> None:
        if not assumption and all(abs(own) not in self._dependent for rule in rules for own in rule.body):
            return
        atom, bodies = _Atom(assumption), [self._body(rule) for rule in rules]
        for body in bodies:
            atom.add(body)
        self._dependent[head] = atom
        if len(bodies) == 1 and not (assumption or body.independent or body.counted) and len(body.dependent) == 1:
            other, is_positive = body.dependent[0]
            if is_positive:  # they are the same
                self._dependent[head] = other

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
                goal.sets[key] = self._found(label, goal, given)
            except TooLarge:
                goal.sets[key] = None
        sets = goal.sets[key]
        if sets is None:
            raise TooLarge
        return sets

    def _forget(self) -> None:
        self._environments.clear()
        self._wanted.clear()
        for atom in self._dependent.values():
            atom.labels.clear()
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
        """The constraints on what environments of a label suppose, and on what these bring along."""
        constraints: list[Conjunction] = []
        reach, before = 0, -1
        for environment in self._environments[label]:
            reach |= environment & self._environments.supposed
        while reach != before:
            before = reach
            constraints = [body for body in self._constraints if body.reach & reach]
            for body in constraints:
                reach |= body.reach
        cone = 0
        for body in constraints:
            cone |= body.cone
        return _Wanted(constraints, cone, {})

    def _found(self, label: int, goal: _Wanted, given: int) -> tuple[int, ...]:
        """What the environments of a label suppose, with what the constraints ask for besides. Raises TooLarge."""
        environments = self._environments
        violations = [own for body in goal.constraints if (own := self._of(body, given)) != FALSE]
        todo = list(environments[label])
        found: set[int] = set()
        while todo:
            environment = todo.pop()
            supposed = environment & environments.supposed
            violated = next((own for own in violations if environments.includes(own, supposed)), None)
            if violated is None:
                found.add(supposed)
            else:
                todo += environments.without(environment, violated)
            if len(todo) + len(found) > MOST_ENVIRONMENTS:
                raise TooLarge
        return smallest(found)
