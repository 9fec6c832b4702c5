"""The rules in the page: files, suites, versions compared, thresholds tried, cases saved to suites."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from served import client, problem
from starlette.testclient import TestClient

from reasoner import Policy, RulesError
from reasoner.analysis.thresholds import MOST, thresholds
from reasoner.render.source import Mark, Piece, lines_of
from reasoner.serve import rules_work
from reasoner.serve.highlight import words_of
from reasoner.serve.settings import Settings
from reasoner.serve.tasks import Step, Task, Tasks
from reasoner.serve.work import FileCoverage, Gap
from reasoner.suites.run import check
from reasoner.suites.suite import read_suite

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests/policies/household_benefit"
SUITE = """\
# Kept by hand.
cases:
  - name: A couple with a small income has a claim.   # the usual one
    record: &couple
      case_id: couple
      claim: {date: 2024-11-03}
      home: {lived_in_since: 2019-05-01, heating: gas, cost_last_winter: 120, cost_this_winter: 150}
      members: [{name: Ada, birth_date: 1980-02-01}, {name: Bo, birth_date: 1979-12-24}]
      incomes: [{kind: wages, amount: 1600}, {kind: rent, amount: 100}]
      deductions: []
    expect: {decision: approved}
# The end.
""".replace("&couple", "")


@cache
def household() -> Policy:
    return Policy.load(FOLDER)


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    (tmp_path / "claims.suite.yaml").write_text(SUITE, "utf-8")
    return tmp_path


@pytest.fixture
def page(suites: Path) -> Iterator[TestClient]:
    with client(household(), Settings(rules=FOLDER, edit=suites)) as found:
        yield found


@pytest.fixture
def page_without_suites() -> Iterator[TestClient]:
    with client(household(), Settings(rules=FOLDER)) as found:
        yield found


def whole(page: TestClient, path: str, body: object = None) -> str:
    """A part of the page, asked for until it is whole."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        answer = page.get(path) if body is None else page.post(path, json=body)
        assert answer.status_code == 200, answer.text
        if "data-again" not in answer.text:
            return answer.text
        time.sleep(0.1)
    raise AssertionError(f"{path}: not whole in time")


