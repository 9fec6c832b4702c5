"""What is asked of a policy in the body of a request, beside a record: scenarios, and ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from facts.errors import Fault, RecordError
from facts.model import Record
from facts.symbols import read_fact
from facts.terms import Fact
from reasoner.verdict.policy import Policy
from reasoner.whatif.ask import next_question
from reasoner.whatif.scenario import Scenario, compare
from reasoner.whatif.scenario_file import patch_of
from reasoner.whatif.sweep import decimals_of, sweep, values

T = TypeVar("T")
_SUPPOSED = ("assume", "withdraw")
_MOST_SCENARIOS = 100


def what_if(policy: Policy, data: object, limit: int) -> Any:
    """`record`, and `scenarios`: by name a JSON Patch, or an object with `set`, `remove`, `assume` and `withdraw`.

    Of one scenario its comparison, of several a list of them, as `reasoner what-if --json` has it. Raises RecordError.
    """
    asked = members(data, {"record": dict, "scenarios": dict})
    record = _record(policy, asked)
    written = at_place("record", lambda: policy.case(record).written)
    if not asked["scenarios"]:
        raise _fault("scenarios", "nothing is different: name a scenario")
    if len(asked["scenarios"]) > _MOST_SCENARIOS:
        raise _fault("scenarios", f"more than {_MOST_SCENARIOS}: send the others by themselves")
    scenarios = [_scenario(name, change, written) for name, change in asked["scenarios"].items()]
    try:
        found = [comparison.as_dict() for comparison in compare(policy, record, scenarios, limit)]
    except RecordError as error:  # its paths are of the changed record
        raise RecordError(tuple(Fault(error.source or "", str(fault)) for fault in error.faults)) from None
    return found[0] if len(found) == 1 else found


def _scenario(name: str, change: object, written: Mapping[str, Any]) -> Scenario:
    place = f"scenarios.{name}"
    return at_place(place, lambda: _change(name, change, written, place))


def _change(name: str, change: object, written: Mapping[str, Any], place: str) -> Scenario:
    if not isinstance(change, dict):
        return Scenario(name, tuple(patch_of(change, written)), source=place)
    rest = {key: value for key, value in change.items() if key not in _SUPPOSED}
    patch = patch_of(rest, written) if rest or not change else []
    assumed, withdrawn = (_facts(change.get(key, []), key) for key in _SUPPOSED)
    return Scenario(name, tuple(patch), assumed, withdrawn, place)


def _facts(texts: object, member: str) -> tuple[Fact, ...]:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _fault(member, "a list of facts, as `reasoner facts` prints them")
    try:
        return tuple(map(read_fact, texts))
    except ValueError as error:
        raise _fault(member, str(error)) from None


def next_to_ask(policy: Policy, data: object) -> Any:
    """`record`, and `declined`, if there are any: questions that cannot be answered. Raises RecordError."""
    asked = members(data, {"record": dict}, {"declined": list})
    found, question = next_question(policy, _record(policy, asked), declined_of(asked))
    return {"decision": found.decision, "question": question.as_dict() if question is not None else None}


def declined_of(asked: Mapping[str, Any]) -> list[str]:
    """The keys of questions that cannot be answered. Raises RecordError."""
    declined: list[Any] = asked.get("declined", [])
    if not all(isinstance(key, str) for key in declined):
        raise _fault("declined", "a list of texts is needed: the path of each question, or its fact where it has none")
    return declined


def along(policy: Policy, data: object) -> Any:
    """`record`, and `over`: a path and its range, as in disease.bsa_percent=0..100; a `step` if wanted.

    Raises RecordError.
    """
    asked = members(data, {"record": dict, "over": str}, {"step": str})
    path, equals, span = asked["over"].partition("=")
    try:
        decimals = decimals_of(policy, path.strip())
        found = values(span if equals else asked["over"], asked.get("step"), decimals)
    except ValueError as error:
        raise _fault("over", str(error)) from None
    record = _record(policy, asked)
    return [interval.as_dict() for interval in sweep(policy, record, path.strip(), found)]


def _record(policy: Policy, asked: Mapping[str, Any]) -> Record:
    return at_place("record", lambda: policy.record(asked["record"]))


def members(data: object, needed: Mapping[str, type], others: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The members of a body, of the types that they are to have. Raises RecordError."""
    known = {**needed, **(others or {})}
    if not isinstance(data, dict):
        raise _fault("", f"an object with {', '.join(needed)} is needed")
    faults = [Fault(name, f"no member of this request; there are: {', '.join(known)}") for name in data.keys() - known]
    faults += [Fault(name, "missing") for name in needed if name not in data]
    faults += [
        Fault(name, f"{_KINDS[kind]} is needed")
        for name, kind in known.items()
        if not isinstance(data.get(name, kind()), kind)
    ]
    if faults:
        raise RecordError(tuple(sorted(faults)))
    return data


_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}


def at_place(place: str, work: Callable[[], T]) -> T:
    """What comes of work on a part of the body; what is wrong with it is named with its place there."""
    try:
        return work()
    except RecordError as error:
        faults = (Fault(f"{place}.{fault.path}" if fault.path else place, fault.message) for fault in error.faults)
        raise RecordError(tuple(faults)) from None


def _fault(path: str, message: str) -> RecordError:
    return RecordError((Fault(path, message),))
