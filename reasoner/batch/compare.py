"""A population judged by the rules before and after a change, block by block."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from facts.phrases import cut
from reasoner.analysis.diff import Revision
from reasoner.batch.blocks import verdicts
from reasoner.batch.errors import BatchError
from reasoner.batch.impact import Impact
from reasoner.batch.records import BLOCK, Block, Source, records_of
from reasoner.batch.run import Progress, silent
from reasoner.batch.workers import Work, results
from reasoner.suites.suite import SuiteCase, read_suite
from reasoner.verdict.policy import Policy

_MOST_SHOWN = 80
"""Characters of a case that are shown."""
Policies = tuple[Policy, Policy]
"""The rules before and after."""


def compare(
    policies: Policies, revision: Revision, name: str, found: Impact, jobs: int = 1, progress: Progress = silent
) -> None:
    """Count into `found` what a revision does to the records of a file, or of the cases of a suite.

    Where it fails, what was judged until then is counted. Raises BatchError and OSError, RecordError for a suite, and
    ValueError where standard input is closed.
    """
    with (
        _records(name, policies) as source,
        progress(source.total) as advance,
        closing(results(source.blocks, _comparing(policies), partial(_loaded, revision), jobs)) as blocks,
    ):
        for block, impact in blocks:
            found.merge(impact)
            advance(found.records, block.position)
            if block.broken is not None:
                raise BatchError(block.broken)


def _comparing(policies: Policies) -> Work[Impact]:
    return partial(_impact, policies)


def _loaded(revision: Revision) -> Work[Impact]:
    """What a worker does; it loads the policies for itself."""
    return _comparing(revision.policies())


def _impact(policies: Policies, block: Block) -> Impact:
    numbered = [(line, data) for line, data in enumerate(block.data(), block.number) if data is not None]
    before, after = (verdicts(policy, [data for _, data in numbered]) for policy in policies)
    found = Impact()
    for (line, _), *both in zip(numbered, before, after, strict=True):
        found.add(line, *both)
    return found


@contextmanager
def _records(name: str, policies: Policies) -> Iterator[Source]:
    if name.endswith((".yaml", ".yml")):
        lines = _of_suite(Path(name), policies)
        blocks = (
            Block(start + 1, lines[start : start + BLOCK], "", min(start + BLOCK, len(lines)))
            for start in range(0, len(lines), BLOCK)
        )
        yield Source(blocks, len(lines))
        return
    with records_of(name, [policy.declaration for policy in policies], BLOCK) as source:
        yield source


def _of_suite(path: Path, policies: Sequence[Policy]) -> list[bytes]:
    """The records of a suite, as lines. Raises RecordError with the line of a case that one of the policies refuses."""
    cases = read_suite(path)
    for case in cases:
        for policy in policies:
            case.record(policy)
    return [json.dumps({**case.data, "case_id": _named(case)}).encode() for case in cases]


def _named(case: SuiteCase) -> str:
    """A case by its place and its name: records of cases that extend each other have one identifier."""
    return cut(f"{case.path.name}:{case.line} {case.name}", _MOST_SHOWN)
