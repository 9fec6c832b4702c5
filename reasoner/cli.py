"""The command line. Results go to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
import typer.core

from reasoner.decide import tell
from reasoner.facts.errors import RecordError, printable

if TYPE_CHECKING:
    from reasoner.ask import Question
    from reasoner.facts.record import Record
    from reasoner.policy import Policy
    from reasoner.scenario import Comparison


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
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Minimal sets listed.")]
RecordFile = Annotated[str, typer.Argument(metavar="RECORD", help="JSON or YAML; - is stdin.")]


def _fail(message: str, status: int) -> NoReturn:
    tell(printable(message))
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
def explain(
    record: RecordFile,
    as_json: AsJson = False,
    rules: Rules = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=100_000, help="Minimal sets listed.")] = None,
    apply: Annotated[int | None, typer.Option("--apply", min=1, max=100_000, help="Apply this minimal set.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Write the edited record here.")] = None,
) -> None:
    """Why a record was denied or approved: items, what is needed, minimal sets, near misses."""
    from reasoner.render import text

    if apply is not None:
        _apply(record, as_json, rules, max(limit or 50, apply), apply, save)
        return
    if save is not None:
        _fail("--save needs --apply: the minimal set whose edits are saved", 2)
    verdict = _placing(record, lambda: _policy(rules).judge(_record(record), limit or 50))
    print(verdict.to_json() if as_json else text.folded(text.explanation(verdict, limit or text.SHOWN)))


def _apply(record: str, as_json: bool, rules: Path | None, limit: int, number: int, save: Path | None) -> None:
    from reasoner.files import replace_whole
    from reasoner.scenario import Scenario, changed_record, compare

    policy, found = _policy(rules), _record(record)
    verdict = _placing(record, lambda: policy.judge(found, limit))
    sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    if number > len(sets):
        _fail(f"{record}: {verdict.decision}, with {len(sets)} minimal sets; there is no set {number}", 2)
    patch = tuple(edit for fact in sets[number - 1].facts for edit in fact.edits)
    comparisons = compare(policy, found, [Scenario(f"minimal set {number}", patch)], limit)
    if save is not None:
        data, _ = changed_record(policy, found, patch)
        try:
            replace_whole(save, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        except OSError as error:
            _fail(f"{save}: cannot be written: {error.strerror}", 2)
    _show(comparisons, as_json)


def _show(comparisons: list[Comparison], as_json: bool) -> None:
    from reasoner.render import comparison

    if as_json:
        data = [found.as_dict() for found in comparisons]
        _print(data[0] if len(data) == 1 else data)
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
) -> None:
    """The decision before and after some facts are different, and what changed.

    Paths are of the record as it is (after --patch); values are set before anything is removed.
    """
    from reasoner.facts.symbols import read_fact
    from reasoner.scenario import Scenario, compare, edits, patched
    from reasoner.scenario_file import read_patch, read_scenarios

    policy, found = _policy(rules), _record(record)
    written = _placing(record, lambda: policy.normalize(found)).written
    if scenarios is not None and (sets or remove or patch or assume or withdraw):
        _fail("--scenarios stands alone: put the changes into the file", 2)
    if scenarios is not None:
        named = read_scenarios(scenarios, written)
    else:
        try:
            known = [[read_fact(text) for text in texts or ()] for texts in (assume, withdraw)]
        except ValueError as error:
            _fail(str(error), 2)
        changes, source = read_patch(patch) if patch else [], patch or ""
        if sets or remove:
            written, source = _placing(source, lambda: patched(written, changes)), ""
            changes = [*changes, *edits(written, map(_setting, sets or ()), remove or ())]
        if not changes and not any(known):
            _fail("nothing is different: give --set, --remove, --patch, --scenarios, --assume or --withdraw", 2)
        named = [Scenario("what if", tuple(changes), tuple(known[0]), tuple(known[1]), source)]
    _show(_placing(record, lambda: compare(policy, found, named, limit)), as_json)


def _setting(text: str) -> tuple[str, Any]:
    from reasoner.facts.load import read_json

    path, equals, value = text.partition("=")
    if not equals:
        _fail(f"--set {text}: written as path=value", 2)
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
) -> None:
    """Which open question to answer next, and why; in a terminal, question by question."""
    from reasoner.ask import next_question
    from reasoner.files import replace_whole
    from reasoner.render import text

    in_turn = not as_json and record != "-" and sys.stdin is not None and sys.stdin.isatty()
    if save is not None and not in_turn:
        _fail("--save needs answers: a terminal to ask in, a RECORD that is a file, and no --json", 2)
    policy, found = _policy(rules), _record(record)
    verdict, question = _placing(record, lambda: next_question(policy, found))
    if as_json:
        from dataclasses import asdict

        told = question and {**asdict(question), "allowed": question.allowed, "why": question.why}
        _print({"decision": verdict.decision, "question": told})
    elif in_turn:
        from reasoner.interview import interview

        def listen(question: Question) -> str:
            return input(f"  {question.path or 'new evidence'} ({question.allowed}; empty leaves it open): ")

        verdict, answered = interview(policy, found, typer.echo, listen)
        print(text.summary(verdict))
        if save is not None:
            data = policy.normalize(answered).written
            try:
                replace_whole(save, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            except OSError as error:
                _fail(f"{save}: cannot be written: {error.strerror}", 2)
    elif question is None:
        print(f"{verdict.case_id}: {verdict.decision}; nothing that is missing can change it")
    else:
        print(f"{question.fact.criterion}: {question.fact.text}")
        print(f"  {question.path or 'new evidence'}: {question.why}")
        print(f"  to answer: {question.allowed}")


@app.command()
def sweep(
    record: RecordFile,
    over: Annotated[str, typer.Option("--over", metavar="PATH=FROM..TO", help="Numbers or dates.")],
    step: Annotated[str | None, typer.Option("--step", help="1 unless given; days, of dates.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the bands into this file.")] = None,
    as_json: AsJson = False,
    rules: Rules = None,
) -> None:
    """The decision along a range of one value: where it turns, and which item turns it.

    Age and birth date must agree: a sweep of patient.age_years leaves the birth date out, and one of
    patient.birth_date the age.
    """
    from dataclasses import asdict

    from reasoner.files import replace_whole
    from reasoner.render import bands as render
    from reasoner.sweep import sweep as judge_along
    from reasoner.sweep import values

    path, equals, span = over.partition("=")
    try:
        along = values(span if equals else over, step)
    except ValueError as error:
        _fail(f"--over {error}", 2)
    policy, found = _policy(rules), _record(record)
    bands = _placing(record, lambda: judge_along(policy, found, path.strip(), along))
    if svg is not None:
        try:
            replace_whole(svg, render.svg(found.case_id, path.strip(), bands))
        except OSError as error:
            _fail(f"{svg}: cannot be written: {error.strerror}", 2)
    if as_json:
        _print([asdict(band) for band in bands])
    else:
        print(render.table(bands))


SuiteFiles = Annotated[list[Path] | None, typer.Argument(metavar="[SUITE…]", help="Files or folders.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; one a core unless given.")]
FailUnder = Annotated[float, typer.Option("--fail-under", min=0, max=100, help="In percent; less is a failure.")]


@app.command("test")
def test_suites(
    suites: SuiteFiles = None,
    rules: Rules = None,
    update: Annotated[bool, typer.Option("--update", help="Rewrite what a rule change moved.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", help="JUnit XML for CI servers.")] = None,
    exitfirst: Annotated[bool, typer.Option("-x", "--exitfirst", help="Stop at the first failure.")] = False,
    only: Annotated[str, typer.Option("-k", metavar="TEXT", help="Cases with this in their names.")] = "",
) -> None:
    """Run regression suites over the rule files; without a name, those below this folder."""
    from reasoner.files import replace_whole, same_file
    from reasoner.regression import Result, run
    from reasoner.render import results as render
    from reasoner.render.progress import shown
    from reasoner.suite import read_suite
    from reasoner.update import update as rewrite

    paths = _suite_files(suites or [Path(".")])
    if junit is not None and any(same_file(junit, path) for path in paths):
        _fail(f"--junit {junit}: a suite, which it would replace; name another file", 2)
    loaded = _policy(rules)

    def judged() -> list[Result]:
        found = [case for path in paths for case in read_suite(path)]
        cases = [case for case in found if only.casefold() in case.name.casefold()]
        if found and not cases:
            _fail(f"-k {only}: no case has this in its name", 2)
        results = []
        for result in shown(run(loaded, cases), "cases", len(cases)):
            results.append(result)
            if exitfirst and not result.passed:
                break
        return results

    results = judged()
    try:
        if update:
            written = 0
            for path in paths:
                moved = [result for result in results if result.case.path == path and not result.passed]
                if not moved:
                    continue
                updated = rewrite(loaded, path, moved)
                for case, why in updated.left:
                    print(f"{path}:{case.line}: left as it is: {printable(case.name)}: {why}", file=sys.stderr)
                if updated.rewritten:
                    replace_whole(path, updated.text)
                    count = len(updated.rewritten)
                    print(f"{path}: {count} cases rewritten; review the difference", file=sys.stderr)
                    written += count
            results = judged() if written else results
        if junit is not None:
            replace_whole(junit, render.junit(results))
    except OSError as error:
        _fail(f"{error.filename}: cannot be written: {error.strerror}", 2)
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(render.failure(result) + "\n")
    print(f"{len(results)} cases, {len(failed)} failed")
    if failed:
        raise SystemExit(1)


@app.command()
def coverage(
    suites: SuiteFiles = None,
    rules: Rules = None,
    html: Annotated[Path | None, typer.Option("--html", help="A page of the rule files.")] = None,
    fail_under: FailUnder = 100,
    workers: Workers = None,
) -> None:
    """For each rule and literal: did a case make it hold, and does a case hang on it."""
    from reasoner.files import replace_whole
    from reasoner.render import coverage as render
    from reasoner.render.progress import shown
    from reasoner.rule_coverage import measure, percent

    paths, loaded = _suite_files(suites or [Path(".")]), _policy(rules)
    _passing(loaded, paths)
    units = list(shown(measure(loaded, paths, workers), "rules and literals"))
    if html is not None:
        try:
            replace_whole(html, render.html(units))
        except OSError as error:
            _fail(f"{html}: cannot be written: {error.strerror}", 2)
    print(render.text(units))
    if percent(units) < fail_under:
        raise SystemExit(1)


@app.command()
def mutate(
    suites: SuiteFiles = None,
    rules: Rules = None,
    only: Annotated[str, typer.Option("--only", metavar="FILE", help="Mutants of one rule file.")] = "",
    cases: Annotated[Path | None, typer.Option("--cases", help="Write the cases that would catch survivors.")] = None,
    fail_under: FailUnder = 100,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Would the suites notice a wrong rule? Changes the rules step by step and runs them."""
    from reasoner.distinguish import BOUND
    from reasoner.facts.load import parse_record
    from reasoner.files import replace_whole
    from reasoner.mutate import run
    from reasoner.mutations import mutants
    from reasoner.render import mutation as render
    from reasoner.render.progress import shown
    from reasoner.syntax import read

    paths, loaded = _suite_files(suites or [Path(".")]), _policy(rules)
    _passing(loaded, paths)
    todo = [mutant for mutant in mutants(read(loaded.files)) if only in ("", mutant.path.name)]
    if not todo:
        _fail(f"--only {only}: no such rule file; there are: {', '.join(f.name for f in loaded.files)}", 2)
    outcomes = list(shown(run(loaded, paths, todo, workers), "mutants", len(todo)))
    offered = [
        render.case(outcome.mutant, outcome.record, loaded.judge(parse_record(outcome.record)))
        for outcome in outcomes
        if outcome.record is not None
    ]
    if cases is not None and offered:
        try:
            replace_whole(cases, _yaml({"cases": offered}))
        except OSError as error:
            _fail(f"{cases}: cannot be written: {error.strerror}", 2)
    if as_json:
        _print([render.as_dict(outcome) for outcome in outcomes])
    else:
        told = render.survivors(outcomes)
        print(f"{told}\n" if told else "", end="")
        if offered and cases is None:
            print(f"\nCases that would catch them, ready for a suite:\n{_yaml({'cases': offered})}")
        print(render.totals(outcomes, BOUND))
    if render.score(outcomes) < fail_under:
        raise SystemExit(1)


