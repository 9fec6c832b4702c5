"""Many records, one JSON object a line, each judged on its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path
from typing import IO, BinaryIO

from facts.errors import Fault, RecordError
from facts.reading import MAX_BYTES, decoded, read_json, standard_input
from reasoner.cli.files import naming, replacing, same_file
from reasoner.verdict.policy import Policy


def run(policy: Policy, source: str, out: Path, errors: Path | None, limit: int) -> dict[str, int]:
    """Judge the records of `source`; returns the counts. Files appear whole, or not at all.

    Refused records go to `errors` with line number and faults, or to standard error without it.
    Raises OSError, and ValueError where one file is named twice or standard input is closed.
    """
    named: list[str | Path] = [source, out] if errors is None else [source, out, errors]
    if any(same_file(one, other) for one, other in combinations(named, 2)):
        raise ValueError("the records, --out and --errors are three different files")
    counts = {"approved": 0, "denied": 0, "out_of_scope": 0, "refused": 0}
    with ExitStack() as stack:
        lines = standard_input() if source == "-" else stack.enter_context(open(source, "rb"))
        verdicts = stack.enter_context(replacing(out))
        refused = sys.stderr if errors is None else stack.enter_context(replacing(errors))
        for number, line in _shown(enumerate(_lines(lines, source), start=1)):
            if line.strip():
                decision, text = _judged(policy, number, line, limit)
                counts[decision] += 1
                if decision == "refused":
                    _write(refused, text, errors or "standard error")
                else:
                    _write(verdicts, text, out)
        # a full disk is noticed before any file is replaced
        _write(verdicts, "", out)
        _write(refused, "", errors or "standard error")
    return counts


def _lines(file: BinaryIO, source: str) -> Iterator[bytes]:
    """The lines; of one that is too long only so much that it is refused for it."""
    with naming(source):
        while line := file.readline(MAX_BYTES + 1):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_BYTES + 1)
            yield line


def _write(file: IO[str], text: str, name: str | Path) -> None:
    with naming(name):
        if text:
            file.write(text + "\n")
        else:
            file.flush()


def _judged(policy: Policy, number: int, line: bytes, limit: int) -> tuple[str, str]:
    """The decision and the line to write; "refused" and its faults where it is no record."""
    try:
        verdict = policy.judge(policy.record(read_json(decoded(line.rstrip()))), limit)
    except RecordError as error:
        faults = error.faults
    except (RecursionError, MemoryError):
        faults = (Fault("", "too large, or nested too deep"),)
    else:
        return verdict.decision, verdict.to_json(indent=None)
    listed = [{"path": fault.path, "message": fault.message} for fault in faults]
    return "refused", json.dumps({"line": number, "faults": listed})  # in ASCII: it can be bound for a terminal


def _shown(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The lines, with progress on a terminal."""
    if not sys.stderr.isatty():
        yield from lines
        return
    from rich.console import Console

    with Console(stderr=True).status("judging") as status:
        for number, line in lines:
            if number % 50 == 0:
                status.update(f"judging: {number:,} records")
            yield number, line
