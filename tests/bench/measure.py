"""Times of contenders, in turn, on records that none of them has seen before; a time counts where all agree."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple

from inputs import Inputs

from facts.model import Record

_BASE_RUNS = 5
"""Runs of the base beside each contender in a round; their median counts."""


class Sample(NamedTuple):
    """A record in the forms that contenders are given, each made before the time is taken."""

    number: int
    data: dict[str, Any]
    """As parsed JSON."""
    record: Record
    """Checked."""
    inputs: Inputs
    decision: str
    """By hand, to choose records of which there is something to explain."""


class Contender(NamedTuple):
    """Who is measured: on which part of the records, and what is given and asked."""

    name: str
    kind: str
    """"by hand", "this project" or "peer"."""
    run: Callable[[Sequence[Any]], Sequence[object]]
    """Takes the records of a round, each as `given`; returns what is found of each."""
    given: Callable[[Sample], Any]
    claims: Callable[[Any], Mapping[str, object]]
    """What a result says, by names: no two contenders may say something else under one name."""
    share: float = 1
    """Of the records of a round, how many it is given: who takes long is given fewer."""


class Section(NamedTuple):
    """Contenders that are given the same and asked the same, beside one that is the base of the ratios."""

    title: str
    base: Contender
    contenders: tuple[Contender, ...]
    only: str | None = None
    """The decision of the records that are asked about."""


class Measured(NamedTuple):
    """The times of a contender, by round."""

    section: str
    name: str
    kind: str
    records: int
    micros: tuple[float, ...]
    """Microseconds a record."""
    ratios: tuple[float, ...]
    """To the base on the records of the same round, in the same moment."""


class Disagreement(Exception):
    """Two contenders that say different things of a record."""


def measure(sections: Sequence[Section], warm: Sequence[Sample], rounds: Sequence[Sequence[Sample]]) -> list[Measured]:
    """Time all contenders, each round in another order. Raises Disagreement; no time counts then.

    `warm` are asked about before, untimed. Each record of a round is asked of each contender once.
    """
    lanes = [(section, one) for section in sections for one in (section.base, *section.contenders)]
    for section, one in lanes:
        one.run([one.given(sample) for sample in _asked(section, one, warm)])
    gc.collect()
    gc.freeze()  # what is only kept here for the comparison is nothing to collect while somebody is measured
    try:
        times = _times(lanes, rounds)
    finally:
        gc.unfreeze()
    return [
        Measured(
            section.title,
            one.name,
            one.kind,
            sum(each.records for each in own),
            tuple(each.seconds * 1e6 for each in own),
            tuple(each.seconds / each.base for each in own),
        )
        for section, one in lanes
        if (own := times.get((section.title, one.name)))
    ]


class _Round(NamedTuple):
    records: int
    seconds: float
    """For one record."""
    base: float
    """Seconds that the base takes for one record in the same moment."""


def _times(
    lanes: list[tuple[Section, Contender]], rounds: Sequence[Sequence[Sample]]
) -> dict[tuple[str, str], list[_Round]]:
    times: dict[tuple[str, str], list[_Round]] = {}
    claims: dict[tuple[str, int], tuple[str, object]] = {}
    for number, samples in enumerate(rounds):
        turn = number % len(lanes)
        for section, one in lanes[turn:] + lanes[:turn]:
            asked = _asked(section, one, samples)
            if not asked:
                continue
            seconds, found = _timed(one, asked)
            every = _asked(section, section.base, samples)
            base = median(_timed(section.base, every)[0] for _ in range(_BASE_RUNS))
            times.setdefault((section.title, one.name), []).append(
                _Round(len(asked), seconds / len(asked), base / len(every))
            )
            _compare(one, asked, found, claims)
    return times


def _asked(section: Section, one: Contender, samples: Sequence[Sample]) -> list[Sample]:
    fitting = [sample for sample in samples if section.only in (None, sample.decision)]
    return fitting[: max(1, round(len(fitting) * one.share))]


def _timed(one: Contender, samples: Iterable[Sample]) -> tuple[float, Sequence[object]]:
    given = [one.given(sample) for sample in samples]
    for each in given:
        repr(each)  # in the processor's cache, as it is when it was just parsed
    start = perf_counter()
    found = one.run(given)
    return perf_counter() - start, found


def _compare(
    one: Contender,
    samples: Sequence[Sample],
    found: Sequence[object],
    claims: dict[tuple[str, int], tuple[str, object]],
) -> None:
    for sample, result in zip(samples, found, strict=True):
        for name, value in one.claims(result).items():
            other, expected = claims.setdefault((name, sample.number), (one.name, value))
            if value != expected:
                raise Disagreement(
                    f"{sample.data['case_id']}: {one.name} says {name} {value}, {other} says {expected}\n{sample.data}"
                )


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The 5th and the 95th percentile."""
    if len(values) < 2:
        return values[0], values[0]
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[0], cuts[-1]
