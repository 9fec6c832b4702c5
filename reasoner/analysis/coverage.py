"""Coverage of rules by suites: for each rule and each literal of its body, whether some case made it hold
and whether some case hangs on it: without it the verdict of that case is another. The declaration of the
record is left out: it has no rules that a case could make hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facts.statements import facts_of
from reasoner.analysis.mutants import drops
from reasoner.analysis.mutation import Outcome, run
from reasoner.analysis.watched import HOLDS, bodies, literals, watching
from reasoner.engine.solver import Decider
from reasoner.policy.syntax import RuleFile, Statement, rule_files
from reasoner.suites.suite import read_suite
from reasoner.verdict.policy import Policy


@dataclass(frozen=True, slots=True)
class Unit:
    """A rule, or (with `literal`, from 0) a literal of its body, in file and line.

    `outcome` is what hangs on it: `caught`, some case; `refused`, the load; `unsafe`, it binds a
    variable, and what hangs on its rule hangs on it; `equivalent`, it is redundant: without it no record
    within the bound is judged otherwise.
    """

    statement: Statement
    literal: int | None
    text: str
    held: bool
    outcome: Outcome

    @property
    def hangs(self) -> bool:
        """Whether something hangs on it, or nothing can."""
        return self.outcome.fate not in ("survived", "undecided")

    @property
    def covered(self) -> bool:
        """Whether it held, and something hangs on it or nothing can."""
        return self.held and self.hangs


def measure(policy: Policy, suites: Sequence[Path], workers: int | None = None) -> Iterator[Unit]:
    """The units of the rule files in their order."""
    statements = [s for file in rule_files(policy.rule_sources) for s in file.statements if s.is_rule]
    held = _held(policy, statements, suites)
    left_out = [mutant for statement in statements for mutant in drops(statement)]
    outcomes = run(policy, suites, left_out, workers, by_expectations=False)
    for number, statement in enumerate(statements):
        whole = next(outcomes)
        yield Unit(statement, None, str(statement), not statement.body or (number,) in held, whole)
        for position, literal in enumerate(statement.body):
            own = next(outcomes)
            outcome = whole if own.fate == "unsafe" else own
            yield Unit(statement, position, str(literal), (number, position) in held, outcome)


def _held(policy: Policy, statements: Sequence[Statement], suites: Sequence[Path]) -> set[tuple[int, ...]]:
    """The numbers of the rules whose bodies held in some case, and of their literals that did."""
    rules = [*bodies(statements), *literals(statements)]
    deciders: dict[int, Decider] = {}
    found: set[tuple[int, ...]] = set()
    for case in (case for path in suites for case in read_suite(path)):
        normalized = policy.normalize(case.record(policy))
        entries = max(normalized.longest_list, 1)
        if entries not in deciders:
            deciders[entries] = watching(policy, rules, entries)
        deciders[entries].assume(facts_of(normalized))
        found |= {tuple(int(str(n)) for n in row) for row in deciders[entries].derived(HOLDS)}
    return found


def percent(units: Sequence[Unit]) -> float:
    """The share of units that are covered, in percent."""
    return 100 * sum(unit.covered for unit in units) / len(units) if units else 100.0


def by_file(units: Iterable[Unit]) -> dict[RuleFile, list[Unit]]:
    """The units of each file."""
    found: dict[RuleFile, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.statement.file, []).append(unit)
    return found
