"""What an approval grants: calendar months from the request date."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from facts.normalize import Case
from reasoner.engine.solver import World
from reasoner.errors import RulesError
from reasoner.policy.policy import Policy
from reasoner.verdict.model import Authorization


def authorize(policy: Policy, case: Case, world: World) -> Authorization:
    """The authorization of an approved case."""
    request = case.record.request
    satisfied = tuple(str(args[0]) for args in world["satisfied"])
    asked = policy.asked_pathways(request.indication)
    pathway = (*satisfied, *asked, *policy.pathways)[0]
    spans = [months for *granted, months in world["approval_months"] if granted == [pathway, request.type]]
    if len(spans) != 1 or not isinstance(spans[0], int):
        raise RulesError(f"approval_months/3: {len(spans)} rows for {pathway}, {request.type}, where one is needed")
    months = spans[0]
    return Authorization(request.date.isoformat(), through(request.date, months).isoformat(), months)


def through(day: date, months: int) -> date:
    """The last day of a span of calendar months: the day before the same day, `months` later.

    Where that month has no such day, its last day.
    """
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    last = monthrange(year, month)[1]
    if day.day > last:
        return date(year, month, last)
    return date(year, month, day.day) - timedelta(days=1)