def text_of(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", part)).split())


def records_in(part: str) -> list[Any]:
    return [json.loads(html.unescape(found)) for found in re.findall(r'data-record="([^"]*)"', part)]


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.lp")), ids=lambda path: path.name)
def test_nothing_is_lost_of_a_file_in_its_lines(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = lines_of(text, [], words_of(text))
    assert "\n".join("".join(piece.text for piece in line) for line in lines) == text.removesuffix("\n")


def test_the_innermost_mark_and_the_word_of_each_piece() -> None:
    text = "a(X) :-\n  b.\n"
    lines = lines_of(text, [Mark(10, 11, "idle", "why"), Mark(0, 12, "covered")], words_of(text))
    assert lines[0][0] == Piece("a", "covered", "", "predicate")
    assert Piece("X", "covered", "", "variable") in lines[0]
    assert lines[1] == [Piece("  ", "covered"), Piece("b", "idle", "why"), Piece(".", "covered")]


def test_each_file_and_each_item_is_listed(page_without_suites: TestClient) -> None:
    listed = page_without_suites.get("/page/rules").text
    for file in household().files:
        assert f'href="#files/{file.name}"' in listed
    for item in household().items:
        assert f'/{item}">{item}</a>' in listed


def test_a_file_is_shown_line_by_line(page_without_suites: TestClient) -> None:
    name = household().files[0].name
    shown = page_without_suites.get(f"/page/rules/{name}").text
    lines = re.findall(r'<span class="source">(.*?)\n</span></span>', shown, re.DOTALL)
    assert [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in lines] == (FOLDER / name).read_text().splitlines()
    assert '<span class=" w-comment">' in shown and "style=" not in shown
    details = problem(page_without_suites.get("/page/rules/..%2f..%2fpyproject.toml"), 404)
    assert "pyproject" not in details["detail"] or "there are" in details["detail"]


@pytest.mark.parametrize("item", ["A", "A.4.a"])
def test_the_rules_of_an_item_with_their_places(page_without_suites: TestClient, item: str) -> None:
    shown = page_without_suites.get(f"/page/rule/{item}").text
    assert shown.startswith('<div id="rule"')
    for place in household().locations(item):
        file, _, line = place.rpartition(":")
        assert f'href="/rules#files/{file}/{line}"' in shown
    text = (FOLDER / "allowance.lp").read_text()
    own = [line for line in text.splitlines() if re.match(rf'(met|threshold|citation)\("{re.escape(item)}"', line)]
    assert own and all(" ".join(line.split()) in text_of(shown).replace(" ( ", "(") or line for line in own)


def test_an_item_that_is_none(page_without_suites: TestClient) -> None:
    assert problem(page_without_suites.get("/page/rule/nowhere"), 404)["detail"] == "no item 'nowhere'"


# ── Suites ───────────────────────────────────────────────────────────────────────────────────────


def test_where_no_suites_are_at_hand_it_says_how_to_give_them(page_without_suites: TestClient) -> None:
    for path in ("/page/rules", "/page/suites"):
        assert "--edit DIR" in text_of(page_without_suites.get(path).text)
    assert "--edit DIR" in problem(page_without_suites.post("/page/coverage", json={}), 409)["detail"]


def test_failures_stand_side_by_side(page: TestClient, suites: Path) -> None:
    wrong = SUITE.replace("decision: approved", "decision: denied, reasons: [A.1]").replace("small", "<b>smaller</b>")
    (suites / "wrong.suite.yaml").write_text(wrong, "utf-8")
    shown = whole(page, "/page/suites")
    assert "2 cases, 1 failed" in text_of(shown)
    assert "&lt;b&gt;smaller" in shown and "<b>" not in shown
    row = re.search(r'<tr><th scope="row">decision.*?</tr>', shown, re.DOTALL)
    assert row is not None and text_of(row[0]).startswith("decision denied approved")
    assert "see Suites" in problem(page.post("/page/coverage", json={}), 409)["detail"]
    assert page.get("/page/suites/0").json()["record"]["case_id"] == "couple"
    assert page.get("/page/suites/2").status_code == 404


def test_a_suite_that_is_none_is_named(page: TestClient, suites: Path) -> None:
    (suites / "broken.suite.yaml").write_text("cases: [{name: x, expected: {}}]\n", "utf-8")
    assert re.search(r"broken\.suite\.yaml.*expected", text_of(whole(page, "/page/suites")))


def covering(*_: object) -> Iterator[Step]:
    """In place of what takes minutes."""
    text = household().sources[0].text
    at = text.index("met(")
    mark = Mark(at, at + 4, "unheld", "rule: held in no case")
    name = household().files[0].name
    yield Step(1, 1, {name: FileCoverage([mark], 3, 4, [Gap(text.count("\n", 0, at) + 1, "met(x).", False)])})


def test_marks_of_coverage(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_work, "cover", covering)
    whole(page, "/page/suites")
    assert page.post("/page/coverage", json={}).status_code == 200
    assert "3 of 4" in text_of(whole(page, "/page/rules"))
    shown = page.get(f"/page/rules/{household().files[0].name}").text
    assert '<span class="unheld w-predicate" title="rule: held in no case">met</span>' in shown
    assert '<span class="line unheld"' in shown and "held in no case" in text_of(shown)


# ── Cases for suites ─────────────────────────────────────────────────────────────────────────────


def record() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(read_suite(next(FOLDER.glob("*.suite.yaml")))[0].data, default=str))
    return found


def test_a_case_of_a_record_passes_as_it_is_given(page_without_suites: TestClient, tmp_path: Path) -> None:
    asked = {"record": record(), "name": "A claim: of a couple."}
    shown = page_without_suites.post("/page/suite-case", json=asked).text
    found = re.search(r'<pre[^>]*id="suite-case-yaml">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None
    path = tmp_path / "new.suite.yaml"
    path.write_text("cases:\n" + html.unescape(found[1]), "utf-8")
    (case,) = read_suite(path)
    assert case.name == asked["name"] and case.expect.decision == "approved" and case.expect.statuses
    assert check(household(), case).passed
    refused = page_without_suites.post("/page/suite-case", json={**asked, "suite": "x"})
    assert "--edit DIR" in problem(refused, 409)["detail"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_case_is_added_and_all_else_stays(page: TestClient, suites: Path, ending: str) -> None:
    path = suites / "claims.suite.yaml"
    path.write_bytes(SUITE.replace("\n", ending).encode())
    asked = {"record": record(), "name": "Another one", "suite": path.name}
    assert "Written to claims.suite.yaml" in text_of(page.post("/page/suite-case", json=asked).text)
    before, after = SUITE.replace("\n", ending), path.read_bytes().decode()
    head, _, rest = before.partition(f"{ending}# The end.")
    assert after.startswith(head) and after.endswith(f"# The end.{rest}")
    assert after.count("\n") == after.count(ending)
    cases = read_suite(path)
    assert [case.name for case in cases][1:] == ["Another one"]
    assert all(check(household(), case).passed for case in cases)
    same = problem(page.post("/page/suite-case", json=asked), 422)
    assert "has this name" in str(same["errors"])
    assert path.read_bytes().decode() == after
    assert [file.name for file in suites.iterdir()] == [path.name]


def test_a_new_suite_has_a_plain_name(page: TestClient, suites: Path) -> None:
    asked = {"record": record(), "name": "Another one", "suite": "new_claims"}
    assert "Written to new_claims.suite.yaml" in text_of(page.post("/page/suite-case", json=asked).text)
    (case,) = read_suite(suites / "new_claims.suite.yaml")
    assert check(household(), case).passed


@pytest.mark.parametrize(
    "suite", ["", "../x", "a/b", "/tmp/x.suite.yaml", ".x", "x.yaml", "x.suite.yaml\n", "x\0", "é"]
)
def test_names_that_lead_elsewhere(page: TestClient, suites: Path, suite: str) -> None:
    answer = page.post("/page/suite-case", json={"record": record(), "name": "One", "suite": suite})
    assert "suite" in str(problem(answer, 422)["errors"])
    assert [file.name for file in suites.iterdir()] == ["claims.suite.yaml"]
    assert not (suites.parent / "x.suite.yaml").exists()


def test_a_link_is_not_followed_out_of_the_folder(page: TestClient, suites: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.suite.yaml"
    outside.write_text(SUITE, "utf-8")
    (suites / "x.suite.yaml").symlink_to(outside)
    answer = page.post("/page/suite-case", json={"record": record(), "name": "One", "suite": "x.suite.yaml"})
    assert problem(answer, 422) and outside.read_text("utf-8") == SUITE


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201])
def test_sentences_that_are_none(page: TestClient, suites: Path, name: str) -> None:
    answer = page.post("/page/suite-case", json={"record": record(), "name": name, "suite": "claims.suite.yaml"})
    assert "name" in str(problem(answer, 422)["errors"])
    assert (suites / "claims.suite.yaml").read_text("utf-8") == SUITE


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────


def test_edited_rules_have_a_witness_that_is_judged_otherwise(page_without_suites: TestClient) -> None:
    row = next(one for one in thresholds(household()) if one.item == "A.4.a")
    text = (FOLDER / row.file).read_text("utf-8")
    lines = text.splitlines(keepends=True)
    lines[row.line - 1] = lines[row.line - 1].replace(f"{row.number})", f"{row.number + 5})")
    shown = whole(page_without_suites, "/page/differences", {"texts": {row.file: "".join(lines)}})
    assert f"{row.file}:{row.line}" in shown and f"{row.number + 5}" in shown
    assert shown.count('<div class="change">') == 1
    decisions = {household().decide(found) for found in records_in(shown)}
    assert decisions and decisions <= {"approved", "denied", "out_of_scope"}


def test_edited_rules_that_are_wrong_are_refused_at_their_line(page_without_suites: TestClient) -> None:
    text = (FOLDER / "allowance.lp").read_text("utf-8")
    shown = whole(page_without_suites, "/page/differences", {"texts": {"allowance.lp": f"{text}item(1 2).\n"}})
    assert f"allowance.lp:{text.count(chr(10)) + 1}:" in text_of(shown)
    shown = whole(page_without_suites, "/page/differences", {"texts": {"../x.lp": ""}})
    assert "no rule file" in text_of(shown)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"versions": ["winter 2023"]},
        {"versions": ["winter 2023", "x"]},
        {"texts": {"allowance.lp": 1}},
        {"what": 1},
        [],
    ],
)
def test_nothing_to_compare(page_without_suites: TestClient, asked: object) -> None:
    problem(page_without_suites.post("/page/differences", json=asked), 422)


