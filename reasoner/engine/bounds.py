"""What could hold where some inputs are open: two bounds of each atom, as in Kleene's three-valued logic, by rules.

Of an atom that hangs on such an input, one new atom holds wherever it could, and another one where it must. Both are
derived by copies of its rules: what a rule asks for could hold, or must; what it forbids need not hold, or cannot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from reasoner.engine.compiled import in_order, stratified
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

_COULD, _MUST = 1 << 31, 1 << 32
"""What is added to the number of an atom: clingo's own are less."""


def with_upper_bound(
    rules: Simplified, given: Collection[int], free: Collection[int], atom: int
) -> tuple[Simplified, int]:
    """Stratified rules that derive one more atom: it holds wherever the atom does for some values of the `free` inputs.

    It can hold elsewhere too: each literal is looked at by itself, also two of one input. Inputs that are not
    `given` are false, else the new atom says nothing.
    """
    deriving = rules.deriving()
    order = in_order(deriving, (atom,), rules.values)
    known, cone = simplified((rule for own in order for rule in deriving.get(own, ())), given)
    hanging = set(free)
    for rule in cone:
        if any(abs(literal) in hanging for literal in rule.body):
            hanging.update(rule.heads)
    if atom not in hanging or atom in known:
        return rules, atom
    bounds = [_bound(rule, hanging, bound) for rule in cone for bound in (_MUST, _COULD) if rule.heads[0] in hanging]
    rest = {abs(literal) for rule in bounds for literal in rule.body if abs(literal) < _COULD}
    upper = atom + _COULD
    found = stratified(simplified(bounds, rest, [own + _COULD for own in free]), (upper,))
    return Simplified(rules.values | found.values, [*rules.rules, *found.rules]), upper


def _bound(rule: GroundRule, hanging: Collection[int], bound: int) -> GroundRule:
    (head,) = rule.heads
    return rule._replace(heads=(head + bound,), body=tuple(_bounded(rule.body, hanging, bound)))


def _bounded(body: Sequence[int], hanging: Collection[int], bound: int) -> Iterator[int]:
    other = _COULD if bound == _MUST else _MUST
    for literal in body:
        if abs(literal) not in hanging:
            yield literal
        else:
            yield literal + bound if literal > 0 else literal - other
