"""Ground rules compiled to one Python function over integers, each bit of which stands for one record, or reading.

A rule is a conjunction of bits, an atom the disjunction of its rules; the atoms are computed one after the other, each
after those that its rules read. What this does not cover (NotCovered) is for the solver: a choice or a disjunction in a
head, a constraint, a loop, a sum that grows too large. The function's text is made of numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

from reasoner.engine.ground_rules import GroundRule, Simplified

Evaluate = Callable[[Sequence[int], int], Sequence[int]]
"""From the bits of each input, and all bits that are in use, to the bits of each output."""
_MOST_COUNTED = 5_000
"""Steps of counting in one rule, at most."""
_TERMS = 40
"""Rules of an atom that stand in one expression, at most: Python parses no deeper ones."""


class NotCovered(Exception):
    """Rules that are not compiled; its text says what they have."""


def compiled(rules: Simplified, inputs: Sequence[int], outputs: Sequence[int]) -> Evaluate:
    """The function that evaluates stratified rules. Raises NotCovered.

    `inputs` are the atoms that are given; every other one is false unless it is derived.
    """
    for rule in rules.rules:
        if rule.is_choice or len(rule.heads) != 1:
            kind = "a choice" if rule.is_choice else "a disjunction" if rule.heads else "a constraint"
            raise NotCovered(f"{kind} in the rules")
    deriving = rules.deriving()
    places = {atom: place for place, atom in enumerate(inputs)}
    lines = ["def evaluate(given, used):"]
    for atom in in_order(deriving, outputs, rules.values):
        if atom in deriving:
            lines += _assigned(f"a{atom}", deriving[atom])
        else:
            lines.append(f" a{atom}={f'given[{places[atom]}]' if atom in places else 0}")
    known = {True: "used", False: "0"}
    names = (known[rules.values[atom]] if atom in rules.values else f"a{atom}" for atom in outputs)
    lines.append(f" return [{','.join(names)}]")
    namespace: dict[str, Evaluate] = {}
    exec(compile("\n".join(lines), "<ground rules>", "exec"), namespace)
    return namespace["evaluate"]


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


def _assigned(name: str, rules: Sequence[GroundRule]) -> Iterator[str]:
    """The lines that compute an atom."""
    simple = [rule for rule in rules if not rule.counts]
    for start in range(0, len(simple), _TERMS):
        terms = "|".join("&".join(map(_literal, rule.body)) for rule in simple[start : start + _TERMS])
        yield f" {name}{'|' if start else ''}={terms}"
    if not simple:
        yield f" {name}=0"
    for rule in rules:
        if rule.counts:
            yield from _counted(name, rule)


def _counted(name: str, rule: GroundRule) -> Iterator[str]:
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
