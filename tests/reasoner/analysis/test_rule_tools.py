"""Coverage, mutation, diff and lint of rules, on a little policy that shows each of their findings."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from test_cli import run

from facts.case import Case
from facts.statements import facts_of
from reasoner import RULES, Policy, RulesError
from reasoner.analysis.case_search import CaseSearch
from reasoner.analysis.distinguish import find_witness, may_differ
from reasoner.analysis.mutants import mutants
from reasoner.policy.source import read_rule_files
from reasoner.policy.syntax import parsed, renamed, rule_files
from reasoner.suites.run import assertable
from reasoner.suites.suite import read_suite

POLICIES = Path(__file__).parents[2] / "policies"
BALM = POLICIES / "hand_eczema"
SUITES = Path(__file__).parents[2] / "suites"

SUITE = """\
# Cases of the little policy.
records:
  adult:
    record:
      case_id: he-1
      request: {date: 2025-01-31, type: initial, indication: hand eczema}
      patient: {age_years: 40}
      disease: {severity: severe, bsa_percent: 6}
      prescriber: {consulted: [occupational medicine]}
cases:
  - name: Severe eczema of the hands is approved.
    extends: adult
    expect: {decision: approved, statuses: {H: met, H.1: met}, through: 2025-04-30}
  - name: A small surface is not enough, unless one hand is counted.
    extends: adult
    set: {disease.bsa_percent: 4}
    expect: {decision: denied, hinges_on: [area_counted], minimal_sets: [["at_least(bsa_percent,5)"]]}
