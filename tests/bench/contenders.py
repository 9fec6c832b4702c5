"""Who is measured: the policy by hand, this project, and other engines from the package registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
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
IN_A_BLOCK = "in a block"
_BY_HAND, _PROJECT, _PEER = "by hand", "this project", "peer"
_FEW, _FEWER = 0.2, 0.05
"""Shares of the records for who takes long."""


def samples(policy: Policy, seed: str, count: int) -> list[Sample]:
    """So many random records of 0 to 6 therapies; the same seed gives the same ones."""
    drawn = (random_record(Random(f"{seed}/{number}"), THERAPIES) for number in range(count))
    return samples_of(policy, [data | {"case_id": f"{seed}-{number}"} for number, data in enumerate(drawn)])


def samples_of(policy: Policy, records: Iterable[dict[str, Any]]) -> list[Sample]:
    """Records in all the forms in which contenders are given them."""
    by_hand, found = Handwritten(policy), []
    for number, data in enumerate(records):
        record = policy.record(data)
        found.append(Sample(number, data, record, inputs.inputs_of(by_hand, record), by_hand.decide(record.data)))
    return found


def left_out() -> list[str]:
    """The packages of other engines that are not installed."""
    return [package for module, package in PEERS.items() if find_spec(module) is None]


def sections() -> list[Section]:
    """All that is compared, section by section.

    Each contender of this project has a policy of its own: none finds prepared what another one has judged.
    """
    load, by_solver = Policy.load, partial(Policy.load, by_solver=True)
    by_hand = Contender("by hand, the decision", _BY_HAND, _each(Handwritten(load()).decide), _data, _decision)
    of_inputs = Contender("by hand, the decision", _BY_HAND, _each(inputs.decide), _inputs, _decision)
    decisions = (
        Contender("by hand, every status (tests/by_hand.py)", _BY_HAND, _each(_with_statuses), _json, _decision, _FEW),
        Contender(IN_A_BLOCK, _PROJECT, load().decide_all, _record, _decision),
        Contender("one by one", _PROJECT, _each(load().decide), _record, _decision),
        Contender("one by one, by the solver", _PROJECT, _each(by_solver().decide), _record, _decision, _FEW),
    )
    verdicts = (
        Contender(IN_A_BLOCK, _PROJECT, load().judge_all, _record, _verdict),
        Contender("one by one", _PROJECT, _each(load().judge), _record, _verdict),
        Contender("one by one, by the solver", _PROJECT, _each(by_solver().judge), _record, _verdict, _FEW),
    )
    verdict = Contender("whole verdict, of the checked record", _PROJECT, _each(load().judge), _record, _sets, _FEW)
    return [
        Section(DECISION, by_hand, decisions),
        Section(VERDICT, by_hand, verdicts),
        Section("decision, of the table of inputs", of_inputs, tuple(_peers())),
        Section("explanation of a denial, of the table of inputs", of_inputs, (verdict, *_explaining()), "denied"),
    ]


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


def _explaining() -> Iterator[Contender]:
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
