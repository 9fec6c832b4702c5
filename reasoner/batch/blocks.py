"""The judging of a block of records, as a worker does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, TypeVar

from facts.case import Case
from facts.errors import Fault, RecordError
from reasoner.batch.formats import Format
from reasoner.batch.records import Block
from reasoner.batch.summary import Summary
from reasoner.batch.verdicts import Brief, compressed, encoded
from reasoner.verdict.model import Verdict
from reasoner.verdict.policy import Policy

Explain = Literal["all", "denials", "none"]
T = TypeVar("T")


class Settings(NamedTuple):
    """How records are judged, and in which form verdicts and refused records are written."""

    limit: int
    """Minimal sets listed in a verdict, at most."""
    explain: Explain
    """Which verdicts are whole; of the others only the decision is written."""
    verdicts: Format
    refused: Format
    levels: int
    """Levels of items in a verdict; 0, where none is whole."""


def levels(policy: Policy, explain: Explain) -> int:
    """How many items stand below each other in a verdict, at most; 0, where none is whole."""

    def depth(item: str) -> int:
        return 1 + depth(policy.items[item].parent) if item in policy.items else 0

    return 0 if explain == "none" else max(map(depth, policy.items), default=1)


class JudgedBlock(NamedTuple):
    """The verdicts and the refused records of a block as bytes to write, and the counts of both."""

    verdicts: bytes
    refused: bytes
    counts: Summary


def judge_block(policy: Policy, block: Block, settings: Settings) -> JudgedBlock:
    """Judge each record of a block, or refuse it with its faults."""
    numbered = [(number, data) for number, data in enumerate(block.data(), block.number) if data is not None]
    results = judged(policy, (data for _, data in numbered), settings)
    verdicts, refused, counts = list[Verdict | Brief](), list[str](), Summary()
    for (number, _), result in zip(numbered, results, strict=True):
        counts.add(result)
        if isinstance(result, RecordError):
            refused.append(_refusal(number, result))
        else:
            verdicts.append(result)
    return JudgedBlock(
        encoded(verdicts, settings.verdicts, settings.levels) if verdicts else b"",
        compressed("".join(refused).encode(), settings.refused) if refused else b"",
        counts,
    )


def judged(policy: Policy, records: Iterable[object], settings: Settings) -> list[Verdict | Brief | RecordError]:
    """What the policy says of each record's data; RecordError where it is refused, or is one already."""
    results: dict[int, Verdict | Brief | RecordError] = {}
    cases: dict[int, Case] = {}
    for place, data in enumerate(records):
        case = _case(policy, data)
        if isinstance(case, RecordError):
            results[place] = case
        else:
            cases[place] = case
    if settings.explain != "all":
        decisions = dict(zip(cases, _of_each(policy.decide_all, [*cases.values()]), strict=True))
        for place, decision in decisions.items():
            brief = decision if isinstance(decision, RecordError) else Brief(cases[place].case_id, decision)
            results[place] = brief
            if settings.explain == "none" or decision != "denied":
                del cases[place]
    verdicts = _of_each(lambda some: policy.judge_all(some, settings.limit), [*cases.values()])
    results |= zip(cases, verdicts, strict=True)
    return [results[place] for place in sorted(results)]


def _of_each(ask: Callable[[Sequence[Case]], Sequence[T]], cases: Sequence[Case]) -> list[T | RecordError]:
    """What is said of all the cases at once; of each alone, where one of them is too much for Python."""
    try:
        return [*ask(cases)]
    except (RecursionError, MemoryError):
        if len(cases) == 1:
            return [_too_much()]
    return [found for case in cases for found in _of_each(ask, [case])]


def _case(policy: Policy, data: object) -> Case | RecordError:
    try:
        return data if isinstance(data, RecordError) else policy.case(policy.record(data))
    except RecordError as error:
        return error
    except (RecursionError, MemoryError):
        return _too_much()


def _too_much() -> RecordError:
    return RecordError((Fault("", "too large, or nested too deep"),))


def _refusal(number: int, error: RecordError) -> str:
    """A line for a record that is refused; in ASCII: it can be bound for a terminal."""
    faults = [{"path": fault.path, "message": fault.message} for fault in error.faults]
    return json.dumps({"line": number, "faults": faults}) + "\n"