"""

DROPPED = re.compile(r"(?s)% ── (?:H\.3|H\.4|K) .*?(?=% ── (?!H\.3|H\.4|K ))")
"""Blocks of the little policy that these tests do without: the fewer rules, the fewer mutants."""

Edit = Callable[..., Path]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "balm.suite.yaml"
    path.write_text(SUITE, "utf-8")
    return path


@pytest.fixture
def balm(tmp_path: Path) -> Path:
    folder = tmp_path / "balm"
    shutil.copytree(BALM, folder)
    text = DROPPED.sub("", (folder / "policy.lp").read_text("utf-8"))
    kept = [line for line in text.splitlines() if '"K"' not in line]
    (folder / "policy.lp").write_text("\n".join(kept) + "\n", "utf-8")
    return folder


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    def edit(file: str, old: str, new: str, folder: Path = RULES / "ip0369") -> Path:
        copy = tmp_path / f"edited-{len(list(tmp_path.iterdir()))}" / "rules"
        shutil.copytree(folder, copy)
        text = (copy / file).read_text("utf-8")
        assert text.count(old) == 1, (file, old)
        (copy / file).write_text(text.replace(old, new), "utf-8")
        return copy

    return edit


# ── Syntax trees ─────────────────────────────────────────────────────────────────────────────────


def test_statements_span_their_text() -> None:
    for folder in (RULES / "ip0369", BALM):
        for file in rule_files(read_rule_files(folder.glob("*.lp"))):
            for statement in file.statements:
                text = file.text[statement.start : statement.end]
                assert text.endswith(".") and parsed(text)[0] == statement.node, statement.location


def test_renaming_leaves_terms_alone() -> None:
    node = parsed("met(I) :- not holds(met), requires(met, I), 1 { met(J) : item(J) } 2.")[0]
    assert str(renamed(node, lambda p: p[0] + "'" if p == ("met", 1) else p[0])) == (
        "met'(I) :- not holds(met); requires(met,I); 1 <= { met'(J): item(J) } <= 2."
    )


def test_a_text_that_does_not_parse() -> None:
    with pytest.raises(RulesError, match=r":2:1: the end of the file is not expected"):
        parsed("met(")


# ── Records on which two folders differ ──────────────────────────────────────────────────────────

EDITS = [
    ("1_atopic_dermatitis.lp", "consecutive_days, 28", "consecutive_days, 29"),
    ("1_atopic_dermatitis.lp", "bsa_percent, 20", "bsa_percent, 21"),
    ("1_atopic_dermatitis.lp", "dermatology; allergy; immunology", "dermatology; immunology"),
    ("table_1.lp", "table_1(apremilast, pde4_inhibitor).", ""),
    ("duration.lp", '"2", reauthorization, 6', '"2", reauthorization, 5'),
    ("not_covered.lp", "other_form(ruxolitinib_tablets).", "other_form(ruxolitinib_cream)."),
    ("policy.lp", "terms_grant :- given(document, covers).", ""),
    ("background.lp", "reevaluate_vitiligo, days, 168", "reevaluate_vitiligo, days, 167"),
    ("revisions.lp", "20241115", "20241116"),
    ("choices.lp", "vitiligo_weeks, total, consecutive", "vitiligo_weeks, consecutive, total"),
    ("trials.lp", "class_below_floor(class_IV, 5).", "class_below_floor(class_IV, 4)."),
    ("trials.lp", "together(U, T) :- given(concomitant(T, U), true).", ""),
]


class Cases(NamedTuple):
    """Some cases of the suites, with their verdicts by the shipped rules."""

    cases: list[Case]
    verdicts: list[dict[str, Any]]
    search: CaseSearch


@pytest.fixture(scope="module")
def some_cases(policy: Policy) -> Cases:
    found = [policy.case(case.data) for path in sorted(SUITES.glob("*.yaml")) for case in read_suite(path)[::12]]
    verdicts = [assertable(policy.judge(case.record)) for case in found]
    return Cases(found, verdicts, CaseSearch(policy, [(case, facts_of(case)) for case in found]))


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
def test_a_record_on_which_two_folders_differ(
    policy: Policy, edited: Edit, some_cases: Cases, file: str, old: str, new: str
) -> None:
    other = Policy(edited(file, old, new).glob("*.lp"), policy.catalogue, policy.vocabularies)
    assert may_differ(policy, other)
    found = find_witness(policy, other)
    assert found.record is not None and found.proved
    assert assertable(policy.judge(found.record)) != assertable(other.judge(found.record))
    every_case_is_found(other, some_cases)


def every_case_is_found(other: Policy, some: Cases) -> None:
    """Compare the cases that a search finds with those that are judged differently."""
    pairs = zip(some.cases, some.verdicts, strict=True)
    differing = {n for n, (case, verdict) in enumerate(pairs) if assertable(other.judge(case.record)) != verdict}
    found = some.search.differing(other)
    assert found.finished and differing - some.search.longer <= found.cases
    assert len(found.cases - differing) < len(some.cases) / 4


@pytest.mark.parametrize(
    ("folder", "file", "old", "new"),
    [
        ("hand_eczema", "policy.lp", "oldest_years, 65", "oldest_years, 66"),
        ("hand_eczema", "policy.lp", 'met("H.3")      :- met("H.3.b").', ""),
        ("glp1", "weight.lp", "bmi,                270", "bmi, 271"),
        ("glp1", "not_covered.lp", "not covered_use.", "covered_use."),
        ("household_benefit", "allowance.lp", 'threshold("A.4.a", rise,      20).', 'threshold("A.4.a", rise, 21).'),
        ("household_benefit", "not_for.lp", "not disregarded.", "disregarded."),
    ],
)
def test_records_of_other_policies(edited: Edit, folder: str, file: str, old: str, new: str) -> None:
    policy = Policy.load(POLICIES / folder)
    changed = edited(file, old, new, POLICIES / folder)
    other = Policy(changed.glob("*.lp"), policy.catalogue, policy.vocabularies)
    found = find_witness(policy, other)
    assert found.record is not None
    assert assertable(policy.judge(found.record)) != assertable(other.judge(found.record))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("table_1.lp", "table_1(adalimumab, biologic).", ""),  # barred by its class all the same
        ("trials.lp", "counted_failure(I, T), candidate(I, T),", "candidate(I, T), counted_failure(I, T),"),
        ("duration.lp", 'approval_months("1", initial,         6).', 'approval_months("1", initial, 3+3).'),
    ],
)
def test_no_record_on_which_they_differ(policy: Policy, edited: Edit, file: str, old: str, new: str) -> None:
    other = Policy(edited(file, old, new).glob("*.lp"), policy.catalogue, policy.vocabularies)
    assert may_differ(policy, other) is False
    assert find_witness(policy, other).proved


def test_records_that_one_of_them_refuses(policy: Policy, edited: Edit) -> None:
    bounds = 'bounds("request.applications_per_day", {}, 1000).'
    folder = edited("record.lp", bounds.format(1), bounds.format(2))
    (folder / "background.lp").write_text(
        (folder / "background.lp").read_text("utf-8").replace("applications_per_day, 2", "applications_per_day, 3"),
        "utf-8",
    )
    found = find_witness(policy, Policy.load(folder))
    assert found.record is not None and found.record["request"]["applications_per_day"] == 3


def test_folders_without_a_record_in_common(policy: Policy, edited: Edit) -> None:
    other = Policy.load(
        edited(
            "record.lp",
            'required("request.type").',
            'required(("request.type"; "plan.benefit")).\nfield("plan.benefit", benefit, text).',
        )
    )
    found = find_witness(policy, other)
    assert found.record is None and not found.proved


# ── Mutation ─────────────────────────────────────────────────────────────────────────────────────


def test_the_kinds_of_mutants() -> None:
    found = list(mutants(rule_files(read_rule_files((RULES / "ip0369").glob("*.lp")))))
    assert {mutant.kind for mutant in found} == {
        "rule dropped", "literal dropped", "literal negated", "comparison flipped", "number moved",
        "constant swapped", "alternative dropped", "default swapped",
    }  # fmt: skip
    swapped = [mutant for mutant in found if mutant.kind == "default swapped"]
    assert [m.change for m in swapped][:1] == ["concomitant_use: durations_apply → suffices"]


def test_survivors_come_with_the_case_that_catches_them(suite: Path, balm: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.suite.yaml"
    done = run("mutate", suite, "--rules", balm, "--workers", "1", "--cases", more, "--json", status=1)
    fates = {(m["line"], m["kind"], m["change"]): m for m in json.loads(done.stdout)}
    survivors = [mutant for mutant in fates.values() if mutant["fate"] in ("survived", "undecided")]
    caught = [mutant for mutant in fates.values() if mutant["fate"] == "caught"]
    assert survivors and caught and any(m["fate"] == "equivalent" for m in fates.values())
    assert any(m["change"] == "65 → 66" and m["file"] == "policy.lp" for m in survivors)
    assert any(m["change"] == "5 → 4" and m["by"].startswith("A small surface") for m in caught)
    assert run("test", more, "--rules", balm).stdout.endswith("0 failed\n")
    again = json.loads(
        run("mutate", suite, more, "--rules", balm, "--workers", "2", "--json", "--fail-under", "0").stdout
    )
    left = [m for m in again if m["fate"] in ("survived", "undecided") and m["record"] is not None]
    assert left == []


COUNTED = {
    "record.lp": """
        field("case_id", case_id, text). required("case_id").
        section("request", "the request").
        field("request.date", request_date, date). required("request.date"). fixed("request.date").
        list("tests", test(N), "test") :- slot(N).
        field("tests[].days", days(T), whole) :- list("tests", T, _). bounds("tests[].days", 0, 90).
        """,
    "policy.lp": """
        policy("T", "Tests").
        pathway("A"). item("A", "", "All"). citation("A", "page 1"). approval_months("A", 6). met("A").
        item("A.1", "A", "A long test"). citation("A.1", "page 1").
        met("A.1") :- holds(long).
        adds(long, tests, (days, 30)). words(long, "a long test").
        established(long) :- at_least(days(T), N), longest(N). longest(30).
        item("A.2", "A", "A test, or a short one"). citation("A.2", "page 2"). threshold("A.2", days, 20).
        met("A.2") :- threshold("A.2", days, N), holds(at_least(days(T), N)).
        """,
    "t.suite.yaml": """
