"""What changed between two verdicts, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from facts.errors import printable
from reasoner.render.text import no_way_to_an_approval, paint, sign
from reasoner.verdict.model import Verdict
from reasoner.whatif.scenario import Comparison

_SHOWN = 5


def one(comparison: Comparison) -> str:
    """Before and after, the items that changed and by which facts, and the minimal sets."""
    return "\n".join(_one(comparison))


def table(comparisons: Sequence[Comparison]) -> str:
    """Several scenarios, a line each."""
    labels = [printable(comparison.name) for comparison in comparisons]
    width = max(map(len, ("as it is", *labels)))
    lines = [f"{'as it is':<{width}}  {comparisons[0].before.decision}"]
    for label, comparison in zip(labels, comparisons, strict=True):
        changes = [f"{item.id} {item.after or 'not asked'}" for item in comparison.items]
        if comparison.before.decided_by != comparison.after.decided_by:
            changes.insert(0, f"decided by {_value(comparison.after.decided_by)}")
        lines.append(f"{label:<{width}}  {comparison.after.decision:<12}  {', '.join(changes) or 'no item changes'}")
    return "\n".join(lines)


_TITLES = {
    "decided_by": "Decided by", "medically_necessary": "Medically necessary", "kind": "Kind of denial",
    "reasons": "Reasons", "through": "Authorized through", "version": "Version", "hinges_on": "Hinges on",
    "earliest_approval": "Earliest approval",
}  # fmt: skip


def _one(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    name = ", ".join([
        comparison.name,
        *(f"assumed {fact}" for fact in comparison.assumed),
        *(f"withdrawn {fact}" for fact in comparison.withdrawn),
    ])  # fmt: skip
    yield f"{before.case_id}, {printable(name)}: {_decision(before.decision)} → {_decision(after.decision)}"
    no_way = no_way_to_an_approval(after)
    if no_way is not None and no_way != no_way_to_an_approval(before):
        yield f"  {no_way}"
    if comparison.assumed or comparison.withdrawn:
        yield "  (texts that cite the record cite it as it is, without what is assumed or withdrawn)"
    for key, (old, new) in comparison.headlines().items():
        if old != new and key in _TITLES:
            yield f"  {_TITLES[key]}: {_value(old)} → {_value(new)}"
    items = comparison.items if before.criteria and after.criteria else ()
    if items or not comparison.items:
        yield "\nItems that change" if items else "\nNo item changes"
    for item in items:
        change = _change(item.before, item.after, "not asked")
        yield f"  {sign(item.after)} {item.id} {item.title} · {change}"
        for fact in item.facts:
            yield f"      {sign(fact.after)} {fact.text} [{_change(fact.before, fact.after, 'no fact')}]"
    for title, sets, texts in (
        ("Minimal sets that vanish", comparison.vanished, _texts(before)),
        ("Minimal sets that appear", comparison.appeared, _texts(after)),
    ):
        if sets:
            yield f"\n{title}: {len(sets)}"
            for number, found in enumerate(sets[:_SHOWN], start=1):
                yield f"  {number}. {texts[found[0]]}"
                yield from (f"     and {texts[name]}" for name in found[1:])
            if len(sets) > _SHOWN:
                yield f"  and {len(sets) - _SHOWN} more (--json)"


def _texts(verdict: Verdict) -> dict[str, str]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    return {fact.fact: fact.text for found in listed for fact in found.facts}


def _change(before: str | None, after: str | None, neither: str) -> str:
    return f"{before or neither} → {after or neither}"


def _decision(decision: str) -> str:
    return paint(decision.replace("_", " ").upper(), 32 if decision == "approved" else 31)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value).replace("_", " ") if value is not None else "none"
