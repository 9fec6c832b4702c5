"""Whole processes: batches of records, and how long it takes until the first decision is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter
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
    start = perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    messages = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, stderr=messages.decode())
    return Used(seconds, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))


def write_records(file: Path, seed: str, count: int, therapies: int) -> Path:
    """A file of so many random records; they are made one by one, so that a large file needs no memory."""
    with open(file, "w", encoding="utf-8") as lines:
        for number in range(count):
            record = random_record(Random(f"{seed}/{number}"), therapies) | {"case_id": f"{seed}-{number}"}
            lines.write(json.dumps(record) + "\n")
    return file


def batch(records: Path, explain: str, jobs: int) -> _Command:
    """The command that judges a file of records."""
    command: _Command = [*_REASONER, "batch", records, "--out", os.devnull]
    return [*command, "--explain", explain, "--jobs", str(jobs)] if has_jobs() else command


@cache
def has_jobs() -> bool:
    """Whether batches can be judged by several processes, and decided alone."""
    shown = subprocess.run([*_REASONER, "batch", "--help"], capture_output=True, text=True, check=True)
    return "--jobs" in shown.stdout


def batches(folder: Path, records: int, therapies: int, runs: int) -> list[Batches]:
    """Batches in turn, each beside the records by hand: what a record takes more from a tenth of them to all."""
    files = [write_records(folder / f"{count}.ndjson", "batch", count, therapies) for count in (records // 10, records)]
    commands: dict[str, list[_Command]] = {
        BY_HAND: [[sys.executable, _HERE / "handwritten.py", file] for file in files],
        EXPLAINED: [batch(file, "all", 1) for file in files],
    }
    if has_jobs():
        commands[DECIDED] = [batch(file, "none", 1) for file in files]
        commands[ON_TWO] = [batch(file, "all", 2) for file in files]
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, (few, all_of_them) in commands.items():
            seconds = run(all_of_them).seconds - run(few).seconds
            found[name].append(seconds / (records - records // 10) * 1e6)
    return [
        Batches(
            name, records, tuple(own), tuple(one / by_hand for one, by_hand in zip(own, found[BY_HAND], strict=True))
        )
        for name, own in found.items()
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
