"""What changed between two rule folders, and whom it changes a verdict for, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from reasoner.analysis.diff import Change, Differences, Impact, Tally
from reasoner.render import comparison
from reasoner.render.text import paint


def changes(found: Sequence[Change]) -> str:
    """Each statement that differs: as it was and as it is, with its location."""
    if not found:
        return "No rule, constant, item, word or product differs."
    return "\n".join(line for change in found for line in _change(change))


def _change(change: Change) -> Iterator[str]:
    location = change.location_after or change.location_before
    yield f"{location}  {change.kind}" if location else change.kind
    if change.before is not None:
        yield f"  {paint('-', 31)} {change.before}"
    if change.after is not None:
        yield f"  {paint('+', 32)} {change.after}"


def impact(found: Impact) -> str:
    """How many verdicts change, and by which item, each with an example."""
    return "\n".join(_impact(found))


def _impact(found: Impact) -> Iterator[str]:
    yield f"{found.cases} case{'' if found.cases == 1 else 's'}; the verdict of {found.changed} changes"
    for title, tallies in (("Decisions", found.decisions), ("Kinds of denial", found.kinds)):
        yield from _tallies(title, tallies)
    if found.minimal_sets.cases:
        yield from _tallies("Minimal sets", {"others than before": found.minimal_sets})
    yield from _tallies("Items", found.items)


def _tallies(title: str, tallies: dict[str, Tally]) -> Iterator[str]:
    if tallies:
        yield f"\n{title}"
    width = max(map(len, tallies), default=0)
    for name, tally in sorted(tallies.items(), key=lambda entry: (-entry[1].cases, entry[0])):
        yield f"  {name:<{width}}  {tally.cases:>5}  such as {tally.example}"


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
