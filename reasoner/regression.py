"""Running suites: each case judged, and what differs from what is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reasoner.facts.errors import RecordError
from reasoner.policy import Policy
from reasoner.suite import SuiteCase
from reasoner.verdict import Criterion, Verdict

_MANY = 5000
"""Minimal sets of a case that are listed where a case asserts them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected of a verdict, what was found, and where the rules of the item stand."""

    what: str
    expected: Any
    found: Any
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A case with its differences; none: it passed. `error`: its record was refused."""

    case: SuiteCase
    differences: tuple[Difference, ...]
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Whether all that the case names is as expected."""
        return not self.differences and self.error is None


def run(policy: Policy, cases: Iterable[SuiteCase]) -> Iterator[Result]:
    """Judge the cases, one after the other."""
    for case in cases:
        yield check(policy, case)


def check(policy: Policy, case: SuiteCase) -> Result:
    """Judge one case and compare what it names."""
    try:
        verdict = policy.judge(case.record(), _MANY)
    except RecordError as error:
        return Result(case, (), str(error))
    differences: list[Difference] = []
    for key in sorted(case.expect.model_fields_set):
        expected = getattr(case.expect, key)
        found = FOUND[key](verdict)
        if key == "statuses":
            differences += _statuses(policy, expected or {}, found)
        elif key == "missing":
            listed = {frozenset(one) for one in found or ()}
            absent = [one for one in expected or () if frozenset(one) not in listed]
            if absent:
                differences.append(Difference(key, absent, found))
        elif _comparable(key, expected) != _comparable(key, found):
            differences.append(Difference(key, expected, found, _rules(policy, verdict, key, expected)))
    return Result(case, tuple(differences))


def _statuses(policy: Policy, expected: dict[str, str], found: dict[str, str]) -> Iterator[Difference]:
    for item, status in expected.items():
        if found.get(item) != status:
            rules = tuple(policy.places(item)) if item in policy.items else ()
            yield Difference(f"statuses.{item}", status, found.get(item), rules)


def _rules(policy: Policy, verdict: Verdict, key: str, expected: Any) -> tuple[str, ...]:
    """Where the rules stand of the items that stand in the way, or no longer do."""
    if key not in ("decision", "reasons"):
        return ()
    found = verdict.denial.reasons if verdict.denial is not None else ()
    differing = {*found} ^ {*(expected or ())} if key == "reasons" else {*found}
    return tuple(place for item in policy.items if item in differing for place in policy.places(item))


def _comparable(key: str, value: Any) -> Any:
    if key == "minimal_sets" and value is not None:
        return {frozenset(one) for one in value}
    if key in ("hinges_on", "advisories") and value is not None:
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _flat(items: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.status
        yield from _flat(item.children)


def _sets(verdict: Verdict) -> list[list[str]] | None:
    if verdict.explanation is None:
        return None
    return [[fact.fact for fact in one.facts] for one in verdict.explanation.minimal_sets]


FOUND: dict[str, Callable[[Verdict], Any]] = {
    "decision": lambda verdict: verdict.decision,
    "decided_by": lambda verdict: verdict.decided_by,
    "medically_necessary": lambda verdict: verdict.medically_necessary,
    "kind": lambda verdict: verdict.denial and verdict.denial.kind,
    "reasons": lambda verdict: verdict.denial and list(verdict.denial.reasons),
    "statuses": lambda verdict: dict(_flat(verdict.criteria)),
    "minimal_sets": _sets,
    "missing": _sets,
    "total": lambda verdict: verdict.explanation.total if verdict.explanation else 0,
    "hinges_on": lambda verdict: list(verdict.hinges_on),
    "advisories": lambda verdict: [advisory.id for advisory in verdict.advisories],
    "earliest_approval": lambda verdict: verdict.earliest_approval,
    "through": lambda verdict: verdict.authorization and verdict.authorization.through,
    "version": lambda verdict: verdict.policy.version,
}
"""How each thing that a case can name is found in a verdict."""
