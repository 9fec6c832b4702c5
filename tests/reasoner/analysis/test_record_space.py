"""The records in which witnesses are searched: what the solver takes for their facts is what they become."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clingo import Control, Model, Symbol

from facts.statements import facts_of
from facts.terms import Between, CouldBe, Given, NotUnderstood, Stated, Term, term_of
from reasoner.analysis.reads import reads_of
from reasoner.analysis.record_space import RecordSpace
from reasoner.engine.control import ENCODINGS
from reasoner.verdict.policy import Policy

POLICIES = Path(__file__).parents[2] / "policies"
Seen = set[tuple[str, Term, Term]]

_SHOWN = {
    "fact_given": 2, "fact_stated": 1, "fact_could_be": 2, "fact_not_understood": 1, "fact_low": 2, "fact_high": 2,
}  # fmt: skip


def records(space: RecordSpace, number: int) -> Iterator[tuple[list[Symbol], Seen]]:
    """Records of the space at random, and what the solver takes for their facts."""
    shows = "\n".join(f"#show {name}/{arity}." for name, arity in _SHOWN.items())
    for seed in range(number):
        control = Control(["1", f"--seed={seed}", "--rand-freq=1", "--sign-def=rnd"], logger=lambda code, text: None)
        control.load(str(ENCODINGS / "record_space.lp"))
        control.add("base", [], shows)
        with control.backend() as backend:
            for fact in space.facts:
                backend.add_rule([backend.add_atom(fact)])
        control.ground([("base", [])])
        found: list[Symbol] = []

        def keep(model: Model, found: list[Symbol] = found) -> None:
            found.extend(model.symbols(shown=True))

        control.solve(on_model=keep)
        assert found, "the space is empty"
        seen: Seen = set()
        for atom in found:
            if atom.name in _SHOWN:
                first, *rest = (term_of(part) for part in atom.arguments)
                seen.add((atom.name, first, rest[0] if rest else ""))
        yield [atom for atom in found if atom.name not in _SHOWN], seen


def of_record(policy: Policy, data: dict[str, object]) -> Seen:
    """The facts of a record in the same form; numbers doubled."""
    found: Seen = set()
    for fact in facts_of(policy.case(data)):
        match fact:
            case Given(field, value):
                found.add(("fact_given", field, value))
            case CouldBe(field, value):
                found.add(("fact_could_be", field, value))
            case Stated(field):
                found.add(("fact_stated", field, ""))
            case NotUnderstood(field):
                found.add(("fact_not_understood", field, ""))
            case Between(field, low, high):
                found |= {("fact_low", field, int(2 * low))} if low is not None else set()
                found |= {("fact_high", field, int(2 * high))} if high is not None else set()
    return found


@pytest.mark.parametrize("folder", [None, "hand_eczema", "glp1", "household_benefit"])
def test_facts_of_records(policy: Policy, folder: str | None) -> None:
    own = policy if folder is None else Policy.load(POLICIES / folder)
    compare(own, 60)


def compare(policy: Policy, number: int) -> None:
    """Compare what the solver takes for the facts of some records with what they become."""
    reads = reads_of([policy])
    space = RecordSpace([policy], reads, 2)
    declaration = policy.declaration
    assert not space.left_out

    def kept(seen: Seen) -> Seen:
        """What rules can see: fields that matter, values that they read."""
        found: Seen = set()
        for name, term, value in seen:
            field = declaration.field(term)
            assert field is not None
            if field.place not in reads.values and field.place not in reads.numbers:
                continue
            if name in ("fact_given", "fact_could_be") and value not in reads.values.get(field.place, ()):
                if name == "fact_given" or field.type == "product":
                    continue
                value = "another value"
            found.add((name, term, value))
        return found

    for atoms, seen in records(space, number):
        data = space.record(atoms)
        assert kept(of_record(policy, data)) == kept(seen), data
