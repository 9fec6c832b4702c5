"""What the verdicts of a population have in common, for people."""

from __future__ import annotations

from collections.abc import Iterator

from facts.errors import printable
from reasoner.batch.summary import Summary, ranked

_MOST = 5


def lines(counts: Summary) -> Iterator[str]:
    """The counts in a few lines: decisions, kinds of denial, the items that stand in the way most, readings."""
    decisions = {name: counts.decisions[name] for name in ("approved", "denied", "out_of_scope")}
    yield ", ".join(f"{count} {name}" for name, count in {**decisions, "refused": counts.refused}.items())
    if counts.kinds:
        yield f"denied: {', '.join(f'{count} {kind}' for kind, count in ranked(counts.kinds))}"
        most = (f"{item} {count} ({counts.alone[item]} alone)" for item, count in ranked(counts.in_the_way)[:_MOST])
        yield f"in the way most: {printable(', '.join(most))}"
    if counts.hinges:
        choices = sorted({choice for choice, _ in counts.hinges})
        found = {choice: sum(n for (one, _), n in counts.hinges.items() if one == choice) for choice in choices}
        yield f"hinge on a reading: {printable(', '.join(f'{count} {choice}' for choice, count in found.items()))}"
