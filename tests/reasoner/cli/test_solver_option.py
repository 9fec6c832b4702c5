"""`--solver`, and rules that are not compiled: the same verdicts, and a word about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from reasoner import RULES, Policy, read_record

ROOT = Path(__file__).parents[3]
NEAR_MISS = ROOT / "facts" / "examples" / "ad-near-miss.json"
SUITE = ROOT / "tests" / "suites" / "alopecia.suite.yaml"
ITEM = 'met("1.E") :- holds(specialist_for("1.E")).'
LOOP = """
met("1.E") :- known(a).
known(a) :- known(b).
known(b) :- known(a), holds(specialist_for("1.E")).
known(b) :- holds(severity_fits("1")), holds(specialist_for("1.E")).
"""
SAID = "reasoner: a loop in the rules: each record is judged by the solver, which takes longer\n"


@pytest.fixture(scope="module")
def looping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules with a loop."""
    folder = tmp_path_factory.mktemp("rules")
    copytree(RULES, folder, dirs_exist_ok=True)
    file = folder / "ip0369" / "1_atopic_dermatitis.lp"
    text = file.read_text("utf-8")
    assert ITEM in text
    file.write_text(text.replace(ITEM, ITEM + LOOP), "utf-8")
    return folder / "ip0369"


def run(*arguments: str | Path, records: str | None = None) -> tuple[str, str]:
    command = [sys.executable, "-m", "reasoner", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=records)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("command", [("decide", "--json"), ("explain", "--json"), ("explain",)])
def test_the_solver_says_the_same(command: tuple[str, ...]) -> None:
    assert run(*command, "--solver", NEAR_MISS) == run(*command, NEAR_MISS)


def test_a_batch_by_the_solver_has_the_same_bytes() -> None:
    records = (json.dumps(read_record(NEAR_MISS)) + "\n") * 12
    both = [run("batch", "-", "--out", "-", *option, records=records) for option in ((), ("--solver",))]
    assert both[0] == both[1] and both[0][0].count("\n") == 12


def test_suites_pass_by_the_solver() -> None:
    assert run("test", "--solver", SUITE) == run("test", SUITE)


def test_it_is_said_once_that_rules_are_not_compiled(looping: Path) -> None:
    records = (json.dumps(read_record(NEAR_MISS)) + "\n") * 12
    command = ("batch", "-", "--out", "-", "--rules", looping)
    verdicts, messages = run(*command, records=records)
    by_solver, no_message = run(*command, "--solver", records=records)
    assert messages.count(SAID) == 1 and SAID not in no_message and verdicts == by_solver
    assert run("test", "--rules", looping, SUITE)[1].count(SAID) == 1
    assert SAID not in run("test", "--solver", "--rules", looping, SUITE)[1]
    assert SAID not in run("test", SUITE)[1]


def test_what_is_not_compiled_is_judged_by_the_solver(looping: Path) -> None:
    policy, by_solver = Policy.load(looping), Policy.load(looping, by_solver=True)
    assert (policy.not_covered, Policy.load().not_covered) == ("a loop in the rules", "")
    records = [{**read_record(NEAR_MISS), "case_id": str(number)} for number in range(12)]
    assert policy.judge_all(records) == by_solver.judge_all(records)
    assert policy.decide_all(records) == ["denied"] * 12


def test_a_predicate_of_the_policy_with_more_arguments_is_its_own(tmp_path: Path) -> None:
    """What the engine shows, by its number of arguments."""
    copytree(RULES, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "ip0369" / "1_atopic_dermatitis.lp"
    more = 'met("1.E") :- required(a, b, c).\nrequired(a, b, c) :- holds(specialist_for("1.E")), holds(severity_fits("1")).\n'
    file.write_text(file.read_text("utf-8").replace(ITEM, f"{ITEM}\n{more}"), "utf-8")
    policy, by_solver = (Policy.load(tmp_path / "ip0369", by_solver=own) for own in (False, True))
    records = [{**read_record(NEAR_MISS), "case_id": str(number)} for number in range(12)]
    assert policy.judge_all(records) == by_solver.judge_all(records)
