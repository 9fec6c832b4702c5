"""A policy: a rule folder that decides records and judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from facts.case import Case
from facts.model import Record
from reasoner.engine.limits import Limits
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.model import Verdict

T = TypeVar("T")


class Policy(RuleFolder):
    """A policy's rules, asked of one record after the other; not for use by several threads at once."""

    @classmethod
    def load(
        cls, folder: Path | str | None = None, *, entries: int = 0, limits: Limits | None = None,
        by_solver: bool = False, cache: bool = True,
    ) -> Policy:  # fmt: skip
        """Load a policy folder; without one, the one that comes with the package.

        `entries` prepares for records whose longest list has so many entries; any other record is
        judged just as well, after more grounding. `limits` are those of a folder that is named. `by_solver`: each
        record is judged by the solver, which is the reference for the compiled rules. `cache`: what was derived of
        the same files before is taken from the user's cache folder, and else kept there. Raises RulesError.
        """
        own = None if folder is None else limits or Limits()
        policy = cls(*cls.find(folder), entries, own, by_solver=by_solver, cache=cache and not by_solver)
        if folder is not None and not policy.is_known:
            policy.check_names()
        policy.keep()
        return policy

    def decide(self, record: Record | Case | Mapping[str, Any]) -> str:
        """The decision alone: approved, denied or out_of_scope. Raises RecordError."""
        (decision,) = self.decide_all((record,))
        return decision

    def decide_all(self, records: Iterable[Record | Case | Mapping[str, Any]]) -> list[str]:
        """The decisions of several records, at once; raises RecordError for the first that is none."""
        cases = [self._case(record) for record in records]
        decisions = [""] * len(cases)
        for decider, places in self._by_program(self.decider, cases):
            situations = [decider.ground.situation(cases[place]) for place in places]
            for place, decision in zip(places, decider.decisions(situations), strict=True):
                decisions[place] = decision
        return decisions

    def judge(self, record: Record | Case | Mapping[str, Any], limit: int = 50) -> Verdict:
        """The whole verdict, with at most `limit` minimal sets listed. Raises RecordError."""
        from reasoner.verdict.judge import judge

        return judge(self, self._case(record), limit)

    def judge_all(self, records: Iterable[Record | Case | Mapping[str, Any]], limit: int = 50) -> list[Verdict]:
        """The whole verdicts of several records; raises RecordError for the first that is none."""
        from reasoner.verdict.judge import judge_together

        cases = [self._case(record) for record in records]
        verdicts: dict[int, Verdict] = {}
        for solver, places in self._by_program(self.solver, cases):
            together = judge_together(self, solver, [cases[place] for place in places], limit)
            verdicts |= zip(places, together, strict=True)
        return [verdicts[place] for place in range(len(cases))]

    def _case(self, record: Record | Case | Mapping[str, Any]) -> Case:
        return record if isinstance(record, Case) else self.case(record)

    def _by_program(self, program: Callable[[Case], T], cases: Sequence[Case]) -> Iterable[tuple[T, list[int]]]:
        """The places of cases by the ground program that is for them."""
        found: dict[object, tuple[T, list[int]]] = {}
        for place, case in enumerate(cases):
            key = self.program_of(case)
            if key not in found:
                found[key] = program(case), []
            found[key][1].append(place)
        return found.values()
