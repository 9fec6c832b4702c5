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

from reasoner import Policy, RecordError, read_record
from reasoner.whatif.ask import Question, answered, next_question
from reasoner.whatif.interview import interview


def answers(policy: Policy, data: dict[str, Any], typed: Callable[[Question], str]) -> tuple[str, list[str]]:
    """The decision at the end, and the questions by their words; `typed` answers one."""
    asked: list[Question] = []

    def show(line: str) -> None:
        assert "not accepted" not in line, (data, line)

    def listen(question: Question) -> str:
        asked.append(question)
        return typed(question)

    verdict, _ = interview(policy, data, show, listen)
    return verdict.decision, [question.text for question in asked]


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
        verdict = policy.judge(data)
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
        assert decision == policy.decide(data) and len(asked) == len(set(asked))


def test_a_question_that_cannot_matter_is_not_asked(policy: Policy) -> None:
    for name in ("ad-approved", "ad-biologic", "vitiligo-segmental", "plan-excludes", "out-of-scope"):
        assert next_question(policy, read_record(EXAMPLES / f"{name}.json"))[1] is None


def test_the_question_that_every_set_needs_comes_first(policy: Policy) -> None:
    _, question = next_question(policy, read_record(EXAMPLES / "ad-missing-information.yaml"))
    assert question is not None and question.sets == question.total == 3
    assert question.path == "disease.bsa_percent"


def test_an_answer_is_checked_like_a_record(policy: Policy) -> None:
    typed = iter(["lots", "130", "3", "", "", ""])
    shown: list[str] = []
    record = read_record(EXAMPLES / "ad-missing-information.yaml")
    interview(policy, record, shown.append, lambda _: next(typed, ""))
    refused = [line for line in shown if "not accepted" in line]
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
        assert (found["answer"], found["allowed"]) == ("number", "a number from 0 to 100 (%)")
    else:
        assert done.stdout.splitlines()[1:] == [
            "  disease.bsa_percent: every remaining way to an approval needs it",
            "  to answer: a number from 0 to 100 (%)",
        ]
    assert "nothing that is missing can change it" in run("ask", EXAMPLES / "ad-approved.json").stdout


def questions(policy: Policy, left_out: str, **changes: Any) -> Question:
    """The question about what an approved record leaves out."""
    data = json.loads((EXAMPLES / "ad-approved.json").read_text()) | changes
    section, _, name = left_out.partition(".")
    data[section].pop(name)
    _, question = next_question(policy, data)
    assert question is not None
    return question


def test_a_question_says_what_can_be_answered(policy: Policy) -> None:
    question = questions(policy, "disease.severity")
    assert (question.answers.kind, question.answers.allowed) == ("one_of", "mild, moderate or severe")
    question = questions(policy, "prescriber.specialty", prescriber={"specialty": "x", "consulted": ["urology"]})
    assert question.path == "prescriber.specialty" and question.answers.kind == "text"
    named = question.answers.allowed.removesuffix(", or another").split(", ")
    assert len(named) > 3 and set(named) < set(question.answers.titles.values())
    for typed in ("yes", "No", " y "):
        with pytest.raises(
            RecordError, match=f"prescriber.specialty: '{typed.strip()}' is not understood.*; to answer: "
        ):
            answered(policy, approved(), question, typed)


def approved(**changes: Any) -> dict[str, Any]:
    """The data of a record that is approved, with some of its sections others."""
    data: dict[str, Any] = json.loads((EXAMPLES / "ad-approved.json").read_text())
    for section, values in changes.items():
        data[section] = {**data[section], **values} if isinstance(values, dict) else values
    return data


def question_about(policy: Policy, data: dict[str, Any]) -> Question:
    question = next_question(policy, data)[1]
    assert question is not None
    return question


@pytest.mark.parametrize(
    ("typed", "known"), [("Moderate", "moderate"), (" mild ", "mild"), ("mild to moderate", "mild to moderate")]
)
def test_an_answer_in_any_spelling_is_written_as_the_rules_write_it(policy: Policy, typed: str, known: str) -> None:
    data = approved(disease={"severity": None})
    changed = answered(policy, data, question_about(policy, data), typed)
    assert changed.data["disease"]["severity"] == known
    assert policy.decide(changed) == "approved"


def test_an_age_that_is_not_given_is_asked_although_nobody_can_change_it(policy: Policy) -> None:
    data = approved(patient={"birth_date": None, "age_years": None})
    question = question_about(policy, data)
    assert (question.path, question.fact.unchangeable) == ("patient.age_years", True)
    assert question.answers.allowed == "a whole number from 0 to 130 (years)"
    assert policy.decide(answered(policy, data, question, "12")) == "approved"


