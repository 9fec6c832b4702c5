"""The command line as users type it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reasoner import RULES, Policy, read_record

EXAMPLES = Path(__file__).parents[3] / "facts" / "examples"
EXAMPLE = EXAMPLES / "interface.json"


def run(*arguments: str | Path, stdin: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reasoner", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=stdin)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_decide_for_people() -> None:
    lines = run("decide", EXAMPLE).stdout.splitlines()
    assert lines[0] == "ad-adult-01: DENIED"
    assert "  ✓ 1.A Old enough · met" in lines
    assert "  ✗ X.1 Not together with a biologic or another JAK inhibitor · excludes" in lines
    assert not any("\x1b" in line for line in lines)


def test_decide_for_programs() -> None:
    verdict = json.loads(run("decide", "--json", EXAMPLE).stdout)
    assert (verdict["decision"], verdict["denial"]["reasons"]) == ("denied", ["X.1", "1.C", "1.D"])
    lines = run("decide", "--json", EXAMPLE, EXAMPLES / "alopecia.json").stdout.splitlines()
    assert [json.loads(line)["case_id"] for line in lines] == ["ad-adult-01", "alopecia"]


def test_a_record_from_standard_input() -> None:
    for text in (EXAMPLE.read_text(), "case_id: ad-adult-01\nrequest: {date: 2025-03-01, type: initial}\n"):
        assert run("decide", "-", stdin=text).stdout.startswith("ad-adult-01: DENIED")


def test_explain_with_needs_and_sets() -> None:
    text = run("explain", EXAMPLE).stdout
    assert "Needed: all of these, each in one of its ways" in text
    assert "20 of 28 days in a row" in text and "Minimal sets: 16 in all, best first" in text
    assert "APPROVED" in run("explain", EXAMPLES / "ad-approved.json").stdout


def test_the_limit_is_stated() -> None:
    explanation = json.loads(run("explain", "--json", "--limit", "3", EXAMPLE).stdout)["explanation"]
    assert len(explanation["minimal_sets"]) == explanation["limit"] == 3
    assert (explanation["total"], explanation["complete"]) == (16, False)


def test_normalize_gives_the_full_form_that_judges_alike(tmp_path: Path) -> None:
    full = json.loads(run("normalize", EXAMPLE).stdout)
    assert list(full) == [
        "case_id", "request", "patient", "disease", "prescriber", "therapies", "intolerances", "response", "plan",
    ]  # fmt: skip
    assert (full["therapies"][0]["class"], full["therapies"][0]["potency"]) == (
        "topical_corticosteroid",
        "medium",
    )
    (tmp_path / "full.json").write_text(json.dumps(full))
    assert run("decide", "--json", tmp_path / "full.json").stdout == run("decide", "--json", EXAMPLE).stdout
    assert json.loads(run("normalize", tmp_path / "full.json").stdout) == full


def test_facts_are_a_program_that_clingo_reads() -> None:
    import clingo

    text = run("facts", EXAMPLE).stdout
    control = clingo.Control()
    control.add(text)
    control.ground()
    assert len(control.symbolic_atoms) == len(set(text.splitlines()))
    assert "given(outcome(therapy(1)),failure)." in text.splitlines()
    hostile = {
        "case_id": "c",
        "request": {"date": "2025-03-01", "type": "initial", "indication": "x). approved("},
    }
    assert 'given(indication,"x). approved(").' in run("facts", "-", stdin=json.dumps(hostile)).stdout


def test_schemas_admit_what_the_commands_read_and_print() -> None:
    record, verdict = (json.loads(run("schema", name).stdout) for name in ("record", "verdict"))
    for path in EXAMPLES.glob("*.json"):
        jsonschema.validate(json.loads(path.read_text()), record)
    policy = Policy.load()
    for path in EXAMPLES.iterdir():
        jsonschema.validate(json.loads(policy.judge(read_record(path)).to_json()), verdict)
    for wrong in ({}, {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}, "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, record)
    assert "there are: record, verdict, suite" in run("schema", "nothing", status=2).stderr


def test_policy_names_each_item_with_citation_and_place() -> None:
    rows = {row["id"]: row for row in json.loads(run("policy", "--json").stdout)}
    assert len(rows) == 26
    for row in rows.values():
        assert row["title"] and row["citation"].startswith("IP0369 ")
        for place in row["rules"]:
            file, line = place.split(":")
            text = (Path(__file__).parents[3] / "rules" / "ip0369" / file).read_text().splitlines()[int(line) - 1]
            assert f'"{row["id"]}"' in text
        assert len(row["rules"]) > 1
    assert "1.C.i" in run("policy").stdout


def batch(tmp_path: Path, lines: list[str]) -> tuple[list[Any], list[Any], str]:
    (tmp_path / "in.ndjson").write_text("\n".join(lines), "utf-8")
    done = run("batch", tmp_path / "in.ndjson", "--out", tmp_path / "out", "--errors", tmp_path / "err")
    out, err = ((tmp_path / name).read_text("utf-8").splitlines() for name in ("out", "err"))
    return [json.loads(line) for line in out], [json.loads(line) for line in err], done.stderr


def test_batch_loses_nothing(tmp_path: Path) -> None:
    good = [json.dumps(json.loads(path.read_text())) for path in sorted(EXAMPLES.glob("*.json"))]
    wrong = ["{", '{"case_id": "x"}', "[" * 100_000, '{"case_id": NaN}', '"\\ud800"']
    lines = [*good[:3], wrong[0], "", *good[3:], *wrong[1:]]
    verdicts, refused, counts = batch(tmp_path, lines)
    assert [v["case_id"] for v in verdicts] == [json.loads(line)["case_id"] for line in good]
    assert [entry["line"] for entry in refused] == [4, *range(len(good) + 3, len(good) + 7)]
    assert all(entry["faults"][0]["message"] for entry in refused)
    assert "5 refused" in counts
    single = run("decide", "--json", EXAMPLES / "ad-approved.json").stdout
    assert json.loads(single) == next(v for v in verdicts if v["case_id"] == "ad-approved")


@pytest.mark.parametrize(
    "arguments",
    [
        ("batch", "nowhere.ndjson", "--out", "out"),
        ("batch", str(EXAMPLE), "--out", "/nowhere/out"),
        ("batch", str(EXAMPLE), "--out", str(EXAMPLE)),
        ("decide",),
        ("decide", "--nonsense", str(EXAMPLE)),
        ("explain", "--limit", "0", str(EXAMPLE)),
        ("nonsense",),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    before = EXAMPLE.read_bytes()
    assert run(*arguments, status=2).stdout == ""
    assert EXAMPLE.read_bytes() == before


def test_processes_without_a_population_are_refused_with_what_to_do() -> None:
    assert "--jobs is of --cases: add these, or leave it out" in run("diff", "a", "b", "--jobs", "2", status=2).stderr


def test_forty_therapies_and_every_item_unmet(tmp_path: Path) -> None:
    steroid = {"class": "topical_corticosteroid", "days": 20, "consecutive_days": 3, "outcome": "response"}
    inhibitor = steroid | {"class": "topical_calcineurin_inhibitor"}
    record = {
        "case_id": "forty",
        "request": {"date": "2025-03-01", "type": "reauthorization", "indication": "atopic_dermatitis"},
        "patient": {"age_years": 3},
        "disease": {"severity": "severe", "bsa_percent": 90, "sites": []},
        "prescriber": {"specialty": "surgery", "consulted": []},
        "therapies": [*([steroid | {"sample": True}] * 20), *([inhibitor | {"documented": False}] * 20)],
        "plan": {"document": "excludes"},
    }
    (tmp_path / "forty.json").write_text(json.dumps(record))
    explanation = json.loads(run("explain", "--json", tmp_path / "forty.json").stdout)["explanation"]
    assert [need["criterion"] for need in explanation["needs"]] == [
        "P.plan", "1", "1.A", "1.B", "1.C", "1.D", "1.E", "R.response",
    ]  # fmt: skip
    assert explanation["total"] == 23 * 22 and not explanation["complete"] and explanation["exact"]
    assert len(explanation["minimal_sets"]) == 50


def shell(command: str) -> tuple[int, str, str]:
    """What a shell makes of a command, in which `reasoner` is this one."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"reasoner() {{ '{sys.executable}' -m reasoner \"$@\"; }}; {command}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("decide - <&-", 2, "reasoner: -: cannot be read: standard input is closed"),
        ("batch - --out /dev/null <&-", 2, "reasoner: standard input is closed"),
        (f"decide {EXAMPLE} >&-", 2, "reasoner: standard output is closed"),
        (f"decide {EXAMPLE} >/dev/full", 2, "reasoner: standard output: No space left on device"),
        (f"explain --json {EXAMPLE} >/dev/full", 2, "reasoner: standard output: No space left on device"),
        ("decide nowhere 2>&-", 2, ""),
        ("decide nowhere 2>/dev/full", 2, ""),
        (f"decide - - < {EXAMPLE}", 2, "reasoner: -: standard input is named twice"),
        (f"explain {EXAMPLE} --apply 1 --save ''", 2, "reasoner: .: cannot be written: Is a directory"),
        (
            "decide $'x\\e[2J\\xff.json'",
            2,
            "reasoner: x\\x1b[2J\\udcff.json: cannot be read: No such file or directory",
        ),
    ],
)
def test_closed_and_full_streams(command: str, status: int, message: str) -> None:
    found, printed, reported = shell(f"reasoner {command}")
    assert (found, printed, reported.strip()) == (status, "", message)


