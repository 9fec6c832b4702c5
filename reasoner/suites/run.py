"""Running suites: each case judged, and what differs from what is expected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any

from facts.changes import Edit, apply
from facts.errors import RecordError
from facts.model import Record
from reasoner.suites.suite import SuiteCase, with_remedy
from reasoner.verdict.model import Verdict, all_items
from reasoner.verdict.policy import Policy

MANY = 5000
"""Minimal sets of a case that are listed where a case asserts them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected of a verdict, what was found, where the rules of the item stand, and a remark."""

    what: str
    expected: Any
    found: Any
    rules: tuple[str, ...] = ()
    note: str | None = None


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
    """Judge one case, compare what it names, and see that the edits of its minimal sets do what they must."""
    try:
        record = policy.record(case.data)
        verdict = policy.judge(record, MANY)
    except RecordError as error:
        return Result(case, (), "\n".join(str(with_remedy(fault)) for fault in error.faults))
    differences = (*compared(policy, case, verdict), *closure(policy, record, verdict))
    return Result(case, differences)


def compared(policy: Policy, case: SuiteCase, verdict: Verdict) -> Iterator[Difference]:
    """What the case names and the verdict has otherwise."""
    for key in sorted(case.expect.model_fields_set):
        expected = getattr(case.expect, key)
        found = FOUND[key](verdict)
        if key == "statuses":
            yield from _statuses(policy, expected or {}, found)
        elif key == "missing":
            listed = {frozenset(one) for one in found or ()}
            absent = [one for one in expected or () if frozenset(one) not in listed]
            if absent:
                yield Difference(key, absent, found)
        elif comparable(key, expected) != comparable(key, found):
            rules = _rules(policy, verdict, key, expected)
            yield Difference(key, expected, found, rules, _unknown(policy, key, expected))


def closure(
    policy: Policy, record: Record, verdict: Verdict, facts: frozenset[str] | None = None
) -> Iterator[Difference]:
    """Minimal sets whose edits do not lead to an approval, or do so with those of one fact left out.

    Sets are tried until each fact of the denial (or each of these, by name) has been in one.
    """
    if verdict.explanation is None:
        return
    full: dict[str, Any] | None = None
    tried: set[str] = set()
    for found in verdict.explanation.minimal_sets:
        own = {fact.fact for fact in found.facts}
        if own <= tried or (facts is not None and not own & facts - tried):
            continue
        tried |= own
        full = policy.case(record).full if full is None else full
        parts = [fact.edits for fact in found.facts]
        outcomes = [_after(policy, full, parts)]
        outcomes += [_after(policy, full, [*parts[:n], *parts[n + 1 :]]) for n in range(len(parts))]
        if outcomes[0] != "approved" or "approved" in outcomes[1:]:
            note = _why([fact.fact for fact in found.facts], outcomes)
            yield Difference("edits", "approved by all of them, and by no fewer", sorted(own), note=note)


def _why(facts: Sequence[str], outcomes: Sequence[str]) -> str:
    """Which edits did what they must not: all of them, or those that were left with one fact's left out."""
    if outcomes[0] != "approved":
        is_refused = outcomes[0] not in ("denied", "out_of_scope")
        what = f"is refused: {outcomes[0]}" if is_refused else f"is {outcomes[0].replace('_', ' ')}"
        return f"the record with all of these edits {what}"
    spare = [fact for fact, outcome in zip(facts, outcomes[1:], strict=True) if outcome == "approved"]
    return f"approved without the edits of {' or of '.join(spare)} as well"


def _after(policy: Policy, full: dict[str, Any], parts: Sequence[tuple[Edit, ...]]) -> str:
    """The decision after these edits; a refusal is none."""
    try:
        return policy.decide(apply(full, list(chain.from_iterable(parts))))
    except ValueError as error:
        return str(error)


def assertable(verdict: Verdict) -> dict[str, Any]:
    """All that a case could name of a verdict."""
    return {key: comparable(key, find(verdict)) for key, find in FOUND.items()}


def _statuses(policy: Policy, expected: dict[str, str], found: dict[str, str]) -> Iterator[Difference]:
    for item, status in expected.items():
        if found.get(item) != status:
            rules = tuple(policy.locations(item)) if item in policy.items else ()
            yield Difference(f"statuses.{item}", status, found.get(item), rules, _unknown(policy, "statuses", [item]))


def _unknown(policy: Policy, key: str, expected: Any) -> str | None:
    """Which of the names in an expectation the policy does not have, and the nearest that it has."""
    kinds: dict[str, tuple[str, Collection[str]]] = {
        "statuses": ("item", policy.items),
        "reasons": ("item", policy.items),
        "because": ("item", policy.items),
        "advisories": ("advisory", policy.advisory_texts),
        "hinges_on": ("choice", policy.choices),
    }
    what, known = kinds.get(key, ("", ()))
    absent = [name for name in expected or () if name not in known] if what else []
    nearest = [", ".join(get_close_matches(name, known, 1, 0)) or "none" for name in absent]
    notes = (f"no such {what}: {name}; nearest: {near}" for name, near in zip(absent, nearest, strict=True))
    return "; ".join(notes) or None


def _rules(policy: Policy, verdict: Verdict, key: str, expected: Any) -> tuple[str, ...]:
    """Where the rules stand of the items that stand in the way, or no longer do."""
    if key not in ("decision", "reasons"):
        return ()
    reasons = verdict.denial.reasons if verdict.denial is not None else ()
    differing = {*reasons} ^ {*(expected or ())} if key == "reasons" else {*reasons}
    return tuple(line for item in policy.items if item in differing for line in policy.locations(item))


def comparable(key: str, value: Any) -> Any:
    """A value in the form in which equal ones are alike: sets of names in any order, say."""
    if key in ("minimal_sets", "missing") and value is not None:
        return {frozenset(one) for one in value}
    if key in ("because", "hinges_on", "advisories", "unchangeable") and value is not None:
        return sorted(value)
    if key == "reasons":  # an approval has none
        return list(value or ())
    return list(value) if isinstance(value, tuple) else value


def _sets(verdict: Verdict) -> list[list[str]] | None:
    if verdict.explanation is None:
        return None
    return [[fact.fact for fact in one.facts] for one in verdict.explanation.minimal_sets]


def _unchangeable(verdict: Verdict) -> list[str]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    return sorted({fact.fact for found in listed for fact in found.facts if fact.unchangeable})


FOUND: dict[str, Callable[[Verdict], Any]] = {
    "decision": lambda verdict: verdict.decision,
    "decided_by": lambda verdict: verdict.decided_by,
    "medically_necessary": lambda verdict: verdict.medically_necessary,
    "kind": lambda verdict: verdict.denial and verdict.denial.kind,
    "reasons": lambda verdict: verdict.denial and list(verdict.denial.reasons),
    "statuses": lambda verdict: {item.id: item.status for item in all_items(verdict.criteria)},
    "minimal_sets": _sets,
    "missing": _sets,
    "approvable": lambda verdict: verdict.explanation and verdict.explanation.approvable,
    "because": lambda verdict: list(verdict.explanation.because) if verdict.explanation else [],
    "unchangeable": _unchangeable,
    "total": lambda verdict: verdict.explanation.total if verdict.explanation else 0,
    "hinges_on": lambda verdict: list(verdict.hinges_on),
    "advisories": lambda verdict: [advisory.id for advisory in verdict.advisories],
    "earliest_approval": lambda verdict: verdict.earliest_approval,
    "through": lambda verdict: verdict.authorization and verdict.authorization.through,
    "version": lambda verdict: verdict.policy.version,
}
"""How each thing that a case can name is found in a verdict."""
