"""What a change of rules does to a population, as counts that can be added."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from facts.errors import RecordError
from reasoner.batch.summary import Summary, facts_needed
from reasoner.suites.run import FOUND, assertable
from reasoner.verdict.model import Verdict
from reasoner.whatif.scenario import Comparison, comparison

_COUNTED = ("decision", "kind", "reasons", "statuses", "minimal_sets", "missing", "total", "unchangeable")
"""Parts of a verdict whose changes are counted by what they are, and from what to what."""
EXAMPLES = 3
"""Cases that are named of those that change in the same way, at most."""
K = TypeVar("K", str, "Reason", "Asked")


@dataclass(slots=True)
class Tally:
    """How many cases changed in the same way, and the first of them in the order of the records."""

    cases: int = 0
    examples: tuple[str, ...] = ()

    def count(self, case: str) -> None:
        """One more."""
        self.cases += 1
        if len(self.examples) < EXAMPLES:
            self.examples += (case,)

    def merge(self, later: Tally) -> None:
        """Add those of later records."""
        self.cases += later.cases
        self.examples = (*self.examples, *later.examples)[:EXAMPLES]

    def as_dict(self) -> dict[str, Any]:
        """The tally as JSON data."""
        return {"cases": self.cases, "example": next(iter(self.examples), ""), "examples": self.examples}


class Reason(NamedTuple):
    """An item that comes to stand in the way, or no longer does; the decision and its status before → after."""

    decision: str
    item: str
    status: str


class Asked(NamedTuple):
    """An item of which the ways to an approval ask facts that they did not ask, or no longer ask some."""

    item: str
    change: str
    """Appeared or vanished."""


class Impact:
    """Counts of the cases that two rules judge otherwise, by what changes and from what to what."""

    def __init__(self) -> None:
        self.cases = 0
        """Records that both judge: all is counted of these, but for what is refused."""
        self.before = Summary()
        """What the verdicts of the rules before have in common; beside these it has how many records they refuse."""
        self.after = Summary()
        self.changed = 0
        self.decisions = defaultdict[str, Tally](Tally)
        self.kinds = defaultdict[str, Tally](Tally)
        self.minimal_sets = Tally()
        self.items = defaultdict[str, Tally](Tally)
        self.reasons = defaultdict[Reason, Tally](Tally)
        self.only_reason = Counter[Reason]()
        """The same, where no other item came to stand in the way or ceased to."""
        self.asked = defaultdict[Asked, Tally](Tally)
        self.others = defaultdict[str, Tally](Tally)
        """What else of a verdict changes, by its name in suites: until when it is approved, say."""
        self.nothing_else = Counter[str]()
        """The same, where it is all that changes."""
        self.refused = defaultdict[str, Tally](Tally)
        """By who refuses: both, or the rules before or after alone; the examples are lines with their faults."""

    def add(self, line: int, before: Verdict | RecordError, after: Verdict | RecordError) -> None:
        """Count what became of the record of a line."""
        if isinstance(before, RecordError) or isinstance(after, RecordError):
            self._add_refusal(line, before, after)
            return
        self.cases += 1
        self.before.add(before)
        self.after.add(after)
        if before != after and (parts := _differing_parts(before, after)):
            self._add_change(comparison("", before, after), parts)

    def _add_refusal(self, line: int, *results: Verdict | RecordError) -> None:
        errors = {}
        for name, counts, result in zip(("before", "after"), (self.before, self.after), results, strict=True):
            if isinstance(result, RecordError):
                errors[name] = result
                counts.add(result)
        name, error = next(iter(errors.items()))
        self.refused["both" if len(errors) == 2 else name].count(_refusal(line, error))

    def _add_change(self, change: Comparison, parts: Sequence[str]) -> None:
        before, after, case = change.before, change.after, change.before.case_id
        self.changed += 1
        if before.decision != after.decision:
            self.decisions[_change(before.decision, after.decision)].count(case)
        if _kind(before) != _kind(after):
            self.kinds[_change(_kind(before), _kind(after))].count(case)
        if change.vanished or change.appeared:
            self.minimal_sets.count(case)
        for item in change.items:
            self.items[f"{item.id}: {_status(item.before, item.after)}"].count(case)
        reasons = [*_differing_reasons(before, after)]
        for reason in reasons:
            self.reasons[reason].count(case)
        if len(reasons) == 1:
            self.only_reason.update(reasons)
        for asked in _differing_facts(before, after):
            self.asked[asked].count(case)
        for part in parts:
            if part not in _COUNTED:
                self.others[part].count(case)
                self.nothing_else.update(parts if len(parts) == 1 else ())

    def merge(self, later: Impact) -> None:
        """Add the counts of later records."""
        self.before.merge(later.before)
        self.after.merge(later.after)
        self.cases += later.cases
        self.changed += later.changed
        self.minimal_sets.merge(later.minimal_sets)
        self.only_reason.update(later.only_reason)
        self.nothing_else.update(later.nothing_else)
        _merge(self.decisions, later.decisions)
        _merge(self.kinds, later.kinds)
        _merge(self.items, later.items)
        _merge(self.reasons, later.reasons)
        _merge(self.asked, later.asked)
        _merge(self.others, later.others)
        _merge(self.refused, later.refused)

    @property
    def records(self) -> int:
        """How many were judged or refused."""
        return self.cases + sum(tally.cases for tally in self.refused.values())

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON data, the largest first: the same in whatever blocks they were counted."""
        return {
            "cases": self.cases,
            "changed": self.changed,
            "decisions": _by_name(self.decisions),
            "kinds": _by_name(self.kinds),
            "minimal_sets": self.minimal_sets.as_dict(),
            "items": _by_name(self.items),
            "reasons": [
                {**reason._asdict(), **tally.as_dict(), "only_reason": self.only_reason[reason]}
                for reason, tally in ranked(self.reasons)
            ],
            "facts_asked": [{**asked._asdict(), **tally.as_dict()} for asked, tally in ranked(self.asked)],
            "others": {
                name: {**tally.as_dict(), "nothing_else": self.nothing_else[name]}
                for name, tally in ranked(self.others)
            },
            "refused": _by_name(self.refused),
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


def ranked(tallies: Mapping[K, Tally]) -> list[tuple[K, Tally]]:
    """The most frequent first; of equal ones in the order of their names."""
    return sorted(tallies.items(), key=lambda row: (-row[1].cases, row[0]))


def _by_name(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    return {name: tally.as_dict() for name, tally in ranked(tallies)}


def _merge(tallies: defaultdict[K, Tally], later: Mapping[K, Tally]) -> None:
    for name, tally in later.items():
        tallies[name].merge(tally)


def _change(before: str, after: str) -> str:
    return f"{before} → {after}"


def _kind(verdict: Verdict) -> str:
    return verdict.denial.kind if verdict.denial is not None else "no denial"


def _status(before: str | None, after: str | None) -> str:
    return _change(before or "not asked", after or "not asked")


def _differing_reasons(before: Verdict, after: Verdict) -> Iterator[Reason]:
    old, new = (verdict.denial.reasons if verdict.denial is not None else () for verdict in (before, after))
    statuses = [FOUND["statuses"](verdict) for verdict in (before, after)]
    for item in sorted({*old} ^ {*new}):
        status = _status(*(own.get(item) for own in statuses))
        yield Reason(_change(before.decision, after.decision), item, status)


def _differing_parts(before: Verdict, after: Verdict) -> list[str]:
    """What of two verdicts is not the same, by its name in suites."""
    old, new = assertable(before), assertable(after)
    return [name for name in old if old[name] != new[name]]


def _differing_facts(before: Verdict, after: Verdict) -> Iterator[Asked]:
    old, new = (
        {(fact.criterion, fact.fact) for fact in facts_needed(verdict.explanation)} if verdict.explanation else set()
        for verdict in (before, after)
    )
    yield from (Asked(item, "appeared") for item in sorted({item for item, _ in new - old}))
    yield from (Asked(item, "vanished") for item in sorted({item for item, _ in old - new}))


def _refusal(line: int, error: RecordError) -> str:
    first, *others = error.faults
    more = f"; and {len(others)} more" if others else ""
    return f"line {line:,}: {first}{more}"
