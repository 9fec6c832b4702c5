"""What an approval grants: calendar months from the request date."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from facts.case import Case
from reasoner.engine.solver import AnswerSet
from reasoner.errors import RulesError
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import kind_of_request, request_date, use_of
from reasoner.verdict.model import Authorization


def authorize(folder: RuleFolder, case: Case, answer_set: AnswerSet) -> Authorization:
    """The authorization of an approved case, by its pathway and, where the policy has kinds, its kind of request."""
    kind, day = kind_of_request(case), request_date(case)
    satisfied = tuple(str(args[0]) for args in answer_set["satisfied"])
    pathway = (*satisfied, *folder.asked_pathways(use_of(case)), *folder.pathways)[0]
    granted = ((pathway,), (pathway, kind))
    spans = [months for *key, months in answer_set["approval_months"] if tuple(key) in granted]
    if len(spans) != 1 or not isinstance(spans[0], int):
        shown = f"{pathway}, {kind}" if kind else pathway
        raise RulesError(f"approval_months: {len(spans)} rows for {shown}, where one is needed")
    months = spans[0]
    return Authorization(day.isoformat(), through(day, months).isoformat(), months)


def through(day: date, months: int) -> date:
    """The last day of a span of calendar months: the day before the same day, `months` later.

    Where that month has no such day, its last day.
    """
    position = day.year * 12 + day.month - 1 + months
    year, month = position // 12, position % 12 + 1
    last = monthrange(year, month)[1]
    if day.day > last:
        return date(year, month, last)
    return date(year, month, day.day) - timedelta(days=1)
