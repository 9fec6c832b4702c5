"""Minimal sets by labels are those that a search through all sets of assumptions finds."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest
from clingo import Control, Function, Model
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.engine import environments, labels
from reasoner.engine.compiled import NotCovered
from reasoner.engine.control import observe
from reasoner.engine.environments import MOST_ENVIRONMENTS, TooLarge
from reasoner.engine.ground_rules import GroundRules
from reasoner.engine.labels import Labels

INPUTS = ("p", "q", "r")
ASSUMED = tuple(f"s{number}" for number in range(5))
DERIVED = tuple(f"d{number}" for number in range(9))


class Abduction:
    """A ground program in which some atoms can be supposed, each where a record allows it."""

    def __init__(self, text: str) -> None:
        self.rules = GroundRules()
        self.control = Control(["--models=0"])
        observe(self.control, self.rules)
        externals = "".join(f"#external {name}. [free]\n" for name in INPUTS)
        self.control.add("base", [], externals + text)
        self.control.ground([("base", [])])
        self.inputs = [self.literal(name) for name in INPUTS]
        self.assumed = [name for name in ASSUMED if self.control.symbolic_atoms[Function(name)] is not None]
        rules = Labels.rules_of(self.rules.rules, self.inputs, ())
        self.goals = [literal for literal in map(self.literal, DERIVED) if literal]
        self.labels = Labels(rules, map(self.literal, self.assumed), self.goals)

    def literal(self, name: str) -> int:
        atom = self.control.symbolic_atoms[Function(name)]
        return atom.literal if atom is not None else 0

    def models(self, true: frozenset[str]) -> list[set[str]]:
        found: list[set[str]] = []
        assumptions = [(Function(name), name in true) for name in INPUTS]
        self.control.solve(assumptions, on_model=lambda m: found.append({str(atom) for atom in m.symbols(atoms=True)}))
        return found

    def by_search(self, goal: str, true: frozenset[str], *, holds: bool) -> set[frozenset[str]]:
        """The least sets of supposed atoms among all the answer sets in which the goal holds, or does not."""
        sets = {frozenset(model & set(ASSUMED)) for model in self.models(true) if (goal in model) is holds}
        return {one for one in sets if not any(other < one for other in sets)}

    def by_labels(self, goal: str, true: frozenset[str], *, holds: bool) -> set[frozenset[str]]:
        alone: set[int] = set()

        def keep(model: Model) -> None:
            if not any(model.is_true(self.literal(name)) for name in self.assumed):
                alone.update(atom for atom in self.labels.independent if model.is_true(atom))

        self.control.solve([(Function(name), name in true) for name in INPUTS], on_model=keep)
        given = sum(1 << place for place, atom in enumerate(self.labels.independent) if atom in alone)
        literal = self.literal(goal) if holds else -self.literal(goal)
        found = self.labels.minimal_sets(self.labels.conjunction([literal]), given)
        return {frozenset(name for place, name in enumerate(self.assumed) if one >> place & 1) for one in found}


def program(random: Random) -> str:
    """Choices that inputs allow, stratified rules over them, and constraints that the empty set satisfies."""
    lines = [f"{{ {name} }}{random.choice(('', '', f' :- {random.choice(INPUTS)}'))}." for name in ASSUMED]
    for number, head in enumerate(DERIVED):
        below = [*INPUTS, *ASSUMED, *ASSUMED, *DERIVED[:number]]
        for _ in range(random.randint(1, 3)):
            body = [f"{random.choice(('', '', '', 'not '))}{random.choice(below)}" for _ in range(random.randint(1, 3))]
            if random.random() < 0.2:
                body = [f"{random.randint(1, 3)} {{ {'; '.join(dict.fromkeys(body))} }}"]
            lines.append(f"{head} :- {', '.join(body)}.")
    for _ in range(random.randint(0, 3)):
        one, other = random.sample(ASSUMED, 2)
        lines.append(random.choice((f":- {one}, {other}.", f":- {one}, not {other}.", f":- {one}, p, not {other}.")))
    return "\n".join(lines)


def subsets(names: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)]


@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_labels_find_what_a_search_through_all_sets_finds(random: Random) -> None:
    abduction = Abduction(program(random))
    for true in subsets(INPUTS):
        for goal in DERIVED[-3:]:
            for holds in (True, False):
                if abduction.literal(goal):
                    found = abduction.by_labels(goal, true, holds=holds)
                    assert found == abduction.by_search(goal, true, holds=holds)


def test_a_situation_that_differs_outside_the_cone_needs_no_second_label(monkeypatch: pytest.MonkeyPatch) -> None:
    abduction = Abduction("{ s0 }. { s1 }. d0 :- s0, p. d0 :- s1, r. d1 :- q.")
    first = abduction.by_labels("d0", frozenset(("p",)), holds=True)
    monkeypatch.setattr(Labels, "_derived", None)
    assert abduction.by_labels("d0", frozenset(("p", "q")), holds=True) == first == {frozenset(("s0",))}
    with pytest.raises(TypeError):
        abduction.by_labels("d0", frozenset(("p", "r")), holds=True)


def test_what_is_remembered_is_forgotten_where_it_grows_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_REMEMBERED", 1)
    for seed in range(20):
        abduction = Abduction(program(Random(seed)))
        for true in subsets(INPUTS):
            for goal in filter(abduction.literal, DERIVED[-3:]):
                found = abduction.by_labels(goal, true, holds=True)
                assert found == abduction.by_search(goal, true, holds=True)


def test_a_label_that_grows_too_large_is_for_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    number = 4
    while 3**number <= MOST_ENVIRONMENTS:
        number += 1
    parts = "".join(f"{{ s(0..2,{n}) }}. part({n}) :- s(_,{n}).\n" for n in range(number))
    rules, control = GroundRules(), Control()
    observe(control, rules)
    control.add("base", [], f"{parts} goal :- {', '.join(f'part({n})' for n in range(number))}.")
    control.ground([("base", [])])
    atoms = control.symbolic_atoms
    found = Labels(Labels.rules_of(rules.rules, (), ()), [atom.literal for atom in atoms.by_signature("s", 2)])
    (goal,) = (atom.literal for atom in atoms.by_signature("goal", 0))
    for _ in range(2):
        with pytest.raises(TooLarge):
            found.minimal_sets(found.conjunction([goal]), 0)
        monkeypatch.setattr(environments, "smallest", None)  # it is remembered that it is


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ("{ s0 }. { d0 } :- s0.", "a choice"),
        ("{ s0 }. d0 ; d1 :- s0.", "a disjunction"),
        ("{ s0 }. d0 :- d1, s0. d1 :- d0. d1 :- not d2, s0. d2 :- not d1, s0.", "a loop"),
        ("{ s0 }. :- p, q.", "a constraint"),
    ],
)
def test_what_is_not_covered_is_named(rules: str, what: str) -> None:
    with pytest.raises(NotCovered, match=what):
        Abduction(rules)
