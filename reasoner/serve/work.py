"""What takes long: suites, coverage, versions compared, thresholds tried. Done in processes of its own (tasks.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from facts.errors import RecordError
from reasoner.analysis.coverage import Unit, by_file, measure
from reasoner.analysis.diff import Change, Differences, at_version, changes, differences, version_changes
from reasoner.analysis.edited import edited
from reasoner.analysis.thresholds import changed_texts, with_thresholds
from reasoner.errors import RulesError
from reasoner.policy.syntax import rule_files
from reasoner.render.coverage import marks
from reasoner.render.source import Mark
from reasoner.serve.tasks import Step
from reasoner.suites.run import Result, check
from reasoner.suites.suite import SuiteCase, read_suite
from reasoner.verdict.policy import Policy

REFUSED = "refused"
"""The decision of a record that is none."""
_SELDOM = 25
"""Cases after which it is said how many are done."""


class Rules(NamedTuple):
    """The rules that are served: where they are loaded from, and what they must be, for others came there since."""

    folder: Path | None
    cache: bool
    digest: str

    @classmethod
    def of(cls, policy: Policy, folder: Path | None, cache: bool) -> Rules:
        """The rules of a policy that is served."""
        return cls(folder, cache, digest_of(policy))

    def load(self) -> Policy:
        """Load them once more. Raises RulesError."""
        policy = Policy.load(self.folder, cache=self.cache)
        if digest_of(policy) != self.digest:
            raise RulesError("the rule files are others than those that are served; start the server anew")
        return policy


def digest_of(policy: Policy) -> str:
    """A digest of the texts of the rules."""
    found = sha256()
    for source in policy.sources:
        found.update(f"{source.path.name}\0{source.text}\0".encode())
    return found.hexdigest()


# ── Suites ───────────────────────────────────────────────────────────────────────────────────────


class SuitesRun(NamedTuple):
    """The results of all cases, and the decisions of their records."""

    results: tuple[Result, ...]
    decisions: tuple[str, ...]

    @property
    def cases(self) -> list[SuiteCase]:
        """The cases in their order."""
        return [result.case for result in self.results]

    def by_suite(self) -> dict[Path, list[tuple[int, Result]]]:
        """The results, each with its number, by the files of their cases."""
        found: dict[Path, list[tuple[int, Result]]] = {}
        for number, result in enumerate(self.results):
            found.setdefault(result.case.path, []).append((number, result))
        return found

    @property
    def failed(self) -> list[Result]:
        """Those that are not as expected."""
        return [result for result in self.results if not result.passed]


def run_suites(rules: Rules, suites: Sequence[Path]) -> Iterator[Step]:
    """Run the suites over the rules: a SuitesRun."""
    policy = rules.load()
    cases = [case for path in suites for case in read_suite(path)]
    results = []
    for number, case in enumerate(cases):
        if number % _SELDOM == 0:
            yield Step(number, len(cases))
        results.append(check(policy, case))
    yield Step(len(cases), len(cases), SuitesRun(tuple(results), tuple(_decisions(policy, cases))))


def _decisions(policy: Policy, cases: Sequence[SuiteCase]) -> list[str]:
    """The decisions of the records of cases, at once."""
    found = [REFUSED] * len(cases)
    normalized = {}
    for number, case in enumerate(cases):
        try:
            normalized[number] = policy.case(case.data)
        except RecordError:
            continue
    for number, decision in zip(normalized, policy.decide_all(normalized.values()), strict=True):
        found[number] = decision
    return found


# ── Coverage ─────────────────────────────────────────────────────────────────────────────────────


class Gap(NamedTuple):
    """A rule or literal that is not covered: its line, its text, and whether it held at all."""

    line: int
    text: str
    held: bool


class FileCoverage(NamedTuple):
    """The marks of a rule file, how many of its rules and literals are covered, and which are not."""

    marks: list[Mark]
    covered: int
    total: int
    gaps: list[Gap]


def cover(rules: Rules, suites: Sequence[Path], workers: int) -> Iterator[Step]:
    """What of the rules the suites cover: FileCoverage by the name of the file. The suites must pass."""
    policy = rules.load()
    rows = [s for file in rule_files(policy.rule_sources) for s in file.statements if s.is_rule]
    total = sum(1 + len(s.body) for s in rows)
    units = []
    for unit in measure(policy, suites, workers):
        units.append(unit)
        yield Step(len(units), total)
    found = {
        file.path.name: FileCoverage(marks(file, own), sum(unit.covered for unit in own), len(own), _gaps(own))
        for file, own in by_file(units).items()
    }
    yield Step(total, total, found)


def _gaps(units: Sequence[Unit]) -> list[Gap]:
    return [Gap(_line(one), " ".join(one.text.split()), one.held) for one in units if not one.covered]


def _line(unit: Unit) -> int:
    if unit.literal is None:
        return unit.statement.line
    return int(unit.statement.body[unit.literal].location.begin.line)


# ── Differences ──────────────────────────────────────────────────────────────────────────────────


class Compared(NamedTuple):
    """What differs between two versions of the rules, and shortest records that they judge otherwise."""

    changes: list[Change]
    differences: Differences | None
    """None: still searched for."""


def compare_versions(rules: Rules, before: str, after: str) -> Iterator[Step]:
    """Compare two versions that the rules know: Compared."""
    policy = rules.load()
    one, other = at_version(policy, before), at_version(policy, after)
    yield from _compared(version_changes(one, other), one, other)


def compare_texts(rules: Rules, texts: Mapping[str, str]) -> Iterator[Step]:
    """Compare the rules with some of their files edited with the rules as they are: Compared."""
    policy = rules.load()
    other = edited(policy, texts)
    yield from _compared(changes(policy, other), policy, other)


def _compared(found: list[Change], one: Policy, other: Policy) -> Iterator[Step]:
    yield Step(0, 0, Compared(found, None))
    yield Step(1, 1, Compared(found, differences(one, other)))


# ── Thresholds ───────────────────────────────────────────────────────────────────────────────────


class ChangedDecision(NamedTuple):
    """A case whose decision is another under other thresholds."""

    case: SuiteCase
    before: str
    after: str


class Trial(NamedTuple):
    """What other thresholds do to the cases of suites, and to a record."""

    changed: tuple[ChangedDecision, ...]
    record: tuple[str, str] | None
    """The decisions of the record before and after, if there is one."""
    patch: str
    """The change of the rule files, as a unified diff."""
    failed: tuple[Result, ...] = ()
    """Cases that passed and fail now, of those that were tried."""


def try_thresholds(
    rules: Rules, before: SuitesRun, numbers: Mapping[str, int], record: Mapping[str, Any] | None
) -> Iterator[Step]:
    """Judge the cases with other thresholds: a Trial; first by their decisions, then by all that they expect."""
    policy = rules.load()
    patch = patch_of(policy, changed_texts(policy, numbers))
    other = with_thresholds(policy, numbers)
    after = _decisions(other, before.cases)
    changed = tuple(
        ChangedDecision(case, *both)
        for case, *both in zip(before.cases, before.decisions, after, strict=True)
        if both[0] != both[1]
    )
    trial = Trial(changed, _both(policy, other, record), patch)
    passed = [result.case for result in before.results if result.passed]
    first = {id(one.case) for one in changed}
    passed.sort(key=lambda case: id(case) not in first)
    failed: list[Result] = []
    for number, case in enumerate(passed):
        if number % _SELDOM == 0:
            yield Step(number, len(passed), trial._replace(failed=tuple(failed)))
        result = check(other, case)
        if not result.passed:
            failed.append(result)
    yield Step(len(passed), len(passed), trial._replace(failed=tuple(failed)))


def _both(one: Policy, other: Policy, record: Mapping[str, Any] | None) -> tuple[str, str] | None:
    if record is None:
        return None
    try:
        return one.decide(record), other.decide(record)
    except RecordError:
        return REFUSED, REFUSED


def patch_of(policy: Policy, texts: Mapping[str, str]) -> str:
    """What other texts of rule files change, as a unified diff."""
    before = {source.path.name: source.text for source in policy.sources}
    lines = []
    for name in sorted(texts):
        old, new = (text.splitlines(keepends=True) for text in (before[name], texts[name]))
        lines += list(unified_diff(old, new, f"a/{name}", f"b/{name}"))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
