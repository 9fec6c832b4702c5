"""How the cost grows: with the records of a batch, the therapies of a record, the policies that it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import NamedTuple

import processes
from generate import random_record

from facts.model import Record
from reasoner import Policy

THERAPIES = (0, 1, 2, 5, 10, 20, 50, 100)
POLICIES = (1, 2, 5, 10, 20)
_RECORDS = 20
"""Records for each number of therapies, and of policies."""
_LEAST = 100


class Point(NamedTuple):
    """What one size costs."""

    size: int
    value: float


class Curve(NamedTuple):
    """What is measured over sizes."""

    name: str
    sizes: str
    """What is counted."""
    unit: str
    points: tuple[Point, ...]

    def at(self, size: int) -> float | None:
        """The value at a size, if it was measured."""
        return next((point.value for point in self.points if point.size == size), None)


def of_records(folder: Path, most: int, therapies: int) -> Iterator[Curve]:
    """Batches of 100 records and ten times as many each time: seconds, and megabytes at most, on one core."""
    seconds, megabytes, count = [], [], _LEAST
    while count <= most:
        file = processes.write_records(folder / "curve.ndjson", "curve", count, therapies)
        used = processes.run(processes.batch(file, "all", 1))
        file.unlink()
        seconds.append(Point(count, used.seconds))
        megabytes.append(Point(count, used.megabytes))
        count *= 10
    yield Curve("batch, explained", "records", "s", tuple(seconds))
    yield Curve("memory of the batch", "records", "MB", tuple(megabytes))


def of_therapies(policy: Policy) -> Iterator[Curve]:
    """A whole verdict of records with so many therapies, median; and the first one of each size, which prepares it."""
    records = {size: [_with_therapies(policy, size, number) for number in range(_RECORDS + 1)] for size in THERAPIES}
    first = [Point(size, _milliseconds(policy.judge, own[0])) for size, own in records.items()]
    times: dict[int, list[float]] = {size: [] for size in records}
    for number in range(1, _RECORDS + 1):
        for size, own in records.items():
            times[size].append(_milliseconds(policy.judge, own[number]))
    yield Curve("verdict", "therapies", "ms", tuple(Point(size, median(own)) for size, own in times.items()))
    yield Curve("first verdict of its size", "therapies", "ms", tuple(first))


def of_policies(therapies: int) -> Iterator[Curve]:
    """One record decided and judged by so many policies: the same folder, loaded so many times."""
    policies = [Policy.load() for _ in range(max(POLICIES))]
    for policy in policies:
        for number in range(_RECORDS):
            policy.judge(random_record(Random(f"prepared/{number}"), therapies))
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(_RECORDS):
        for size in POLICIES:
            record = policies[0].record(random_record(Random(f"policies/{size}/{number}"), therapies))
            decided = sum(_milliseconds(policy.decide, record) for policy in policies[:size])
            judged = sum(_milliseconds(policy.judge, record) for policy in policies[:size])
            times.setdefault(("decision", size), []).append(decided)
            times.setdefault(("verdict", size), []).append(judged)
    for name in ("decision", "verdict"):
        points = (Point(size, median(times[name, size])) for size in POLICIES)
        yield Curve(f"{name} by each policy", "policies", "ms", tuple(points))


def _with_therapies(policy: Policy, size: int, number: int) -> Record:
    """A random record with just so many therapies."""
    random = Random(f"therapies/{size}/{number}")
    while True:
        data = random_record(random, size)
        if len(data["therapies"]) == size:
            return policy.record(data)


def _milliseconds(ask: Callable[[Record], object], record: Record) -> float:
    start = perf_counter()
    ask(record)
    return (perf_counter() - start) * 1000
