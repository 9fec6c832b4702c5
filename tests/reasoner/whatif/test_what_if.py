"""What if: scenarios against a judgement of the changed record, and the command."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generate import random_record
from test_cli import EXAMPLE, EXAMPLES, run

from facts.statements import facts_of
from facts.symbols import fact_symbol, read_fact
from reasoner import Policy, RecordError
from reasoner.whatif.scenario import Comparison, Scenario, changed_record, compare, edits


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
        (["--assume", '-given(severity,mild)'], "not a fact"),
        (["--assume", 'given("severity",mild)'], "is given(severity,mild) meant?"),
        (["--assume", "between(age_years,a,b)"], "not a fact"),
        (["--assume", "between(age_years,9,5)"], "not a fact"),
        (["--assume", "between(age_years,99999999999,99999999999)"], "not a fact"),
        (["--assume", 'between(bsa_percent,"1e300","1e300")'], "not a fact"),
        (["--assume", r'given(sites,"a\n")'], "not a fact"),
        (["--assume", "f(" * 20_000 + "a" + ")" * 20_000], "not a fact"),
        (["--assume", "given(" + "f(" * 600 + "a" + ")" * 600 + ",b)"], "given(f(f(f("),
        (["--assume", "given(x,y)"], "there are: applications_per_day, age_years, severity, "),
        (["--assume", "given(outcome(therapy(4)),failure)"], "no such field of this record"),
        (["--assume", "given(severity,purple)"], "severity can be mild, moderate or severe"),
        (["--assume", "given(documented(therapy(1)),1)"], "can be true or false"),
        (["--assume", "given(specialty,1)"], "specialty is text"),
        (["--assume", "given(bsa_percent,3)"], "bsa_percent is a number; written between(bsa_percent,low,high)"),
        (["--assume", "between(severity,1,2)"], "severity is no number; written given(severity,value)"),
        (["--assume", "given(severity,mild)", "--assume", "given(severity,severe)"], "is assumed twice"),
        (["--assume", "given(indication,vitiligo)"], "change it there, with --set request.indication="),
        (["--withdraw", "given(mandate,silent)"], "every record says it"),
        (["--assume", "given(sites,knepit)"], "'knepit' is no known word; nearest: knee pits"),
        (["--assume", 'given(sites,"Inner Elbow")'], "is written as the rules do: antecubital_fossa"),
        (["--assume", "could_be(severity,mild)"], "change it there, with --set disease.severity="),
        (["--assume", "not_understood(severity)"], "no word in it can be unknown"),
        (["--assume", "not_understood(bsa_percent)"], "is a number"),
        (["--set", "therapies[3].x=1"], "the record has no therapies[3]"),
        (["--set", "disease.severity=mild", "--set", "disease.severity=severe"], "disease.severity: is set twice"),
        (["--remove", "disease", "--set", "disease.severity=mild"], "disease: is removed, and set as well"),
        (["--set", "plan.mandate=x"], "ad-adult-01, what if: plan.mandate: must be"),
        (["--withdraw", "given(severity,mild)"], "given(severity,mild): is no fact of this record"),
        (["--scenarios", str(EXAMPLES / "alopecia.json")], "a JSON Patch is needed"),
    ],
)  # fmt: skip
def test_bad_changes(arguments: list[str], message: str) -> None:
    assert message in run("what-if", EXAMPLE, *arguments, status=2).stderr


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ([{"op": "remove", "path": "/no/such/place"}], "step 1 (remove /no/such/place): does not apply: the record has nothing there"),
        ([{"op": "add", "path": "/therapies/-/x", "value": 1}], "step 1 (add /therapies/-/x): does not apply: the record has no such place"),
        ([{"op": "add", "path": "/disease/severity/x", "value": 1}], "step 1 (add /disease/severity/x): does not apply"),
        ([{"op": "remove", "path": "/therapies/0"}, {"op": "wat", "path": "/x"}], "step 2 (wat /x): op must be add"),
        ([{"op": "replace", "path": "", "value": 1}], "path must be a place in the record"),
        ([{"op": "add", "path": "/disease/severity"}], "step 1 (add /disease/severity): value is needed"),
        (["remove"], "step 1: a step is an object"),
        ([{"op": "test", "path": "/disease/severity", "value": 1}], "the record does not have this value there"),
        ([{"op": "copy", "from": "/nope", "path": "/disease/x"}], "the record has nothing at /nope"),
        ([{"op": "copy", "from": "/disease/sites", "path": "/disease/sites/-"}] * 26, "step 17 (copy /disease/sites/-): more than 200,000 values"),
        ([{"op": "add", "path": "/disease/severity", "value": "awful"}], "disease.severity: must be 'mild'"),
        ([{"op": "add", "path": "/x\x1b[31m", "value": 1}], r"x\x1b[31m']: unknown field"),
        ({"op": "remove"}, "a JSON Patch is needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_patch_names_file_and_step(tmp_path: Path, patch: Any, message: str) -> None:
    file = tmp_path / "patch.json"
    file.write_text(json.dumps(patch))
    refused = run("what-if", EXAMPLE, "--patch", file, status=2).stderr
    assert refused.startswith(f"reasoner: {file}: ") and message in refused


@pytest.mark.parametrize("depth", [60, 500])
def test_values_nested_deep_are_refused(policy: Policy, depth: int) -> None:
    value: Any = []
    for _ in range(depth):
        value = [value]
    with pytest.raises(RecordError, match="nested deeper than 50 levels"):
        changed_record(policy, example(), [{"op": "add", "path": "/disease/sites", "value": value}])


def test_a_patch_is_the_same_after_it_is_applied(policy: Policy) -> None:
    patch: list[dict[str, Any]] = [
        {"op": "add", "path": "/disease/sites", "value": ["face"]},
        {"op": "add", "path": "/disease/sites/-", "value": "eyelids"},
    ]
    first, again = (changed_record(policy, example(), patch)[0] for _ in range(2))
    assert first == again and first["disease"]["sites"] == ["face", "eyelids"]


def test_scenarios_are_named_in_errors_and_printed_without_control_characters(tmp_path: Path) -> None:
    file, name = tmp_path / "all.json", "red \x1b[31m\n"
    file.write_text(json.dumps({name: {"set": {"disease.severity": "awful"}}}))
    refused = run("what-if", EXAMPLE, "--scenarios", file, status=2).stderr
    assert rf"{file}: red \x1b[31m\n: disease.severity: must be" in refused
    file.write_text(json.dumps({name: {"set": {"plan.mandate": "covers"}}, "b": {"remove": ["therapies[2]"]}}))
    lines = run("what-if", EXAMPLE, "--scenarios", file).stdout.splitlines()
    assert len(lines) == 3 and lines[1].split("  ")[0] == r"red \x1b[31m\n"
    assert lines[1].endswith("decided by mandate")


def example() -> Any:
    return json.loads(EXAMPLE.read_text())


def ids(policy: Policy, sets: list[tuple[str, Any]], removals: list[str]) -> dict[str, Any]:
    """The outcomes of therapies by id, after the edits."""
    written = policy.case(example()).written
    data, _ = changed_record(policy, example(), edits(written, sets, removals))
    return {therapy["id"]: therapy.get("outcome") for therapy in data["therapies"]}


def test_every_path_is_of_the_record_as_it_is(policy: Policy, tmp_path: Path) -> None:
    assert list(ids(policy, [], ["therapies[0]", "therapies[1]"])) == ["t3"]
    assert list(ids(policy, [], ["therapies[1]", "therapies[0]", "therapies[0]", "therapies[0].outcome"])) == ["t3"]
    changed = ids(policy, [("therapies[1].outcome", "response")], ["therapies[0]"])
    assert changed == {"t2": "response", "t3": None}
    (tmp_path / "all.yaml").write_text(
        "two gone: {remove: ['therapies[0]', 'therapies[1]']}\nother: {remove: [plan]}\n"
    )
    both = run("what-if", EXAMPLE, "--remove", "therapies[0]", "--remove", "therapies[1]", "--json")
    named = json.loads(run("what-if", EXAMPLE, "--scenarios", tmp_path / "all.yaml", "--json").stdout)[0]
    assert named["after"] == json.loads(both.stdout)["after"]
    assert not any("t1 (" in line for line in json.dumps(named["after"]).split(","))


def test_paths_are_of_the_record_after_a_patch(tmp_path: Path) -> None:
    (tmp_path / "patch.json").write_text('[{"op": "remove", "path": "/therapies/0"}]')
    patch = ["--patch", str(tmp_path / "patch.json")]
    two = run("what-if", EXAMPLE, *patch, "--remove", "therapies[1]", "--json").stdout
    assert (
        json.loads(two)["after"]
        == json.loads(run("what-if", EXAMPLE, "--remove", "therapies[0]", "--remove", "therapies[2]", "--json").stdout)[
            "after"
        ]
    )


def test_another_authority_is_reported() -> None:
    lines = run("what-if", EXAMPLE, "--set", "plan.mandate=covers").stdout.splitlines()
    assert lines[:4] == [
        "ad-adult-01, what if: DENIED → APPROVED",
        "  Decided by: coverage policy → mandate",
        "  Kind of denial: not covered → none",
        "  Reasons: X.1, 1.C, 1.D → none",
    ]
    found = json.loads(run("what-if", EXAMPLE, "--set", "request.date=2024-11-14", "--json").stdout)
    assert found["decided_by"] == {"before": "coverage_policy", "after": "coverage_policy"}
    assert found["version"] == {"before": "2024-11-15", "after": "before-2024-11-15"}
    assert {"medically_necessary", "kind", "reasons", "through", "hinges_on", "earliest_approval"} < found.keys()
    assert (
        "  Version: 2024-11-15 → before-2024-11-15"
        in run("what-if", EXAMPLE, "--set", "request.date=2024-11-14").stdout
    )


def what_if(policy: Policy, path: Path, *removals: str) -> Comparison:
    record = json.loads(path.read_text())
    patch = edits(policy.case(record).written, [], removals)
    return compare(policy, record, [Scenario("what if", tuple(patch))])[0]


def texts(comparison: Comparison, which: str) -> set[frozenset[str]]:
    explanation = getattr(comparison, which).explanation
    return {frozenset(fact.text for fact in found.facts) for found in explanation.minimal_sets}


def test_therapies_that_are_renumbered_are_the_same(policy: Policy) -> None:
    for removal in ("therapies[0]", "therapies[1]", "intolerances[0]"):
        found = what_if(policy, EXAMPLE, removal)
        old, new = texts(found, "before"), texts(found, "after")
        # texts call therapies by their ids
        assert (len(found.vanished), len(found.appeared)) == (len(old - new), len(new - old))
        assert len(old & new) > 0


def test_facts_assumed_and_withdrawn() -> None:
    moderate = ["--withdraw", "given(severity,moderate).", "--withdraw", "stated(severity)."]
    found = json.loads(run("what-if", EXAMPLE, *moderate, "--json").stdout)
    assert [(item["id"], item["after"]) for item in found["items"]] == [("1", "missing")]
    found = json.loads(run("what-if", EXAMPLE, "--assume", "given(sites,face)", "--json").stdout)
    assert ("1.C", "met") in [(item["id"], item["after"]) for item in found["items"]]


@pytest.mark.parametrize(
    ("fact", "decision", "reasons"),
    [
        ("between(age_years,5,5)", "denied", ("1.A",)),
        ("given(mandate,excludes)", "denied", ("P.mandate",)),
        ("given(severity,severe)", "denied", ("1",)),
        ("stated(severity)", "denied", ("1",)),
        ("given(severity,mild)", "approved", ()),
        ("between(bsa_percent,21,21)", "denied", ("1.B",)),
        ('between(bsa_percent,"20.5",#sup)', "denied", ("1.B",)),
        ("given(sites,arms)", "approved", ()),
        ("not_understood(specialty)", "denied", ("1.E",)),
    ],
)
def test_an_assumed_fact_takes_the_place_of_what_the_record_says(
    policy: Policy, fact: str, decision: str, reasons: tuple[str, ...]
) -> None:
    record = json.loads((EXAMPLES / "ad-approved.json").read_text())
    (found,) = compare(policy, record, [Scenario("s", assume=(read_fact(fact),))])
    assert (found.after.decision, found.headlines()["reasons"][1]) == (decision, reasons)
    assert found.assumed == (fact,) and found.as_dict()["assumed"] == (fact,)


def test_an_assumed_term_brings_what_it_belongs_to(policy: Policy) -> None:
    record = json.loads((EXAMPLES / "ad-near-miss.json").read_text())
    (found,) = compare(policy, record, [Scenario("s", assume=(read_fact("given(sites,antecubital_fossa)"),))])
    assert [(item.id, item.after) for item in found.items] == [("1.C", "met"), ("1.C.ii", "met")]


def test_a_field_of_one_value_is_withdrawn_whole(policy: Policy) -> None:
    record = json.loads((EXAMPLES / "ad-approved.json").read_text())
    for text in ("given(severity,moderate)", "stated(severity)"):
        (found,) = compare(policy, record, [Scenario("s", withdraw=(read_fact(text),))])
        assert found.after.denial is not None and found.after.denial.kind == "missing_information"
    line = run("what-if", EXAMPLES / "ad-approved.json", "--withdraw", "given(severity,moderate)").stdout.splitlines()[
        0
    ]
    assert line == "ad-approved, what if, withdrawn given(severity,moderate): APPROVED → DENIED"
    replaced = Scenario(
        "s", assume=(read_fact("given(mandate,covers)"),), withdraw=(read_fact("given(mandate,silent)"),)
    )
    assert compare(policy, record, [replaced])[0].after.decided_by == "mandate"


def test_every_printed_fact_reads_back(policy: Policy) -> None:
    for seed in range(200):
        case = policy.case(random_record(Random(seed)))
        for fact in facts_of(case):
            assert read_fact(f"{fact_symbol(fact)}.") == fact


def test_many_scenarios_ground_nothing_anew(policy: Policy) -> None:
    record = json.loads(EXAMPLE.read_text())
    policy.judge(record)
    before = dict(policy._solvers)
    many = [Scenario(str(n), ({"op": "add", "path": "/disease/bsa_percent", "value": n},)) for n in range(0, 100, 5)]
    found = compare(policy, record, many)
    assert [c.after.decision for c in found] == ["denied"] * 20
    assert [any(i.id == "1.B" for i in c.items) for c in found] == [n > 20 for n in range(0, 100, 5)]
    assert before == policy._solvers


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
