"""Wrong rule folders: one clear error with its place, exit status 3, and no verdict."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoner import RULES, Policy, RulesError

EXAMPLE = Path(__file__).parents[2] / "facts" / "examples" / "interface.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(RULES / "ip0369", tmp_path / "ip0369")
    return tmp_path / "ip0369"


WRONG = {
    "syntax": ("duration.lp", "6).", "6", "duration.lp:6"),
    "undefined predicate": ("trials.lp", "of_class(I, T)  :- trial_of(", "of_class(I, T)  :- trail_of(", "trail_of"),
    "unsafe variable": ("duration.lp", '"1", initial,         6)', '"1", initial,         N)', "duration.lp"),
    "misspelt item met": ("1_atopic_dermatitis.lp", 'met("1.C") :- met("1.C.i").', 'met("1.C") :- met("1.C.j").', '1.C.j'),
    "misspelt item required": ("1_atopic_dermatitis.lp", '"1.B"; "1.C"', '"1.B"; "1.X"', "1.X"),
    "misspelt threshold": ("1_atopic_dermatitis.lp", 'threshold("1.A", age', 'threshold("1.AA", age', "1.AA"),
    "misspelt condition": ("2_nonsegmental_vitiligo.lp", 'holds(type_fits("2"))', 'holds(typ_fits("2"))', "typ_fits"),
    "misspelt id in a condition": ("1_atopic_dermatitis.lp", 'holds(specialist_for("1.E"))', 'holds(specialist_for("1.F"))', "1.F"),
    "misspelt version": ("revisions.lp", 'revised("before-2024-11-15"', 'revised("before-2024-11-16"', "before-2024-11-16"),
    "no citation": ("1_atopic_dermatitis.lp", 'citation("1.B", "Medical Necessity Criteria 1.B").', "", "1.B"),
    "no rule": ("1_atopic_dermatitis.lp", 'met("1.B") :- limit("1.B", bsa_percent, N), holds(area_at_most(N)).', "", "1.B"),
    "no words": ("conditions.lp", 'words(severity_fits(I), "the severity is {options}") :- accepted_severity(I, _).', "", "severity_fits"),
    "unknown placeholder": ("conditions.lp", "the severity is {options}", "the severity is {option}", "{option}"),
    "lone brace": ("conditions.lp", "the severity is {options}", "the severity is {", "severity_fits"),
    "unknown field": ("conditions.lp", "asks(severity_fits(I), severity,", "asks(severity_fits(I), severety,", "severety"),
    "unknown list": ("conditions.lp", "entry(responded(D), response, sign, other)", "entry(responded(D), respons, sign, other)", "respons"),
    "no months": ("duration.lp", 'approval_months("2", initial,         6).', "", "months above 0 is needed for 2, initial; there is: none"),
    "two months": ("duration.lp", 'approval_months("2", initial,         6).', 'approval_months("2", initial, (6;7)).', "duration.lp:6: one whole number of months above 0 is needed for 2, initial; there is: 6, 7"),
    "no policy": ("policy.lp", 'policy("IP0369",', 'polici("IP0369",', "policy"),
    "show": ("duration.lp", "% ═══ Auth", "#show met/1.\n% ═══ Auth", "duration.lp:1: #show"),
    "const": ("duration.lp", "% ═══ Auth", "#const n = 3.\n% ═══ Auth", "duration.lp:1: #const"),
    "no months at all": ("duration.lp", '"2", initial,         6', '"2", initial, 0', "there is: 0"),
    "exclusion not declared": ("not_covered.lp", 'exclusion("X.1").', "", "X.1 excludes, and is no exclusion/1"),
    "pathway not required": ("1_atopic_dermatitis.lp", 'requires("1", ("1"; ', 'requires("1", (', "the pathway 1 does not require itself"),
    "misspelt request type": ("reauthorization.lp", "given(request_type, reauthorization).", "given(request_type, reauthorisation).", "reauthorization.lp:12: given(request_type, reauthorisation): not expected"),
    "misspelt field of a record": ("not_covered.lp", "given(class(T), Class), other_product(T).", "given(clas(T), Class), other_product(T).", "given(clas…): no such field"),
    "a value that no record has": ("1_atopic_dermatitis.lp", "(mild; moderate)", "(mild; modrate)", "severity: no record can say modrate; there are: mild, moderate, severe"),
    "a sign that no record has": ("reauthorization.lp", "erythema;", "erythma;", "sign: no record can say erythma"),
    "two values of a threshold": ("1_atopic_dermatitis.lp", 'threshold("1.A", age_years, 12).', 'threshold("1.A", age_years, (12; 18)).', "1_atopic_dermatitis.lp:25: threshold/3: several values for 1.A, age_years"),
    "a threshold that is no number": ("1_atopic_dermatitis.lp", 'age_years, 12).', 'age_years, "12").', "no whole number"),
    "a decimal": ("1_atopic_dermatitis.lp", 'bsa_percent, 20).', 'bsa_percent, 7.5).', "1_atopic_dermatitis.lp:36:32: . is not expected here"),
    "revised without a threshold": ("revisions.lp", 'consecutive_days, 14', 'days, 14', "revisions.lp:20: the version before-2024-11-15 revises days of 1.C.i"),
    "no such day": ("revisions.lp", "20241115", "20241315", "20241315 is no date"),
    "two versions in force": ("revisions.lp", "below(request_date, Day).", "at_least(request_date, Day).", "in_force/1: on 2024-11-14 0 versions are in force"),
    "nobody decides": ("policy.lp", "decided_by(coverage_policy) :- given(mandate, silent), given(document, silent).", "", "decided_by/1: 0 decide () with document silent, mandate silent"),
    "an item below itself": ("1_atopic_dermatitis.lp", 'item("1.C",    "1", ', 'item("1.C",    "1.C.i", ', "stands below itself"),
    "an item twice": ("1_atopic_dermatitis.lp", 'item("1.C.ii", "1.C"', 'item("1.C.i", "1.C"', "the item 1.C.i is declared twice"),
    "an item of some records": ("1_atopic_dermatitis.lp", 'item("1.B", "1", "Affected skin within the limit").', 'item("1.B", "1", "Affected skin within the limit") :- stated(severity).', "1_atopic_dermatitis.lp:34: item(1.B, 1, "),
    "a condition of some records": ("conditions.lp", "condition(severity_fits(I)) :-", "condition(severity_fits(I)) :- stated(severity),", "conditions.lp:38: condition(severity_fits(1)) depends on the record"),
    "a curly quote": ("1_atopic_dermatitis.lp", 'threshold("1.A",', 'threshold(\u201c1.A",', "1_atopic_dermatitis.lp:25:11: \u201c is no sign of a rule"),
    "a byte order mark": ("duration.lp", "% ═══ Auth", "\ufeff% ═══ Auth", "duration.lp:1:1: the file begins with a byte order mark"),
    "a number too large": ("1_atopic_dermatitis.lp", "consecutive_days, 28).", "consecutive_days, 9999999999).", "1_atopic_dermatitis.lp:59: 9999999999 is larger than any number"),
    "a number that no record has": ("1_atopic_dermatitis.lp", "age_years, 12).", "age_years, 200).", "1_atopic_dermatitis.lp:25: age_years: no record can say 200"),
    "a condition of no item": ("conditions.lp", "concerns(I, severity_fits(I)) :- accepted_severity(I, _).", "", "conditions.lp:38: no concerns/2 says to which item severity_fits belongs"),
    "a rule that decides": ("policy.lp", 'policy("IP0369",', 'approved :- in_scope.\npolicy("IP0369",', "approved/0 is what the engine derives"),
    "an entry that no record has": ("conditions.lp", "outcome, failure)", "outcome, failed)", "outcome: must be 'failure', 'response' or 'intolerance', not 'failed'"),
    "an entry of two classes": ("2_nonsegmental_vitiligo.lp", 'trial_of("2.D", topical_calcineurin_inhibitor)', 'trial_of("2.D", (topical_calcineurin_inhibitor; biologic))', "an entry of therapies has one class, and is given several"),
    "two readings of one choice": ("choices.lp", "choice(potency_floor, class_V, class_IV).", "choice(potency_floor, class_V, (class_IV; class_III)).", "choice/2: several values for potency_floor"),
    "a version without its days": ("revisions.lp", 'version("2024-11-15").', 'version("2024-11-15").\nversion("2026-01-01").\nin_force("2026-01-01") :- at_least(request_date, 20260101).\ncompares(request_date, 20260101).', "on 2026-01-01 2 versions are in force"),
    "a predicate that nothing uses": ("duration.lp", "% ═══ Auth", 'aproval_months("1", initial, 3).\n% ═══ Auth', "duration.lp:1: aproval_months/3: nothing uses it"),
    "a product that is not in the catalogue": ("table_1.lp", "table_1(apremilast,", "table_1(apremilst,", "table_1.lp:26: apremilst is no product of the catalogue"),
    "no text of a choice": ("choices.lp", "choice_text(potency_floor", "choice_txt(potency_floor", "potency_floor"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_it_does_not_load(folder: Path, name: str) -> None:
    file, old, new, message = WRONG[name]
    text = (folder / file).read_text("utf-8")
    assert text.count(old) >= 1
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RulesError) as caught:
        Policy.load(folder)
    assert message in str(caught.value)


def test_no_single_answer_set(folder: Path) -> None:
    (folder / "loop.lp").write_text("a :- not b.\nb :- not a.\n")
    with pytest.raises(RulesError, match="single answer set"):
        Policy.load(folder)


def test_not_utf_8(folder: Path) -> None:
    (folder / "broken.lp").write_bytes(b"% \xff\n")
    with pytest.raises(RulesError, match="broken.lp"):
        Policy.load(folder)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reasoner", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("make", ["missing", "empty", "syntax"])
def test_exit_status_3(folder: Path, make: str) -> None:
    if make == "missing":
        shutil.rmtree(folder)
    elif make == "empty":
        for file in folder.iterdir():
            file.unlink()
    else:
        (folder / "more.lp").write_text("met(\n")
    done = run("decide", EXAMPLE, "--rules", folder)
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("reasoner: the rules are wrong:") and "Traceback" not in done.stderr
    assert str(folder) in done.stderr


def test_the_shipped_rules_have_no_fault() -> None:
    """Names that nothing uses are looked for in any other folder at its load, and in the shipped one here."""
    policy = Policy(sorted((RULES / "ip0369").glob("*.lp")), RULES / "catalogue")
    policy.check_names()
