"""The command line. Results go to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from reasoner.facts.errors import RecordError

if TYPE_CHECKING:
    from reasoner.policy import Policy

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None,
    pretty_exceptions_enable=False, help="Decide coverage requests, and explain every denial.",
)  # fmt: skip

Rules = Annotated[Path | None, typer.Option("--rules", help="Another rule folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Minimal sets listed.")]
RecordFile = Annotated[str, typer.Argument(metavar="RECORD", help="JSON or YAML; - is stdin.")]


def _fail(message: str, status: int) -> NoReturn:
    print(f"reasoner: {message}", file=sys.stderr)
    raise SystemExit(status)


def _policy(rules: Path | None) -> Policy:
    from reasoner.policy import Policy

    return Policy.load(rules)


def _print(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


@app.command("decide")
def decide_(
    records: Annotated[list[str], typer.Argument(metavar="RECORD...")],
    as_json: AsJson = False, rules: Rules = None, limit: Limit = 50,
) -> None:  # fmt: skip
    """The verdict of each record, for people or (--json) for programs."""
    from reasoner.decide import decide

    status = decide(records, as_json=as_json, rules=rules, limit=limit)
    if status:
        raise SystemExit(status)


@app.command()
def explain(record: RecordFile, as_json: AsJson = False, rules: Rules = None, limit: Limit = 50) -> None:
    """Why a record was denied or approved: items, what is needed, minimal sets, near misses."""
    from reasoner.render import text

    verdict = _placing(record, lambda: _policy(rules).judge(_record(record), limit))
    print(verdict.to_json() if as_json else text.explanation(verdict))


@app.command()
def normalize(record: RecordFile, rules: Rules = None) -> None:
    """The record in full form: products looked up, defaults filled in."""
    _print(_placing(record, lambda: _policy(rules).normalize(_record(record)).full))


@app.command()
def facts(record: RecordFile, rules: Rules = None) -> None:
    """The ASP facts that the record becomes."""
    from reasoner.facts.symbols import fact_symbol, facts_of

    case = _placing(record, lambda: _policy(rules).normalize(_record(record)))
    for fact in facts_of(case):
        print(f"{fact_symbol(fact)}.")


@app.command()
def schema(what: Annotated[str, typer.Argument(metavar="record|verdict")]) -> None:
    """The JSON Schema of records or of verdicts."""
    from reasoner import verdict
    from reasoner.facts import record

    if what not in ("record", "verdict"):
        _fail(f"no schema of {what!r}; there are: record, verdict", 2)
    _print(record.schema() if what == "record" else verdict.schema())


@app.command()
def policy(as_json: AsJson = False, rules: Rules = None) -> None:
    """The items of the policy with titles, citations and the place of their rules."""
    loaded = _policy(rules)
    rows = [
        {"id": item, "title": title, "citation": loaded.citations[item], "rules": loaded.places(item)}
        for item, (_, title) in loaded.items.items()
    ]
    if as_json:
        _print(rows)
        return
    print(f"{loaded.id}: {loaded.title}")
    for row in rows:
        print(f"  {row['id']:<11} {row['title']}\n{'':14}{row['citation']}; {', '.join(row['rules'])}")


@app.command()
def batch(
    source: Annotated[str, typer.Argument(metavar="IN.ndjson")],
    out: Annotated[Path, typer.Option("--out", help="One verdict a line, in order.")],
    errors: Annotated[Path | None, typer.Option("--errors", help="Refused records.")] = None,
    rules: Rules = None, limit: Limit = 50,
) -> None:  # fmt: skip
    """Judge many records, one a line; refused ones go to --errors and nothing is lost."""
    from reasoner.batch import run

    try:
        counts = run(_policy(rules), source, out, errors, limit)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}", 2)
    except ValueError as error:
        _fail(str(error), 2)
    print(", ".join(f"{count} {name}" for name, count in counts.items()), file=sys.stderr)


def _record(path: str) -> Any:
    from reasoner.facts.load import read_record

    return read_record(path)


def _placing(path: str, work: Any) -> Any:
    try:
        return work()
    except RecordError as error:
        raise error.at(path) from None
