"""The judging of a block of records, as a worker does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
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
            refused.append(refusal(number, result))
        else:
            verdicts.append(result)
    return JudgedBlock(
        encoded(verdicts, settings.verdicts, settings.levels) if verdicts else b"",
        compressed("".join(refused).encode(), settings.refused) if refused else b"",
        counts,
    )


def judged(policy: Policy, records: Iterable[object], settings: Settings) -> list[Verdict | Brief | RecordError]:
    """What the policy says of each record's data; RecordError where it is refused, or is one already."""
    cases = [_case(policy, data) for data in records]

    def whole(some: Sequence[Case | RecordError]) -> list[Verdict | RecordError]:
        return _answers(some, lambda cases: policy.judge_all(cases, settings.limit))

    if settings.explain == "all":
        return [*whole(cases)]
    decided = [*zip(cases, _answers(cases, policy.decide_all), strict=True)]
    is_whole = [settings.explain == "denials" and decision == "denied" for _, decision in decided]
    verdicts = iter(whole([*compress(cases, is_whole)]))
    return [next(verdicts) if own else _brief(*one) for one, own in zip(decided, is_whole, strict=True)]


def verdicts(policy: Policy, records: Iterable[object]) -> list[Verdict | RecordError]:
    """The whole verdict of each record's data; RecordError where it is refused, or is one already."""
    return _answers([_case(policy, data) for data in records], policy.judge_all)


def _brief(case: Case | RecordError, decision: str | RecordError) -> Brief | RecordError:
    if isinstance(case, RecordError):
        return case
    return decision if isinstance(decision, RecordError) else Brief(case.case_id, decision)


def _answers(
    cases: Sequence[Case | RecordError], ask: Callable[[Sequence[Case]], Sequence[T]]
) -> list[T | RecordError]:
    """What is said of each case, asked of all at once; what is refused stays as it is."""
    answers = iter(_of_each(ask, [case for case in cases if not isinstance(case, RecordError)]))
    return [case if isinstance(case, RecordError) else next(answers) for case in cases]


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


def refusal(number: int, error: RecordError) -> str:
    """A line for a record that is refused; in ASCII: it can be bound for a terminal."""
    faults = [{"path": fault.path, "message": fault.message} for fault in error.faults]
    return json.dumps({"line": number, "faults": faults}) + "\n"
