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
    "misspelt threshold": ("1_atopic_dermatitis.lp", 'threshold("1.A", age', 'threshold("1.AA", age', "1.AA"),
    "misspelt condition": ("2_nonsegmental_vitiligo.lp", 'holds(type_fits("2"))', 'holds(typ_fits("2"))', "typ_fits"),
    "misspelt id in a condition": ("1_atopic_dermatitis.lp", 'holds(specialist_for("1.E"))', 'holds(specialist_for("1.F"))', "1.F"),
    "misspelt version": ("revisions.lp", 'revised("before-2024-11-15"', 'revised("before-2024-11-16"', "before-2024-11-16"),
    "no citation": ("1_atopic_dermatitis.lp", 'citation("1.B", "Medical Necessity Criteria 1.B").', "", "1.B"),
    "no rule": ("1_atopic_dermatitis.lp", 'met("1.B") :- limit("1.B", bsa_percent, N), holds(area_at_most(N)).', "", "1.B"),
    "unknown placeholder": ("conditions.lp", "or consulted, {values}", "or consulted, {value}", "{value}"),
    "unknown placeholder of a phrase": ("record.lp", "the vitiligo is {values}", "the vitiligo is {value}", "{value}"),
    "lone brace": ("conditions.lp", "or consulted, {values}", "or consulted, {", "specialist_for"),
    "unknown field": ("conditions.lp", "severity,      one_of(S)", "severety,      one_of(S)", "severety: no such field is declared in record.lp; did you mean severity?"),
    "a relation that there is not": ("conditions.lp", "at_most(N))  :-", "no_more(N))  :-", "no_more(10) is nothing to ask; there are: one_of, at_least, at_most, within"),
    "a number asked of a word": ("conditions.lp", "severity,      one_of(S)", "severity,      at_least(1)", "severity holds no number"),
    "a value asked of a number": ("conditions.lp", "age_years,     at_least(N)", "age_years,     one_of(N)", "of age_years no one_of(12) can be asked"),
    "a number read past its condition": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- at_most(bsa_percent, 5).\nmet("1.B") :-', "bsa_percent is compared with 5 past its conditions"),
    "a value read past its condition": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- given(severity, mild).\nmet("1.B") :-', "severity is read past the condition severity_fits(1)"),
    "a value that nothing binds": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- at_most(bsa_percent, N), at_most(bsa_percent, N).\nmet("1.B") :-', "no table binds N"),
    "unknown list": ("conditions.lp", "adds(responded(D), response,", "adds(responded(D), respons,", "respons is no list of a record"),
    "no months": ("duration.lp", 'approval_months("2", initial,         6).', "", "months above 0 is needed for 2, initial; there is: none"),
    "two months": ("duration.lp", 'approval_months("2", initial,         6).', 'approval_months("2", initial, (6;7)).', "duration.lp:6: one whole number of months above 0 is needed for 2, initial; there is: 6, 7"),
    "no policy": ("policy.lp", 'policy("IP0369",', 'polici("IP0369",', "policy"),
    "show": ("duration.lp", "% ═══ Auth", "#show met/1.\n% ═══ Auth", "duration.lp:1:1: #show"),
    "const": ("duration.lp", "% ═══ Auth", "#const n = 3.\n% ═══ Auth", "duration.lp:1:1: #const"),
    "no months at all": ("duration.lp", '"2", initial,         6', '"2", initial, 0', "there is: 0"),
    "exclusion not declared": ("not_covered.lp", 'exclusion("X.1").', "", "X.1 excludes, and is no exclusion/1"),
    "misspelt request type": ("reauthorization.lp", "given(request_type, reauthorization).", "given(request_type, reauthorisation).", "reauthorization.lp:12: request_type: no record can say reauthorisation"),
    "misspelt field of a record": ("not_covered.lp", "given(class(T), Class), other_product(T).", "given(clas(T), Class), other_product(T).", "not_covered.lp:25: clas(therapy(1)): no such field is declared in record.lp; did you mean class?"),
    "a value that no record has": ("1_atopic_dermatitis.lp", "(mild; moderate)", "(mild; modrate)", "severity: no record can say modrate; there are: mild, moderate, severe"),
    "a sign that no record has": ("reauthorization.lp", "erythema;", "erythma;", "sign: no record can say erythma"),
    "two values of a threshold": ("1_atopic_dermatitis.lp", 'threshold("1.A", age_years, 12).', 'threshold("1.A", age_years, (12; 18)).', "1_atopic_dermatitis.lp:22: threshold/3: several values for 1.A, age_years"),
    "a threshold that is no number": ("1_atopic_dermatitis.lp", 'age_years, 12).', 'age_years, "12").', "no whole number"),
    "a decimal": ("1_atopic_dermatitis.lp", 'bsa_percent, 20).', 'bsa_percent, 7.5).', "1_atopic_dermatitis.lp:33:32: . is not expected here"),
    "revised without a threshold": ("revisions.lp", 'consecutive_days, 14', 'days, 14', "revisions.lp:13: the version before-2024-11-15 revises days of 1.C.i"),
    "no such day": ("revisions.lp", "20241115", "20241315", "20241315 is no date"),
    "two days of a version": ("revisions.lp", 'version("2024-11-15", 20241115)', 'version("2024-11-15", (20241115; 20250101))', "version/2: several values for 2024-11-15"),
    "two documents decide": ("policy.lp", 'decided_by(mandate)         :- given(mandate, covers).', 'decided_by(mandate) :- given(mandate, covers).\ndecided_by(plan_document) :- given(mandate, covers).', "decided_by/1: 2 decide (plan_document, mandate) with document silent, mandate covers"),
    "an item below itself": ("1_atopic_dermatitis.lp", 'item("1.C",    "1", ', 'item("1.C",    "1.C.i", ', "stands below itself"),
    "an item twice": ("1_atopic_dermatitis.lp", 'item("1.C.ii", "1.C"', 'item("1.C.i", "1.C"', "the item 1.C.i is declared twice"),
    "an item of some records": ("1_atopic_dermatitis.lp", 'item("1.B", "1", "Affected skin within the limit").', 'item("1.B", "1", "Affected skin within the limit") :- stated(severity).', "1_atopic_dermatitis.lp:31: item(1.B, 1, "),
    "a threshold of some records": ("1_atopic_dermatitis.lp", 'threshold("1.A", age_years, 12).', 'threshold("1.A", age_years, 12) :- stated(severity).', "1_atopic_dermatitis.lp:22: threshold(1.A, age_years, 12) depends on the record"),
    "curly quotes": ("1_atopic_dermatitis.lp", 'threshold("1.A",', 'threshold(\u201c1.A\u201d,', "1_atopic_dermatitis.lp:22:11: \u201c is no sign of a rule"),
    "a byte order mark": ("duration.lp", "% ═══ Auth", "\ufeff% ═══ Auth", "duration.lp:1:1: the file begins with a byte order mark"),
    "a number too large": ("1_atopic_dermatitis.lp", "consecutive_days, 28).", "consecutive_days, 9999999999).", "1_atopic_dermatitis.lp:56:38: 9999999999 is larger than any number"),
    "a number that no record has": ("1_atopic_dermatitis.lp", "age_years, 12).", "age_years, 200).", "1_atopic_dermatitis.lp:22: age_years: no record can say 200"),
    "a condition of no item": ("conditions.lp", "% ── Evidence", "asks(idle, severity, one_of(mild)).\n% ── Evidence", "no rule of an item reads the condition idle"),
    "a rule that decides": ("policy.lp", 'policy("IP0369",', 'approved :- in_scope.\npolicy("IP0369",', "approved/0 is what the engine derives"),
    "an entry that no record has": ("conditions.lp", "outcome, failure)", "outcome, failed)", "outcome: must be 'failure', 'response' or 'intolerance', not 'failed'"),
    "an entry of two classes": ("2_nonsegmental_vitiligo.lp", 'trial_of("2.D", topical_calcineurin_inhibitor)', 'trial_of("2.D", (topical_calcineurin_inhibitor; biologic))', "an entry of therapies has one class, and is given several"),
    "two readings of one choice": ("choices.lp", "choice(potency_floor, class_V, class_IV).", "choice(potency_floor, class_V, (class_IV; class_III)).", "choice/2: several values for potency_floor"),
    "no record": ("record.lp", None, None, "record.lp: missing; it declares what a record may say"),
    "a field twice": ("record.lp", 'title("request.date"', 'field("request.date", request_day, date).\ntitle("request.date"', "request.date"),
    "a name twice": ("record.lp", 'title("request.date"', 'field("request.day", request_date, date).\ntitle("request.date"', "request_date"),
    "a type that does not exist": ("record.lp", "bsa_percent, decimal)", "bsa_percent, decimals)", "decimal"),
    "bounds the wrong way round": ("record.lp", '"disease.bsa_percent", 0, 100', '"disease.bsa_percent", 100, 0', "bsa_percent"),
    "a default that is not allowed": ("record.lp", 'default("plan.document", silent)', 'default("plan.document", silence)', "silence"),
    "bounds of no number": ("record.lp", 'title("disease.severity"', 'bounds("disease.severity", 0, 1).\ntitle("disease.severity"', "disease.severity"),
    "an attribute of no field": ("record.lp", 'title("disease.severity"', 'title("disease.severety"', "disease.severety"),
    "a section that is not declared": ("record.lp", 'section("plan", "The plan").', "", "plan"),
    "a vocabulary that does not exist": ("record.lp", "choice(severities)", "choice(severity)", "severity"),
    "a function that does not exist": ("record.lp", "completed_years(", "complete_years(", "completed_years"),
    "a function of an undeclared field": ("record.lp", 'completed_years("patient.birth_date"', 'completed_years("patient.birthday"', "patient.birthday"),
    "a table that does not exist": ("record.lp", 'unit("disease.bsa_percent"', 'units("disease.bsa_percent"', "units"),
    "a value that is no term": ("1_atopic_dermatitis.lp", "(face; eyes;", "(faces; eyes;", "sites: faces is no term of the vocabulary sites; did you mean face"),
    "a predicate that nothing uses": ("duration.lp", "% ═══ Auth", 'aproval_months("1", initial, 3).\n% ═══ Auth', "duration.lp:1: aproval_months/3: nothing uses it"),
    "a product that is not in the catalogue": ("table_1.lp", "table_1(apremilast,", "table_1(apremilst,", "table_1.lp:26: apremilst is no product of the catalogue"),
    "a range the wrong way round": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- holds(within(bsa_percent, 20, 10)).\nmet("1.B") :-', "1_atopic_dermatitis.lp:35: bsa_percent: no number is 20 or more and 10 or less; the least comes first: within(F, 10, 20)"),
    "a range of a table the wrong way round": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'threshold("1.B", most, 10).\nmet("1.B") :- threshold("1.B", bsa_percent, L), threshold("1.B", most, H), holds(within(bsa_percent, L, H)).\nmet("1.B") :-', "1_atopic_dermatitis.lp:36: bsa_percent: no number is 20 or more and 10 or less"),
    "no version at first": ("revisions.lp", "#inf", "20240101", "revisions.lp:7: no version is in force before 20240101; the first one is in force from #inf on: version(before-2024-11-15, #inf)"),
    "a day of a version as text": ("revisions.lp", "20241115)", '"2024-11-15")', "revisions.lp:8: the first day of a version is a whole number, YYYYMMDD, or #inf; 2024-11-15 is none"),
    "two versions of one day": ("revisions.lp", 'applies_to("2024', 'version("2025", 20241115).\napplies_to("2024', "revisions.lp:10: the versions 2024-11-15 and 2025 begin on one day, 20241115; one of them is in force on a day"),
    "one choice twice": ("choices.lp", "choice_text(potency_floor", "choice(potency_floor, class_V, class_IV).\nchoice_text(potency_floor", "choices.lp:23: choice(potency_floor,class_V,class_IV) stands in "),
    "a number as text": ("1_atopic_dermatitis.lp", 'age_years, 12).', 'age_years, "12").', "1_atopic_dermatitis.lp:22: age_years is compared with '12', which is no whole number; numbers are written without quotes"),
    "a field of entries without its entry": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- holds(is(outcome, failure)).\nmet("1.B") :-', "outcome: no such field is declared in record.lp; did you mean outcome(therapy(1))?"),
    "a spelling in place of a term": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- holds(is(indication, nsv)).\nmet("1.B") :-', "indication: nsv is no term of the vocabulary indications; did you mean vitiligo?"),
    "a phrase for what nobody asks": ("record.lp", 'phrase("therapies[].potency", one_of,', 'phrase("therapies[].potency", one_off,', "phrase: one_off is nothing to ask of therapies[].potency; there are: one_of, at_least"),
    "a pathway for a use that is no term": ("policy.lp", 'pathway("1", atopic_dermatitis).', 'pathway("1", atopic_dermatitiss).', "pathway: atopic_dermatitiss is no term of the vocabulary indications"),
    "a value that is counted and that no record has": ("record.lp", 'title("disease.severity"', 'field("disease.failed", failed, whole).\nderived("disease.failed", number_of("therapies", "therapies[].outcome", failed)).\ntitle("disease.severity"', "disease.failed: number_of: no record can say failed in therapies[].outcome; is failure meant?"),
    "a condition below": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- holds(below(bsa_percent, 5)).\nmet("1.B") :-', "1_atopic_dermatitis.lp:35: holds(below(bsa_percent,5)): no such condition; write at_most(F, N-1), or read below(F, N) without holds(…)"),
    "values that are not accepted": ("1_atopic_dermatitis.lp", 'met("1.B") :-', 'met("1.B") :- holds(among(severity, "1.B")).\nmet("1.B") :-', '1_atopic_dermatitis.lp:35: holds(among(severity,1.B)): no such condition; accepted/3 has no value of severity for 1.B: accepted("1.B", severity, …)'),
    "a name that begins another one": ("1_atopic_dermatitis.lp", 'met("1.C") :-', 'met("1.C") :- holds(at_least(site, 1)).\nmet("1.C") :-', "site: no such field is declared in record.lp; did you mean sites?"),
    "a field named by a variable": ("record.lp", 'title("disease.severity"', 'field("disease.depth", Depth, whole).\ntitle("disease.severity"', "nothing binds Depth: the name of a field is written in small letters, depth; Depth is a variable"),
    "a field of entries without its list": ("record.lp", 'title("disease.severity"', 'field("therapies[].depth", depth(T), whole).\ntitle("disease.severity"', 'nothing binds T: a field of each entry ends with :- list("therapies", T, _)'),
    "a plain field as one of entries": ("record.lp", 'title("disease.severity"', 'field("disease.depth", depth(T), whole).\ntitle("disease.severity"', 'nothing binds T: only fields of entries ("list[].key") are of an entry T'),
    "an id that does not begin with the one above": ("1_atopic_dermatitis.lp", 'item("1.B", "1", "Aff', 'item("7", "1", "One more").\nitem("1.B", "1", "Aff', "1_atopic_dermatitis.lp:31: the item 7 stands below 1; its id is to begin with 1., as in 1.7"),
    "no text of a choice": ("choices.lp", "choice_text(potency_floor", "choice_txt(potency_floor", "potency_floor"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_it_does_not_load(folder: Path, name: str) -> None:
    file, old, new, message = WRONG[name]
    if old is None or new is None:
        (folder / file).unlink()
    else:
        text = (folder / file).read_text("utf-8")
        assert text.count(old) >= 1
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    assert message in refusal(folder)


def refusal(folder: Path) -> str:
    """What is wrong with a rule folder."""
    with pytest.raises(RulesError) as caught:
        Policy(*Policy.find(folder)).check_names()
    return str(caught.value)


def added(folder: Path, file: str, text: str) -> None:
    (folder / file).write_text((folder / file).read_text("utf-8") + text, "utf-8")


def test_the_line_is_that_of_the_rule_and_of_the_whole_name(folder: Path) -> None:
    """Not of the first line in which the name, or a longer one, stands."""
    added(folder, "record.lp", 'field("disease.bsa", bsa, decimal).\nbounds("disease.bsa", 0, 100).\n')
    added(folder, "policy.lp", 'met("1.A") :- holds(at_least(bsa, 30)).\n% bsa\nmet("1.A") :-\n  below(bsa, 30).\n')
    lines = (folder / "policy.lp").read_text("utf-8").splitlines()
    at = f"{folder / 'policy.lp'}:{lines.index('  below(bsa, 30).') + 1}: "
    assert refusal(folder) == f"{at}bsa is compared with 30 past its conditions; write holds(…) instead"


def test_one_fault_is_said_once(folder: Path) -> None:
    """What follows from it is no fault of its own."""
    added(
        folder, "record.lp", 'field("disease.depth", depth, word(nothing)).\ntitle("disease.depth", "depth").\n'
        'not_above("disease.bsa_percent", "disease.depth").\nfield("disease.more", more, computed).\n'
        'derived("disease.more", difference("disease.bsa_percent", "disease.depth")).\n',
    )  # fmt: skip
    assert len(refusal(folder).splitlines()) == 1 and "no vocabulary nothing; there are: " in refusal(folder)


def test_numbers_of_two_versions_make_no_range(folder: Path) -> None:
    """Each version has its range; the least of one beside the greatest of the other is none that is asked for."""
    added(
        folder, "1_atopic_dermatitis.lp", 'threshold("1.B", least, 1). threshold("1.B", most, 5).\n'
        'met("1.B") :- value_in_force("1.B", least, L), value_in_force("1.B", most, H),\n'
        "  holds(within(bsa_percent, L, H)).\n",
    )  # fmt: skip
    version = 'revised("before-2024-11-15", "1.B", '
    added(folder, "revisions.lp", f"{version}least, 6). {version}most, 9).\n")
    Policy(*Policy.find(folder)).check_names()


EXCLUDING = 'item("X.9", "", "Not with it").\ncitation("X.9", "X").\nexclusion("X.9").\n'


@pytest.mark.parametrize("read", ["class(T), biologic", "product(T), cyclosporine_systemic", "sites, trunk"])
def test_what_a_word_leaves_open_can_exclude(folder: Path, read: str) -> None:
    added(folder, "not_covered.lp", f'{EXCLUDING}excludes("X.9") :- entry(therapies, T), possible_value({read}).\n')
    Policy(*Policy.find(folder)).check_names()


def test_a_value_that_no_word_leaves_open_cannot_exclude(folder: Path) -> None:
    added(folder, "not_covered.lp", f'{EXCLUDING}excludes("X.9") :- possible_value(request_type, initial).\n')
    assert "X.9 is declared to exclude, and no rule makes it so (excludes/1)" in refusal(folder)


def test_a_word_that_is_added_and_is_no_term(folder: Path) -> None:
    added(
        folder,
        "conditions.lp",
        'adds(tried, therapies, ((class, steroidd); (documented, true))).\nwords(tried, "a trial").\n',
    )
    added(folder, "1_atopic_dermatitis.lp", 'met("1.A") :- holds(tried).\n')
    assert "adds: therapies[].class: steroidd is no term of the vocabulary classes" in refusal(folder)


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
    Policy(*Policy.find(None)).check_names()
