"""Ground rules compiled to one Python function over integers, each bit of which stands for one record, or reading.

A rule is a conjunction of bits, an atom the disjunction of its rules; the atoms are computed one after the other, each
after those that its rules read. What this does not cover (NotCovered) is for the solver: a choice or a disjunction in a
head, a constraint, a loop, a sum that grows too large. The function's text is made of numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

from reasoner.engine.ground_rules import GroundRule

Evaluate = Callable[[Sequence[int], int], Sequence[int]]
"""From the bits of each input, and all bits that are in use, to the bits of each output."""
_MOST_COUNTED = 5_000
"""Steps of counting in one rule, at most."""
_TERMS = 40
"""Rules of an atom that stand in one expression, at most: Python parses no deeper ones."""


class NotCovered(Exception):
    """Rules that are not compiled; its text says what they have."""


class _Rule(NamedTuple):
    """A rule of an atom: literals that have to hold, or (with weights) weigh so much together."""

    body: tuple[int, ...]
    least: int
    weights: tuple[int, ...]


def compiled(
    rules: Iterable[GroundRule], inputs: Sequence[int], outputs: Sequence[int], switches: Collection[int] = ()
) -> Evaluate:  # fmt: skip
    """The function that evaluates stratified rules. Raises NotCovered.

    `inputs` are the atoms that are given, every other one is false unless it is derived; `switches` those of them of
    which at most one is on.
    """
    values, live = _simplified(rules, inputs, switches)
    order = _in_order(live, outputs, values)
    lines = ["def evaluate(given, used):"]
    places = {atom: place for place, atom in enumerate(inputs)}
    for atom in order:
        lines += _assigned(f"a{atom}", live[atom]) if atom in live else [f" a{atom}=given[{places[atom]}]"]
    known = {True: "used", False: "0"}
    names = (known[values[atom]] if atom in values else f"a{atom}" for atom in outputs)
    lines.append(f" return [{','.join(names)}]")
    namespace: dict[str, Evaluate] = {}
    exec(compile("\n".join(lines), "<ground rules>", "exec"), namespace)
    return namespace["evaluate"]


def _simplified(
    rules: Iterable[GroundRule], inputs: Iterable[int], switches: Collection[int]
) -> tuple[dict[int, bool], dict[int, list[_Rule]]]:  # fmt: skip
    """The atoms that are always true, or false, and the rules of the others without what is always so."""
    deriving: dict[int, list[int]] = {atom: [] for atom in inputs}
    given = frozenset(inputs)
    reading: dict[int, list[int]] = {}
    own: list[GroundRule] = []
    for rule in rules:
        if not rule.heads and sum(literal in switches for literal in rule.body) > 1:
            continue
        place = len(own)
        own.append(rule)
        for head in rule.heads:
            deriving.setdefault(head, []).append(place)
        for literal in rule.body:
            reading.setdefault(abs(literal), []).append(place)
    values: dict[int, bool] = {}
    idle: set[int] = set()
    left = {atom: len(places) for atom, places in deriving.items()}
    # what has to become true yet, and what can: numbers of literals, or their weights
    lacking = [rule.least if rule.counts else len(rule.body) for rule in own]
    slack = [sum(rule.weights) - rule.least if rule.counts else 0 for rule in own]
    todo: list[tuple[int, bool]] = [(atom, False) for atom in reading if atom not in deriving]

    def look_at(place: int) -> None:
        rule = own[place]
        if place in idle or (slack[place] >= 0 and lacking[place] > 0):
            return
        if slack[place] < 0:
            idle.add(place)
            for head in rule.heads:
                left[head] -= 1
                if not left[head] and head not in given:
                    todo.append((head, False))
        elif len(rule.heads) == 1 and not rule.is_choice:
            todo.append((rule.heads[0], True))

    for place in range(len(own)):
        look_at(place)
    while todo:
        atom, value = todo.pop()
        if atom in values:
            continue
        values[atom] = value
        for place in reading.get(atom, ()):
            rule = own[place]
            for literal, weight in zip(rule.body, rule.weights or repeat(1), strict=False):
                if literal == (atom if value else -atom):
                    lacking[place] -= weight
                elif abs(literal) == atom:
                    slack[place] -= weight
            look_at(place)
    live: dict[int, list[_Rule]] = {}
    for place, rule in enumerate(own):
        if place not in idle and not (rule.heads and all(values.get(head) for head in rule.heads)):
            _keep(rule, values, live)
    return values, live


def _keep(rule: GroundRule, values: dict[int, bool], live: dict[int, list[_Rule]]) -> None:
    """Keep a rule under its head, without the literals that always hold. Raises NotCovered."""
    if rule.is_choice or len(rule.heads) != 1:
        kind = "a choice" if rule.is_choice else "a disjunction" if rule.heads else "a constraint"
        raise NotCovered(f"{kind} in the rules")
    body = [
        (literal, abs(literal), weight) for literal, weight in zip(rule.body, rule.weights or rule.body, strict=True)
    ]
    rest = [(literal, weight) for literal, atom, weight in body if atom not in values]
    least = 0
    if rule.counts:
        least = rule.least - sum(weight for literal, atom, weight in body if values.get(atom) is (literal > 0))
        if least > sum(weight for _, weight in rest):
            return
    if rule.counts and least > 0:
        kept = _Rule(tuple(literal for literal, _ in rest), least, tuple(weight for _, weight in rest))
    else:
        kept = _Rule(tuple(dict.fromkeys(literal for literal, _ in rest)) if not rule.counts else (), 0, ())
    live.setdefault(rule.heads[0], []).append(kept)


def _in_order(live: dict[int, list[_Rule]], outputs: Iterable[int], known: Container[int]) -> list[int]:
    """The atoms on which the outputs depend, each after those that its rules read. Raises NotCovered for a loop."""
    order: dict[int, None] = {}
    path: dict[int, Iterator[int]] = {}
    for output in outputs:
        path = {} if output in known else {output: _read(live, output)}
        while path:
            atom, others = next(reversed(path.items()))
            other = next((one for one in others if one not in order), None)
            if other is None:
                order[atom] = None
                del path[atom]
            elif other in path:
                raise NotCovered("a loop in the rules")
            else:
                path[other] = _read(live, other)
    return list(order)


def _read(live: dict[int, list[_Rule]], atom: int) -> Iterator[int]:
    return (abs(literal) for rule in live.get(atom, ()) for literal in rule.body)


def _assigned(name: str, rules: Sequence[_Rule]) -> Iterator[str]:
    """The lines that compute an atom."""
    simple = [rule for rule in rules if not rule.weights]
    for start in range(0, len(simple), _TERMS):
        terms = "|".join("&".join(map(_literal, rule.body)) or "used" for rule in simple[start : start + _TERMS])
        yield f" {name}{'|' if start else ''}={terms}"
    if not simple:
        yield f" {name}=0"
    for rule in rules:
        if rule.weights:
            yield from _counted(name, rule)


def _counted(name: str, rule: _Rule) -> Iterator[str]:
    """The lines that count: `s5` has the bits of what weighs at least 5 by now."""
    if rule.least * len(rule.body) > _MOST_COUNTED:
        raise NotCovered("a sum that grows too large")
    yield f" {'='.join(f's{weight}' for weight in range(1, rule.least + 1))}=0"
    for literal, weight in zip(rule.body, rule.weights, strict=True):
        for reached in range(rule.least, 0, -1):
            before = f"s{reached - weight}&" if reached > weight else ""
            yield f" s{reached}|={before}{_literal(literal)}"
    yield f" {name}|=s{rule.least}"


def _literal(literal: int) -> str:
    return f"a{literal}" if literal > 0 else f"(used^a{-literal})"
