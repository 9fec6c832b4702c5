"""What if: scenarios against a judgement of the changed record, and the command."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from generate import random_record
from test_cli import EXAMPLE, EXAMPLES, run

from reasoner import Policy, parse_record
from reasoner.facts.symbols import fact_symbol, facts_of, read_fact
from reasoner.scenario import Scenario, compare


def test_before_after_items_facts_and_sets() -> None:
    done = run("what-if", EXAMPLE, "--set", "therapies[0].periods[0].start=2024-09-01", "--json")
    found = json.loads(done.stdout)
    assert found["decision"] == {"before": "denied", "after": "denied"}
    assert [(item["id"], item["before"], item["after"]) for item in found["items"]] == [
        ("1.C", "missing", "met"),
        ("1.C.i", "missing", "met"),
    ]
    (fact,) = found["items"][1]["facts"]
    assert (fact["fact"], fact["before"], fact["after"]) == (
        "applied(therapy(1),consecutive_days,28)", "contradicted", "established",
    )  # fmt: skip
    assert (len(found["vanished"]), len(found["appeared"])) == (16, 4)
    assert found["after"]["explanation"]["total"] == 4


@pytest.mark.parametrize(
    ("arguments", "decision"),
    [
        (["--set", "plan.mandate=covers"], "APPROVED"),
        (["--set", "request.date=2024-11-14"], "DENIED"),
        (["--set", 'disease.sites=["face"]', "--remove", "therapies[2]", "--set", "therapies[1].sample=false"], "APPROVED"),
        (["--set", "plan.line_of_business=individual_and_family", "--set", "request.date=2024-01-01"], "OUT OF SCOPE"),
    ],
)  # fmt: skip
def test_set_and_remove(arguments: list[str], decision: str) -> None:
    assert run("what-if", EXAMPLE, *arguments).stdout.splitlines()[0] == f"ad-adult-01, what if: DENIED → {decision}"


def test_a_patch_and_several_scenarios(tmp_path: Path) -> None:
    patch = [{"op": "replace", "path": "/plan/document", "value": "covers"}]
    (tmp_path / "patch.json").write_text(json.dumps(patch))
    assert "DENIED → APPROVED" in run("what-if", EXAMPLE, "--patch", tmp_path / "patch.json").stdout
    (tmp_path / "all.yaml").write_text(
        "covered by the plan:\n  - {op: replace, path: /plan/document, value: covers}\n"
        "a face treated:\n  set: {'disease.sites': [face]}\n"
        "no Dupixent:\n  remove: ['therapies[2]']\n"
    )
    lines = run("what-if", EXAMPLE, "--scenarios", tmp_path / "all.yaml").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "as it is",
        "covered by the plan",
        "a face treated",
        "no Dupixent",
    ]
    assert "1.C met" in lines[2] and "X.1 clear" in lines[3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing is different"),
        (["--set", "disease.bsa_percent"], "written as path=value"),
        (["--set", "disease.bsa_percent=lots"], "disease.bsa_percent: a number is needed"),
        (["--set", "therapies[9].days=3"], "therapies[9].days: the record has no therapies[9]"),
        (["--set", "disease/bsa=3"], "not a path"),
        (["--set", "disease.bsa=3"], "disease.bsa: unknown field"),
        (["--remove", "disease.vitiligo_type"], "nothing there to remove"),
        (["--patch", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--assume", "x). approved("], "not a fact"),
        (["--assume", "approved"], "not a fact"),
        (["--withdraw", "given(severity,mild)"], "given(severity,mild) is no fact of this record"),
        (["--scenarios", str(EXAMPLES / "alopecia.json")], "a JSON Patch is needed"),
    ],
)  # fmt: skip
def test_bad_changes(arguments: list[str], message: str) -> None:
    assert message in run("what-if", EXAMPLE, *arguments, status=2).stderr


def test_a_patch_that_does_not_apply(tmp_path: Path) -> None:
    (tmp_path / "patch.json").write_text('[{"op": "remove", "path": "/no/such/place"}]')
    assert "does not apply" in run("what-if", EXAMPLE, "--patch", tmp_path / "patch.json", status=2).stderr


def test_facts_assumed_and_withdrawn() -> None:
    moderate = ["--withdraw", "given(severity,moderate).", "--withdraw", "stated(severity)."]
    found = json.loads(run("what-if", EXAMPLE, *moderate, "--json").stdout)
    assert [(item["id"], item["after"]) for item in found["items"]] == [("1", "missing")]
    found = json.loads(run("what-if", EXAMPLE, "--assume", "given(sites,face)", "--json").stdout)
    assert ("1.C", "met") in [(item["id"], item["after"]) for item in found["items"]]


def test_every_printed_fact_reads_back(policy: Policy) -> None:
    for seed in range(200):
        case = policy.normalize(parse_record(random_record(Random(seed))))
        for fact in facts_of(case):
            assert read_fact(f"{fact_symbol(fact)}.") == fact


def test_many_scenarios_ground_nothing_anew(policy: Policy) -> None:
    record = parse_record(json.loads(EXAMPLE.read_text()))
    policy.judge(record)
    before = (dict(policy._deciders), dict(policy._explainers))
    many = [Scenario(str(n), ({"op": "add", "path": "/disease/bsa_percent", "value": n},)) for n in range(0, 100, 5)]
    found = compare(policy, record, many)
    assert [c.after.decision for c in found] == ["denied"] * 20
    assert [any(i.id == "1.B" for i in c.items) for c in found] == [n > 20 for n in range(0, 100, 5)]
    assert before == (policy._deciders, policy._explainers)


def test_from_denial_to_approval_in_one_step(tmp_path: Path) -> None:
    saved = tmp_path / "edited.json"
    done = run("explain", EXAMPLE, "--apply", "2", "--save", saved)
    assert done.stdout.startswith("ad-adult-01, minimal set 2: DENIED → APPROVED")
    assert run("decide", saved).stdout.startswith("ad-adult-01: APPROVED")
    assert "there is no set 17" in run("explain", EXAMPLE, "--apply", "17", status=2).stderr
    assert "--save needs --apply" in run("explain", EXAMPLE, "--save", saved, status=2).stderr
    nowhere = tmp_path / "no" / "file.json"
    assert "cannot be written" in run("explain", EXAMPLE, "--apply", "1", "--save", nowhere, status=2).stderr


def test_the_same_bytes_with_any_hash_seed() -> None:
    command = [sys.executable, "-m", "reasoner", "what-if", str(EXAMPLE), "--remove", "therapies[2]"]
    environments = ({"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)} for seed in "019")
    assert len({subprocess.run(command, capture_output=True, check=True, env=e).stdout for e in environments}) == 1
