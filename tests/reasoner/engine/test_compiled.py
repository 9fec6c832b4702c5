"""Compiled rules derive what the solver derives; what they do not cover is named."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from clingo import Control, Function
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.engine.compiled import Evaluate, NotCovered, compiled, interpreted, stratified
from reasoner.engine.control import observe
from reasoner.engine.evaluator import Asked, Evaluated, Evaluator
from reasoner.engine.ground_rules import GroundRules, simplified

INPUTS = ("p", "q", "r", "s")
DERIVED = tuple(f"d{number}" for number in range(12))


class Ground:
    """A ground program with its rules and the literals of its atoms."""

    def __init__(self, text: str) -> None:
        self.rules = GroundRules()
        self.control = Control(["--models=0"])
        observe(self.control, self.rules)
        self.control.add("base", [], "".join(f"#external {name}. [free]\n" for name in INPUTS) + text)
        self.control.ground([("base", [])])

    def literal(self, name: str) -> int:
        """The literal of an atom; one that is never true has a literal that no rule derives."""
        found = self.control.symbolic_atoms[Function(name)]
        return found.literal if found is not None else 1_000_000 + hash(name) % 1000

    def literals(self, names: Sequence[str]) -> list[int]:
        return [self.literal(name) for name in names]

    def derived(self, true: Sequence[str]) -> set[str]:
        """What clingo derives where these inputs are true."""
        models: list[set[str]] = []
        assumptions = [(Function(name), name in true) for name in INPUTS]
        self.control.solve(
            assumptions, on_model=lambda model: models.append({str(atom) for atom in model.symbols(atoms=True)})
        )
        (only,) = models
        return only - set(INPUTS)


def program(random: Random) -> str:
    """Rules of atoms that read inputs and atoms of lower number; some count."""
    lines = []
    for number, head in enumerate(DERIVED):
        below = [*INPUTS, *DERIVED[:number]]
        for _ in range(random.choice((0, 1, 2, 3, 12))):
            body = [f"{random.choice(('', '', 'not '))}{random.choice(below)}" for _ in range(random.randint(1, 3))]
            if random.random() < 0.3:
                weighted = (f"{random.randint(1, 3)},{place}:{literal}" for place, literal in enumerate(body))
                body = [f"{random.randint(0, 6)} <= #sum {{ {'; '.join(weighted)} }}"]
            lines.append(f"{head} :- {', '.join(body)}.")
        if random.random() < 0.1:
            lines.append(f"{head}.")
    return "\n".join(lines)


def evaluates(
    ground: Ground, inputs: Sequence[int], outputs: Sequence[int], exclusive: Sequence[int] = ()
) -> tuple[Evaluate, Evaluate]:
    """What evaluates the rules of a program, compiled and interpreted."""
    rules = stratified(simplified(ground.rules.rules, inputs, exclusive=exclusive), outputs)
    return compiled(rules, inputs, outputs), interpreted(rules, inputs, outputs)


def subsets() -> list[list[str]]:
    return [[name for place, name in enumerate(INPUTS) if number >> place & 1] for number in range(2 ** len(INPUTS))]


@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_what_is_derived_is_what_the_solver_derives(random: Random) -> None:
    ground = Ground(program(random))
    inputs, outputs = ground.literals(INPUTS), ground.literals(DERIVED)
    every = subsets()
    bits = [sum(1 << place for place, true in enumerate(every) if name in true) for name in INPUTS]
    for evaluate in evaluates(ground, inputs, outputs):
        found = evaluate(bits, 2 ** len(every) - 1)
        for place, true in enumerate(every):
            assert {name for name, own in zip(DERIVED, found, strict=True) if own >> place & 1} == ground.derived(true)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{ a } :- p.", "a choice"),
        ("a :- not b, p. b :- not a, p.", "a loop"),
        ("a :- b. b :- a, p. b :- q.", "a loop"),
        ("a ; b :- p.", "a disjunction"),
        (":- p, q.", "a constraint"),
        (f"a :- 900 <= #sum {{ 500,1:p; 400,2:q; {'; '.join(f'{n},{n + 9}:r' for n in range(1, 9))} }}.", "a sum"),
    ],
)
def test_what_is_not_covered_is_named(text: str, what: str) -> None:
    ground = Ground(text)
    with pytest.raises(NotCovered, match=what):
        evaluates(ground, ground.literals(INPUTS), ground.literals("ab"))


def test_what_is_idle_is_no_hindrance() -> None:
    """A loop, or a choice, behind what can never hold."""
    ground = Ground("#external off. a :- p. a :- b, off. b :- not c, off. c :- not b, off. { d } :- off.")
    inputs = ground.literals(INPUTS)
    for evaluate in evaluates(ground, inputs, ground.literals("ab")):
        assert list(evaluate([1, 0, 0, 0], 1)) == [1, 0]


def test_of_exclusive_inputs_one_is_on() -> None:
    ground = Ground(":- p, q. a :- p.")
    inputs = ground.literals(INPUTS)
    with pytest.raises(NotCovered, match="a constraint"):
        evaluates(ground, inputs, (), exclusive=inputs[:1])
    for evaluate in evaluates(ground, inputs, ground.literals("a"), exclusive=inputs[:2]):
        assert list(evaluate([1, 0, 0, 0], 1)) == [1]


def test_an_atom_of_many_rules() -> None:
    """More rules than Python parses as one expression."""
    text = "".join(f"#external e({number}). [free] a :- e({number}), p.\n" for number in range(5_000))
    ground = Ground(text)
    externals = [atom.literal for atom in ground.control.symbolic_atoms.by_signature("e", 1)]
    inputs = [*ground.literals(INPUTS), *externals]
    for evaluate in evaluates(ground, inputs, ground.literals("a")):
        assert list(evaluate([1, 0, 0, 0, *[0] * 4_999, 1], 1)) == [1]
        assert list(evaluate([1, 0, 0, 0, *[0] * 5_000], 1)) == [0]


@pytest.mark.parametrize("compile_", [False, True])
def test_readings_of_a_block(compile_: bool) -> None:
    """Each reading has one switch on, or none; the records of a block do not touch each other."""
    ground = Ground("a :- p, not r. a :- q, r. b :- s. b :- a.")
    a, b, p, q, r, s = ground.literals("abpqrs")
    asked: dict[object, Asked] = {"usual": (0, [a, b]), "with r": (1, [a]), "with s": (2, [b])}
    rules = Evaluator.rules_of(ground.rules.rules, [p, q], [r, s], asked, [q, p])
    evaluator = Evaluator(rules, [p, q], [r, s], asked, [q, p])
    if compile_:
        evaluator.compile()
    records = [0b00, 0b01, 0b10, 0b11, 0b01]
    block = Evaluated(evaluator, records)
    assert [tuple(block.row(one, "usual")) for one in records] == [(0, 0), (1, 1), (0, 0), (1, 1), (1, 1)]
    assert [tuple(block.row(one, "with r")) for one in records] == [(0,), (0,), (1,), (1,), (0,)]
    assert [tuple(block.row(one, "with s")) for one in records] == [(1,)] * 5
    assert [block.independent(one) for one in records] == [0b00, 0b10, 0b01, 0b11, 0b10]
    alone = Evaluated(evaluator, records[2:3])
    assert (tuple(alone.row(records[2], "usual")), tuple(alone.row(records[2], "with r"))) == ((0, 0), (1,))
    assert records[1] in block and 0b100 not in block
