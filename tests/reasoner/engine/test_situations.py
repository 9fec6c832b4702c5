"""What records make true, by what is remembered of their fields, and by their facts."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from generate import random_record, worded_record

from facts.errors import RecordError
from facts.statements import facts_of
from facts.terms import Between, CouldBe
from reasoner import Policy
from reasoner.engine.ground_program import GroundProgram


@pytest.mark.parametrize("draw", [random_record, worded_record])
def test_what_a_record_makes_true_is_what_its_facts_make_true(
    policy: Policy, draw: Callable[[Random, int], dict[str, Any]]
) -> None:
    """Each record is met twice, with others between."""
    records = [draw(Random(f"situation/{seed}"), 1 + seed % 4) for seed in range(60)]
    found = 0
    for seed, record in enumerate(records * 2):
        try:
            case = policy.case(record)
        except RecordError:  # a slip of the keys
            continue
        found += 1
        facts = facts_of(case)
        for ground in (policy.decider(case).ground, policy.solver(case).ground):
            assert ground.situation(case) == ground.situation_of(facts), seed
        assert case.is_ambiguous or not any(isinstance(fact, CouldBe) for fact in facts), seed
    assert found > 60


def test_a_number_makes_true_how_it_is_to_the_nearest_that_it_is_compared_with(policy: Policy) -> None:
    ground = policy.solver(policy.case({"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}})).ground
    for field, relations in ground.bounds.items():
        points = sorted({limit for limits in relations.values() for limit, _ in limits})
        for number in (points[0] - 1, *points, *(point + 0.5 for point in points)):
            expected = set()
            for relation, limits in relations.items():
                true = {
                    "reaches": [(-limit, literal) for limit, literal in limits if number >= limit],
                    "exceeds": [(-limit, literal) for limit, literal in limits if number > limit],
                    "falls_short": [(limit, literal) for limit, literal in limits if number < limit],
                    "keeps_to": [(limit, literal) for limit, literal in limits if number <= limit],
                }[relation]
                expected |= {literal for _, literal in sorted(true)[:1]}
            assert compared(ground, Between(field, number, number)) == expected, (field, number)
            open_above, open_below = (Between(field, *own) for own in ((number, None), (None, number)))
            assert compared(ground, open_above) | compared(ground, open_below) == expected
            assert not compared(ground, open_above) & compared(ground, open_below)


def compared(ground: GroundProgram, number: Between) -> set[int]:
    """What a number makes true of those that it is compared with."""
    own = {literal for limits in ground.bounds[number.field].values() for _, literal in limits}
    return own.intersection(ground.literals(ground.situation_of([number])))
