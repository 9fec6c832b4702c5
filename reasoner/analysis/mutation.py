"""Mutation of rules: would the suites notice a wrong edit? Each mutant of the rule files is judged by them.

A mutant is caught when the load refuses it or a case fails. One that no case notices is set beside the
rules as they are: where no record within a stated bound tells them apart it is equivalent and left
out; else the record that tells them apart is the case that the suites lack.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import cpu_count, getpid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from facts.errors import RecordError
from facts.normalize import Case
from facts.record import Record
from facts.symbols import Fact as Said
from facts.symbols import Term, facts_of
from reasoner.analysis.distinguish import Apart, apart, can_be_told_apart
from reasoner.analysis.mutants import Mutant
from reasoner.engine.messages import UNBOUND
from reasoner.engine.solver import World
from reasoner.errors import RulesError
from reasoner.policy.policy import Policy
from reasoner.policy.syntax import read
from reasoner.suites.run import MANY, assertable, closure, compared
from reasoner.suites.suite import SuiteCase, read_suite

Fate = Literal["caught", "refused", "unsafe", "equivalent", "survived", "undecided"]

_TOGETHER = 20
"""Mutants that a worker takes at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: caught by a case, refused by the load, proved equivalent, or survived.

    `by` is the case or the message; `record` tells a survivor from the rules. Unsafe: the change leaves
    a variable that nothing binds, which is no program. Undecided: the search for a record that tells it
    apart came to no end in its time.
    """

    mutant: Mutant
    fate: Fate
    by: str = ""
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A case of the suites, with what follows from its record in the rules as they are."""

    case: SuiteCase
    record: Record
    prepared: Case
    said: list[Said]
    world: World
    hopeful: frozenset[Term]