@pytest.mark.parametrize("command", ["decide", "explain --json --limit 1000", "decide --rules {rules}"])
def test_a_reader_that_has_had_enough_is_no_fault(command: str) -> None:
    """More than a pipe holds, or less; by the command-line library, or without it."""
    rules = EXAMPLES.parents[1] / "rules" / "ip0369"
    status, _, reported = shell(f"reasoner {command.format(rules=rules)} {EXAMPLE} | true")
    assert (status, reported) == (0, "")


def test_the_same_bytes_in_every_locale() -> None:
    assert shell(f"PYTHONIOENCODING=ascii reasoner decide {EXAMPLE}")[1] == run("decide", EXAMPLE).stdout


def test_flow_yaml_from_standard_input() -> None:
    text = "{case_id: a, request: {date: 2025-03-01, type: initial}}"
    assert run("decide", "-", stdin=text).stdout.startswith("a: DENIED")
    assert "not JSON: " in run("decide", "-", stdin=text[:-1], status=2).stderr
    assert "stands twice" in run("decide", "-", stdin='{"a": 1, "a": 2}', status=2).stderr


def test_deep_and_huge_values(tmp_path: Path) -> None:
    (tmp_path / "patch.json").write_text(f'[{{"op": "add", "path": "/x", "value": {"[" * 500}{"]" * 500}}}]')
    for arguments in (
        ("--patch", tmp_path / "patch.json"),
        ("--set", f"disease.sites={'[' * 100_000}"),
        ("--set", f"disease.sites={'[' * 500}{']' * 500}"),
    ):
        reported = run("what-if", EXAMPLE, *arguments, status=2).stderr
        assert "nested deeper than 50 levels" in reported and len(reported) < 200
    assert "--apply" in run("explain", EXAMPLE, "--apply", "9" * 20, status=2).stderr


