"""Which items a change of the record touches: what groups of items have to be searched for together, or to stay met.

Items, conditions and fields are bits here: items in the policy's order, conditions as the solver numbers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from facts.arithmetic import NumberOf, OfTwo, SumOf
from facts.declaration import Declaration
from facts.terms import Term
from reasoner.engine.bits import single, union
from reasoner.engine.evaluator import Row
from reasoner.engine.solver import Solver
from reasoner.policy.conditions import Conditions, Relations
from reasoner.policy.folder import RuleFolder

_MOST_REMEMBERED = 10_000
"""Sets that are remembered, of each kind, at most."""


class Interference:
    """What a change of the record for some items does to others, and what comes along with it, under one program."""

    def __init__(self, folder: RuleFolder, relations: Relations, conditions: Conditions, solver: Solver) -> None:
        """The solver is that of the program."""
        self.items: dict[Term, int] = {item: 1 << place for item, place in folder.item_order.items()}
        self._item_of = {bit: item for item, bit in self.items.items()}
        self._terms = {1 << place: term for place, term in enumerate(solver.assumptions)}
        self._fields: dict[Term, int] = {}
        bits = {term: bit for bit, term in self._terms.items() if term in conditions}
        self._written = {
            bit: union(self._bits_of(relations.coupled.get(field, (field,))) for field in conditions[term].fields)
            for term, bit in bits.items()
        }
        """The fields that a condition asks of, and those that are changed together with these."""
        self._contested: dict[int, list[tuple[int, int]]] = {}
        """By item where conditions of contested fields that concern it stand in concerns/2, and what these ask of."""
        for place, (item, term) in enumerate(solver.tables["concerns"].rows):
            above = self.items.get(folder.required_above(str(item)), 0)
            if term in bits and not relations.contested.isdisjoint(conditions[term].fields):
                self._contested.setdefault(above, []).append((place, self._written[bits[term]]))
        self.need_not_have_edits = union(
            bit
            for term, bit in bits.items()
            if any(_can_be_fixed(folder.declaration, field) for field in conditions[term].fields)
        )
        """Conditions that perhaps no edit brings about."""
        self.crowded = union(
            bits.get(term, 0) for field in relations.crowded for term in relations.by_field.get(field, ())
        )
        """Conditions of fields of which several ask, neither of which entails the other."""
        self._items_of = {
            bit: union(self.items.get(folder.required_above(item), 0) for item in relations.items.get(term, ()))
            for term, bit in bits.items()
        }
        self._entails, self._entailed_by = dict.fromkeys(self._terms, 0), dict.fromkeys(self._terms, 0)
        for term, other in relations.entails:
            if term in bits and other in bits:
                self._entails[bits[term]] |= bits[other]
                self._entailed_by[bits[other]] |= bits[term]
        self._asked = {
            self.items[item]: self._bits_of(own) for item, own in relations.fields.items() if item in self.items
        }
        """The fields of which an item, or one below it, can ask."""
        self._excluding = self._bits_of(relations.excluding)
        self._all = union(self._asked)
        self._concerned: dict[int, int] = {}
        """Of items those that would stay met if all were."""
        self._kept: dict[tuple[int, int], int] = {}
        self._names: dict[int, frozenset[Term]] = {}
        self._sets: dict[int, frozenset[Term]] = {}

    def _bits_of(self, fields: Iterable[Term]) -> int:
        return union(self._fields.setdefault(field, 1 << len(self._fields)) for field in fields)

    def name(self, item: int) -> str:
        """An item by its name."""
        return str(self._item_of[item])

    def names(self, items: int) -> frozenset[Term]:
        """The items by their names."""
        return _members(items, self._item_of, self._names)

    def terms(self, conditions: int) -> frozenset[Term]:
        """The conditions as terms."""
        return _members(conditions, self._terms, self._sets)

    def kept(self, items: int, met: int) -> int:
        """Of the items met now those that ask of a field of which these, or others kept, ask as well."""
        concerned = self._concerned.get(items)
        if concerned is None:
            concerned = self._concerned[items] = self._closed(items, self._all)
        key = items, met & concerned
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_REMEMBERED:
                self._kept.clear()
                self._concerned.clear()
            found = self._kept[key] = self._closed(*key)
        return found

    def _closed(self, items: int, met: int) -> int:
        fields, kept = self._fields_of(items), 0
        while more := self.at_stake(met & ~kept, fields):
            kept |= more
            fields |= self._fields_of(more)
        return kept

    def excluding(self, items: int) -> int:
        """The fields of which these items ask that can make something exclude."""
        return self._excluding and self._excluding & self._fields_of(items)

    def contested(self, items: int, concerns: Row) -> int:
        """The contested fields of which items ask, or those below them, where so much of concerns/2 holds."""
        found = 0
        for item in single(items):
            for place, fields in self._contested.get(item, ()):
                if concerns[place]:
                    found |= fields
        return found

    def writes(self, conditions: int) -> int:
        """The fields that conditions ask of, and those that are changed together with these."""
        found = 0
        for own in single(conditions):
            found |= self._written[own]
        return found

    def at_stake(self, kept: int, fields: int) -> int:
        """Those of the items kept that ask of some of the fields."""
        found = 0
        for item in single(kept):
            if fields & self._asked.get(item, 0):
                found |= item
        return found

    def _fields_of(self, items: int) -> int:
        return union(self._asked.get(item, 0) for item in single(items))

    def relevant(self, facts: Iterable[int], items: int) -> int:
        """Conditions, by fact, without those that another one of the fact entails, or that do not concern the items."""
        kept = 0
        for fact in facts:
            if fact & (fact - 1):
                fact = self._strongest(union(own for own in single(fact) if self._items_of[own] & items) or fact)
            kept |= fact
        return kept

    def items_of(self, condition: int) -> int:
        """The required items that a condition can concern."""
        return self._items_of[condition]

    def _strongest(self, conditions: int) -> int:
        """Of conditions that entail each other the first, of the others those that none entails."""
        found = 0
        for own in single(conditions):
            stronger = self._entailed_by[own] & conditions
            equal = stronger & self._entails[own]
            if stronger == equal and not equal & (own - 1):
                found |= own
        return found


def _members(bits: int, of_bit: Mapping[int, Term], known: dict[int, frozenset[Term]]) -> frozenset[Term]:
    """What a set has, of which the bits are given; known, if it was asked for before."""
    found = known.get(bits)
    if found is None:
        if len(known) >= _MOST_REMEMBERED:
            known.clear()
        found = known[bits] = frozenset(map(of_bit.__getitem__, single(bits)))
    return found


def _can_be_fixed(declaration: Declaration, term: Term) -> bool:
    """Whether there need not be edits of a field: it follows from others, or keeps to them, or stands."""
    field = declaration.field(term)
    return field is not None and (
        field.required
        or field.type == "computed"
        or isinstance(field.derived, (OfTwo, SumOf, NumberOf))
        or any(field in pair for pair in declaration.in_order)
    )