# ── Thresholds ───────────────────────────────────────────────────────────────────────────────────


def test_which_cases_turn_and_fail_under_another_number(page: TestClient) -> None:
    row = next(one for one in thresholds(household()) if one.item == "A.4.a")
    table = page.get("/page/thresholds").text
    assert f'data-file="{row.file}" data-line="{row.line}"' in table
    change = {"file": row.file, "line": row.line, "value": 90}
    shown = whole(page, "/page/thresholds", {"changes": [change], "record": record()})
    assert "1 decision turns of 1 cases" in text_of(shown) and "1 case fails" in text_of(shown)
    assert "open in the case page: ✓ approved → becomes ✗ denied" in text_of(shown)
    line = (FOLDER / row.file).read_text("utf-8").splitlines()[row.line - 1]
    patch = re.search(r'id="patch">(.*?)</pre>', shown, re.DOTALL)
    assert patch is not None
    assert f"-{line}" in html.unescape(patch[1]) and f"+{line.replace(f'{row.number})', '90)')}" in html.unescape(
        patch[1]
    )
    same = whole(page, "/page/thresholds", {"changes": [{**change, "value": row.number + 1}]})
    assert "no decision turns" in text_of(same) and "all cases pass" in text_of(same)
    assert "Nothing is changed" in whole(page, "/page/thresholds", {"changes": [{**change, "value": row.number}]})


