"""Policies of other kinds: they load, their suites hold, and what explains a denial of any record turns it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from closure import checked_sets
from random_records import Records

from reasoner import Policy
from reasoner.render.results import failure
from reasoner.suites.run import check
from reasoner.suites.suite import SuiteCase, read_suite

FOLDERS = Path(__file__).parents[1] / "policies"
NAMES = ("glp1", "hand_eczema", "household_benefit")
_BLOCKS, _RECORDS = {"glp1": 4, "hand_eczema": 4, "household_benefit": 1}, 60


@cache
def policy(name: str) -> Policy:
    return Policy.load(FOLDERS / name)


def cases() -> Iterator[tuple[str, SuiteCase]]:
    for name in NAMES:
        for path in sorted((FOLDERS / name).glob("*.suite.yaml")):
            yield from ((name, case) for case in read_suite(path))


@pytest.mark.parametrize(("name", "case"), list(cases()), ids=lambda value: getattr(value, "name", value))
def test_suites(name: str, case: SuiteCase) -> None:
    result = check(policy(name), case)
    assert result.passed, failure(result)


@pytest.mark.parametrize(("name", "block"), [(name, block) for name in NAMES for block in range(_BLOCKS[name])])
def test_closure_of_random_records(name: str, block: int) -> None:
    decisions: dict[str, int] = {}
    sets = 0
    for seed in range(_RECORDS):
        records = Records(policy(name), f"{block}/{seed}")
        data = records.near_approval() if seed % 2 else records.record()
        decision = policy(name).decide(data)
        decisions[decision] = decisions.get(decision, 0) + 1
        sets += checked_sets(policy(name), data, 4)
    assert sets > 5
    assert decisions.keys() == {"approved", "denied"}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_record_gives_the_same_bytes(name: str) -> None:
    again = Policy.load(FOLDERS / name)
    for seed in range(3):
        data = Records(again, seed).record()
        assert again.judge(data).to_json() == policy(name).judge(data).to_json()


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_has_words_and_is_of_an_item(name: str) -> None:
    loaded = policy(name)
    assert loaded.conditions()
    for condition in loaded.conditions().values():
        assert condition.words and "{" not in condition.words.format_map(_Anything()), condition.name


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "x"
