"""Suites: the format and its faults, failures that say why, --update, JUnit, the pytest plugin."""

import json
import shutil
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from ruamel.yaml import YAML
from test_cli import run

from reasoner import RULES, Policy, RecordError
from reasoner.suites.run import check
from reasoner.suites.suite import read_suite

pytest_plugins = ["pytester"]

SUITES = Path(__file__).parents[2] / "suites"
EXAMPLES = Path(__file__).parents[3] / "facts" / "examples"
BOUNDARIES = SUITES / "boundaries.suite.yaml"

# installed, pytest finds the plugin by itself
_KNOWN = {point.name for point in entry_points(group="pytest11")}
PLUGIN = () if "reasoner" in _KNOWN else ("-p", "reasoner.cli.pytest_plugin")

BASE = """\
records:
  adult: {record: {case_id: a, request: {date: 2025-03-01, type: initial}}}
  round: {extends: adult}
  square: {extends: round}
cases:
"""


def suite(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.suite.yaml"
    path.write_text(BASE + text)
    return path


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """The rules with another limit of the surface, and another length of a trial."""
    shutil.copytree(RULES / "ip0369", tmp_path / "rules")
    file = tmp_path / "rules" / "1_atopic_dermatitis.lp"
    text = file.read_text().replace('"1.B", bsa_percent, 20', '"1.B", bsa_percent, 15')
    file.write_text(text.replace("consecutive_days, 28", "consecutive_days, 35"))
    return tmp_path / "rules"


def test_the_shipped_suites_pass() -> None:
    assert run("test", SUITES).stdout.endswith("0 failed\n")


def test_a_failure_shows_expected_beside_found_and_the_rules(stricter: Path) -> None:
    text = run("test", BOUNDARIES, "--rules", stricter, status=1).stdout
    assert "✗ The surface is at most 20 %. [19.9, approved, met]" in text
    lines = (stricter / "1_atopic_dermatitis.lp").read_text().splitlines()
    first = 1 + next(number for number, line in enumerate(lines) if line.startswith('item("1.B"'))
    assert f"      met      │ contradicted\n      rules: 1_atopic_dermatitis.lp:{first}" in text
    assert f"    {BOUNDARIES}:26\n" in text
    assert "applied(therapy(1),consecutive_days,28) │ applied(therapy(1),consecutive_days,35)" in text


def test_update_rewrites_what_moved_and_nothing_else(tmp_path: Path, stricter: Path) -> None:
    copy = tmp_path / "b.suite.yaml"
    shutil.copy(BOUNDARIES, copy)
    assert "0 failed" in run("test", copy, "--rules", stricter, "--update").stdout
    old, new = BOUNDARIES.read_text().splitlines(), copy.read_text().splitlines()
    assert [line for line in old if "#" in line] == [line for line in new if "#" in line]
    assert "      - [19.9, denied, contradicted]" in new and "      - [20.1, denied, contradicted]" in new
    assert "0 failed" in run("test", copy, "--update").stdout
    found = [case.expect.minimal_sets for case in read_suite(copy) if case.expect.minimal_sets]
    assert sorted(found[0]) == sorted(read_suite(BOUNDARIES)[-1].expect.minimal_sets or [])
    unchanged = copy.read_bytes()
    run("test", copy, "--update")
    assert copy.read_bytes() == unchanged


def test_junit(tmp_path: Path, stricter: Path) -> None:
    run("test", BOUNDARIES, "--rules", stricter, "--junit", tmp_path / "j.xml", status=1)
    found = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert (found.get("tests"), found.get("failures")) == ("10", "6")
    assert len(found.findall("testcase/failure")) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  - {name: x, extends: nobody}", "line 6: no record is named 'nobody' (there are: adult, round, square)"),
        ("  - {name: x, extends: adult, record: {}}", "line 6: give `record`, or `extends`"),
        ("  - {name: x}", "line 6: give `record`, or `extends`"),
        ("  - {extends: adult}", "line 6: cases[0].name: required, and absent"),
        ("  - {name: x, extends: adult, expect: {total: 1}}\n  - {name: x, extends: adult}", "line 7: 'x' is the name of the case in line 6 too"),
        ("  - {name: x, extends: adult, expekt: {}}", "line 6: cases[0].expekt: unknown field; did you mean 'expect'?"),
        ("  - name: x\n    extends: adult\n    expect:\n      decision: maybe", "line 9: cases[0].expect.decision: must be 'approved', 'denied' or 'out_of_scope'"),
        ("  - {name: x, extends: adult, set: {'no where': 1}}", "line 6: no where: not a path"),
        ("  - {name: x, extends: adult, remove: [disease.sites]}", "nothing there to remove"),
        ("  - {name: x, extends: adult, table: [[disease.bsa_percent]]}", "a row of paths and at least one row of values"),
        ("  - name: x\n    extends: adult\n    table:\n      - [disease.bsa_percent]\n      - [1, 2]", "line 10: x: 2 values under 1 paths"),
        ("  - {name: x, extends: gone.json}", "line 6: extends gone.json: cannot be read: No such file or directory; files are looked for from the suite's folder, "),
        ("  - {name: x, extends: adult}", "line 6: x: asserts nothing; give `expect`, such as {decision: approved}"),
        ("  - {name: x, extends: adult, expect: {statuses: {}}}", "line 6: x: asserts nothing"),
        ("  - name: x\n    extends: adult\n    table:\n      - [disease.bsa_percent]\n      - [1]", "line 10: x: asserts nothing"),
        ("  - name: x\n    extends: adult\n    table:\n      - []\n      - []", "line 9: x: the first row of the table is empty"),
        ("  - name: x\n    extends: adult\n    table:\n      - [expect.decision]\n      - []", "line 10: x: 0 values under 1 paths"),
        ("  - name: x\n    extends: adult\n    table:\n      - [expect.decision]\n      -", "line 10: cases[0].table[1]: a list is needed"),
        ("  - name: x\n    extends: adult\n    table:\n      - [expect.kind, expect.total, expect.kind]\n      - [a, 1, b]", "line 9: x: the column expect.kind stands twice; keep one of them"),
        ("  - name: x\n    extends: adult\n    table:\n      - [expect.statuses, expect.statuses.1.A]\n      - [{1: met}, met]", "line 9: x: give expect.statuses, or columns such as expect.statuses.1.A: not both"),
        ("  - name: x\n    extends: adult\n    table:\n      - [expect.statuses.1.A]\n      - [fine]", "line 10: expect.statuses['1.A']: must be 'met', 'missing', 'contradicted', 'excludes' or 'clear', not 'fine'"),
        ("  - {name: x, extends: adult, expect: {statuses: {1.A: fine}}}", "line 6: cases[0].expect.statuses['1.A']: must be 'met', 'missing', 'contradicted', 'excludes' or 'clear', not 'fine'"),
        ("  - {name: x, extends: adult, expect: {statuses: {1: met, '1': missing}}}", "line 6: the name '1' stands twice in one object"),
        ("  - {name: x, extends: adult, name: y}", "line 6: the name 'name' stands twice in one object"),
        ("  - {name: x, extends: adult, set: [1]}", "line 6: cases[0].set: an object with named fields is needed"),
        ("  - {name: x, extends: adult, remove: disease}", "line 6: cases[0].remove: a list is needed"),
        ("  - {name: x, extends: adult, zzz: 1}", "cases[0].zzz: unknown field; see `reasoner schema suite`"),
        ("  - {name: x, extends: adult, expect: {name: 1}}", "cases[0].expect.name: unknown field; it stands elsewhere in a suite, see `reasoner schema suite`"),
        ("  - {name: x, extends: adult, set: {case_id.x: 1}, expect: {total: 1}}", "line 6: "),
        ("  - name: x\n    extends: adult\n    expect:\n      total: 1\n      missing: [[at_least(foo,3), b]]", 'line 10: x: expect.missing: at_least(foo is a part of a fact, cut at its comma; put it in quotes: "at_least(foo,3)"'),
        ("  - {name: x, extends: adult, expect: {unchangeable: [is(a, b(c), d]}}", 'x: expect.unchangeable: is(a is a part of a fact, cut at its comma; put it in quotes: "is(a…"'),
        ("  - {name: x, extends: adult, table: [[expect.minimal_sets], [[[is(a,1)]]]]}", 'line 6: x: expect.minimal_sets: is(a is a part of a fact, cut at its comma; put it in quotes: "is(a,1)"'),
        ("  - {name: x, extends: adult, table: [", "a.suite.yaml: not YAML: "),
    ],
)  # fmt: skip
def test_faults_name_file_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    path = suite(tmp_path, text)
    with pytest.raises(RecordError) as caught:
        read_suite(path)
    assert message in str(caught.value) and f"{path}: " in str(caught.value)


