"""IP0369 in Z3: one formula for so many therapies and intolerances, built once, asked of one record after the other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import z3
from handwritten import INHIBITOR, STEROID, USES
from inputs import NO_AGE, Inputs


class Formula(NamedTuple):
    """When a record is in scope and approved, what could be supposed, and the solvers that are asked."""

    in_scope: Any
    approved: Any
    fixes: list[Any]
    """By fact: that it is supposed, though it is not on the record."""
    decider: Any
    """With nothing supposed."""
    repairer: Any


def decide(given: Inputs) -> str:
    """The decision."""
    formula = _formula(len(given["therapies"]), len(given["intolerances"]))
    solver = formula.decider
    solver.push()
    solver.add(*_recorded(given))
    if solver.check(formula.in_scope) == z3.unsat:
        found = "out_of_scope"
    else:
        found = "denied" if solver.check(formula.approved) == z3.unsat else "approved"
    solver.pop()
    return found


def smallest_repair(given: Inputs) -> int:
    """Of a denied record, the number of facts in a smallest set that leads to an approval.

    Sets that contradict the fewest facts which nobody can change come before any other, as in a verdict.
    """
    formula = _formula(len(given["therapies"]), len(given["intolerances"]))
    solver = formula.repairer
    solver.push()
    solver.add(*_recorded(given))
    for name in _contradicted(given):
        solver.add_soft(z3.Not(_fix(name)), 1, "no way")
    for fix in formula.fixes:
        solver.add_soft(z3.Not(fix), 1, "facts")
    assert solver.check() == z3.sat
    model = solver.model()
    solver.pop()
    return sum(z3.is_true(model[fix]) for fix in formula.fixes)


def _contradicted(given: Inputs) -> Iterator[str]:
    """The facts that the record contradicts and nobody can change."""
    for number, use in enumerate(USES, 1):
        if given["use"] not in ("", use):
            yield f"use {number}"
    if NO_AGE < given["age"] < 12:
        yield "old_enough"
    for name, terms in (("mandate", given["mandate"]), ("document", given["document"])):
        if terms == "excludes":
            yield f"{name} silent"


def _recorded(given: Inputs) -> list[Any]:
    """What the record says."""
    flags = {
        "reauthorization": given["reauthorization"],
        "employer": given["business"] == "employer",
        "severity_fits": given["severity_fits"],
        "type_fits": given["type_fits"],
        "sensitive_site": given["sensitive_site"],
        "specialist": given["specialist"],
        "dermatologist": given["dermatologist"],
        "response 1": given["response_1"],
        "response 2": given["response_2"],
    }
    for number, use in enumerate(USES, 1):
        flags[f"use {number}"] = given["use"] == use
    for name, terms in (("mandate", given["mandate"]), ("document", given["document"])):
        flags |= {f"{name} silent": terms == "silent", f"{name} covers": terms == "covers"}
    numbers = {"day": given["day"], "age": given["age"], "area": round(given["area"] * 100)}
    for at, therapy in enumerate(given["therapies"]):
        flags |= {
            f"steroid {at}": therapy["class_name"] == STEROID,
            f"inhibitor {at}": therapy["class_name"] == INHIBITOR,
            f"prescribed {at}": therapy["prescribed"],
            f"potent {at}": therapy["potent"],
            f"weak {at}": therapy["weak"],
            f"failed {at}": therapy["outcome"] == "failure",
            f"not tolerated {at}": therapy["outcome"] == "intolerance",
            f"documented {at}": therapy["documented"],
            f"no sample {at}": not therapy["sample"],
            f"barred {at}": therapy["barred"],
            f"ended {at}": not therapy["active"],
        }
        numbers |= {f"days {at}": therapy["days"], f"run {at}": therapy["run"]}
    for at, intolerance in enumerate(given["intolerances"]):
        flags |= {
            f"not for steroids {at}": intolerance["class_name"] == STEROID,
            f"not for inhibitors {at}": intolerance["class_name"] == INHIBITOR,
            f"refusal documented {at}": intolerance["documented"],
        }
    known = [_flag(name) if value else z3.Not(_flag(name)) for name, value in flags.items()]
    return known + [_number(name) == value for name, value in numbers.items()]


@cache
def _flag(name: str) -> Any:
    return z3.Bool(name)


@cache
def _number(name: str) -> Any:
    return z3.Int(name)


@cache
def _fix(name: str) -> Any:
    return z3.Bool(f"fix {name}")


@cache
def _formula(therapies: int, intolerances: int) -> Formula:
    fixes: dict[str, Any] = {}

    def holds(name: str, recorded: Any = None) -> Any:
        fixes[name] = _fix(name)
        return z3.Or(_flag(name) if recorded is None else recorded, fixes[name])

    old = _number("day") < 20241115

    def exhausted(class_name: str, at_least: Any) -> Any:
        """`at_least`: of a therapy, whether it is long enough."""
        ways = [holds(f"new {class_name}", False)]
        for at in range(therapies):
            evidence = z3.And(_flag(f"{class_name} {at}"), holds(f"documented {at}"), holds(f"no sample {at}"))
            failed = z3.And(_flag(f"prescribed {at}"), holds(f"failed {at}"), holds(f"applied {at}", at_least(at)))
            if class_name == "steroid":
                failed = z3.And(failed, holds(f"potent {at}"))
            ways.append(z3.And(evidence, z3.Or(failed, _flag(f"not tolerated {at}"))))
        ways += [
            z3.And(_flag(f"not for {class_name}s {at}"), holds(f"refusal documented {at}"))
            for at in range(intolerances)
        ]
        return z3.Or(*ways)

    def satisfied(number: int, most: int, *fits: str) -> Any:
        other = 3 - number
        if number == 1:
            steroid = exhausted("steroid", lambda at: _number(f"run {at}") >= z3.If(old, 14, 28))
            inhibitor = exhausted("inhibitor", lambda at: _number(f"run {at}") >= 42)
        else:
            steroid, inhibitor = (
                exhausted(class_name, lambda at: _number(f"days {at}") >= 84) for class_name in ("steroid", "inhibitor")
            )
        return z3.And(
            z3.Or(z3.And(_flag(f"use {number}"), z3.Not(_fix(f"use {other}"))), holds(f"use {number}", False)),
            holds("old_enough", _number("age") >= 12),
            holds(f"area {number}", _number("area") <= most),
            *(holds(name) for name in fits),
            z3.Or(z3.Not(_flag("reauthorization")), holds(f"response {number}")),
            z3.Or(steroid, holds("sensitive_site")),
            inhibitor,
        )

    necessary = z3.Or(
        satisfied(1, 2000, "severity_fits", "specialist"), satisfied(2, 1000, "type_fits", "dermatologist")
    )
    excluded = z3.Or(*(z3.And(_flag(f"barred {at}"), z3.Not(holds(f"ended {at}"))) for at in range(therapies)))
    approved = z3.Or(
        _flag("mandate covers"),
        z3.And(
            holds("mandate silent"),
            z3.Or(_flag("document covers"), z3.And(holds("document silent"), necessary, z3.Not(excluded))),
        ),
    )
    decider, repairer = z3.Solver(), z3.Optimize()
    decider.add(*(z3.Not(fix) for fix in fixes.values()))
    repairer.add(approved, z3.Not(z3.And(_fix("use 1"), _fix("use 2"))))
    repairer.add(*(z3.Implies(_flag(f"weak {at}"), z3.Not(_fix(f"potent {at}"))) for at in range(therapies)))
    in_scope = z3.Or(z3.Not(old), _flag("employer"))
    return Formula(in_scope, approved, list(fixes.values()), decider, repairer)
