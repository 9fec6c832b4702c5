"""What changed between two rule folders, and shortest records that they judge otherwise, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from reasoner.analysis.diff import Change, Differences
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