def faults(path: Path) -> str:
    with pytest.raises(RecordError) as caught:
        read_suite(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("records:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: b}\ncases: []\n", "line 2: b extends c extends b: a circle"),
        ("records:\n  a: {extends: nobody}\ncases: []\n", "line 2: no record is named 'nobody' (there are: none)"),
        ("", "empty: a suite is needed"),
        ("words", "a suite has a list `cases`, and `records` that they extend"),
        ("{cases: &a []}", "anchors and aliases are not allowed in a suite (line 1, column 9)"),
        ("- {extends: a}", "line 1: cases[0].name: required, and absent"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.suite.yaml"
    path.write_text(text)
    assert f"{path}: {message}" in faults(path)
    assert run("test", path, status=2).stderr.startswith(f"reasoner: {path}: ")


def test_standard_input_is_no_suite() -> None:
    assert "a suite is a file" in run("test", "-", status=2).stderr


def test_long_chains_are_read_and_deep_nesting_is_refused(tmp_path: Path) -> None:
    chain = "".join(f"  r{n}: {{extends: r{n + 1}}}\n" for n in range(3000))
    text = BASE.replace("cases:\n", f"{chain}  r3000: {{extends: adult}}\ncases:\n")
    path = tmp_path / "a.suite.yaml"
    path.write_text(text + "  - {name: x, extends: r0, expect: {decision: denied}}")
    assert read_suite(path)[0].data["case_id"] == "a"
    path.write_text(path.read_text().replace("r3000: {extends: adult}", "r3000: {extends: r0}"))
    assert "line 5: r0 extends r1 extends r2 extends … extends r3000 extends r0: a circle" in faults(path)
    deep = tmp_path / "a.json"
    deep.write_text('{"cases": [{"name": "x", "record": {"a": ' + "[" * 800 + "]" * 800 + "}}]}")
    assert faults(deep) == f"{deep}: nested deeper than 50 levels"
    deep.write_text('{"cases":\t[\n\t{"name": ""}]}')
    assert "line 2: cases[0].name: is empty" in faults(deep)


def test_removals_and_sets_mean_the_record_as_it_is(tmp_path: Path) -> None:
    base = "  - name: x\n    record: {case_id: a, therapies: [{id: a}, {id: b}, {id: c}]}\n    expect: {total: 1}\n"
    path = suite(tmp_path, base + "    remove: ['therapies[0]', 'therapies[1]']\n")
    assert read_suite(path)[0].data["therapies"] == [{"id": "c"}]
    path = suite(
        tmp_path, base + "    remove: ['therapies[0]']\n    set: {'therapies[1].id': z, disease.sites: [face]}\n"
    )
    assert read_suite(path)[0].data == {
        "case_id": "a",
        "therapies": [{"id": "z"}, {"id": "c"}],
        "disease": {"sites": ["face"]},
    }


def test_a_record_that_is_refused_fails_its_case(policy: Policy, tmp_path: Path) -> None:
    path = suite(
        tmp_path,
        "  - {name: x, extends: adult, set: {disease.bsa_percent: lots}, expect: {decision: denied}}",
    )
    text = run("test", path, status=1).stdout
    assert f"✗ x\n    {path}:6\n    the record is refused\n      disease.bsa_percent: a number is needed" in text
    (case,) = read_suite(path)
    with pytest.raises(RecordError, match="line 6: x: disease.bsa_percent: a number is needed"):
        case.record(policy)
    (case,) = read_suite(suite(tmp_path, "  - {name: x, record: {}, set: {case_id: a}, expect: {decision: denied}}"))
    with pytest.raises(RecordError) as caught:
        case.record(policy)
    assert "line 6: x: request: required" in str(caught.value) and ": :" not in str(caught.value)


def test_a_column_of_what_is_expected_is_named_so(tmp_path: Path) -> None:
    text = "  - name: x\n    extends: adult\n    table:\n      - [decision, expect.total]\n      - [denied, 3]\n"
    path = suite(tmp_path, text)
    remedy = "over a column of what is expected, write expect.decision"
    shown = run("test", path, status=1).stdout
    assert "decision: unknown field; " in shown and remedy in " ".join(shown.split())
    (case,) = read_suite(path)
    with pytest.raises(RecordError, match=remedy):
        case.record(Policy.load())


def test_no_reasons_are_those_of_an_approval(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "b.suite.yaml").write_text(
        f"- {{name: x, extends: {EXAMPLES}/ad-approved.json, expect: {{reasons: []}}}}\n"
        f"- {{name: y, extends: {EXAMPLES}/ad-near-miss.json, expect: {{reasons: []}}}}\n"
    )
    passed, failed = (check(policy, case) for case in read_suite(tmp_path / "b.suite.yaml"))
    assert passed.passed and [difference.what for difference in failed.differences] == ["reasons"]


def test_edits_that_do_not_do_what_they_must_are_named(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.suite.yaml"
    path.write_text(f"- {{name: x, extends: {EXAMPLES}/vitiligo-segmental.json, expect: {{decision: denied}}}}\n")
    (case,) = read_suite(path)
    for outcomes, note in (
        (["denied"], "the record with all of these edits is denied"),
        (["out_of_scope"], "the record with all of these edits is out of scope"),
        (["a: no such thing"], "the record with all of these edits is refused: a: no such thing"),
        (["approved", "approved"], "approved without the edits of "),
    ):
        given = iter(outcomes)
        monkeypatch.setattr("reasoner.suites.run._after", lambda *_, given=given: next(given, "denied"))
        first = check(policy, case).differences[0]
        assert first.what == "edits" and first.note is not None and first.note.startswith(note)


def test_a_case_that_expects_the_wrong_thing_fails(tmp_path: Path) -> None:
    for wrong in (
        "decision: approved", "kind: not_covered", "total: 3", "hinges_on: [potency_floor]", "advisories: [x]",
        "reasons: [1.B]", "through: 2025-01-01", "version: x", "statuses: {1.A: met}", "earliest_approval: 2026-01-01",
        "minimal_sets: []", "missing: [[severity_fits(1)]]", "medically_necessary: true", "decided_by: mandate",
        "approvable: false", "because: [1.A]",
    ):  # fmt: skip
        path = suite(tmp_path, f"  - {{name: x, extends: adult, expect: {{{wrong}}}}}")
        assert "1 failed" in run("test", path, status=1).stdout, wrong


def test_the_schema_admits_the_shipped_suites() -> None:
    schema = json.loads(run("schema", "suite").stdout)
    for path in SUITES.iterdir():
        jsonschema.validate(json.loads(json.dumps(YAML(typ="safe").load(path.read_text()), default=str)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"cases": [{"extends": "x"}]}, schema)


def test_pytest_collects_suites(pytester: pytest.Pytester, stricter: Path) -> None:
    shutil.copy(BOUNDARIES, pytester.path / "b.suite.yaml")
    pytester.runpytest_subprocess(*PLUGIN, "-q").assert_outcomes(passed=10)
    done = pytester.runpytest_subprocess(*PLUGIN, "--rules", str(stricter))
    done.assert_outcomes(passed=4, failed=6)
    done.stdout.fnmatch_lines(["*met*│ contradicted*"])
    pytester.runpytest_subprocess(*PLUGIN, "--rules", str(stricter), "--lf", "-x").assert_outcomes(failed=1)
    pytester.runpytest_subprocess(*PLUGIN, "-k", "surface").assert_outcomes(passed=5, deselected=5)
    pytester.runpytest_subprocess(*PLUGIN, "-n", "2", "-q").assert_outcomes(passed=10)
    (pytester.path / "c.suite.yaml").write_text("cases: [{name: x}]")
    done = pytester.runpytest_subprocess(*PLUGIN, "c.suite.yaml")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*c.suite.yaml: line 1: give `record`*"])
