"""All edits applied, approved; any one fact's edits left out, denied."""

import json
from pathlib import Path

import pytest
from reasoner import Policy, parse_record
from reasoner.facts.edits import apply

EXAMPLES = Path(__file__).parent.parent / "facts" / "examples"


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_every_minimal_set_approves_and_no_part_of_it_does(policy: Policy, path: Path) -> None:
    record = parse_record(json.loads(path.read_text()))
    verdict = policy.judge(record)
    full = policy.normalize(record).full
    if verdict.explanation is None:
        assert verdict.decision != "denied"
        return
    assert verdict.explanation.minimal_sets
    for found in verdict.explanation.minimal_sets:
        parts = [list(fact.edits) for fact in found.facts]
        assert policy.decide(parse_record(apply(full, sum(parts, [])))) == "approved"
        for left in range(len(parts)):
            rest = sum(parts[:left] + parts[left + 1 :], [])
            assert policy.decide(parse_record(apply(full, rest))) == "denied"
