"""A policy: a rule folder that decides records and judges them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facts.model import Record
from facts.statements import facts_of
from reasoner.engine.limits import Limits
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.model import Verdict


class Policy(RuleFolder):
    """A policy's rules, asked of one record after the other; not for use by several threads at once."""

    @classmethod
    def load(
        cls, folder: Path | str | None = None, *, entries: int = 0, limits: Limits | None = None,
        by_solver: bool = False,
    ) -> Policy:  # fmt: skip
        """Load a policy folder; without one, the one that comes with the package.

        `entries` prepares for records whose longest list has so many entries; any other record is
        judged just as well, after more grounding. `limits` are those of a folder that is named. `by_solver`: each
        record is judged by the solver, which is the reference for the compiled rules. Raises RulesError.
        """
        own = None if folder is None else limits or Limits()
        policy = cls(*cls.find(folder), entries, own, by_solver=by_solver)
        if folder is not None:
            policy.check_names()
        return policy

    def decide(self, record: Record | Mapping[str, Any]) -> str:
        """The decision alone: approved, denied or out_of_scope. Raises RecordError."""
        case = self.case(record)
        decider = self.decider(case)
        decider.assume(facts_of(case))
        return decider.decision()

    def judge(self, record: Record | Mapping[str, Any], limit: int = 50) -> Verdict:
        """The whole verdict, with at most `limit` minimal sets listed. Raises RecordError."""
        from reasoner.verdict.judge import judge

        return judge(self, self.case(record), limit)
