"""A verdict as text: a sign and a word for each status, colour on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from reasoner.verdict import Criterion, Fact, Verdict

_SIGNS = {
    "met": ("✓", 32), "clear": ("✓", 32), "established": ("✓", 32), "missing": ("?", 33),
    "contradicted": ("✗", 31), "excludes": ("✗", 31),
}  # fmt: skip
_SHOWN = 5


def summary(verdict: Verdict) -> str:
    """The decision, what stands in the way, and the best way on."""
    return "\n".join(_summary(verdict))


def explanation(verdict: Verdict) -> str:
    """The decision with all its items, what is needed, and the best minimal sets."""
    return "\n".join([*_summary(verdict, brief=True), *_needs(verdict), *_sets(verdict)])


def _summary(verdict: Verdict, *, brief: bool = False) -> Iterator[str]:
    title = verdict.decision.replace("_", " ").upper()
    yield f"{verdict.case_id}: {paint(title, 32 if verdict.decision == 'approved' else 31)}"
    if verdict.decided_by is not None:
        by = verdict.decided_by.replace("_", " ")
        yield f"  by the {by}; {verdict.policy.id}, version {verdict.policy.version}"
    else:
        yield f"  {verdict.policy.id}, version {verdict.policy.version}: not for this line of business"
    if verdict.denial is not None:
        kind = verdict.denial.kind.replace("_", " ")
        yield f"  {kind}: {', '.join(verdict.denial.reasons) or 'the terms'}"
    if verdict.authorization is not None:
        yield f"  from {verdict.authorization.start} through {verdict.authorization.through}"
    if verdict.earliest_approval is not None:
        yield f"  time alone cures it: approved from a request on {verdict.earliest_approval}"
    if verdict.hinges_on:
        yield f"  hinges on the reading of: {', '.join(verdict.hinges_on)}"
    yield ""
    for item in verdict.criteria:
        yield from _tree(item, 1)
    for advisory in verdict.advisories:
        yield f"\n  note: {advisory.text} ({advisory.citation})"
    for warning in verdict.warnings:
        yield f"\n  warning: {warning}"
    if not brief and verdict.explanation is not None and verdict.explanation.minimal_sets:
        yield "\nThe shortest way to an approval:"
        for fact in verdict.explanation.minimal_sets[0].facts:
            yield f"  {_fact(fact)}"
        if verdict.explanation.total > 1:
            yield f"  ({_total(verdict)} minimal sets in all: reasoner explain)"


def _tree(item: Criterion, depth: int) -> Iterator[str]:
    sign, colour = _SIGNS[item.status]
    indent = "  " * depth
    yield f"{indent}{paint(sign, colour)} {item.id} {item.title} · {item.status}"
    if item.status not in ("met", "clear"):
        for fact in item.facts:
            yield f"{indent}    {_fact(fact)}"
    for child in item.children:
        yield from _tree(child, depth + 1)


def _fact(fact: Fact) -> str:
    sign, colour = _SIGNS[fact.status]
    fixed = ", cannot be changed" if fact.unchangeable and fact.status != "established" else ""
    return f"{paint(sign, colour)} {fact.text} [{fact.status}{fixed}]"


def _needs(verdict: Verdict) -> Iterator[str]:
    if verdict.explanation is None or verdict.explanation.needs is None:
        return
    yield "\nNeeded: all of these, each in one of its ways"
    for need in verdict.explanation.needs:
        yield f"  {need.criterion}"
        for place, alternative in enumerate(need.alternatives):
            word = "    " if place == 0 else " or "
            yield f"  {word}{' and '.join(_fact(fact) for fact in alternative)}"


def _sets(verdict: Verdict) -> Iterator[str]:
    if verdict.explanation is None:
        return
    yield f"\nMinimal sets: {_total(verdict)} in all, best first"
    for number, found in enumerate(verdict.explanation.minimal_sets[:_SHOWN], start=1):
        yield f"  {number}."
        for fact in found.facts:
            yield f"     {fact.criterion}: {_fact(fact)}"


def _total(verdict: Verdict) -> str:
    assert verdict.explanation is not None
    least = "" if verdict.explanation.exact else "at least "
    return f"{least}{verdict.explanation.total}"


def sign(status: str | None) -> str:
    """The sign of a status, in its colour on a terminal; of none: a dash."""
    if status is None:
        return "–"
    return paint(*_SIGNS[status])


def paint(text: str, colour: int) -> str:
    """The text in an ANSI colour, where a terminal shows it."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"
