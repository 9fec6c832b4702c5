"""The judging of a block of records, as a worker does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from facts.errors import Fault, RecordError
from reasoner.batch.formats import Format
from reasoner.batch.records import Block
from reasoner.batch.summary import Summary
from reasoner.batch.verdicts import Brief, compressed, encoded
from reasoner.verdict.model import Verdict
from reasoner.verdict.policy import Policy

Explain = Literal["all", "denials", "none"]


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


def judged(policy: Policy, records: Iterable[object], settings: Settings) -> Iterator[Verdict | Brief | RecordError]:
    """What the policy says of each record's data; RecordError where it is refused, or is one already."""
    for data in records:
        try:
            yield _judged(policy, data, settings)
        except RecordError as error:
            yield error
        except (RecursionError, MemoryError):
            yield RecordError((Fault("", "too large, or nested too deep"),))


def _judged(policy: Policy, data: object, settings: Settings) -> Verdict | Brief:
    if isinstance(data, RecordError):
        raise data
    record = policy.record(data)
    if settings.explain != "all":
        brief = Brief(record.case_id, policy.decide(record))
        if settings.explain == "none" or brief.decision != "denied":
            return brief
    return policy.judge(record, settings.limit)


def _refusal(number: int, error: RecordError) -> str:
    """A line for a record that is refused; in ASCII: it can be bound for a terminal."""
    faults = [{"path": fault.path, "message": fault.message} for fault in error.faults]
    return json.dumps({"line": number, "faults": faults}) + "\n"