records:
  nobody:
    record: {case_id: t, request: {date: 2025-01-31}}
cases:
  - name: One test is enough for both.
    extends: nobody
    expect: {decision: denied, minimal_sets: [[long]]}
""",
}


def test_mutants_of_a_folder_whose_sets_are_confirmed_on_the_record(tmp_path: Path) -> None:
    """Not each of them is caught because its sets, as they are found, do not do what they say."""
    for name, text in COUNTED.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert run("test", tmp_path, "--rules", tmp_path).stdout == "1 cases, 0 failed\n"
    done = run("mutate", tmp_path, "--rules", tmp_path, "--workers", "1", "--json", "--fail-under", "0")
    fates = {(mutant["change"], mutant["fate"]) for mutant in json.loads(done.stdout)}
    assert ("20 → 21", "survived") in fates and ("20 → 21", "caught") not in fates
    assert ("30 → 31", "caught") in fates


def test_mutate_refuses_suites_that_fail(suite: Path, balm: Path) -> None:
    suite.write_text(SUITE.replace("decision: approved", "decision: denied"))
    assert "1 case fails on the rules as they are" in run("mutate", suite, "--rules", balm, status=1).stderr


# ── Coverage ─────────────────────────────────────────────────────────────────────────────────────


def test_coverage_shows_what_held_and_what_hangs(suite: Path, balm: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    done = run("coverage", suite, "--rules", balm, "--workers", "1", "--html", page, status=1)
    text = done.stdout
    assert 'rule: excludes("N.1") :- retinoid(T); given(active(T),true); not holds(is(active(T),false)).' in text
    assert "held in no case" in text and "no case hangs on it" in text
    assert text.splitlines()[-1].startswith("in all")
    html = page.read_text("utf-8")
    for kind in ("covered", "unheld", "idle"):
        assert f"<span class='{kind}'" in html
    assert html.count("<span") == html.count("</span>")
    run("coverage", suite, "--rules", balm, "--workers", "1", "--fail-under", "10")


# ── Diff ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_revision_that_the_policy_records() -> None:
    text = run("diff", RULES / "ip0369", "--versions", "before-2024-11-15", "2024-11-15").stdout
    assert 'value_in_force("1.C.i",consecutive_days,14)\n' in text
    assert "APPROVED → DENIED" in text and "OUT OF SCOPE → DENIED" in text and "DENIED → APPROVED" not in text
    assert "1.C.i One strong enough topical steroid failed, or is no option · met → " in text


def test_diff_of_two_folders(edited: Edit, tmp_path: Path) -> None:
    other = edited("1_atopic_dermatitis.lp", "bsa_percent, 20", "bsa_percent, 15")
    text = run("diff", RULES / "ip0369", other).stdout
    assert '- threshold("1.B",bsa_percent,20).' in text and '+ threshold("1.B",bsa_percent,15).' in text
    found = json.loads(run("diff", RULES / "ip0369", other, "--json").stdout)
    assert [c["kind"] for c in found["changes"]] == ["constant"]
    (difference,) = found["differences"]["found"]
    assert difference["comparison"]["decision"] == {"before": "approved", "after": "denied"}
    assert difference["record"]["disease"]["bsa_percent"] in (15.5, 16, 19, 20)
    same = json.loads(run("diff", RULES / "ip0369", RULES / "ip0369", "--json").stdout)
    assert (same["changes"], same["differences"]["found"], same["differences"]["proved"]) == ([], [], True)


def test_diff_names_words_that_differ(tmp_path: Path) -> None:
    for name in ("one", "other"):
        shutil.copytree(POLICIES / "hand_eczema", tmp_path / name)
    words = next((tmp_path / "other" / "vocabulary").glob("*.lp"))
    line = next(
        line for line in words.read_text("utf-8").splitlines() if line.startswith("spelling(") and line.endswith(").")
    )
    words.write_text(words.read_text("utf-8").replace(line, ""), "utf-8")
    found = json.loads(run("diff", tmp_path / "one", tmp_path / "other", "--json").stdout)
    assert [change["before"].split("(")[0] for change in found["changes"]] == ["spelling"] * len(found["changes"]) != []
    assert not found["differences"]["proved"]


def test_the_impact_on_a_population(edited: Edit, tmp_path: Path) -> None:
    other = edited("1_atopic_dermatitis.lp", "bsa_percent, 20", "bsa_percent, 10")
    record = json.loads((RULES.parent / "facts" / "examples" / "ad-approved.json").read_text())
    lines = [
        json.dumps(record | {"case_id": f"c{n}", "disease": record["disease"] | {"bsa_percent": n}})
        for n in (9, 11, 12)
    ]
    (tmp_path / "cases.ndjson").write_text("\n".join(lines) + "\n")
    text = run("diff", RULES / "ip0369", other, "--cases", tmp_path / "cases.ndjson").stdout
    assert "3 cases; the verdict of 2 changes (66.7 %), the decision of 2 (66.7 %)" in text
    row = r"approved → denied +1\.B +met → contradicted +2 +2 +c11, c12"
    assert re.search(row, text)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([RULES / "ip0369"], 2, "give a second rule folder, or --versions"),
        (
            [RULES / "ip0369", "--versions", "2020-01-01", "2024-11-15"],
            3,
            "no version '2020-01-01'; there are: before-2024",
        ),
        ([RULES / "ip0369", "nowhere"], 3, "nowhere: not a folder"),
        ([RULES / "ip0369", RULES / "ip0369", "--cases", "gone.ndjson"], 2, "gone.ndjson: cannot be read"),
    ],
)
def test_bad_use_of_diff(arguments: list[Path | str], status: int, message: str) -> None:
    assert message in run("diff", *arguments, status=status).stderr


# ── Lint ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_shipped_rules_are_clean_and_every_item_is_tried() -> None:
    assert run("lint", SUITES).stdout == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("1_atopic_dermatitis.lp", 'met("1.B") :- limit', 'met("1.B") :- item("1.B", _, _).\nmet("1.B") :- limit', "item 1.B is met by every record"),
        ("background.lp", "above(applications_per_day, N).", "above(applications_per_day, N), threshold(dose_frequency, applications_per_day, 3).", "no record makes its body hold: advisory(dose_frequency)"),
        ("trials.lp", "reading(concomitant_use, suffices), concomitant_pair", "concomitant_pair", "the choice concomitant_use changes no verdict"),
        ("duration.lp", "% Gives  approval_months/3.", "% Gives  approval_month/3.", "duration.lp:1: the block gives approval_months/3"),
    ],
)  # fmt: skip
def test_findings(edited: Edit, file: str, old: str, new: str, message: str) -> None:
    assert message in run("lint", "--rules", edited(file, old, new), status=3).stdout


def test_items_that_no_case_speaks_of(suite: Path) -> None:
    found = run("lint", suite, "--rules", BALM, status=3).stdout
    assert "item N.1: no case of the suites speaks of it" in found and "item H.1:" not in found