def test_a_start_loads_nothing_that_decide_does_not_need(tmp_path: Path) -> None:
    """The second one not even the solver: what it would derive of the rules is kept."""
    command = [sys.executable, "-X", "importtime", "-m", "reasoner", "decide", str(EXAMPLE)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    starts = []
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
        starts.append({line.rpartition("|")[2].strip() for line in lines})
    first, second = starts
    assert "clingo" in first
    assert {"pydantic_core", "reasoner.verdict.judge", "reasoner.render.text"} <= second
    unneeded = (
        "clingo",
        "pydantic.",
        "typer",
        "rich",
        "ruamel",
        "jsonpatch",
        "importlib.metadata",
        "email",
        "difflib",
        "asyncio",
    )
    assert not [name for name in second if name.startswith(unneeded)]


def test_another_folder_declares_another_record(tmp_path: Path) -> None:
    shutil.copytree(RULES / "ip0369", tmp_path / "rules")
    with open(tmp_path / "rules" / "record.lp", "a") as file:
        file.write('\nfield("request.reference", reference, text).\nrequired("request.reference").\n')
    rules = ("--rules", tmp_path / "rules")
    schema = json.loads(run("schema", "record", *rules).stdout)
    record = json.loads(EXAMPLE.read_text())
    with pytest.raises(jsonschema.ValidationError, match="'reference' is a required property"):
        jsonschema.validate(record, schema)
    assert "request.reference: required, and absent" in run("decide", EXAMPLE, *rules, status=2).stderr
    record["request"]["reference"] = "A 1"
    jsonschema.validate(record, schema)
    (tmp_path / "record.json").write_text(json.dumps(record))
    verdict = run("decide", "--json", tmp_path / "record.json", *rules).stdout
    assert verdict == run("decide", "--json", EXAMPLE).stdout
    assert "request.reference: unknown field" in run("decide", tmp_path / "record.json", status=2).stderr


def test_a_record_of_another_policy_is_named_as_such() -> None:
    other = {
        "case_id": "x",
        "member": {"plan": "a"},
        "weights": [],
        "drug": {"name": "b"},
        "request": {"date": "2025-03-01"},
    }
    refused = run("decide", "-", stdin=json.dumps(other), status=2).stderr
    assert refused.startswith("reasoner: -: this is no record of IP0369 (see `reasoner schema record`)\n")
