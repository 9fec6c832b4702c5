"""Compiled rules and the solver judge alike: shipped rules, suites, other policies, generated folders, mutants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest
from both_ways import differences, records_of
from generated_evidence import FoldersOfEvidence, data_of_tests
from generated_folders import Folders, random_data

from reasoner import RULES, Policy, RecordError, RulesError
from reasoner.analysis.mutants import mutants
from reasoner.policy.syntax import rule_files
from reasoner.suites.suite import read_suite

TESTS = Path(__file__).parent
POLICIES = sorted((TESTS / "policies").iterdir())
SUITES = sorted((TESTS / "suites").glob("*.suite.yaml"))


@pytest.fixture(autouse=True)
def compiled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reasoner.engine.solver.FEW_RECORDS", 0)


@pytest.fixture(scope="module")
def by_solver() -> Policy:
    return Policy.load(by_solver=True)


def none_differ(compiled: Policy, by_solver: Policy, records: Iterator[dict[str, Any]]) -> None:
    assert not list(differences(compiled, by_solver, records))
    assert not compiled.not_covered


@pytest.mark.parametrize("seed", range(3))
def test_random_records(by_solver: Policy, seed: int) -> None:
    compiled = Policy.load()
    none_differ(compiled, by_solver, islice(records_of(compiled, f"in CI {seed}"), 250))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name.partition(".")[0])
def test_records_of_the_suites(by_solver: Policy, suite: Path) -> None:
    none_differ(Policy.load(), by_solver, (case.data for case in read_suite(suite)))


@pytest.mark.parametrize("folder", POLICIES, ids=lambda folder: folder.name)
def test_other_policies(folder: Path) -> None:
    compiled = Policy.load(folder)
    number = 12 if folder.name == "household_benefit" else 60  # whose sets are searched for, and take long
    none_differ(compiled, Policy.load(folder, by_solver=True), islice(records_of(compiled, "in CI"), number))


@pytest.mark.parametrize("seed", range(12))
def test_generated_folders(tmp_path: Path, seed: int) -> None:
    generated = Folders(Random(f"both ways {seed}"))
    generated.write(tmp_path / "policy")
    random = Random(seed)
    compare_if_it_loads(tmp_path / "policy", (random_data(random, generated.stated_loss) for _ in range(40)))


@pytest.mark.parametrize("seed", range(6))
def test_generated_folders_of_evidence(tmp_path: Path, seed: int) -> None:
    FoldersOfEvidence(Random(f"both ways {seed}")).write(tmp_path / "policy")
    random = Random(seed)
    compare_if_it_loads(tmp_path / "policy", (data_of_tests(random) for _ in range(20)))


def test_mutants_of_the_rules(tmp_path: Path, by_solver: Policy) -> None:
    every = list(mutants(rule_files(by_solver.rule_sources)))
    loaded = 0
    for number, mutant in enumerate(Random("both ways").sample(every, 4)):
        root = tmp_path / str(number)
        copytree(RULES, root)
        file = root / "ip0369" / mutant.path.name
        file.write_text(mutant.applied(file.read_text("utf-8")), "utf-8")
        loaded += compare_if_it_loads(root / "ip0369", islice(records_of(by_solver, number), 15))
    assert loaded > 0


def compare_if_it_loads(folder: Path, records: Iterator[dict[str, Any]]) -> bool:
    try:
        by_solver = Policy.load(folder, by_solver=True)
    except RulesError:
        return False
    none_differ(Policy.load(folder, cache=False), by_solver, records)
    return True


def test_blocks_say_what_single_records_do(by_solver: Policy) -> None:
    compiled = Policy.load()
    records = [record for record in islice(records_of(by_solver, "blocks"), 150) if is_accepted(compiled, record)]
    verdicts = [verdict.to_json() for verdict in compiled.judge_all(records)]
    assert verdicts == [by_solver.judge(record).to_json() for record in records]
    assert compiled.decide_all(records) == [by_solver.decide(record) for record in records]


def is_accepted(policy: Policy, record: dict[str, Any]) -> bool:
    try:
        policy.case(record)
    except RecordError:
        return False
    return True
