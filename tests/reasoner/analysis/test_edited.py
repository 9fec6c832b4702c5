"""A policy with other texts of its rule files, and one of which a choice is read the other way."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from facts.reading import read_data
from reasoner import Policy, RulesError
from reasoner.analysis.edited import edited, read_otherwise
from reasoner.analysis.thresholds import thresholds, with_thresholds
from reasoner.policy.syntax import Statement, rule_files
from reasoner.suites.suite import read_suite

ROOT = Path(__file__).parents[3]
HINGES = sorted((ROOT / "facts/examples").glob("hinge-*.json"))
assert HINGES


@cache
def other_policy() -> Policy:
    return Policy.load(ROOT / "tests/policies/glp1")


def readings(policy: Policy) -> dict[str, tuple[str, str]]:
    """The default of each choice, and the other reading."""
    rows = (s for file in rule_files(policy.sources) for s in file.statements if ("choice", 3) in s.heads)
    return {name: (default, other) for name, default, other in map(arguments, rows)}


def arguments(statement: Statement) -> list[str]:
    return [str(term) for term in statement.node.head.atom.symbol.arguments]


@cache
def otherwise(choice: str) -> Policy:
    policy = Policy.load()
    return read_otherwise(policy, {choice: readings(policy)[choice][1]})


@pytest.mark.parametrize("path", HINGES, ids=lambda path: path.stem)
def test_a_decision_turns_by_the_readings_that_it_hinges_on_alone(policy: Policy, path: Path) -> None:
    record: Any = read_data(path)
    verdict = policy.judge(record)
    turning = [choice for choice in policy.choices if otherwise(choice).decide(record) != verdict.decision]
    assert verdict.hinges_on and sorted(verdict.hinges_on) == sorted(turning)


def test_readings_of_another_policy() -> None:
    policy = other_policy()
    choice, (default, other) = next(iter(readings(policy).items()))
    found = read_otherwise(policy, {choice: other})
    assert readings(found) == readings(policy) | {choice: (other, default)}
    assert readings(read_otherwise(found, {choice: default})) == readings(policy)
    records = [case.data for case in read_suite(ROOT / "tests/policies/glp1/glp1.suite.yaml")]
    pairs = zip(policy.judge_all(records), found.decide_all(records), strict=True)
    turned = [before for before, after in pairs if before.decision != after]
    assert turned and all(choice in before.hinges_on for before in turned)


def test_the_default_reading_is_the_policy_as_it_is(policy: Policy) -> None:
    same = read_otherwise(policy, {choice: default for choice, (default, _) in readings(policy).items()})
    assert [source.text for source in same.sources] == [source.text for source in policy.sources]


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"no_choice": "x"}, "no choice 'no_choice'; there are: "), ({"": "x). item("}, "no choice ''; there are: ")],
)
def test_choices_that_the_policy_does_not_have(policy: Policy, asked: dict[str, str], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        read_otherwise(policy, asked)


def test_readings_that_a_choice_does_not_have(policy: Policy) -> None:
    choice, both = next(iter(readings(policy).items()))
    with pytest.raises(RulesError) as refused:
        read_otherwise(policy, {choice: "a). met(b"})
    assert str(refused.value) == f"{choice}: no reading 'a). met(b'; there are: {', '.join(both)}"


def row_of_threshold(policy: Policy) -> Statement:
    return next(s for file in rule_files(policy.sources) for s in file.statements if ("threshold", 3) in s.heads)


def test_another_text_is_another_policy() -> None:
    policy = other_policy()
    row = row_of_threshold(policy)
    item, unit, _ = arguments(row)
    text = row.file.text[: row.start] + f"threshold({item}, {unit}, 1)." + row.file.text[row.end :]
    found = edited(policy, {row.file.path.name: text})
    assert [file.name for file in found.files] == [file.name for file in policy.files]
    assert arguments(row_of_threshold(found)) == [item, unit, "1"]
    assert found.thresholds != policy.thresholds
    assert found.edits_have_side_effects == policy.edits_have_side_effects
    assert row.file.path.read_text("utf-8") == row.file.text


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("\nitem(1 2).", "{file}:{line}:"),  # the parser
        ("\n#include \"/etc/passwd\".", "{file}:{line}"),  # directives
        ("\nmet(\"nowhere\").", "{file}:{line}: met: nowhere is no item"),  # the checks
        ("\nunheard(x).", "{file}:{line}: unheard"),  # names
        ("\n\ud800(1).", "{file}:{line}"),  # what is no text
    ],
)  # fmt: skip
def test_faults_have_their_places_in_the_file_as_it_is_named(added: str, message: str) -> None:
    policy = other_policy()
    source = policy.rule_sources[0]
    line = source.text.count("\n") + 2
    with pytest.raises(RulesError) as refused:
        edited(policy, {source.path.name: source.text + added})
    assert str(refused.value).startswith(message.format(file=source.path.name, line=line))
    assert "/tmp" not in str(refused.value)


def test_files_that_the_policy_does_not_have(policy: Policy) -> None:
    with pytest.raises(RulesError, match="no rule file '../x.lp'; there are: "):
        edited(policy, {"../x.lp": ""})


def test_each_threshold_can_be_another_number_and_nothing_else_is() -> None:
    policy = Policy.load(ROOT / "tests/policies/household_benefit")
    rows = thresholds(policy)
    written = [
        line
        for source in policy.sources
        for line in source.text.splitlines()
        if line.startswith(("threshold(", "revised("))
    ]
    assert len(rows) == len(written)
    moved = {row.place: row.number + 1 for row in rows if row.number < 10_000_000}  # no date
    changed = with_thresholds(policy, moved)
    assert [row.number for row in thresholds(changed)] == [moved.get(row.place, row.number) for row in rows]
    after = zip(rows, thresholds(changed), strict=True)
    back = with_thresholds(changed, {new.place: old.number for old, new in after})
    assert [source.text for source in back.sources] == [source.text for source in policy.sources]
    with pytest.raises(RulesError, match="no threshold stands at"):
        with_thresholds(policy, {"x.lp:1:1": 1})
    with pytest.raises(RulesError, match="a whole number"):
        with_thresholds(policy, {rows[0].place: -1})
