"""`reasoner decide`: the verdict of each record. It is started most often and imports the least."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from facts.errors import Fault, RecordError, printable
from reasoner.errors import RulesError

if TYPE_CHECKING:
    from reasoner.policy.folder import RuleFolder


def plain_arguments(arguments: Sequence[str]) -> tuple[list[str], bool] | None:
    """Records and whether JSON is asked for, where the arguments are `decide [--json] RECORD…`.

    None for anything else, which the command-line library reads.
    """
    if arguments[:1] != ["decide"]:
        return None
    records = [argument for argument in arguments[1:] if argument != "--json"]
    if not records or any(record.startswith("-") and record != "-" for record in records):
        return None
    return records, len(records) < len(arguments) - 1


def decide(
    records: Sequence[str], *, as_json: bool, rules: Path | None = None, limit: int = 50, by_solver: bool = False,
    cache: bool = True,
) -> int:  # fmt: skip
    """Print the verdicts; the exit status is 2 where a record was refused. Raises RulesError."""
    from facts.model import MAX_ENTRIES
    from facts.reading import read_data
    from reasoner.verdict.policy import Policy

    if list(records).count("-") > 1:
        raise RecordError((Fault("", "standard input is named twice"),), "-")
    read: dict[str, object] = {}
    for path in records:
        try:
            read[path] = read_data(path)
        except RecordError as error:
            read[path] = error
    entries = (len(part) for data in read.values() for part in _lists(data))
    policy = Policy.load(rules, entries=min(max(entries, default=0), MAX_ENTRIES), by_solver=by_solver, cache=cache)
    status = printed = 0
    for path in records:
        try:
            data = read[path]
            if isinstance(data, RecordError):
                raise data
            verdict = policy.judge(policy.record(data), limit)
        except RecordError as error:
            report(error.at(path))
            status = 2
            continue
        if as_json:
            print(verdict.to_json(indent=2 if len(records) == 1 else None))
        else:
            from reasoner.render import text

            print(("\n" if printed else "") + text.folded(text.summary(verdict, entry_titles(policy))))
        printed += 1
    return status


def _lists(data: object) -> Iterator[list[object]]:
    """The lists of entries of a record that is not checked yet."""
    yield from (part for part in data.values() if isinstance(part, list)) if isinstance(data, dict) else ()


def entry_titles(policy: RuleFolder) -> dict[str, str]:
    """What an entry of each list of the record is called."""
    return {name: entries.title for name, entries in policy.declaration.entry_lists.items()}


def report_solver(policy: RuleFolder) -> None:
    """Say that records are judged by the solver, where the rules are not compiled."""
    if policy.not_covered:
        report(f"{policy.not_covered}: each record is judged by the solver, which takes longer")


def report(message: object) -> None:
    """Print a message to standard error, if anybody can read it."""
    with suppress(OSError):
        print(f"reasoner: {message}", file=sys.stderr)


def exiting(work: Callable[[], object]) -> NoReturn:
    """Run a command and leave with its exit status; 2: bad input or output, 3: the rules are wrong.

    A reader that has had enough and closed the pipe is no fault: 0.
    """
    if sys.stderr is None:  # closed; print() would fall back to standard output
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    status: object = 0
    try:
        status = _status(work)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        report(f"{printable(str(error.filename or 'standard output'))}: {error.strerror or error}")
        status = 2
    else:
        raise SystemExit(status)
    # what could not be written is dropped, or the interpreter would try once more as it ends
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    raise SystemExit(status)


def _status(work: Callable[[], object]) -> object:
    if sys.stdout is None:
        report("standard output is closed")
        return 2
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # the same bytes everywhere, whatever stands in a file's name
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return work() or 0
    except SystemExit as left:
        return left.code
    except RecordError as error:
        report(error)
    except RulesError as error:
        report("the rules are wrong:\n" + "\n".join(map(printable, str(error).splitlines())))
        return 3
    except (RecursionError, MemoryError, ArithmeticError):
        report("something in the input is too large, or nested too deep")
    except KeyboardInterrupt:
        return 130
    return 2
