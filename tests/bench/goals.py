"""What is to be reached, as ratios of one run, beside what was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import processes
from contenders import DECISION, IN_A_BLOCK, VERDICT
from curves import Curve
from measure import Measured
from processes import Batches


class Goal(NamedTuple):
    """A row of the table."""

    work: str
    limit: float
    """The ratio that the median is not to be above."""
    ratios: tuple[float, ...]
    """What was measured; empty where it was not."""
    at_least: bool = False
    """The ratio is not to be below the limit instead."""

    @property
    def shown(self) -> str:
        """The goal, for a table."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    @property
    def is_reached(self) -> bool:
        """Whether the median keeps to the limit."""
        reached = median(self.ratios)
        return reached >= self.limit if self.at_least else reached <= self.limit


def goals(
    measured: Sequence[Measured],
    batches: Sequence[Batches],
    starts: dict[str, list[float]],
    curves: Sequence[Curve],
) -> list[Goal]:
    """The rows, those that were not measured among them."""
    return [
        Goal("decision in a block, beside by hand", 1, _in_a_block(measured, DECISION)),
        Goal("whole verdict, beside the decision by hand", 8, _in_a_block(measured, VERDICT)),
        Goal("batch, explained, beside by hand", 6, _batch(batches, processes.EXPLAINED)),
        Goal("batch, decisions alone, beside by hand", 1.5, _batch(batches, processes.DECIDED)),
        Goal("batch, explained, speed on two cores beside one", 1.8, _two_cores(batches), at_least=True),
        Goal("reasoner decide, beside importing its libraries", 1.3, _cold(starts)),
        Goal("whole verdict, 100 therapies beside 10", 10, tuple(_beside(curves, "verdict", 100, 10))),
        Goal(
            "memory of a batch, 10⁶ records beside 10⁴",
            1.1,
            tuple(_beside(curves, "memory of the batch", 10**6, 10**4)),
        ),
    ]


def _in_a_block(measured: Sequence[Measured], section: str) -> tuple[float, ...]:
    return next((one.ratios for one in measured if (one.section, one.name) == (section, IN_A_BLOCK)), ())


def _batch(batches: Sequence[Batches], name: str) -> tuple[float, ...]:
    return next((one.ratios for one in batches if one.name == name), ())


def _two_cores(batches: Sequence[Batches]) -> tuple[float, ...]:
    times = {one.name: one.micros for one in batches}
    pairs = zip(times.get(processes.EXPLAINED, ()), times.get(processes.ON_TWO, ()), strict=True)
    return tuple(one / two for one, two in pairs)


def _cold(starts: dict[str, list[float]]) -> tuple[float, ...]:
    return tuple(
        cold / imports for cold, imports in zip(starts[processes.COLD], starts[processes.IMPORTS], strict=True)
    )


def _beside(curves: Sequence[Curve], name: str, size: int, other: int) -> Iterator[float]:
    for curve in curves:
        more, fewer = curve.at(size), curve.at(other)
        if curve.name == name and more is not None and fewer is not None:
            yield more / fewer
