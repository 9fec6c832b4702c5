"""The command line. Results go to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer
import typer.core

from facts.errors import RecordError, printable
from reasoner.cli.decide import entry_titles, report

if TYPE_CHECKING:
    from facts.model import Record
    from reasoner.verdict.policy import Policy
    from reasoner.whatif.ask import Question
    from reasoner.whatif.scenario import Comparison


T = TypeVar("T")


class _Commands(typer.core.TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run a command. typer would answer a closed pipe with status 1, which is that of a regression."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise SystemExit(0) from None


app = typer.Typer(
    cls=_Commands, add_completion=False, no_args_is_help=True, rich_markup_mode=None,
    pretty_exceptions_enable=False, help="Decide coverage requests, and explain every denial.",
)  # fmt: skip

Rules = Annotated[Path | None, typer.Option("--rules", help="Another rule folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
BySolver = Annotated[bool, typer.Option("--solver", help="Judge by the solver, the reference, alone.")]
UseCache = Annotated[bool, typer.Option(" /--no-cache", help="Neither use nor keep what is derived of the rules.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Minimal sets listed.")]
RecordFile = Annotated[str, typer.Argument(metavar="RECORD", help="JSON or YAML; - is stdin.")]


def refuse(message: str, status: int) -> NoReturn:
    """Say why and leave with an exit status."""
    report(printable(message))
    raise SystemExit(status)


def load_policy(rules: Path | None, *, by_solver: bool = False, cache: bool = True) -> Policy:
    """The rules of a folder, or the shipped ones. Raises RulesError."""
    from reasoner.verdict.policy import Policy

    return Policy.load(rules, by_solver=by_solver, cache=cache)


def print_json(data: Any) -> None:
    """Print data for programs."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


@app.command("decide")
def decide_(
    records: Annotated[list[str], typer.Argument(metavar="RECORD...")],
    as_json: AsJson = False, rules: Rules = None, limit: Limit = 50, by_solver: BySolver = False,
    cache: UseCache = True,
) -> None:  # fmt: skip
    """The verdict of each record, for people or (--json) for programs."""
    from reasoner.cli.decide import decide

    status = decide(records, as_json=as_json, rules=rules, limit=limit, by_solver=by_solver, cache=cache)
    if status:
        raise SystemExit(status)


@app.command()
def explain(
    record: RecordFile,
    as_json: AsJson = False,
    rules: Rules = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=100_000, help="Minimal sets listed.")] = None,
    apply: Annotated[int | None, typer.Option("--apply", min=1, max=100_000, help="Apply this minimal set.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Write the edited record here.")] = None,
    by_solver: BySolver = False,
    cache: UseCache = True,
) -> None:
    """Why a record was denied or approved: items, what is needed, minimal sets, near misses."""
    from reasoner.render import text

    if apply is None and save is not None:
        refuse("--save needs --apply: the minimal set whose edits are saved", 2)
    loaded = load_policy(rules, by_solver=by_solver, cache=cache)
    if apply is not None:
        _apply(loaded, record, as_json, max(limit or 50, apply), apply, save)
        return
    verdict = placing(record, lambda: loaded.judge(_record(loaded, record), limit or 50))
    if as_json:
        print(verdict.to_json())
    else:
        print(text.folded(text.explanation(verdict, entry_titles(loaded), limit or text.SHOWN)))


def _apply(policy: Policy, record: str, as_json: bool, limit: int, number: int, save: Path | None) -> None:
    from facts.files import replace_whole
    from reasoner.whatif.scenario import Scenario, changed_record, compare

    found = _record(policy, record)
    verdict = placing(record, lambda: policy.judge(found, limit))
    sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    if number > len(sets):
        refuse(f"{record}: {verdict.decision}, with {len(sets)} minimal sets; there is no set {number}", 2)
    patch = tuple(edit for fact in sets[number - 1].facts for edit in fact.edits)
    comparisons = compare(policy, found, [Scenario(f"minimal set {number}", patch)], limit)
    if save is not None:
        data, _ = changed_record(policy, found, patch)
        try:
            replace_whole(save, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        except OSError as error:
            refuse(f"{save}: cannot be written: {error.strerror}", 2)
    _show(comparisons, as_json)


def _show(comparisons: list[Comparison], as_json: bool) -> None:
    from reasoner.render import comparison

    if as_json:
        data = [found.as_dict() for found in comparisons]
        print_json(data[0] if len(data) == 1 else data)
    elif len(comparisons) == 1:
        print(comparison.one(comparisons[0]))
    else:
        print(comparison.table(comparisons))


Sets = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="JSON, or else text.")]
Removals = Annotated[list[str] | None, typer.Option("--remove", metavar="PATH")]
FactTexts = Annotated[list[str] | None, typer.Option(metavar="FACT", help="As `reasoner facts` prints it.")]