def _yaml(data: Any) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def _passing(loaded: Policy, paths: list[Path]) -> None:
    """Refuse suites that fail on the rules as they are: nothing follows from what they notice then."""
    from reasoner.regression import run
    from reasoner.suite import read_suite

    failed = sum(not result.passed for result in run(loaded, [case for path in paths for case in read_suite(path)]))
    if failed:
        _fail(f"{failed} cases fail on the rules as they are; see `reasoner test`", 1)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="RULES_A", help="A rule folder.")],
    after: Annotated[Path | None, typer.Argument(metavar="[RULES_B]", help="Another one.")] = None,
    versions: Annotated[
        tuple[str, str] | None, typer.Option("--versions", metavar="A B", help="Two versions of RULES_A instead.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="Records (NDJSON) or a suite, to see whom it concerns.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two rule folders, and whose verdict: of --cases, or of a shortest record."""
    from dataclasses import asdict
    from tempfile import TemporaryDirectory

    from reasoner.diff import at_version, changes, differences, impact, version_changes
    from reasoner.render import differences as render

    if (after is None) == (versions is None):
        _fail("give a second rule folder, or --versions with two versions of the first: one of them", 2)
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        old = _policy(before)
        if versions is not None:
            old, new = at_version(old, versions[0], Path(one)), at_version(old, versions[1], Path(two))
            changed = version_changes(old, new)
        else:
            new = _policy(after)
            changed = changes(old.files, new.files)
        told = impact(old, new, _records(cases)) if cases is not None else None
        found = differences(old, new) if cases is None else None
    if as_json:
        _print({
            "changes": [asdict(change) for change in changed],
            "impact": told.as_dict() if told is not None else None,
            "differences": found.as_dict() if found is not None else None,
        })  # fmt: skip
        return
    print(render.changes(changed) + "\n")
    if told is not None:
        print(render.impact(told))
    elif found is not None:
        print(render.differences(found))


def _records(path: Path) -> list[Record]:
    """The records of an NDJSON file or of the cases of a suite. Raises RecordError with the line."""
    from reasoner.facts.load import parse_record, read_json
    from reasoner.suite import read_suite

    if path.name.endswith((".yaml", ".yml")):
        return [case.record() for case in read_suite(path)]
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}", 2)
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found.append(_placing(f"{path}, line {number}", lambda line=line: parse_record(read_json(line))))
    return found


@app.command()
def lint(suites: SuiteFiles = None, rules: Rules = None) -> None:
    """What is odd in the rules: unused, never or always true, changing nothing; with suites, untried items."""
    from reasoner.lint import findings
    from reasoner.suite import read_suite

    loaded = _policy(rules)
    cases = [case for path in _suite_files(suites) for case in read_suite(path)] if suites else None
    found = list(findings(loaded, cases))
    for finding in found:
        print(finding)
    print(f"{loaded.id}: {len(found)} findings", file=sys.stderr)
    if found:
        raise SystemExit(3)


def _suite_files(given: list[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in given:
        inside = sorted(path.rglob("*.suite.y*ml")) if path.is_dir() else [path]
        if not inside:
            _fail(f"{path}: no suites (*.suite.yaml) there", 2)
        found.update(dict.fromkeys(inside))
    return list(found)


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
def schema(what: Annotated[str, typer.Argument(metavar="record|verdict|suite")]) -> None:
    """The JSON Schema of records, verdicts or suites."""
    from reasoner import suite, verdict
    from reasoner.facts import record

    schemas = {"record": record.schema, "verdict": verdict.schema, "suite": suite.schema}
    if what not in schemas:
        _fail(f"no schema of {what!r}; there are: {', '.join(schemas)}", 2)
    _print(schemas[what]())


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
    except BrokenPipeError:
        raise
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
