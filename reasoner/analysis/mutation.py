"""Mutation of rules: would the suites notice a wrong edit? Each mutant of the rule files is judged by them.

A mutant is caught when the load refuses it or a case fails. One that no case notices is compared with the
rules as they are: where no record within a stated bound distinguishes them it is equivalent and left out;
else the record that does is the case that the suites lack. The declaration of the record has no mutants.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from os import cpu_count, getpid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from facts.case import Case
from facts.errors import RecordError
from facts.model import Record
from facts.statements import facts_of
from facts.terms import Fact as RecordFact
from facts.terms import Term
from reasoner.analysis.case_search import CaseSearch
from reasoner.analysis.distinguish import Witness, find_witness, may_differ
from reasoner.analysis.mutants import Mutant
from reasoner.engine.messages import UNBOUND
from reasoner.engine.solver import Readings
from reasoner.errors import RulesError
from reasoner.suites.run import MANY, assertable, closure, compared
from reasoner.suites.suite import SuiteCase, read_suite
from reasoner.verdict.policy import Policy

Fate = Literal["caught", "refused", "unsafe", "equivalent", "survived", "undecided"]

_TOGETHER = 20
"""Mutants that a worker takes at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: caught by a case, refused by the load, proved equivalent, or survived.

    `by` is the case or the message; `record` distinguishes a survivor from the rules. Unsafe: the change leaves
    a variable that nothing binds, which is no program. Undecided: the search for a record that distinguishes it
    came to no end in its time.
    """

    mutant: Mutant
    fate: Fate
    by: str = ""
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """A case of the suites, with what follows from its record in the rules as they are."""

    case: SuiteCase
    record: Record
    normalized: Case
    facts: list[RecordFact]
    readings: Readings

    @classmethod
    def of(cls, policy: Policy, case: SuiteCase) -> Baseline:
        """What follows in the rules of the policy. Raises RecordError."""
        record = case.record(policy)
        normalized = policy.normalize(record)
        facts = facts_of(normalized)
        return cls(case, record, normalized, facts, _readings(policy, normalized, facts))

    @property
    def is_denied(self) -> bool:
        """Whether there are sets of conditions that would lead to an approval."""
        return ("denied",) in self.readings.answer_set["outcome"]

    def has_open(self, conditions: Iterable[Term]) -> bool:
        """Whether one of these conditions can stand in such a set."""
        return any((condition,) in self.readings.answer_set["open"] for condition in conditions)


def _readings(policy: Policy, case: Case, facts: Sequence[RecordFact]) -> Readings:
    solver = policy.solver(case)
    solver.assume(facts)
    return solver.readings()


class MutationRun:
    """A copy of the rules in which one file at a time is changed, and the cases of the suites."""

    def __init__(self, policy: Policy, suites: Sequence[Path], folder: Path, *, by_expectations: bool = True) -> None:
        """Copy the rules into `folder`. A case notices a change by its expectations, or by any other verdict."""
        self.policy = policy
        self.notices = self._fails if by_expectations else self._differs
        self.folder = folder
        for file in policy.files:
            shutil.copy(file, folder)
        self.texts = {source.path.name: source.text for source in policy.sources}
        baselines = [Baseline.of(policy, case) for path in suites for case in read_suite(path)]
        self.can_be_open = policy.can_be_open()
        self.baselines = sorted(baselines, key=lambda baseline: baseline.normalized.longest_list)
        self._recent = list(self.baselines)
        self._search = CaseSearch(policy, [(one.normalized, one.facts) for one in self.baselines])

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
            policy = Policy(self.folder.glob("*.lp"), self.policy.catalogue, self.policy.vocabularies)
            policy.edits_have_side_effects = self.policy.edits_have_side_effects
            case = self._catching(policy, self._recent[:_FIRST], _is_another)
            can_differ = None if case is not None else may_differ(self.policy, policy)
            case = case or self._differing(policy, in_bound=can_differ is not False)
            if case is None and self.policy.edits_have_side_effects:  # what an edit does decides on its sets as well
                case = self._catching(policy, self.baselines, _always)
            untried = case if case is not None else self._other_edits(policy)
            if isinstance(untried, SuiteCase):
                return Outcome(mutant, "caught", untried.name)
            found = Witness(None, True) if can_differ is False else find_witness(self.policy, policy)
        except RulesError as error:
            fate: Fate = "unsafe" if UNBOUND in str(error) else "refused"
            return Outcome(mutant, fate, str(error).splitlines()[0])
        if found.record is not None:
            return Outcome(mutant, "survived", record=found.record)
        if untried:
            return Outcome(mutant, "survived", f"no case has a minimal set with {', '.join(sorted(untried))}")
        proved = found.proved and not self.policy.edits_have_side_effects
        return Outcome(mutant, "equivalent" if proved else "undecided")

    def _differing(self, policy: Policy, *, in_bound: bool) -> SuiteCase | None:
        """The first case that fails of those on which the mutant may differ: searched among some, then among all.

        Those with longer lists are tried one by one; all others are left out where nothing `in_bound` differs.
        """
        tried: frozenset[int] = frozenset()
        finished = not in_bound
        for step, most in ((_STEP, _FEW), (1, _FEW), (1, 0)):
            if finished:
                break
            cases, finished = self._search.differing(policy, most=most, step=step)
            suspected = [one for number, one in enumerate(self.baselines) if number in cases - tried]
            if case := self._catching(policy, suspected, _always):
                return case
            tried |= cases
        others = [one for number, one in enumerate(self.baselines) if not finished or number in self._search.longer]
        return self._catching(policy, others, _is_another)

    def _catching(
        self, policy: Policy, baselines: Sequence[Baseline], suspects: Callable[[Policy, Baseline], bool]
    ) -> SuiteCase | None:
        """The first case that fails, of those that are suspected to; the next mutant meets it first."""
        for baseline in baselines:
            if suspects(policy, baseline) and self.notices(policy, baseline):
                self._recent.remove(baseline)
                self._recent.insert(0, baseline)
                return baseline.case
        return None

    def _other_edits(self, policy: Policy) -> SuiteCase | frozenset[str]:
        """The case that shows that the edits of changed conditions no longer lead to an approval.

        Else those of the changed conditions that are in no minimal set of any case.
        """
        old, new = self.policy.conditions(), policy.conditions()
        changed = [term for term in self.can_be_open if old.get(term) != new.get(term)]
        found = (one for term in changed for one in (old.get(term), new.get(term)))
        names = frozenset(one.name for one in found if one is not None)
        listed: set[str] = set()
        for baseline in self.baselines if names else ():
            if names <= listed or not baseline.is_denied or not baseline.has_open(changed):
                continue
            verdict = policy.judge(baseline.record, MANY)
            sets = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
            here = frozenset(fact.fact for one in sets for fact in one.facts) & names - listed
            if here and any(True for _ in closure(policy, baseline.record, verdict, here)):
                return baseline.case
            listed |= here
        return names - listed

    def _fails(self, policy: Policy, baseline: Baseline) -> bool:
        try:
            return any(True for _ in compared(policy, baseline.case, policy.judge(baseline.record, MANY)))
        except RecordError:
            return True

    def _differs(self, policy: Policy, baseline: Baseline) -> bool:
        before = assertable(self.policy.judge(baseline.record, MANY))
        try:
            return assertable(policy.judge(baseline.record, MANY)) != before
        except RecordError:
            return True


_STEP = 6
"""One case in so many is searched first: mostly that is enough."""
_FEW = 30
"""Cases on which a mutant may differ of which one most often fails."""
_FIRST = 12
"""Cases that caught a mutant last, which are tried before all of them are searched."""


def _is_another(policy: Policy, baseline: Baseline) -> bool:
    """Whether something else follows from the record as it stands, or with all supplied that is missing."""
    found = _readings(policy, baseline.normalized, baseline.facts)
    before = baseline.readings
    return found.answer_set != before.answer_set or found.best_case != before.best_case


def _always(policy: Policy, baseline: Baseline) -> bool:
    return True


_RUN: list[MutationRun] = []
"""That of a worker process."""


def _start(
    files: Sequence[Path], catalogue: Path, vocabulary: Path, side_effects: bool, suites: Sequence[Path], folder: str,
    by_expectations: bool,
) -> None:  # fmt: skip
    own = Path(folder) / str(getpid())
    own.mkdir()
    policy = Policy(files, catalogue, vocabulary)
    policy.edits_have_side_effects = side_effects
    _RUN.append(MutationRun(policy, suites, own, by_expectations=by_expectations))


def _work(some: Sequence[Mutant]) -> list[Outcome]:
    return [_RUN[0].outcome(mutant) for mutant in some]


def run(
    policy: Policy,
    suites: Sequence[Path],
    todo: Sequence[Mutant],
    workers: int | None = None,
    *,
    by_expectations: bool = True,
) -> Iterator[Outcome]:
    """What becomes of mutants, in their order. The suites must pass on the rules as they are.

    The policy is one that was loaded from folders.
    """
    catalogue, vocabulary = policy.folders
    assert vocabulary is not None
    blocks = [todo[n : n + _TOGETHER] for n in range(0, len(todo), _TOGETHER)]
    with TemporaryDirectory() as folder:
        side_effects = policy.edits_have_side_effects
        start = partial(_start, policy.files, catalogue, vocabulary, side_effects, suites, folder, by_expectations)
        with ProcessPoolExecutor(workers or cpu_count(), initializer=start) as pool:
            for outcomes in pool.map(_work, blocks):
                yield from outcomes