@app.command("what-if")
def what_if(
    record: RecordFile,
    sets: Sets = None,
    remove: Removals = None,
    patch: Annotated[str | None, typer.Option("--patch", help="A JSON Patch (RFC 6902).")] = None,
    scenarios: Annotated[str | None, typer.Option("--scenarios", help="A patch for each name.")] = None,
    assume: FactTexts = None,
    withdraw: FactTexts = None,
    as_json: AsJson = False,
    rules: Rules = None,
    limit: Limit = 50,
    cache: UseCache = True,
) -> None:
    """The decision before and after some facts are different, and what changed.

    Paths are of the record as it is (after --patch); values are set before anything is removed.
    """
    from facts.symbols import read_fact
    from reasoner.whatif.patch import edits, patched
    from reasoner.whatif.scenario import Scenario, compare
    from reasoner.whatif.scenario_file import read_patch, read_scenarios

    policy = load_policy(rules, cache=cache)
    found = _record(policy, record)
    written = placing(record, lambda: policy.case(found)).written
    if scenarios is not None and (sets or remove or patch or assume or withdraw):
        refuse("--scenarios stands alone: put the changes into the file", 2)
    if scenarios is not None:
        named = read_scenarios(scenarios, written)
    else:
        try:
            known = [[read_fact(text) for text in texts or ()] for texts in (assume, withdraw)]
        except ValueError as error:
            refuse(str(error), 2)
        changes, source = read_patch(patch) if patch else [], patch or ""
        if sets or remove:
            written, source = placing(source, lambda: patched(written, changes)), ""
            changes = [*changes, *edits(written, map(_setting, sets or ()), remove or ())]
        if not changes and not any(known):
            refuse("nothing is different: give --set, --remove, --patch, --scenarios, --assume or --withdraw", 2)
        named = [Scenario("what if", tuple(changes), tuple(known[0]), tuple(known[1]), source)]
    _show(placing(record, lambda: compare(policy, found, named, limit)), as_json)


def _setting(text: str) -> tuple[str, Any]:
    from facts.reading import read_json

    path, equals, value = text.partition("=")
    if not equals:
        refuse(f"--set {text}: written as path=value", 2)
    try:
        json.loads(value)
    except RecursionError:
        pass
    except ValueError:
        return path.strip(), value
    return path.strip(), read_json(value, f"--set {path.strip()}")


@app.command()
def ask(
    record: RecordFile,
    as_json: AsJson = False,
    rules: Rules = None,
    save: Annotated[Path | None, typer.Option("--save", help="Write the answered record here.")] = None,
    cache: UseCache = True,
) -> None:
    """Which open question to answer next, and why; in a terminal, question by question."""
    from facts.files import replace_whole
    from reasoner.render import text
    from reasoner.whatif.ask import next_question

    in_turn = not as_json and record != "-" and sys.stdin is not None and sys.stdin.isatty()
    if save is not None and not in_turn:
        refuse("--save needs answers: a terminal to ask in, a RECORD that is a file, and no --json", 2)
    policy = load_policy(rules, cache=cache)
    found = _record(policy, record)
    verdict, question = placing(record, lambda: next_question(policy, found))
    if as_json:
        print_json({"decision": verdict.decision, "question": question.as_dict() if question is not None else None})
    elif in_turn:
        from reasoner.whatif.interview import interview

        def listen(question: Question) -> str:
            return input(f"  {question.path or 'new evidence'} ({question.answers.allowed}; empty leaves it open): ")

        verdict, answered = interview(policy, found, typer.echo, listen)
        print(text.folded(text.summary(verdict, entry_titles(policy))))
        if save is not None:
            data = policy.case(answered).written
            try:
                replace_whole(save, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            except OSError as error:
                refuse(f"{save}: cannot be written: {error.strerror}", 2)
    elif question is None:
        print(f"{verdict.case_id}: {verdict.decision}; nothing that is missing can change it")
    else:
        print(f"{question.fact.criterion}: {question.text}")
        print(f"  {question.path or 'new evidence'}: {question.why}")
        print(f"  to answer: {question.answers.allowed}")


@app.command()
def sweep(
    record: RecordFile,
    over: Annotated[str, typer.Option("--over", metavar="PATH=FROM..TO", help="Numbers or dates.")],
    step: Annotated[
        str | None, typer.Option("--step", help="Unless given, by the decimals that rules have; a day, of dates.")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the intervals into this file.")] = None,
    as_json: AsJson = False,
    rules: Rules = None,
    cache: UseCache = True,
) -> None:
    """The decision along a range of one value: where it changes, and which item changes it.

    What is stated beside the value and has to agree with it is left out: a birth date beside an age, say. It stays, and
    the range is refused, where it is entries of a list, or where more follows from it that no record can state.
    """
    from facts.files import replace_whole
    from reasoner.render import intervals as render
    from reasoner.whatif.sweep import decimals_of, values
    from reasoner.whatif.sweep import sweep as judge_along

    path, equals, span = over.partition("=")
    policy = load_policy(rules, cache=cache)
    try:
        along = values(span if equals else over, step, decimals_of(policy, path.strip()))
    except ValueError as error:
        refuse(f"--over {error}", 2)
    found = _record(policy, record)
    intervals = placing(record, lambda: judge_along(policy, found, path.strip(), along))
    if svg is not None:
        try:
            replace_whole(svg, render.svg(found.case_id, path.strip(), intervals))
        except OSError as error:
            refuse(f"{svg}: cannot be written: {error.strerror}", 2)
    if as_json:
        print_json([interval.as_dict() for interval in intervals])
    else:
        print(render.table(intervals))
        if (by := render.step(along)) is not None:
            print(f"in steps of {by}")


@app.command()
def normalize(record: RecordFile, rules: Rules = None, cache: UseCache = True) -> None:
    """The record in full form: products looked up, defaults filled in."""
    loaded = load_policy(rules, cache=cache)
    print_json(placing(record, lambda: loaded.case(_record(loaded, record)).full))


@app.command()
def facts(record: RecordFile, rules: Rules = None, cache: UseCache = True) -> None:
    """The ASP facts that the record becomes."""
    from facts.statements import facts_of
    from facts.symbols import shown_fact

    loaded = load_policy(rules, cache=cache)
    case = placing(record, lambda: loaded.case(_record(loaded, record)))
    for fact in facts_of(case):
        print(f"{shown_fact(fact)}.")


@app.command()
def words(
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="A word, a phrase or the name of a product.")],
    as_json: AsJson = False,
    rules: Rules = None,
    cache: UseCache = True,
) -> None:
    """What a word is taken for: in each vocabulary of the policy folder, and as a product."""
    from reasoner.cli.words import lines, meanings

    found = meanings(load_policy(rules, cache=cache), " ".join(text))
    if as_json:
        print_json(found)
    else:
        print("\n".join(map(printable, lines(found))))


