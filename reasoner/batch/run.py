"""A batch from its beginning, or from where it was interrupted, to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from reasoner.batch.blocks import Explain, JudgedBlock, Settings, judge_block, levels
from reasoner.batch.errors import BatchError
from reasoner.batch.formats import format_of
from reasoner.batch.identity import content_key
from reasoner.batch.journal import Identity, Reached
from reasoner.batch.outputs import Outputs
from reasoner.batch.records import BLOCK, Block, records_of
from reasoner.batch.summary import Summary
from reasoner.batch.workers import Work, results
from reasoner.verdict.policy import Policy

_USUAL_LIMIT = 50
"""Minimal sets of a verdict; where more are listed, blocks are smaller, as verdicts are larger."""

Progress = Callable[[int | None], AbstractContextManager[Callable[[int, int], None]]]
"""Given the size of an input, what is called with the number of records done and how much of the input that was."""


class Batch(NamedTuple):
    """What is to be judged, and how."""

    source: str
    """The file of the records; "-" is standard input."""
    out: str
    """The file of the verdicts; "-" is standard output."""
    errors: str | None = None
    """The file of the records that are refused; without one they go to standard error."""
    rules: Path | None = None
    """The folder of the policy, which each worker loads."""
    limit: int = _USUAL_LIMIT
    explain: Explain = "all"
    jobs: int = 1
    resume: bool = False
    by_solver: bool = False
    cache: bool = True

    def policy(self) -> Policy:
        """Load the policy. Raises RulesError."""
        return Policy.load(self.rules, by_solver=self.by_solver, cache=self.cache)


def silent(total: int | None) -> AbstractContextManager[Callable[[int, int], None]]:
    """Progress that nobody is shown."""
    return nullcontext(lambda records, position: None)


def run(
    policy: Policy, batch: Batch, progress: Progress = silent, before_end: Callable[[Summary], None] = lambda _: None
) -> Summary:
    """Judge a batch; returns the counts. `before_end` is given them before the files are put in their places.

    Files appear whole, or not at all: until then what was judged stands beside them, and where anything fails or is
    interrupted it stays there. Raises BatchError and OSError; a note of the exception says what was kept.
    """
    settings = _settings(policy, batch)
    size = max(1, min(BLOCK, BLOCK * _USUAL_LIMIT // batch.limit))
    identity = Identity(content_key(policy), [*settings, size, batch.errors is not None])
    with (
        records_of(batch.source, [policy.declaration], size) as source,
        closing(Outputs(batch.out, batch.errors, settings)) as outputs,
    ):
        reached = outputs.begin(identity, batch.resume)
        counts = reached.counts
        here, in_a_worker = _judging(policy, settings), partial(_loaded, batch, settings)
        try:
            remaining = _remaining(source.blocks, reached, batch.source)
            with (
                progress(source.total) as advance,
                closing(results(remaining, here, in_a_worker, batch.jobs)) as blocks,
            ):
                advance(counts.records, 0)
                for block, judged in blocks:
                    outputs.write(block, judged)
                    counts.merge(judged.counts)
                    advance(counts.records, block.position)
                    if block.broken is not None:
                        raise BatchError(block.broken)
            before_end(counts)
            outputs.finish()
        except BaseException as error:
            outputs.keep(error, counts.records)
            raise
    return counts


def _judging(policy: Policy, settings: Settings) -> Work[JudgedBlock]:
    return partial(judge_block, policy, settings=settings)


def _loaded(batch: Batch, settings: Settings) -> Work[JudgedBlock]:
    """What a worker does; it loads the policy for itself."""
    return _judging(batch.policy(), settings)


def _settings(policy: Policy, batch: Batch) -> Settings:
    verdicts = format_of(batch.out)
    refused = "lines" if batch.errors is None else format_of(batch.errors)
    if refused == "parquet":
        raise BatchError(f"{batch.errors}: refused records are written as lines; give a name without .parquet")
    return Settings(batch.limit, batch.explain, verdicts, refused, levels(policy, batch.explain))


def _remaining(blocks: Iterator[Block], reached: Reached, name: str) -> Iterator[Block]:
    """The blocks that are not judged yet. Raises BatchError where those that are were others."""
    digest = ""
    for block in islice(blocks, reached.blocks):
        if block.broken is not None:
            raise BatchError(block.broken)
        digest = block.digest
    if digest != reached.digest:
        raise BatchError(f"{name}: not the records that were begun with; give these, or remove what is kept of them")
    yield from blocks
