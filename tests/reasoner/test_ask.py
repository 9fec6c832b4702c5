"""Questions: only what can still matter, until the case is decided."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generate import random_record
from test_cli import EXAMPLES, run

from reasoner import Policy, RecordError, parse_record, read_record
from reasoner.whatif.ask import Question, answered, next_question
from reasoner.whatif.interview import interview


def answers(policy: Policy, data: dict[str, Any], typed: Callable[[Question], str]) -> tuple[str, list[str]]:
    """The decision at the end, and the questions by their words; `typed` answers one."""
    asked: list[Question] = []

    def tell(line: str) -> None:
        assert "not accepted" not in line, (data, line)

    def listen(question: Question) -> str:
        asked.append(question)
        return typed(question)

    verdict, _ = interview(policy, parse_record(data), tell, listen)
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
        assert done.stdout.splitlines()[1:] == [
            "  disease.bsa_percent: every remaining way to an approval needs it",
            "  to answer: a number of percent",
        ]
    assert "nothing that is missing can change it" in run("ask", EXAMPLES / "ad-approved.json").stdout


def questions(policy: Policy, left_out: str, **changes: Any) -> Question:
    """The question about what an approved record leaves out."""
    data = json.loads((EXAMPLES / "ad-approved.json").read_text()) | changes
    section, _, name = left_out.partition(".")
    data[section].pop(name)
    _, question = next_question(policy, parse_record(data))
    assert question is not None
    return question


def test_a_question_says_what_can_be_answered(policy: Policy) -> None:
    question = questions(policy, "disease.severity")
    assert (question.answer, question.allowed) == ("one_of", "mild, moderate or severe")
    question = questions(policy, "prescriber.specialty", prescriber={"specialty": "x", "consulted": ["urology"]})
    assert question.path == "prescriber.specialty" and question.answer == "text"
    assert question.allowed == f"{', '.join(sorted(policy.words_of('specialty')))}, or another"
    for typed in ("yes", "No", " y "):
        with pytest.raises(RecordError, match="prescriber.specialty: .* is no answer here; allergy"):
            answered(policy, parse_record(json.loads((EXAMPLES / "ad-approved.json").read_text())), question, typed)


def test_words_that_the_rules_know_are_written_as_they_write_them(policy: Policy) -> None:
    data = json.loads((EXAMPLES / "ad-approved.json").read_text())
    data["disease"].pop("severity")
    question = next_question(policy, parse_record(data))[1]
    assert question is not None
    changed = answered(policy, parse_record(data), question, "Moderate")
    assert changed.disease is not None and changed.disease.severity == "moderate"


def test_every_question_has_an_answer_that_fits(policy: Policy) -> None:
    kinds = set()
    for seed in range(150):
        data = random_record(Random(f"allowed/{seed}"), therapies=2)
        verdict, question = next_question(policy, parse_record(data))
        if question is None:
            continue
        kinds.add(question.answer)
        assert question.allowed
        answered(policy, parse_record(data), question, wanted(question))
    assert {"yes_no", "number", "one_of", "text"} <= kinds


def test_of_questions_that_tell_as_much_a_single_field_comes_first(policy: Policy) -> None:
    record = {
        "case_id": "c",
        "request": {"date": "2025-08-20", "type": "initial", "indication": "vitiligo"},
        "patient": {"age_years": 49}, "disease": {"vitiligo_type": "nonsegmental", "bsa_percent": 3},
        "prescriber": {"specialty": "dermatology"},
        "therapies": [
            {"product": "pimecrolimus 1% cream", "outcome": "intolerance", "documented": True, "days": 1},
            {"product": "hydrocortisone butyrate 0.1% cream", "documented": True},
        ],
        "intolerances": [{"to": "clobetasol", "kind": "intolerance"}],
    }  # fmt: skip
    _, question = next_question(policy, parse_record(record))
    assert question is not None and question.path == "disease.sites" and question.answer == "list"
    known = ", ".join(sorted(policy.words_of("sites")))
    assert question.allowed == f"{known}, or another; several with commas; or none"


def test_new_evidence_is_answered_with_yes_or_no(policy: Policy) -> None:
    data = json.loads((EXAMPLES / "ad-approved.json").read_text()) | {"therapies": [], "intolerances": []}
    told: list[str] = []
    typed = iter(["perhaps"])
    interview(policy, parse_record(data), told.append, lambda _: next(typed, ""))
    assert "  not accepted: yes or no, not 'perhaps'" in told


def test_a_word_and_silence_in_a_terminal_and_the_record_saved(tmp_path: Path) -> None:
    saved = tmp_path / "answered.json"
    ours, theirs = pty.openpty()
    os.write(ours, b"lots\n12.5\n")
    asked = EXAMPLES / "ad-missing-information.yaml"
    command = [sys.executable, "-m", "reasoner", "ask", str(asked), "--save", str(saved)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True) as asking:
        os.close(theirs)
        os.write(ours, b"\n" * 20)
        out, _ = asking.communicate(timeout=60)
    os.close(ours)
    assert asking.returncode == 0
    assert "disease.bsa_percent (a number of percent; empty leaves it open): " in out and "not accepted" in out
    assert json.loads(saved.read_text())["disease"]["bsa_percent"] == 12.5
    assert run("decide", saved).stdout.startswith("ad-missing-information: ")
    nowhere = run("ask", asked, "--save", saved, status=2)
    assert "--save needs answers" in nowhere.stderr
