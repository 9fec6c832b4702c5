"""What became of the mutants, as text; the record that would catch a survivor, as a case of a suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reasoner.analysis.mutants import Mutant
from reasoner.analysis.mutation import Outcome
from reasoner.render.text import paint
from reasoner.suites.new_case import case_of
from reasoner.verdict.model import Verdict


def survivors(outcomes: Sequence[Outcome]) -> str:
    """Each mutant that no case notices, with the record that distinguishes it from the rules."""
    return "\n".join(line for outcome in outcomes for line in _survivor(outcome))


def _survivor(outcome: Outcome) -> Iterator[str]:
    if outcome.fate not in ("survived", "undecided"):
        return
    mutant = outcome.mutant
    yield f"{paint('✗', 31)} {mutant.path.name}:{mutant.line} · {mutant.kind}"
    yield f"    {mutant.change.removeprefix('dropped: ')}"
    if outcome.record is not None:
        yield "    distinguished by a record; see the case below"
    elif outcome.fate == "undecided":
        yield "    not proved equivalent in the time of the search"
    else:
        yield f"    {outcome.by}"


def totals(outcomes: Sequence[Outcome], bound: int) -> str:
    """How many mutants came to which end, and the score."""
    count = Counter(outcome.fate for outcome in outcomes)
    missed = count["survived"] + count["undecided"]
    return (
        f"{len(outcomes) - count['unsafe']} mutants: {count['caught']} caught by a case, {count['refused']} "
        f"refused by the load, {missed} survived; score {score(outcomes):.1f} %\n"
        f"left out: {count['equivalent']} proved equivalent (no record with up to {bound} entries a list "
        f"distinguishes them), {count['unsafe']} that are no program"
    )


def score(outcomes: Sequence[Outcome]) -> float:
    """The share of mutants, of those not proved equivalent, that the load or a case notices; in percent."""
    count = Counter(outcome.fate for outcome in outcomes)
    noticed, missed = count["caught"] + count["refused"], count["survived"] + count["undecided"]
    return 100 * noticed / (noticed + missed) if noticed + missed else 100.0


def case(mutant: Mutant, record: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """A case of a suite that holds the record to the verdict of the rules as they are."""
    return case_of(f"Distinguishes {mutant.location}: {mutant.change}", record, verdict)


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """What became of a mutant, as JSON data."""
    mutant = outcome.mutant
    return {
        "file": mutant.path.name, "line": mutant.line, "kind": mutant.kind, "change": mutant.change,
        "fate": outcome.fate, "by": outcome.by, "record": outcome.record,
    }  # fmt: skip
