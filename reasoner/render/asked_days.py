"""The days that a verdict asks of periods: where they would lie, and which of them are missing or too many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from facts.case import Case
from facts.days import DaysInAll, DaysInOneRun
from facts.declaration import Field
from facts.function import Bounds, number_text
from facts.periods import Stretch
from reasoner.policy.conditions import Ask
from reasoner.verdict.model import Fact, Verdict, all_items
from reasoner.verdict.policy import Policy


class Question(NamedTuple):
    """What a condition asks of the days of periods, and for which items."""

    fact: Fact
    ask: Ask
    field: Field
    items: tuple[str, ...]

    @property
    def low(self) -> int | None:
        """The fewest days that will do."""
        return None if self.ask.low is None else int(self.field.unscaled(self.ask.low))

    @property
    def high(self) -> int | None:
        """The most days that will do."""
        return None if self.ask.high is None else int(self.field.unscaled(self.ask.high))

    @property
    def in_one_run(self) -> bool:
        """Whether only the days of one run count."""
        return isinstance(self.field.derived, DaysInOneRun)

    def in_words(self, bounds: Bounds) -> str:
        """The days that there are against those asked; where they are known to miss them, in the verdict's words."""
        if self.fact.near is not None and self.fact.status != "established":
            return self.fact.near
        unit, low, high = self.field.unit or self.field.title, self.low, self.high
        if low is not None and high is not None:
            wanted = f"{low} to {high}"
        else:
            wanted = f"at least {low}" if low is not None else f"at most {high}"
        least, most = bounds
        if not least and least != most:
            known = "does not say" if most is None else f"says at most {number_text(most)}"
            return f"{wanted} {unit}; the record {known}"
        shown = number_text(least or 0) + ("" if least == most else " or more")
        return f"{shown} {unit}, where {wanted} are asked"


def questions(policy: Policy, case: Case, verdict: Verdict) -> dict[tuple[Field, int], list[Question]]:
    """The conditions of the verdict about days, by the periods that these are of and the position of their entry."""
    conditions = {condition.name: condition for condition in policy.conditions(case).values()}
    facts: dict[str, Fact] = {}
    items: dict[str, dict[str, None]] = {}
    for fact in (fact for item in all_items(verdict.criteria) for fact in item.facts):
        facts.setdefault(fact.fact, fact)
        items.setdefault(fact.fact, {})[fact.criterion] = None
    found: dict[tuple[Field, int], list[Question]] = {}
    for name, fact in facts.items():
        for ask in conditions[name].asks if name in conditions else ():
            field = case.declaration.field(ask.field)
            if ask.relation == "one_of" or field is None or not isinstance(field.derived, DaysInAll | DaysInOneRun):
                continue
            key = field.derived.periods, case.declaration.position(ask.field)
            found.setdefault(key, []).append(Question(fact, ask, field, tuple(items[name])))
    return found


class Placed(NamedTuple):
    """Where days lie that are asked, and those of them that are missing, or that are beyond the most."""

    asked: Stretch
    gap: Stretch | None


def from_the_first(stretches: Sequence[Stretch], number: int, *, is_most: bool) -> Placed:
    """So many days from the first of the stretches on; those that are missing follow the last."""
    left, end = number, stretches[-1][1]
    for start, stop in stretches:
        days = (stop - start).days + 1
        if left <= days:
            last = moved(start, left - 1)
            return Placed((stretches[0][0], last), (moved(last, 1), end) if is_most and last < end else None)
        left -= days
    last = moved(end, left)
    return Placed((stretches[0][0], last), None if is_most else (moved(end, 1), last))


def up_to(last: date, number: int, there: int, *, is_most: bool) -> Placed:
    """So many days, nobody knows when, drawn up to a last one; those that are missing come first."""
    first, known = moved(last, 1 - number), moved(last, 1 - there)
    if is_most:
        return Placed((first, last), (known, moved(first, -1)) if there > number else None)
    return Placed((first, last), (first, moved(known, -1)) if there < number else None)


def moved(day: date, days: int) -> date:
    """The day so many days later, within what the calendar knows."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal() - 1))