@app.command()
def schema(
    what: Annotated[str, typer.Argument(metavar="record|verdict|suite")],
    rules: Annotated[Path | None, typer.Option("--rules", help="The rule folder whose records are meant.")] = None,
    cache: UseCache = True,
) -> None:
    """The JSON Schema of records, verdicts or suites."""
    from facts.schema import record_schema
    from reasoner.suites import suite
    from reasoner.verdict import model as verdict

    def record() -> dict[str, Any]:
        policy = load_policy(rules, cache=cache)
        return record_schema(policy.declaration, policy.vocabularies)

    schemas = {"record": record, "verdict": verdict.schema, "suite": suite.schema}
    if what not in schemas:
        refuse(f"no schema of {what!r}; there are: {', '.join(schemas)}", 2)
    print_json(schemas[what]())


@app.command()
def policy(as_json: AsJson = False, rules: Rules = None, cache: UseCache = True) -> None:
    """The items of the policy with titles, citations and the place of their rules."""
    loaded = load_policy(rules, cache=cache)
    rows = loaded.outline()
    if as_json:
        print_json(rows)
        return
    print(f"{loaded.id}: {loaded.title}")
    for row in rows:
        print(f"  {row['id']:<11} {row['title']}\n{'':14}{row['citation']}; {', '.join(row['rules'])}")


Explain = Literal["all", "denials", "none"]


@app.command()
def batch(
    source: Annotated[str, typer.Argument(metavar="IN", help="Records; - is stdin.")],
    out: Annotated[str, typer.Option("--out", help="Verdicts, in order; - is stdout.")],
    errors: Annotated[str | None, typer.Option("--errors", help="Refused records, as lines.")] = None,
    rules: Rules = None,
    limit: Limit = 50,
    explain: Annotated[
        Explain, typer.Option("--explain", help="Whole verdicts; where none is wanted, the decision alone.")
    ] = "all",
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=1024, help="Processes; as many as cores.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted batch.")] = False,
    summary: Annotated[Path | None, typer.Option("--summary", help="Write the counts here, as JSON.")] = None,
    by_solver: BySolver = False,
    cache: UseCache = True,
) -> None:
    """Judge many records, in order; refused ones go to --errors and nothing is lost.

    IN and OUT are JSON lines, or by their names compressed (.gz, .zst) or Parquet (.parquet). What was judged by the
    time that a batch fails or is killed stays beside OUT; the same command with --resume goes on from there.
    """
    from reasoner.batch.run import Batch
    from reasoner.cli.batch import cores, judge_population

    found = Batch(source, out, errors, rules, limit, explain, jobs or cores(), resume, by_solver, cache)
    if status := judge_population(found, summary):
        raise SystemExit(status)


@app.command()
def summary(
    verdicts: Annotated[str, typer.Argument(metavar="VERDICTS", help="What `batch` wrote; - is stdin.")],
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the counts into this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """What many verdicts have in common: decisions, items in the way, facts that turn, near misses, readings."""
    from reasoner.cli.summary import summarize

    if status := summarize(verdicts, as_json=as_json, svg=svg):
        raise SystemExit(status)


def _record(policy: Policy, path: str) -> Record:
    """The record of a file, checked. Raises RecordError with the file."""
    from facts.reading import read_data

    return policy.record(read_data(path), path)


def placing(path: str, work: Callable[[], T]) -> T:
    """The result of work on a record; what is wrong with the record is said with its file."""
    try:
        return work()
    except RecordError as error:
        raise error.at(path) from None
