"""Many records, one JSON object a line, each judged on its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from reasoner.facts.errors import RecordError
from reasoner.facts.load import parse_record, read_json
from reasoner.policy import Policy


def run(policy: Policy, source: str, out: Path, errors: Path | None, limit: int) -> dict[str, int]:
    """Judge the records of `source`; returns the counts. Files appear whole, or not at all.

    Refused records go to `errors` with line number and faults, or to standard error without it.
    Raises OSError, and ValueError where one file is named twice.
    """
    named = [path.resolve() for path in (Path(source), out, errors) if path is not None]
    if len(set(named)) < len(named):
        raise ValueError("the records, --out and --errors are three different files")
    counts = {"approved": 0, "denied": 0, "out_of_scope": 0, "refused": 0}
    temporary = [path.with_name(path.name + ".part") for path in (out, errors) if path is not None]
    try:
        with ExitStack() as stack:
            lines = sys.stdin.buffer if source == "-" else stack.enter_context(open(source, "rb"))
            files = [stack.enter_context(open(t, "w", encoding="utf-8")) for t in temporary]
            refused = files[1] if errors is not None else sys.stderr
            for number, line in _shown(enumerate(lines, start=1)):
                if line.strip():
                    counts[_judge(policy, number, line, files[0], refused, limit)] += 1
        for part, path in zip(temporary, (out, errors), strict=False):
            assert path is not None
            os.replace(part, path)
    except BaseException:
        for part in temporary:
            part.unlink(missing_ok=True)
        raise
    return counts


def _judge(policy: Policy, number: int, line: bytes, out: IO[str], refused: IO[str], limit: int) -> str:
    try:
        try:
            text = line.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = ""
        verdict = policy.judge(parse_record(read_json(text)), limit)
    except RecordError as error:
        faults = [{"path": fault.path, "message": fault.message} for fault in error.faults]
        print(json.dumps({"line": number, "faults": faults}, ensure_ascii=False), file=refused)
        return "refused"
    print(verdict.to_json(indent=None), file=out)
    return verdict.decision


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
