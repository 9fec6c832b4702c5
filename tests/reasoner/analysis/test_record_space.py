"""The records in which witnesses are searched: what the solver takes for their facts is what they become."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clingo import Control, Model, Symbol

from facts.statements import facts_of
from facts.symbols import term_of
from facts.terms import Between, CouldBe, Given, NotUnderstood, Stated, Term
from reasoner.analysis.distinguish import find_witness
from reasoner.analysis.reads import reads_of
from reasoner.analysis.record_space import RecordSpace
from reasoner.engine.program import ENCODINGS
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


RECORD = """\
field("case_id", case_id, text).
required("case_id").
section("claim", "The claim").
field("claim.date", request_date, date).
required("claim.date").
field("claim.weight", weight, decimal).
field("claim.height", height, whole).
any_of("claim.weight", "claim.height").
field("claim.before", before, whole).
bounds("claim.before", 0, 1000).
field("claim.after", after, whole).
bounds("claim.after", 0, 1000).
not_above("claim.after", "claim.before").
field("claim.change", change, computed).
derived("claim.change", decrease_percent("claim.before", "claim.after")).
field("claim.share", share, whole).
derived("claim.share", ratio_percent("claim.after", "claim.before")).
field("claim.born", born, date).
field("claim.age", age, computed).
derived("claim.age", completed_years("claim.born", "claim.date")).
field("claim.periods", used, periods).
field("claim.days", days, computed).
derived("claim.days", days_in_all("claim.periods", "claim.date")).
field("claim.run", run, computed).
derived("claim.run", days_in_one_run("claim.periods", "claim.date")).
field("claim.total", total, computed).
derived("claim.total", sum_of("incomes[].amount")).
field("claim.size", size, computed).
derived("claim.size", number_of("members", "members[].kind", child)).
list("incomes", income(N), "income") :- slot(N).
field("incomes[].amount", amount(I), whole) :- list("incomes", I, _).
bounds("incomes[].amount", 0, 5000).
list("members", member(N), "member") :- slot(N).
complete("members").
field("members[].kind", kind(M), choice) :- list("members", M, _).
allowed("members[].kind", (child; adult)).
"""
RULES = """\
policy("X-1", "All the functions of a declaration").
pathway("A").
approval_months("A", 3).
item("A", "", "Something").
citation("A", "1").
threshold("A", weight, 50).  threshold("A", height, 150).  threshold("A", change, 10).  threshold("A", share, 30).
threshold("A", age, 18).     threshold("A", days, 30).     threshold("A", run, 20).     threshold("A", total, 1000).
threshold("A", size, 3).     threshold("A", born, 20000101).
least(weight; change; age; days; run; total; size).
most(height; share; born).
met("A") :- holds(at_least(F, N)) : least(F), threshold("A", F, N); holds(at_most(F, N)) : most(F), threshold("A", F, N).
"""


def written(folder: Path, rules: str) -> Policy:
    folder.mkdir()
    (folder / "record.lp").write_text(RECORD, "utf-8")
    (folder / "policy.lp").write_text(rules, "utf-8")
    return Policy.load(folder)


def test_facts_of_every_function(tmp_path: Path) -> None:
    policy = written(tmp_path / "x", RULES)
    compare(policy, 25)
    assert RecordSpace([policy], reads_of([policy]), 2).entries == 4


@pytest.mark.parametrize(
    ("limit", "next_one"),
    [
        ("change, 10", "change, 11"), ("share, 30", "share, 29"), ("age, 18", "age, 19"), ("days, 30", "days, 31"),
        ("run, 20", "run, 21"), ("total, 1000", "total, 1001"), ("size, 3", "size, 4"), ("weight, 50", "weight, 51"),
    ],
)  # fmt: skip
def test_each_number_that_follows_from_others_can_be_reached(tmp_path: Path, limit: str, next_one: str) -> None:
    rules = RULES.replace("share, 30", "share, 95")  # what has become less by a tenth is no less than so much
    one, other = written(tmp_path / "x", rules), written(tmp_path / "y", rules.replace(limit, next_one))
    if limit.startswith("share"):
        one, other = other, written(tmp_path / "z", rules.replace("share, 95", "share, 89"))
    found = find_witness(one, other, change=("approved", "denied"))
    assert found.record is not None
    assert (one.decide(found.record), other.decide(found.record)) == ("approved", "denied")


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
            if field is None:
                assert declaration.list_of(term) is not None, term  # that there is an entry
                continue
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
