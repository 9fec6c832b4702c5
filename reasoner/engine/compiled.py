"""Ground rules evaluated by a Python function over integers, each bit of which stands for one record, or reading.

A rule is a conjunction of bits, an atom the disjunction of its rules; the atoms are computed one after the other, each
after those that its rules read. What this does not cover (NotCovered) is for the solver: a choice or a disjunction in a
head, a constraint, a loop, a sum that grows too large. The function's text is made of numbers alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

from reasoner.engine.ground_rules import GroundRule, Simplified

Evaluate = Callable[[Sequence[int], int], Sequence[int]]
"""From the bits of each input, and all bits that are in use, to the bits of each output."""
_MOST_COUNTED = 5_000
"""Steps of counting in one rule, at most."""
_GROUPED = 8
"""Rules of an atom by which they are grouped by what they share: most records need look at few of the groups."""
_TERMS = 40
"""Rules of an atom that stand in one expression, at most: Python parses no deeper ones."""


class NotCovered(Exception):
    """Rules that are not compiled; its text says what they have."""


def stratified(rules: Simplified, outputs: Iterable[int]) -> Simplified:
    """The rules on which the outputs hang, each after those that derive what it reads. Raises NotCovered."""
    for rule in rules.rules:
        if rule.is_choice or len(rule.heads) != 1:
            kind = "a choice" if rule.is_choice else "a disjunction" if rule.heads else "a constraint"
            raise NotCovered(f"{kind} in the rules")
        if rule.least * len(rule.body) > _MOST_COUNTED:
            raise NotCovered("a sum that grows too large")
    wanted, deriving = list(outputs), rules.deriving()
    order = in_order(deriving, wanted, rules.values)
    values = {atom: rules.values[atom] for atom in wanted if atom in rules.values}
    return Simplified(values, [rule for atom in order for rule in deriving.get(atom, ())])


def compiled(rules: Simplified, inputs: Sequence[int], outputs: Sequence[int]) -> Evaluate:
    """The function that evaluates stratified rules.

    `inputs` are the atoms that are given; every other one is false unless it is derived.
    """
    deriving = rules.deriving()
    names = {atom: "used" if value else "0" for atom, value in rules.values.items()}
    read = {abs(literal) for rule in rules.rules for literal in rule.body}.union(outputs)
    given = [f"a{atom}" if atom in read and atom not in deriving else "_" for atom in inputs]
    lines = ["def evaluate(given, used):", f" {','.join(given)},=given"] if given else ["def evaluate(given, used):"]
    names |= {atom: name for atom, name in zip(inputs, given, strict=True) if name != "_"}
    for atom, own in deriving.items():
        if len(own) == 1 and not own[0].counts and len(own[0].body) == 1 and own[0].body[0] > 0:
            names[atom] = names.get(own[0].body[0], "0")
        else:
            names[atom] = f"a{atom}"
            lines += _assigned(names[atom], own, names)
    lines.append(f" return [{','.join(names.get(atom, '0') for atom in outputs)}]")
    namespace: dict[str, Evaluate] = {}
    exec(compile("\n".join(lines), "<ground rules>", "exec"), namespace)
    return namespace["evaluate"]


def interpreted(rules: Simplified, inputs: Sequence[int], outputs: Sequence[int]) -> Evaluate:
    """What evaluates stratified rules one after the other: at once, but more slowly than what is compiled."""

    def evaluate(given: Sequence[int], used: int) -> Sequence[int]:
        bits = dict(zip(inputs, given, strict=True))
        bits |= {atom: used if value else 0 for atom, value in rules.values.items()}
        read = bits.get
        for rule in rules.rules:
            parts = [read(literal, 0) if literal > 0 else used ^ read(-literal, 0) for literal in rule.body]
            if rule.counts:
                holds = _reached(rule, parts, used)
            else:
                holds = used
                for part in parts:
                    holds &= part
            if holds:
                (head,) = rule.heads
                bits[head] = read(head, 0) | holds
        return [read(atom, 0) for atom in outputs]

    return evaluate


def _reached(rule: GroundRule, parts: Iterable[int], used: int) -> int:
    """The bits for which enough of the parts hold."""
    reached = [used, *[0] * rule.least]  # by the weight that is reached at least
    for part, weight in zip(parts, rule.weights, strict=True):
        for least in range(rule.least, 0, -1):
            reached[least] |= part & reached[max(least - weight, 0)]
    return reached[-1]


def in_order(
    deriving: Mapping[int, Sequence[GroundRule]], outputs: Iterable[int], known: Container[int] = ()
) -> list[int]:  # fmt: skip
    """The atoms on which the outputs depend, each after those that its rules read. Raises NotCovered for a loop."""
    order: dict[int, None] = {}
    path: dict[int, Iterator[int]] = {}
    for output in outputs:
        path = {} if output in known or output in order else {output: _read(deriving, output)}
        while path:
            atom, others = next(reversed(path.items()))
            other = next((one for one in others if one not in order), None)
            if other is None:
                order[atom] = None
                del path[atom]
            elif other in path:
                raise NotCovered("a loop in the rules")
            else:
                path[other] = _read(deriving, other)
    return list(order)


def _read(deriving: Mapping[int, Sequence[GroundRule]], atom: int) -> Iterator[int]:
    return (abs(literal) for rule in deriving.get(atom, ()) for literal in rule.body)


def _assigned(name: str, rules: Sequence[GroundRule], names: Mapping[int, str]) -> Iterator[str]:
    """The lines that compute an atom."""
    bodies = [[_literal(literal, names) for literal in rule.body] for rule in rules if not rule.counts]
    yield f" {name}={_disjunction(bodies) if len(bodies) < _GROUPED else '0'}"
    if len(bodies) >= _GROUPED:
        for shared, rests in _grouped(bodies):
            for start in range(0, len(rests), _TERMS):
                yield f" if {shared}:{name}|={shared}&({_disjunction(rests[start : start + _TERMS])})"
    for rule in rules:
        if rule.counts:
            yield from _counted(name, rule, names)


def _disjunction(bodies: Iterable[Sequence[str]]) -> str:
    return "|".join("&".join(body or ("used",)) for body in bodies) or "0"


def _grouped(bodies: Sequence[Sequence[str]]) -> Iterator[tuple[str, list[list[str]]]]:
    """Bodies by a literal that many of them share, but not all; and what is left of them."""
    number = Counter(literal for body in bodies for literal in body)
    order = {literal: own for literal, own in number.items() if own < len(bodies)}
    groups: dict[str, list[list[str]]] = {}
    for body in bodies:
        shared = max(body, key=lambda literal: order.get(literal, 0), default="used")
        groups.setdefault(shared, []).append([literal for literal in body if literal != shared])
    yield from groups.items()


def _counted(name: str, rule: GroundRule, names: Mapping[int, str]) -> Iterator[str]:
    """The lines that count: `s5` has the bits of what weighs at least 5 by now."""
    yield f" {'='.join(f's{weight}' for weight in range(1, rule.least + 1))}=0"
    for literal, weight in zip(rule.body, rule.weights, strict=True):
        for reached in range(rule.least, 0, -1):
            before = f"s{reached - weight}&" if reached > weight else ""
            yield f" s{reached}|={before}{_literal(literal, names)}"
    yield f" {name}|=s{rule.least}"


def _literal(literal: int, names: Mapping[int, str]) -> str:
    own = names.get(abs(literal), "0")
    return own if literal > 0 else f"(used^{own})"