@pytest.mark.parametrize("value", [-1, MOST + 1, 1.5, True, "12", "12). met(x", None, [1]])
def test_numbers_that_are_none(page_without_suites: TestClient, value: object) -> None:
    row = thresholds(household())[0]
    change = {"file": row.file, "line": row.line, "value": value}
    details = problem(page_without_suites.post("/page/thresholds", json={"changes": [change]}), 422)
    assert details["errors"][0]["path"] == "changes[0]" and "whole number" in details["errors"][0]["message"]


@pytest.mark.parametrize("place", [{"file": "x.lp", "line": 1}, {"file": "allowance.lp", "line": 1}, {}, 1])
def test_places_without_a_threshold(page_without_suites: TestClient, place: object) -> None:
    change = {**place, "value": 1} if isinstance(place, dict) else place
    details = problem(page_without_suites.post("/page/thresholds", json={"changes": [change]}), 422)
    assert "no threshold" in details["errors"][0]["message"]


# ── Work in processes of its own ─────────────────────────────────────────────────────────────────


def counted(number: int) -> Iterator[Step]:
    for done in range(number):
        yield Step(done + 1, number, done)


def refused() -> Iterator[Step]:
    yield Step(1, 2, "half")
    raise RulesError("no record")


def endless() -> Iterator[Step]:
    while True:
        yield Step(0, 0)
        time.sleep(0.05)


def died() -> Iterator[Step]:
    yield Step(0, 0)
    raise SystemExit


def done(task: Task) -> Task:
    end = time.monotonic() + 120
    while not task.is_done:
        assert time.monotonic() < end
        time.sleep(0.02)
    return task


def test_work_is_done_once_and_ends_with_a_result_or_a_reason() -> None:
    tasks = Tasks(__name__)
    try:
        first = tasks.task("a", counted, (3,), 60)
        assert done(first).step == Step(3, 3, 2) and first.has_result
        assert tasks.task("a", counted, (3,), 60) is first
        tasks.forget("a")
        assert tasks.task("a", counted, (3,), 60) is not first
        wrong = done(tasks.task("b", refused, (), 60, is_kept=False))
        assert wrong.error == "no record" and wrong.found == "half" and not wrong.has_result
        assert tasks.task("b", refused, (), 60, is_kept=False) is wrong
        assert "1 seconds" in done(tasks.task("c", endless, (), 1)).error
        assert "ended before its end" in done(tasks.task("d", died, (), 60)).error
    finally:
        tasks.end()


def test_work_that_nobody_waits_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reasoner.serve.tasks._UNWANTED_SECONDS", 0.3)
    tasks = Tasks(__name__)
    try:
        left = done(tasks.task("a", endless, (), 600, is_kept=False))
        assert left.was_left
        assert tasks.task("a", endless, (), 600, is_kept=False) is not left
    finally:
        tasks.end()
