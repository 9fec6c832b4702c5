"""What changed between two rule folders, and whom it changes a verdict for, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from reasoner.analysis.diff import Change, Differences, Impact, Turn
from reasoner.render import comparison
from reasoner.render.text import paint


def changes(found: Sequence[Change]) -> str:
    """Each statement that differs: as it was and as it is, with its places."""
    if not found:
        return "No rule, constant or item differs."
    return "\n".join(line for change in found for line in _change(change))


def _change(change: Change) -> Iterator[str]:
    place = change.place_after or change.place_before
    yield f"{place}  {change.kind}" if place else change.kind
    if change.before is not None:
        yield f"  {paint('-', 31)} {change.before}"
    if change.after is not None:
        yield f"  {paint('+', 32)} {change.after}"


def impact(found: Impact) -> str:
    """How many verdicts change, and by which item, each with an example."""
    return "\n".join(_impact(found))


def _impact(found: Impact) -> Iterator[str]:
    yield f"{found.cases} cases; the verdict of {found.changed} changes"
    for title, turns in (("Decisions", found.decisions), ("Kinds of denial", found.kinds)):
        yield from _turns(title, turns)
    if found.minimal_sets.cases:
        yield from _turns("Minimal sets", {"others than before": found.minimal_sets})
    yield from _turns("Items", found.items)


def _turns(title: str, turns: dict[str, Turn]) -> Iterator[str]:
    if turns:
        yield f"\n{title}"
    width = max(map(len, turns), default=0)
    for name, turn in sorted(turns.items(), key=lambda entry: (-entry[1].cases, entry[0])):
        yield f"  {name:<{width}}  {turn.cases:>5}  such as {turn.example}"


def differences(found: Differences) -> str:
    """The shortest records on which two rule folders differ, and how their verdicts change."""
    if not found.found:
        if found.proved:
            return f"No record with up to {found.bound} entries in each list is judged otherwise."
        return "No record that is judged otherwise was found in the time of the search."
    parts = []
    for one in found.found:
        record = json.dumps(one.record, ensure_ascii=False, indent=2)
        parts.append(
            f"A shortest record of its kind that is judged otherwise:\n{record}\n\n{comparison.one(one.comparison)}"
        )
    return "\n\n".join(parts)
