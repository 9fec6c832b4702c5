"""Questions: only what can still matter, until the case is decided."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from generate import random_record
from test_cli import EXAMPLES, run

from reasoner import Policy, parse_record, read_record
from reasoner.ask import Question, next_question
from reasoner.interview import interview


def answers(policy: Policy, data: dict[str, Any], typed: Callable[[Question], str]) -> tuple[str, list[str]]:
    """The decision at the end, and the questions by their words; `typed` answers one."""
    asked: list[Question] = []

    def tell(line: str) -> None:
        assert "not accepted" not in line, (data, line)

    def listen(question: Question) -> str:
        asked.append(question)
        return typed(question)

    verdict = interview(policy, parse_record(data), tell, listen)
    return verdict.decision, [question.fact.text for question in asked]


def wanted(question: Question) -> str:
    """The answer that the question hopes for, as a person would type it."""
    if question.path is None:
        return "yes"
    value = question.fact.edits[-1]["value"]
    if isinstance(value, list):
        return ", ".join(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def test_answers_lead_from_missing_information_to_an_approval(policy: Policy) -> None:
    approved = 0
    for seed in range(400):
        data = random_record(Random(f"ask/{seed}"), therapies=2)
        verdict = policy.judge(parse_record(data))
        if verdict.denial is None or verdict.denial.kind != "missing_information":
            continue
        decision, asked = answers(policy, data, wanted)
        assert decision == "approved", data
        assert 0 < len(asked) <= 12 and len(asked) == len(set(asked))
        approved += 1
    assert approved > 50


def test_nothing_is_asked_twice_and_silence_ends_it(policy: Policy) -> None:
    for seed in range(100):
        data = random_record(Random(f"silent/{seed}"), therapies=2)
        decision, asked = answers(policy, data, lambda _: "")
        assert decision == policy.decide(parse_record(data)) and len(asked) == len(set(asked))


def test_a_question_that_cannot_matter_is_not_asked(policy: Policy) -> None:
    for name in ("ad-approved", "ad-biologic", "vitiligo-segmental", "plan-excludes", "out-of-scope"):
        assert next_question(policy, read_record(EXAMPLES / f"{name}.json"))[1] is None


def test_the_question_that_every_set_needs_comes_first(policy: Policy) -> None:
    _, question = next_question(policy, read_record(EXAMPLES / "ad-missing-information.yaml"))
    assert question is not None and question.sets == question.total == 3
    assert question.path == "disease.bsa_percent"


def test_an_answer_is_checked_like_a_record(policy: Policy) -> None:
    typed = iter(["lots", "130", "3", "", "", ""])
    told: list[str] = []
    record = read_record(EXAMPLES / "ad-missing-information.yaml")
    interview(policy, record, told.append, lambda _: next(typed, ""))
    refused = [line for line in told if "not accepted" in line]
    assert len(refused) == 2 and "disease.bsa_percent: a number is needed, not 'lots'" in refused[0]


@pytest.mark.parametrize("flag", ["--json", None])
def test_the_command_without_a_terminal(flag: str | None) -> None:
    done = run("ask", EXAMPLES / "ad-missing-information.yaml", *([flag] if flag else []))
    if flag:
        found = json.loads(done.stdout)["question"]
        assert (found["path"], found["why"]) == (
            "disease.bsa_percent",
            "every remaining way to an approval needs it",
        )
    else:
        assert done.stdout.splitlines()[1] == "  disease.bsa_percent: every remaining way to an approval needs it"
    assert "nothing that is missing can change it" in run("ask", EXAMPLES / "ad-approved.json").stdout
