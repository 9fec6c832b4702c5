"""How a record stands to conditions: their status, and what is written to establish them; and what orders sets of them.

Conditions are bits here, as the solver numbers them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from facts.case import Case
from facts.terms import Term
from reasoner.engine.bits import single, union
from reasoner.engine.solver import Statuses
from reasoner.policy.conditions import Condition, Conditions, Relations
from reasoner.verdict.wording import Shortfall

_RECORDED, _NEW = 1000, 3000  # a number that falls short: less than 1000
"""How far a condition is from the record, in thousandths of a change: of what is recorded, of new evidence."""


class Place(NamedTuple):
    """What is written to establish a condition: each in the bit that its program has given it."""

    target: int
    part: int
    """What conditions of one fact have in common: their target; of words in a list each meaning is a fact."""


class Key(NamedTuple):
    """What orders sets: contradicted conditions that cannot be changed, facts, contradicted ones, distance."""

    unchangeable: int
    size: int
    contradicted: int
    distance: int


class Targets:
    """What is written to establish the conditions of a program, and how far these are from records, where all agree."""

    def __init__(self, relations: Relations, conditions: Conditions, assumptions: Sequence[Term]) -> None:
        """`assumptions` are the conditions in the order of their bits."""
        self.bits = {term: 1 << place for place, term in enumerate(assumptions)}
        self.conditions = {bit: (term, conditions[term]) for term, bit in self.bits.items() if term in conditions}
        self.unchangeable = union(bit for bit, (_, own) in self.conditions.items() if own.unchangeable)
        self.distances = {
            bit: _NEW if own.list else _RECORDED
            for bit, (_, own) in self.conditions.items()
            if all(ask.relation == "one_of" for ask in own.asks)
        }
        """Of conditions that ask for no number."""
        self._relations = relations
        self._numbers: dict[Term, int] = {}
        self._places: dict[tuple[bool, ...], dict[int, Place]] = {}

    def places(self, case: Case) -> dict[int, Place]:
        """Those of the case that are known: of entries it matters only whether a list has any."""
        key = tuple([case.count(name) > 0 for name in case.declaration.entry_lists])
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = {}
        return found

    def place(self, case: Case, bit: int) -> Place:
        """What is written to establish one."""
        term, condition = self.conditions[bit]
        target = _target(case, self._relations, term, condition)
        part = (*target, term) if isinstance(target, tuple) and target[0] == "words" else target
        return Place(*(self._numbers.setdefault(own, 1 << len(self._numbers)) for own in (target, part)))


class Standings:
    """How the record of one case stands to the conditions."""

    def __init__(
        self, targets: Targets, case: Case, statuses: Statuses, shortfall: Callable[[Term], Shortfall | None]
    ) -> None:  # fmt: skip
        """`shortfall` is how a number misses what a condition asks of it."""
        self.established, self.contradicted, self.open = statuses
        self.no_way = self.contradicted & targets.unchangeable
        """What the record contradicts and nobody can change: an age, say."""
        self._targets, self._case, self._shortfall = targets, case, shortfall
        self._of_all = targets.places(case)
        self._of_case: dict[int, Place] = {}
        self._distances: dict[int, int] = {}

    def place(self, condition: int) -> Place:
        """What is written to establish a condition."""
        found = self._of_all.get(condition) or self._of_case.get(condition)
        if found is None:
            found = self._targets.place(self._case, condition)
            has_one = len(self._targets.conditions[condition][1].fields) < 2  # of several it is one that is silent
            (self._of_all if has_one else self._of_case)[condition] = found
        return found

    def targets(self, conditions: int) -> int:
        """What is written to establish some conditions."""
        found = 0
        for own in single(conditions):
            found |= self.place(own).target
        return found

    def facts(self, conditions: int) -> list[int]:
        """The conditions in groups, each of which is one fact."""
        if not conditions & (conditions - 1):
            return [conditions] if conditions else []
        found: dict[int, int] = {}
        for own in single(conditions):
            part = self.place(own).part
            found[part] = found.get(part, 0) | own
        return list(found.values())

    def distance(self, condition: int) -> int:
        """How far a condition is from the record, in thousandths of a change."""
        found = self._targets.distances.get(condition) or self._distances.get(condition)
        if found is None:
            term, own = self._targets.conditions[condition]
            shortfall = self._shortfall(term)
            found = shortfall.distance if shortfall is not None else _NEW if own.list else _RECORDED
            self._distances[condition] = found
        return found

    def key(self, conditions: int, facts: int) -> Key:
        """What orders sets of conditions that are so many facts, best first."""
        distance = 0
        for own in single(conditions):
            distance += self.distance(own)
        no_way, contradicted = conditions & self.no_way, conditions & self.contradicted
        return Key(no_way.bit_count(), facts, contradicted.bit_count(), distance)


def _target(case: Case, relations: Relations, term: Term, condition: Condition) -> Term:
    """What is written to establish the condition: a field that the record leaves silent, else the first.

    Of a field that follows from others it is what it follows from; of fields that are changed together the
    first. Conditions of one target are one fact.
    """
    fields = condition.fields
    if not fields:
        return "adds", term
    field = fields[0] if len(fields) == 1 else next((own for own in fields if case.silent(own)), fields[0])
    declared = case.declaration.field(field)
    if condition.identifies and declared is not None and declared.is_list:  # some of its words, beside others
        return "words", field
    return min(case.places(other)[0] for other in relations.coupled.get(field, (field,)))
