"""What changed between two verdicts, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reasoner.render.text import paint, sign
from reasoner.scenario import Comparison
from reasoner.verdict import Verdict

_SHOWN = 5


def one(comparison: Comparison) -> str:
    """Before and after, the items that changed and by which facts, and the minimal sets."""
    return "\n".join(_one(comparison))


def table(comparisons: Sequence[Comparison]) -> str:
    """Several scenarios, a line each."""
    width = max(len(comparison.name) for comparison in comparisons)
    lines = [f"{'as it is':<{width}}  {comparisons[0].before.decision}"]
    for comparison in comparisons:
        changes = ", ".join(f"{item.id} {item.after or 'not asked'}" for item in comparison.items)
        lines.append(f"{comparison.name:<{width}}  {comparison.after.decision:<12}  {changes or 'no item changes'}")
    return "\n".join(lines)


def _one(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    texts = {**_texts(before), **_texts(after)}
    yield f"{before.case_id}, {comparison.name}: {_decision(before.decision)} → {_decision(after.decision)}"
    items = comparison.items if before.criteria and after.criteria else ()
    if items or not comparison.items:
        yield "\nItems that change" if items else "\nNo item changes"
    for item in items:
        change = _change(item.before, item.after, "not asked")
        yield f"  {sign(item.after)} {item.id} {item.title} · {change}"
        for fact in item.facts:
            yield f"      {sign(fact.after)} {fact.text} [{_change(fact.before, fact.after, 'no fact')}]"
    for title, sets in (
        ("Minimal sets that vanish", comparison.vanished),
        ("Minimal sets that appear", comparison.appeared),
    ):
        if sets:
            yield f"\n{title}: {len(sets)}"
            for number, found in enumerate(sets[:_SHOWN], start=1):
                yield f"  {number}. {texts[found[0]]}"
                yield from (f"     and {texts[name]}" for name in found[1:])
            if len(sets) > _SHOWN:
                yield f"  and {len(sets) - _SHOWN} more (--json)"
    if before.hinges_on != after.hinges_on:
        yield f"\nHinges on: {_names(before.hinges_on)} → {_names(after.hinges_on)}"
    if before.earliest_approval != after.earliest_approval:
        yield f"\nEarliest approval: {_change(before.earliest_approval, after.earliest_approval, 'none')}"


def _texts(verdict: Verdict) -> dict[str, str]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    return {fact.fact: fact.text for found in listed for fact in found.facts}


def _change(before: str | None, after: str | None, neither: str) -> str:
    return f"{before or neither} → {after or neither}"


def _decision(decision: str) -> str:
    return paint(decision.replace("_", " ").upper(), 32 if decision == "approved" else 31)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
