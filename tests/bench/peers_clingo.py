"""IP0369 in plain clingo, with a new Control for each record; and all its minimal repairs by clingexplaid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clingo import Control, Function
from inputs import Inputs

_POLICY, _REPAIR = ((Path(__file__).parent / "peers" / name).read_text("utf-8") for name in ("ip0369.lp", "repair.lp"))
_OF_RECORD = (
    "day", "business", "use", "age", "mandate", "document", "reauthorization", "severity_fits", "type_fits",
    "sensitive_site", "specialist", "dermatologist", "response_1", "response_2",
)  # fmt: skip


def decide(given: Inputs) -> str:
    """The decision."""
    control = Control(["--warn=none"])
    control.add("base", [], f"{_POLICY}\n{facts(given)}")
    control.ground([("base", [])])
    return next(
        str(atom.symbol.arguments[0]) for atom in control.symbolic_atoms.by_signature("decision", 1) if atom.is_fact
    )


def repairs(given: Inputs) -> set[frozenset[str]]:
    """Of a denied record, every subset-minimal set of facts that leads to an approval.

    Where some contradict more facts that nobody can change than others do, they are left out, as in a verdict.
    """
    from clingexplaid.unsat import SubsetComputer
    from clingexplaid.unsat.sets import MaximalSatisfiableSubset

    control = Control(["--warn=none"])
    control.add("base", [], f"{_POLICY}\n{_REPAIR}\n{facts(given)}")
    control.ground([("base", [])])
    fixes, no_way = (
        [atom.symbol.arguments[0] for atom in control.symbolic_atoms.by_signature(name, 1)]
        for name in ("fix", "no_way")
    )
    computer = SubsetComputer(control, [(Function("fix", [fact]), False) for fact in fixes])
    kept = computer.multiple(types={MaximalSatisfiableSubset})
    found = {frozenset(fixes).difference(fix.arguments[0] for fix, _ in one.iter_symbols()) for one in kept}
    least = min(len(facts.intersection(no_way)) for facts in found)
    return {frozenset(map(str, facts)) for facts in found if len(facts.intersection(no_way)) == least}


def facts(given: Inputs) -> str:
    """The inputs as facts."""
    return "\n".join(_facts(given))


def _facts(given: Inputs) -> Iterator[str]:
    values: dict[str, object] = {**given}
    for name in _OF_RECORD:
        yield f"given({name},{_constant(values[name])})."
    yield f"given(area,{round(given['area'] * 100)})."
    for at, therapy in enumerate(given["therapies"]):
        yield f"therapy({at},{_constant(therapy['class_name'])}). outcome({at},{_constant(therapy['outcome'])})."
        yield f"length({at},days,{therapy['days']}). length({at},run,{therapy['run']})."
        yield from (f"is({at},{name})." for name, value in therapy.items() if value is True)
    for at, intolerance in enumerate(given["intolerances"]):
        yield f"intolerance(e({at}),{_constant(intolerance['class_name'])})."
        if intolerance["documented"]:
            yield f"is(e({at}),documented)."


def _constant(value: object) -> str:
    """A value as a term; texts of people are only ever other ones than those that the policy names."""
    if isinstance(value, str):
        return value if value.isidentifier() else "other" if value else "none"
    return str(value).lower()
