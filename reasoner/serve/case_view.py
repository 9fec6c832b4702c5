"""What the page shows of a case: its form, its verdict beside the first one, what is needed, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from facts.case import Case
from facts.errors import RecordError
from reasoner.policy.folder import Choice
from reasoner.render.text import no_way_to_an_approval
from reasoner.serve.form import Form, form_of
from reasoner.verdict.model import Fact, Need, Verdict
from reasoner.verdict.policy import Policy
from reasoner.whatif.ask import Question, next_question
from reasoner.whatif.scenario import Comparison, comparison, entry_names

LISTED = 50
"""Minimal sets that a page lists, at most."""


class Reading(NamedTuple):
    """A choice of interpretation: how it is read now, and whether the decision hinges on it."""

    name: str
    choice: Choice
    chosen: str
    is_hinge: bool

    @property
    def is_default(self) -> bool:
        """Whether it is read as the rules stand."""
        return self.chosen == self.choice.default


class Judged(NamedTuple):
    """A verdict with what the page shows around it."""

    case: Case
    verdict: Verdict
    first: Comparison | None
    """The verdict beside that of the first record; None: it is the first."""
    first_is_refused: bool
    """Whether the first record has faults, so that nothing can be compared with it."""
    no_way: str | None
    question: Question | None
    readings: tuple[Reading, ...]

    @property
    def before(self) -> dict[str, str | None]:
        """The status in the first verdict of each item whose status is another now."""
        if self.first is None:
            return {}
        return {item.id: item.before for item in self.first.items if item.before != item.after}

    @property
    def shared(self) -> list[Need]:
        """What every minimal set needs: the items that can be turned in one way alone."""
        return [need for need in self._needs if len(need.alternatives) == 1]

    @property
    def alternatives(self) -> list[Need]:
        """The items that can be turned in several ways."""
        return [need for need in self._needs if len(need.alternatives) > 1]

    @property
    def _needs(self) -> Sequence[Need]:
        explanation = self.verdict.explanation
        return explanation.needs or () if explanation is not None else ()

    @property
    def in_all_sets(self) -> list[Fact]:
        """The facts that stand in every minimal set, where these are several, and all are listed."""
        explanation = self.verdict.explanation
        if explanation is None or not explanation.complete or len(explanation.minimal_sets) < 2:
            return []
        first, *others = explanation.minimal_sets
        return [fact for fact in first.facts if all(fact in other.facts for other in others)]


class CaseView(NamedTuple):
    """The form of a record, and what was judged of it; nothing where it has faults."""

    form: Form
    judged: Judged | None


def case_view(
    policy: Policy,
    data: dict[str, Any],
    first: dict[str, Any],
    read: Mapping[str, str],
    declined: Sequence[str],
    usual: Policy,
) -> CaseView:
    """A record beside the first one. `policy` is read as `read` says, and `usual` as it is by default."""
    before = _case_or_none(policy, first)
    try:
        case = policy.case(data)
    except RecordError as error:
        return CaseView(form_of(policy, data, None, error.faults, before), None)
    verdict = policy.judge(case, LISTED)
    question = next_question(policy, data, declined)[1] if verdict.decision == "denied" else None
    compared = None
    if before is not None and (before.written != case.written or read):
        names = entry_names(before), entry_names(case)
        compared = comparison("", usual.judge(before, LISTED), verdict, names)
    readings = tuple(
        Reading(name, usual.choices[name], read.get(name, usual.choices[name].default), name in verdict.hinges_on)
        for name in usual.choices
        if name in verdict.hinges_on or name in read
    )
    judged = Judged(case, verdict, compared, before is None, no_way_to_an_approval(verdict), question, readings)
    return CaseView(form_of(policy, data, case, (), before), judged)


def _case_or_none(policy: Policy, data: dict[str, Any]) -> Case | None:
    try:
        return policy.case(data)
    except RecordError:
        return None
