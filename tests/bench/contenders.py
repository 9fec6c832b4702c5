"""Who is measured: the policy by hand, this project, and other engines from the package registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from inspect import signature
from random import Random
from typing import Any

import inputs
import peers_clingo
from by_hand import ByHand
from generate import random_record
from handwritten import Handwritten
from measure import Contender, Sample, Section

from facts.model import Record
from reasoner import Policy, Verdict

PEERS = {"zen": "zen-engine", "regopy": "regopy", "z3": "z3-solver", "clingexplaid": "clingexplaid"}
"""Modules of other engines, and the packages that bring them."""
THERAPIES = 6
DECISION, VERDICT = "decision, of a checked record", "whole verdict, of a checked record"
IN_A_BLOCK, ONE_BY_ONE = "in a block", "one by one"
_BY_HAND, _PROJECT, _PEER = "by hand", "this project", "peer"
_FEW, _FEWER = 0.2, 0.05
"""Shares of the records for who takes long."""


def samples(policy: Policy, seed: str, count: int) -> list[Sample]:
    """So many random records of 0 to 6 therapies; the same seed gives the same ones."""
    by_hand = Handwritten(policy)
    found = []
    for number in range(count):
        data = random_record(Random(f"{seed}/{number}"), THERAPIES) | {"case_id": f"{seed}-{number}"}
        record = policy.record(data)
        found.append(Sample(number, data, record, inputs.inputs_of(by_hand, record), by_hand.decide(record.data)))
    return found


def left_out() -> list[str]:
    """The packages of other engines that are not installed."""
    return [package for module, package in PEERS.items() if find_spec(module) is None]


def sections(policy: Policy) -> list[Section]:
    """All that is compared, section by section."""
    by_hand = Contender("by hand, the decision", _BY_HAND, _each(Handwritten(policy).decide), _data, _decision)
    of_inputs = Contender("by hand, the decision", _BY_HAND, _each(inputs.decide), _inputs, _decision)
    solver = _by_solver()
    return [
        Section(DECISION, by_hand, (*_decisions(policy), *_decisions_by_solver(solver))),
        Section(VERDICT, by_hand, (*_verdicts(policy), *_verdicts_by_solver(solver))),
        Section("decision, of the table of inputs", of_inputs, tuple(_peers())),
        Section("explanation of a denial, of the table of inputs", of_inputs, tuple(_explaining(policy)), "denied"),
    ]


def _by_solver() -> Policy | None:
    """The policy with everything left to the solver."""
    load: Any = Policy.load
    return load(by_solver=True) if "by_solver" in signature(load).parameters else None


def _decisions(policy: Policy) -> Iterator[Contender]:
    yield Contender("by hand, every status (tests/by_hand.py)", _BY_HAND, _each(_with_statuses), _json, _decision, _FEW)
    if block := _block(policy, "decide_all"):
        yield Contender(IN_A_BLOCK, _PROJECT, block, _record, _decision)
    yield Contender(ONE_BY_ONE, _PROJECT, _each(policy.decide), _record, _decision)


def _decisions_by_solver(policy: Policy | None) -> Iterator[Contender]:
    if policy is not None:
        yield Contender("one by one, by the solver", _PROJECT, _each(policy.decide), _record, _decision, _FEW)


def _verdicts(policy: Policy) -> Iterator[Contender]:
    if block := _block(policy, "judge_all"):
        yield Contender(IN_A_BLOCK, _PROJECT, block, _record, _verdict)
    yield Contender(ONE_BY_ONE, _PROJECT, _each(policy.judge), _record, _verdict)


def _verdicts_by_solver(policy: Policy | None) -> Iterator[Contender]:
    if policy is not None:
        yield Contender("one by one, by the solver", _PROJECT, _each(policy.judge), _record, _verdict, _FEW)


def _peers() -> Iterator[Contender]:
    if find_spec("zen"):
        import peers_zen

        yield Contender("GoRules ZEN, decision table", _PEER, _each(peers_zen.decider()), _inputs, _decision, _FEW)
    if find_spec("regopy"):
        import peers_rego

        yield Contender("Rego, regopy's bundle", _PEER, _each(peers_rego.decider()), _inputs, _decision, _FEW)
    if find_spec("z3"):
        import peers_z3

        yield Contender("Z3, a long-lived solver", _PEER, _each(peers_z3.decide), _inputs, _decision, _FEWER)
    yield Contender("clingo, a new Control", _PEER, _each(peers_clingo.decide), _inputs, _decision, _FEWER)


def _explaining(policy: Policy) -> Iterator[Contender]:
    yield Contender("whole verdict, of the checked record", _PROJECT, _each(policy.judge), _record, _sets, _FEW)
    if find_spec("z3"):
        import peers_z3

        yield Contender(
            "Z3 Optimize, one smallest set", _PEER, _each(peers_z3.smallest_repair), _inputs, _smallest, _FEWER
        )
    if find_spec("clingexplaid"):
        yield Contender(
            "clingexplaid, all minimal sets", _PEER, _each(peers_clingo.repairs), _inputs, _all_sets, _FEWER
        )


# ── What is given, asked and claimed ─────────────────────────────────────────────────────────────


def _each(ask: Callable[[Any], Any]) -> Callable[[Sequence[Any]], list[Any]]:
    return lambda given: [ask(one) for one in given]


def _block(policy: Policy, name: str) -> Callable[[Sequence[Any]], list[Any]] | None:
    ask = getattr(policy, name, None)
    return None if ask is None else lambda given: list(ask(given))


def _with_statuses(data: dict[str, Any]) -> str:
    return ByHand(data).decision()


def _record(sample: Sample) -> Record:
    return sample.record


def _data(sample: Sample) -> dict[str, Any]:
    return sample.record.data


def _json(sample: Sample) -> dict[str, Any]:
    return sample.data


def _inputs(sample: Sample) -> inputs.Inputs:
    return sample.inputs


def _decision(found: str) -> dict[str, object]:
    return {"decision": found}


def _verdict(found: Verdict) -> dict[str, object]:
    return {"decision": found.decision, "verdict": found.to_json()}


def _sets(found: Verdict) -> dict[str, object]:
    explanation = found.explanation
    assert explanation is not None
    return {"facts needed": len(explanation.minimal_sets[0].facts), "minimal sets": explanation.total}


def _smallest(found: int) -> dict[str, object]:
    return {"facts needed": found}


def _all_sets(found: set[frozenset[str]]) -> dict[str, object]:
    return {"facts needed": min(map(len, found)), "minimal sets": len(found)}
