"""The commands for those who keep the rules, beside those on records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facts.errors import printable
from reasoner.cli.decide import report_solver
from reasoner.cli.records import AsJson, BySolver, Rules, UseCache, app, load_policy, print_json, refuse

if TYPE_CHECKING:
    from reasoner.verdict.policy import Policy

__all__ = ["app"]

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
    by_solver: BySolver = False,
    cache: UseCache = True,
) -> None:
    """Run regression suites over the rule files; without a name, those below this folder."""
    from facts.files import replace_whole, same_file
    from reasoner.render import results as render
    from reasoner.render.progress import shown
    from reasoner.suites.run import Result, run
    from reasoner.suites.suite import read_suite
    from reasoner.suites.update import update as rewrite

    paths = _suite_files(suites or [Path(".")])
    if junit is not None and any(same_file(junit, path) for path in paths):
        refuse(f"--junit {junit}: a suite, which it would replace; name another file", 2)
    loaded = load_policy(rules, by_solver=by_solver, cache=cache)

    def judged() -> list[Result]:
        found = [case for path in paths for case in read_suite(path)]
        cases = [case for case in found if only.casefold() in case.name.casefold()]
        if found and not cases:
            refuse(f"-k {only}: no case has this in its name", 2)
        results = []
        for result in shown(run(loaded, cases), "cases", len(cases)):
            results.append(result)
            if exitfirst and not result.passed:
                break
        return results

    report_solver(loaded)
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
        refuse(f"{error.filename}: cannot be written: {error.strerror}", 2)
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
    cache: UseCache = True,
) -> None:
    """For each rule and literal: did a case make it hold, and does a case hang on it."""
    from facts.files import replace_whole
    from reasoner.analysis.coverage import measure, percent
    from reasoner.render import coverage as render
    from reasoner.render.progress import shown

    paths, loaded = _suite_files(suites or [Path(".")]), load_policy(rules, cache=cache)
    _passing(loaded, paths)
    units = list(shown(measure(loaded, paths, workers), "rules and literals"))
    if html is not None:
        try:
            replace_whole(html, render.html(units))
        except OSError as error:
            refuse(f"{html}: cannot be written: {error.strerror}", 2)
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
    cache: UseCache = True,
) -> None:
    """Would the suites notice a wrong rule? Changes the rules step by step and runs them."""
    from facts.files import replace_whole
    from reasoner.analysis.distinguish import BOUND
    from reasoner.analysis.mutants import mutants
    from reasoner.analysis.mutation import run
    from reasoner.policy.syntax import rule_files
    from reasoner.render import mutation as render
    from reasoner.render.progress import shown
    from reasoner.suites.new_case import yaml_of

    paths, loaded = _suite_files(suites or [Path(".")]), load_policy(rules, cache=cache)
    _passing(loaded, paths)
    todo = [mutant for mutant in mutants(rule_files(loaded.rule_sources)) if only in ("", mutant.path.name)]
    if not todo:
        refuse(f"--only {only}: no such rule file; there are: {', '.join(f.name for f in loaded.files)}", 2)
    outcomes = list(shown(run(loaded, paths, todo, workers), "mutants", len(todo)))
    offered = [
        render.case(outcome.mutant, outcome.record, loaded.judge(outcome.record))
        for outcome in outcomes
        if outcome.record is not None
    ]
    if cases is not None and offered:
        try:
            replace_whole(cases, yaml_of({"cases": offered}))
        except OSError as error:
            refuse(f"{cases}: cannot be written: {error.strerror}", 2)
    if as_json:
        print_json([render.as_dict(outcome) for outcome in outcomes])
    else:
        survivors = render.survivors(outcomes)
        print(f"{survivors}\n" if survivors else "", end="")
        if offered and cases is None:
            print(f"\nCases that would catch them, ready for a suite:\n{yaml_of({'cases': offered})}")
        print(render.totals(outcomes, BOUND))
    if render.score(outcomes) < fail_under:
        raise SystemExit(1)


def _passing(loaded: Policy, paths: list[Path]) -> None:
    """Refuse suites that fail on the rules as they are: nothing follows from what they notice then."""
    from reasoner.suites.run import run
    from reasoner.suites.suite import read_suite

    failed = sum(not result.passed for result in run(loaded, [case for path in paths for case in read_suite(path)]))
    if failed:
        failing = "1 case fails" if failed == 1 else f"{failed} cases fail"
        refuse(f"{failing} on the rules as they are; see `reasoner test`", 1)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="RULES_A", help="A rule folder.")],
    after: Annotated[Path | None, typer.Argument(metavar="[RULES_B]", help="Another one.")] = None,
    versions: Annotated[
        tuple[str, str] | None, typer.Option("--versions", metavar="A B", help="Two versions of RULES_A instead.")
    ] = None,
    cases: Annotated[
        str | None, typer.Option("--cases", help="Records, as `batch` reads them, or a suite: whom does it concern?")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=1024, help="Processes; as many as cores.")] = None,
    as_json: AsJson = False,
    cache: UseCache = True,
) -> None:
    """What changed between two rule folders, and whose verdict: of --cases, or of a shortest record.

    --cases are JSON lines, or by their names compressed (.gz, .zst), Parquet (.parquet) or a suite (.yaml); - is stdin.
    They are judged on all cores and in bounded memory; refused records are counted and the first ones named.
    """
    from reasoner.analysis.diff import Revision
    from reasoner.cli.batch import cores
    from reasoner.cli.diff import show_changes, show_impact

    if (after is None) == (versions is None):
        refuse("give a second rule folder, or --versions with two versions of the first: one of them", 2)
    if jobs is not None and cases is None:
        refuse("--jobs is of --cases: add these, or leave it out", 2)
    revision = Revision(before, after, versions, cache)
    if cases is None:
        show_changes(revision, as_json=as_json)
    elif status := show_impact(revision, cases, jobs=jobs or cores(), as_json=as_json):
        raise SystemExit(status)


@app.command()
def lint(suites: SuiteFiles = None, rules: Rules = None, cache: UseCache = True) -> None:
    """What is odd in the rules: unused, never or always true, changing nothing; with suites, untried items."""
    from reasoner.analysis.lint import findings
    from reasoner.suites.suite import read_suite

    loaded = load_policy(rules, cache=cache)
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
            refuse(f"{path}: no suites (*.suite.yaml) there", 2)
        found.update(dict.fromkeys(inside))
    return list(found)
