"""How results of suites are shown: side by side in 100 columns, as JUnit XML, under pytest, on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_cli import run
from test_suite_update import HEAD, POLICY, SETS, SHORT
from test_suites import PLUGIN

from reasoner.render.results import failure, junit
from reasoner.suites.run import Difference, Result, check
from reasoner.suites.suite import SuiteCase, read_suite

pytest_plugins = ["pytester"]


def cases(path: Path, text: str) -> list[SuiteCase]:
    path.write_text(HEAD + text)
    return read_suite(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.suite.yaml"


@pytest.mark.parametrize(
    ("expect", "shown"),
    [
        ("statuses: {9.Z: met}", "no such item: 9.Z; nearest: "),
        ("reasons: [1.CC]", "no such item: 1.CC; nearest: 1.C\n"),
        ("advisories: [doze_frequency]", "no such advisory: doze_frequency; nearest: dose_frequency"),
        ("hinges_on: [potency_flor]", "no such choice: potency_flor; nearest: potency_floor"),
    ],
)
def test_names_that_the_policy_does_not_have_are_shown_with_the_nearest(path: Path, expect: str, shown: str) -> None:
    (case,) = cases(path, f"  - {{name: x, extends: adult, expect: {{{expect}}}}}")
    assert shown in failure(check(POLICY, case)) + "\n"


def test_only_what_differs_is_shown(path: Path) -> None:
    (case,) = cases(path, f"{SHORT}    expect: {{minimal_sets: [[a], {SETS[1]}], reasons: [1.C, 1.D]}}")
    text = failure(check(POLICY, case))
    assert "minimal_sets; as expected: 1\n      expected │ found\n      a        │ applied(" in text
    assert "new_failure" not in text
    assert "reasons; as expected: 1.C\n      expected │ found\n      1.D      │ nothing else\n" in text
    (case,) = cases(path, f"{SHORT}    expect: {{minimal_sets: [{', '.join(SETS)}, [b]], total: 4}}")
    assert "as expected: 4\n      expected │ found\n      b        │ nothing else" in failure(check(POLICY, case))


def test_long_cells_wrap_side_by_side(path: Path) -> None:
    (case,) = cases(path, "  - {name: x, extends: adult, expect: {total: 0}}")
    sets = [[f"applied(therapy({n}),consecutive_days,{m})" for n in range(4)] for m in (28, 35)]
    text = failure(Result(case, (Difference("minimal_sets", sets[:1], sets[1:], ("some_file.lp:123",) * 9),)))
    lines = text.splitlines()
    assert max(map(len, lines[2:])) <= 100 and sum("│" in line for line in lines) == 5
    assert all(line.index("│") == lines[3].index("│") for line in lines if "│" in line)
    many = [[str(n)] for n in range(1000)]
    text = failure(Result(case, (Difference("missing", [["x"]], many),)))
    assert len(text.splitlines()) < 20 and "… and 988 more" in text


def test_control_characters_are_escaped_in_text_and_replaced_in_xml(path: Path) -> None:
    (case,) = cases(path, '  - {name: "x\\e[31m\\0\\uFFFEé", extends: adult, expect: {version: "\\e[1m", total: 9}}')
    result = check(POLICY, case)
    assert "✗ x\\x1b[31m\\x00\\ufffeé\n" in failure(result) and "\\x1b[1m  │ 2024" in failure(result)
    (found,) = ElementTree.fromstring(junit([result]).encode())
    assert found.get("name") == "x\ufffd[31m\ufffd\ufffdé"
    assert found[0].get("message") == "total, version"


def test_junit_does_not_replace_a_suite(path: Path) -> None:
    cases(path, "  - {name: x, extends: adult, expect: {total: 0}}")
    (path.parent / "link.xml").symlink_to(path)
    for name in (path, path.parent / "." / "link.xml"):
        assert "a suite, which it would replace" in run("test", path, "--junit", name, status=2).stderr
    assert path.read_text().startswith(HEAD)


TWO = """\
  - {name: First of all, extends: adult, expect: {total: 9}}
  - {name: Second, extends: adult, expect: {total: 8}}
  - {name: Third, extends: adult, expect: {total: 0}}
"""


def test_first_failure_and_names(path: Path) -> None:
    cases(path, TWO)
    assert run("test", path, status=1).stdout.endswith("3 cases, 2 failed\n")
    done = run("test", path, "-x", status=1)
    assert done.stdout.endswith("1 cases, 1 failed\n") and "Second" not in done.stdout
    assert run("test", path, "-k", "third").stdout == "1 cases, 0 failed\n"
    assert "-k nobody: no case has this in its name" in run("test", path, "-k", "nobody", status=2).stderr
    run("test", path, "-k", "second", "--update")
    assert [case.expect.total for case in read_suite(path)] == [9, 0, 0]


def test_progress_on_a_terminal(path: Path) -> None:
    cases(path, TWO)
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "reasoner", "test", str(path)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, check=False, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    assert b"3 cases, 2 failed" in done.stdout and b"cases" in os.read(mine, 10_000)
    os.close(mine)


def test_pytest_shows_what_the_command_shows(pytester: pytest.Pytester) -> None:
    (pytester.path / "a.suite.yaml").write_text(HEAD + TWO)
    shown = run("test", pytester.path / "a.suite.yaml", status=1).stdout
    done = pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider")
    for text in shown.split("\n\n")[:-1]:
        assert text in done.stdout.str()
    (pytester.path / "rules").mkdir()
    done = pytester.runpytest_subprocess(*PLUGIN, "--rules", "rules", "-k", "Third")
    done.stdout.fnmatch_lines(["the rules are wrong:", "*rules: holds no rule files*"])


def test_the_summary_of_pytest_says_what_differed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    wrong = "  - {name: Both, extends: adult, expect: {advisories: [x], decision: denied, total: 9}}\n"
    refused = "  - {name: Refused, extends: adult, set: {disease.bsa_percent: lots, plan.x: 1}, expect: {total: 0}}\n"
    (pytester.path / "a.suite.yaml").write_text(HEAD + TWO + wrong + refused)
    (pytester.path / "rules").mkdir()
    for options in ((), ("-n", "2")):
        done = pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *options)
        summary = {line.strip() for line in done.stdout.str().splitlines() if line.startswith("FAILED ")}
        assert summary == {
            "FAILED a.suite.yaml::First of all - total: expected 9, found 0",
            "FAILED a.suite.yaml::Second - total: expected 8, found 0",
            "FAILED a.suite.yaml::Both - decision: expected denied, found approved (and 2 more)",
            "FAILED a.suite.yaml::Refused - the record is refused: disease.bsa_percent: a number is needed, not 'lots' (and 1 more)",
        }  # fmt: skip
    done = pytester.runpytest_subprocess(*PLUGIN, "--rules", "rules", "-k", "Third")
    done.stdout.fnmatch_lines(["FAILED a.suite.yaml::Third - the rules are wrong"])


def test_the_plugin_imports_nothing_of_the_package(tmp_path: Path) -> None:
    code = "import sys, reasoner.cli.pytest_plugin; print(*(name for name in sys.modules if name.startswith(('reasoner', 'clingo', 'pydantic'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["reasoner", "reasoner.cli", "reasoner.cli.pytest_plugin"]