def test_a_word_that_nobody_knows_is_asked_again_and_then_left(policy: Policy) -> None:
    data = approved(prescriber={"specialty": "urolgy dept", "consulted": None})
    question = question_about(policy, data)
    assert question.path == "prescriber.consulted"
    changed = answered(policy, data, question, "none")
    question = question_about(policy, changed.data)
    assert question.path == "prescriber.specialty"
    assert question.text == "specialty of the prescriber: what 'urolgy dept' means"
    assert policy.decide(answered(policy, changed.data, question, "Dermatologist")) == "approved"


def test_of_a_list_the_word_is_asked_that_is_not_understood(policy: Policy) -> None:
    inhibitor = {
        "class": "topical_calcineurin_inhibitor",
        "consecutive_days": 42,
        "outcome": "failure",
        "documented": True,
    }
    data = approved(disease={"sites": ["arms", "elbw crease"]}, therapies=[inhibitor], intolerances=[])
    question = question_about(policy, data)
    assert (question.path, question.text) == ("disease.sites[1]", "treated site: what 'elbw crease' means")
    assert question.why == "1 of the 3 remaining ways to an approval need it"
    with pytest.raises(
        RecordError, match=r"disease.sites\[1\]: 'elbo' is not understood; nearest: elbows; to answer: "
    ):
        answered(policy, data, question, "elbo")
    changed = answered(policy, data, question, "Inner Elbow")
    assert changed.data["disease"]["sites"] == ["arms", "antecubital_fossa"]
    assert policy.decide(changed) == "approved"


def ambiguous(name: str) -> dict[str, Any]:
    """An approved record with a therapy more, of a name that several products have, which goes on."""
    data = approved()
    data["therapies"].append({"id": "other", "product": name, "periods": [{"start": "2024-01-01"}]})
    return data


@pytest.mark.parametrize(
    ("typed", "written", "decision"),
    [
        ("the ointment", "tacrolimus ointment", "approved"),
        ("Ointment", "tacrolimus ointment", "approved"),
        ("tacrolimus_ointment", "tacrolimus ointment", "approved"),
        ("Protopic 0.1%", "Protopic 0.1%", "approved"),
        ("tacrolimus capsules", "tacrolimus capsules", "denied"),
        ("the capsules or other systemic form", "tacrolimus capsules", "denied"),
    ],
)
def test_of_a_name_that_fits_several_products_it_is_asked_which_it_was(
    policy: Policy, typed: str, written: str, decision: str
) -> None:
    data = ambiguous("tacrolimus")
    question = question_about(policy, data)
    place = f"therapies[{len(data['therapies']) - 1}].product"
    assert (question.path, question.text) == (place, "which product 'tacrolimus' was")
    assert question.answers.kind == "one_of"
    assert question.answers.allowed == "one of: the ointment; the capsules or other systemic form"
    assert question.why == "every remaining way to an approval needs it"
    changed = answered(policy, data, question, typed)
    assert changed.data["therapies"][-1]["product"] == written
    assert policy.decide(changed) == decision


@pytest.mark.parametrize("typed", ["Elidel", "tacrolimus", "nothing of it", "yes"])
def test_another_product_is_no_answer_to_which_it_was(policy: Policy, typed: str) -> None:
    data = ambiguous("tacrolimus")
    with pytest.raises(RecordError, match=r"is none of these products; to answer: one of: the ointment; "):
        answered(policy, data, question_about(policy, data), typed)


def test_a_product_that_nobody_knows_any_more_is_asked_once(policy: Policy) -> None:
    decision, asked = answers(policy, ambiguous("cyclosporine"), lambda _: "")
    assert (decision, asked) == ("denied", ["which product 'cyclosporine' was"])


def test_every_question_has_an_answer_that_fits(policy: Policy) -> None:
    kinds = set()
    for seed in range(150):
        data = random_record(Random(f"allowed/{seed}"), therapies=2)
        verdict, question = next_question(policy, data)
        if question is None:
            continue
        kinds.add(question.answers.kind)
        assert question.answers.allowed
        answered(policy, data, question, wanted(question))
    assert {"yes_no", "number", "one_of", "text", "list"} <= kinds


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
    _, question = next_question(policy, record)
    assert question is not None and question.path == "disease.sites" and question.answers.kind == "list"
    assert question.answers.allowed.startswith("eyes, eyelids, face, ")
    assert question.answers.allowed.endswith("genitalia, or another; several with commas; or none")


def test_new_evidence_is_answered_with_yes_or_no(policy: Policy) -> None:
    data = approved(therapies=[], intolerances=[])
    shown: list[str] = []
    typed = iter(["perhaps"])
    interview(policy, data, shown.append, lambda _: next(typed, ""))
    assert "  not accepted: yes or no, not 'perhaps'" in shown


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
    assert "disease.bsa_percent (a number from 0 to 100 (%); empty leaves it open): " in out and "not accepted" in out
    assert json.loads(saved.read_text())["disease"]["bsa_percent"] == 12.5
    assert run("decide", saved).stdout.startswith("ad-missing-information: ")
    nowhere = run("ask", asked, "--save", saved, status=2)
    assert "--save needs answers" in nowhere.stderr
