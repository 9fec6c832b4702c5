"""The closure of an explanation: all edits of a minimal set approve, and with those of any one fact left out, none do."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from facts.changes import apply
from reasoner import Policy

Edits = list[dict[str, Any]]


def checked_sets(policy: Policy, data: dict[str, Any], most: int) -> int:
    """How many of a record's minimal sets, up to `most`, were applied; asserts that each does what it says."""
    verdict = policy.judge(data, limit=most)
    if verdict.explanation is None:
        assert verdict.decision != "denied"
        return 0
    assert verdict.explanation.minimal_sets or not verdict.explanation.approvable, json.dumps(data)
    full = policy.case(data).full
    for found in verdict.explanation.minimal_sets:
        parts = [list(fact.edits) for fact in found.facts]
        shown = json.dumps([data, [fact.fact for fact in found.facts], parts])
        assert decided(policy, full, parts) == "approved", shown
        for left in range(len(parts)):
            assert decided(policy, full, parts[:left] + parts[left + 1 :]) == "denied", f"without {left}: {shown}"
    return len(verdict.explanation.minimal_sets)


def decided(policy: Policy, full: dict[str, Any], parts: list[Edits]) -> str:
    """The decision on a record in full form with some edits applied."""
    return policy.decide(apply(full, chain.from_iterable(parts)))
