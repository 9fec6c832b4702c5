"""Whole processes: batches of records, and how long it takes until the first decision is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from generate import random_record

_HERE = Path(__file__).parent
_EXAMPLE = _HERE.parents[1] / "facts" / "examples" / "interface.json"
_Command = list[str | Path]
_REASONER: _Command = [sys.executable, "-m", "reasoner"]
IMPORTS, COLD = "importing clingo and pydantic's BaseModel", "reasoner decide, of one record"
BY_HAND = "by hand: parse, decide, print"
EXPLAINED, DECIDED, ON_TWO = "batch, explained", "batch, decisions alone", "batch, explained, two cores"


class Used(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float
    """At its largest; of several processes, of the largest one."""


class Batches(NamedTuple):
    """The times of a batch by run: what a further record takes, without start and end."""

    name: str
    records: int
    micros: tuple[float, ...]
    ratios: tuple[float, ...]
    """To the same records by hand."""


def run(command: _Command) -> Used:
    """Run a process to its end. Raises CalledProcessError where it fails."""
    launched = [sys.executable, _HERE / "launch.py", *command]
    done = subprocess.run(launched, check=True, capture_output=True, text=True)
    return Used(**json.loads(done.stdout))


def write_records(file: Path, seed: str, count: int, therapies: int) -> Path:
    """A file of so many random records; they are made one by one, so that a large file needs no memory."""
    with open(file, "w", encoding="utf-8") as lines:
        for number in range(count):
            record = random_record(Random(f"{seed}/{number}"), therapies) | {"case_id": f"{seed}-{number}"}
            lines.write(json.dumps(record) + "\n")
    return file


def batch(records: Path, explain: str, jobs: int) -> _Command:
    """The command that judges a file of records."""
    return [*_REASONER, "batch", records, "--out", os.devnull, "--explain", explain, "--jobs", str(jobs)]


def batches(folder: Path, records: int, therapies: int, runs: int) -> list[Batches]:
    """Batches in turn, each beside the records by hand: what a record takes more from half of them to all.

    Who takes less for a record is given more of them, so that they take long beside the start of a process. A run in
    which that start varied by more than the records took says nothing, and is left out.
    """
    commands: dict[str, tuple[int, Callable[[Path], _Command]]] = {
        BY_HAND: (20, lambda file: [sys.executable, _HERE / "handwritten.py", file]),
        EXPLAINED: (1, partial(batch, explain="all", jobs=1)),
        DECIDED: (10, partial(batch, explain="none", jobs=1)),
        ON_TWO: (1, partial(batch, explain="all", jobs=2)),
    }
    counts = {records * more // part for more, _ in commands.values() for part in (1, 2)}
    files = {count: write_records(folder / f"{count}.ndjson", "batch", count, therapies) for count in counts}
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, (more, command) in commands.items():
            most, few = records * more, records * more // 2
            seconds = run(command(files[most])).seconds - run(command(files[few])).seconds
            found[name].append(seconds / (most - few) * 1e6)
    kept = [number for number in range(runs) if min(own[number] for own in found.values()) > 0]
    return [
        Batches(
            name,
            records * commands[name][0],
            tuple(own[number] for number in kept),
            tuple(own[number] / found[BY_HAND][number] for number in kept),
        )
        for name, own in found.items()
        if kept
    ]


def starts(runs: int) -> dict[str, list[float]]:
    """Seconds of whole processes, in turn; each was run once before, so that what it keeps is there."""
    commands: dict[str, _Command] = {
        IMPORTS: [sys.executable, "-c", "import clingo; from pydantic import BaseModel"],
        COLD: [*_REASONER, "decide", _EXAMPLE],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        run(command)
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run(command).seconds)
    return found