class Bench:
    """A copy of the rules in which one file at a time is changed, and the cases of the suites."""

    def __init__(self, policy: Policy, suites: Sequence[Path], folder: Path, *, by_expectations: bool = True) -> None:
        """Copy the rules into `folder`. A case notices a change by its expectations, or by any other verdict."""
        self.policy = policy
        self.notices = self._fails if by_expectations else self._differs
        self.folder = folder
        for file in policy.files:
            shutil.copy(file, folder)
        self.texts = {file.path.name: file.text for file in read(policy.files)}
        trials = [self.trial(case) for path in suites for case in read_suite(path)]
        self.can_be_open = policy.can_be_open()
        self.trials = sorted(trials, key=lambda trial: trial.prepared.longest_list)

    def trial(self, case: SuiteCase) -> Trial:
        """A case with what follows from its record."""
        record = case.record()
        prepared = self.policy.normalize(record)
        said = facts_of(prepared)
        explainer = self.policy.explainer(prepared)
        explainer.tell(said)
        world, hopeful, _ = explainer.readings()
        return Trial(case, record, prepared, said, world, hopeful)

    def outcome(self, mutant: Mutant) -> Outcome:
        """What becomes of a mutant. Its file stays changed meanwhile: programs are ground when needed."""
        file = self.folder / mutant.path.name
        file.write_text(mutant.applied(self.texts[file.name]), "utf-8")
        try:
            return self._outcome(mutant)
        finally:
            file.write_text(self.texts[file.name], "utf-8")

    def _outcome(self, mutant: Mutant) -> Outcome:
        try:
            policy = Policy(self.folder.glob("*.lp"), self.policy.catalogue)
            if case := self._catching(policy, self.trials[:_FIRST], _turns):
                return Outcome(mutant, "caught", case.name)
            told_apart = can_be_told_apart(self.policy, policy)
            if told_apart is not False and (
                case := self._catching(policy, self.trials[_FIRST:], _turns)
                or self._catching(policy, self.trials, _always)
            ):
                return Outcome(mutant, "caught", case.name)
            untried = self._other_edits(policy)
            if isinstance(untried, SuiteCase):
                return Outcome(mutant, "caught", untried.name)
        except RulesError as error:
            fate: Fate = "unsafe" if UNBOUND in str(error) else "refused"
            return Outcome(mutant, fate, str(error).splitlines()[0])
        found = apart(self.policy, policy) if told_apart is not False else Apart(None, True)
        if found.record is not None:
            return Outcome(mutant, "survived", record=found.record)
        if untried:
            return Outcome(mutant, "survived", f"no case has a minimal set with {', '.join(sorted(untried))}")
        return Outcome(mutant, "equivalent" if found.proved else "undecided")

    def _catching(
        self, policy: Policy, trials: Sequence[Trial], suspects: Callable[[Policy, Trial], bool]
    ) -> SuiteCase | None:
        """The first case that fails, of those that are suspected to; the next mutant meets it first."""
        for trial in trials:
            if suspects(policy, trial) and self.notices(policy, trial):
                self.trials.remove(trial)
                self.trials.insert(0, trial)
                return trial.case
        return None

    def _other_edits(self, policy: Policy) -> SuiteCase | frozenset[str]:
        """The case that shows that the edits of changed conditions no longer lead to an approval.

        Else those of the changed conditions that are in no minimal set of any case.
        """
        old, new = self.policy.conditions(), policy.conditions()
        names = frozenset(
            one.name for term in self.can_be_open for one in (old.get(term), new.get(term))
            if one is not None and old.get(term) != new.get(term)
        )  # fmt: skip
        listed: set[str] = set()
        for trial in self.trials if names else ():
            verdict = policy.judge(trial.record, MANY)
            sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
            here = frozenset(fact.fact for found in sets for fact in found.facts) & names - listed
            if here and any(True for _ in closure(policy, trial.record, verdict, here)):
                return trial.case
            listed |= here
        return names - listed

    def _fails(self, policy: Policy, trial: Trial) -> bool:
        try:
            return any(True for _ in compared(policy, trial.case, policy.judge(trial.record, MANY)))
        except RecordError:
            return True

    def _differs(self, policy: Policy, trial: Trial) -> bool:
        before = assertable(self.policy.judge(trial.record, MANY))
        try:
            return assertable(policy.judge(trial.record, MANY)) != before
        except RecordError:
            return True


_FIRST = 60
"""Cases that are tried before the solver looks for a record that tells the mutant apart."""


def _turns(policy: Policy, trial: Trial) -> bool:
    """Whether something else follows from the record as it stands, or with all supplied that is missing."""
    explainer = policy.explainer(trial.prepared)
    explainer.tell(trial.said)
    world, hopeful, _ = explainer.readings()
    return world != trial.world or hopeful != trial.hopeful


def _always(policy: Policy, trial: Trial) -> bool:
    return True


_BENCH: list[Bench] = []


def _start(files: Sequence[Path], catalogue: Path, suites: Sequence[Path], folder: str, by_expectations: bool) -> None:
    own = Path(folder) / str(getpid())
    own.mkdir()
    _BENCH.append(Bench(Policy(files, catalogue), suites, own, by_expectations=by_expectations))


def _work(some: Sequence[Mutant]) -> list[Outcome]:
    return [_BENCH[0].outcome(mutant) for mutant in some]


def run(
    policy: Policy,
    suites: Sequence[Path],
    todo: Sequence[Mutant],
    workers: int | None = None,
    *,
    by_expectations: bool = True,
) -> Iterator[Outcome]:
    """What becomes of mutants, in their order. The suites must pass on the rules as they are."""
    blocks = [todo[n : n + _TOGETHER] for n in range(0, len(todo), _TOGETHER)]
    with TemporaryDirectory() as folder:
        start = partial(_start, policy.files, policy.catalogue_folder, suites, folder, by_expectations)
        with ProcessPoolExecutor(workers or cpu_count(), initializer=start) as pool:
            for outcomes in pool.map(_work, blocks):
                yield from outcomes
