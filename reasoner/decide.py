"""`reasoner decide`: the verdict of each record. It is started most often and imports the least."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from reasoner.errors import RulesError
from reasoner.facts.errors import RecordError


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


def decide(records: Sequence[str], *, as_json: bool, rules: Path | None = None, limit: int = 50) -> int:
    """Print the verdicts; the exit status is 2 where a record was refused. Raises RulesError."""
    from reasoner.facts.load import read_record
    from reasoner.facts.record import Record
    from reasoner.policy import Policy

    read: dict[str, Record | RecordError] = {}
    for path in records:
        try:
            read[path] = read_record(path)
        except RecordError as error:
            read[path] = error
    entries = [len(record.therapies) for record in read.values() if not isinstance(record, RecordError)]
    policy, status, printed = Policy.load(rules, entries=max(entries, default=0)), 0, 0
    for path in records:
        try:
            record = read[path]
            if isinstance(record, RecordError):
                raise record
            verdict = policy.judge(record, limit)
        except RecordError as error:
            print(f"reasoner: {error.at(path)}", file=sys.stderr)
            status = 2
            continue
        if as_json:
            print(verdict.to_json(indent=2 if len(records) == 1 else None))
        else:
            from reasoner.render import text

            print(("\n" if printed else "") + text.folded(text.summary(verdict)))
        printed += 1
    return status


def exiting(work: object) -> None:
    """Run a command and leave with its exit status; 2: bad input, 3: the rules are wrong."""
    assert callable(work)
    try:
        raise SystemExit(work() or 0)
    except RecordError as error:
        print(f"reasoner: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except RulesError as error:
        print(f"reasoner: the rules are wrong:\n{error}", file=sys.stderr)
        raise SystemExit(3) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
