"""Bad records: refused with every fault and its path; status 2 and no traceback on the command line."""

import json
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from clingo import String, SymbolType
from declarations import schema_of, shipped

from facts.errors import Fault, RecordError
from facts.model import Record
from facts.reading import read_data, read_json, read_yaml
from facts.statements import facts_of
from facts.symbols import fact_symbol
from facts.terms import Given


def parse_record(data: object) -> Record:
    """A record of the shipped policy. Raises RecordError."""
    return shipped().model.validate(data)


BASE: dict[str, Any] = {"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}}


def therapy(**fields: Any) -> dict[str, Any]:
    return {"therapies": [{"class": "topical_corticosteroid", **fields}]}


def record(changes: dict[str, Any]) -> dict[str, Any]:
    data = deepcopy(BASE)
    for name, value in changes.items():
        data[name] = data.get(name, {}) | value if name == "request" and isinstance(value, dict) else value
    return data


WRONG: list[tuple[dict[Any, Any], str]] = [
    ({"request": {"date": "2025-2-3"}}, "request.date: not a date"),
    ({"request": {"date": "2025-02-30"}}, "request.date: not a date"),
    ({"request": {"date": "2025-03-01T00:00:00"}}, "request.date: not a date"),
    ({"request": {"date": "٢٠٢٥-٠٣-٠١"}}, "request.date: not a date"),
    ({"request": {"date": 20250301}}, "request.date: not a date"),
    ({"request": {"dat": "x"}}, "request.dat: unknown field; did you mean 'date'?"),
    ({"request": {"type": "renewal"}}, "request.type: must be 'initial' or 'reauthorization', not 'renewal'"),
    ({"request": {"product": "Elidel"}}, "request.product: this policy speaks of Opzelura only"),
    ({"request": {"applications_per_day": 0}}, "request.applications_per_day: must be 1 or more"),
    ({"request": None}, "request: an object with named fields is needed"),
    ({"nonsense": 1}, "nonsense: unknown field"),
    ({"case_id": ""}, "case_id: is empty"),
    ({"case_id": 7}, "case_id: text is needed"),
    ({"case_id": "x" * 501}, "case_id: at most 500 characters"),
    ({"case_id": "\ud800"}, "case_id: valid Unicode text is needed, not '\\ud800'"),
    *(({"case_id": f"a{sign}b"}, "case_id: control characters are no text") for sign in "\x00\n\x1b\x7f\x85\x9b\u2028\u200f\u202e\u2066"),
    ({"patient": {"age_years": 3, "birth_date": "1990-01-01"}}, "patient.age_years: 3 does not agree"),
    ({"patient": {"birth_date": "2025-03-02"}}, "patient.birth_date: is after the request date"),
    ({"patient": {"birth_date": "1894-01-01"}}, "patient.birth_date: more than 130 years"),
    ({"patient": {"age_years": 12.0}}, "patient.age_years: a whole number is needed"),
    ({"patient": {"age_years": True}}, "patient.age_years: a whole number is needed"),
    ({"patient": {"age_years": 10**400}}, "patient.age_years: must be 130 or less"),
    ({"disease": {"bsa_percent": "12"}}, "disease.bsa_percent: a number is needed, not '12'"),
    ({"disease": {"bsa_percent": 100.001}}, "disease.bsa_percent: must be 100 or less"),
    ({"disease": {"bsa_percent": float("nan")}}, "disease.bsa_percent: a finite number is needed"),
    ({"disease": {"bsa_percent": float("inf")}}, "disease.bsa_percent: a finite number is needed"),
    ({"disease": {"sites": "face"}}, "disease.sites: a list is needed, not 'face'"),
    ({"disease": {"sites": ["face", 1]}}, "disease.sites[1]: text is needed"),
    ({"disease": []}, "disease: an object with named fields is needed"),
    (therapy(days=3, consecutive_days=5), "therapies[0].consecutive_days: is more than days"),
    (therapy(dys=3), "therapies[0].dys: unknown field; did you mean 'days'?"),
    ({"therapies": [{"class_name": "x"}]}, "therapies[0].class_name: unknown field; did you mean 'class'?"),
    ({"": 1}, "['']: unknown field"),
    ({"patient": {"...": 1}}, "patient['...']: unknown field"),
    ({"[": 1}, "['[']: unknown field"),
    ({"]": 1}, "[']']: unknown field"),
    ({"a.b": 1}, "['a.b']: unknown field"),
    ({"\x1b[2J\u202e": 1}, r"['\x1b[2J\u202e']: unknown field"),
    ({"\ud800": 1}, r"valid Unicode text is needed, not '\ud800'"),
    ({"patient": {"\ud800": 1}}, r"patient: valid Unicode text is needed, not '\ud800'"),
    ({"x" * 100_000: 1}, "x" * 57 + "...: unknown field"),
    ({5: 1}, "[5]: Keys should be strings"),
    (therapy(days=-1), "therapies[0].days: must be 0 or more"),
    (therapy(periods=[{"start": "2025-02-01", "end": "2025-01-01"}]), "therapies[0].periods[0].start: is after the end"),
    (therapy(periods=[{"start": "2025-01-01", "end": "2025-01-10"}], days=11), "therapies[0].days: 11 does not agree with the periods, which give 10"),
    (therapy(concomitant_with=["zz"]), "therapies[0].concomitant_with[0]: 'zz' is not the id of another therapy"),
    (therapy(concomitant_with=["t1"]), "therapies[0].concomitant_with[0]: 't1' is not the id of another therapy"),
    ({"therapies": [{"days": 3}]}, "therapies[0].product: give the product, or else the class"),
    ({"therapies": [{"class": "a", "id": "x"}, {"class": "b", "id": "x"}]}, "therapies[1].id: 'x' is the id of therapies[0] too"),
    ({"therapies": [{"class": "a", "id": "t2"}, {"class": "b"}]}, "therapies[1].id: 't2' is the id of therapies[0] too"),
    ({"therapies": [{"class": "a"}] * 101}, "therapies: at most 100 entries, not 101"),
    ({"therapies": [{"product": "Dupixent", "class": "topical_corticosteroid"}]}, "therapies[0].class: the catalogue has 'Dupixent' as biologic"),
    ({"therapies": [{"product": "clobetasol 0.05% cream", "potency": "low"}]}, "therapies[0].potency: the catalogue has"),
    ({"therapies": [{"product": "Elidel and Dupixent"}]}, "therapies[0].product: 'Elidel and Dupixent' names"),
    ({"request": {"indication": "vitilgo"}}, "request.indication: 'vitilgo' is not a known word; is 'vitiligo' meant?"),
    ({"intolerances": [{"to": "x", "kind": "allergy"}]}, "intolerances[0].kind: must be 'contraindication' or 'intolerance'"),
    ({"response": [{"sign": "smile"}]}, "response[0].sign: must be"),
    ({"plan": {"mandate": "maybe"}}, "plan.mandate: must be 'silent', 'covers' or 'excludes'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_refused_with_path_and_message(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        shipped().case(record(changes))
    (fault,) = caught.value.faults
    assert str(fault).startswith(message)


def test_all_faults_at_once_in_the_order_of_the_record() -> None:
    changes = {
        "case_id": 3,
        "patient": {"age_years": 3, "birth_date": "1990-01-01"},
        "therapies": [
            {"class": "a", "id": "x", "days": 1, "consecutive_days": 2},
            {"class": "b", "id": "x", "outcome": "bad", "concomitant_with": ["y"]},
        ],
        "disease": {"severity": "awful"},
    }
    with pytest.raises(RecordError) as caught:
        parse_record(record(changes))
    assert [fault.path for fault in caught.value.faults] == [
        "case_id", "patient.age_years", "disease.severity", "therapies[0].consecutive_days",
        "therapies[1].concomitant_with[0]", "therapies[1].id", "therapies[1].outcome",
    ]  # fmt: skip


FILES: dict[str, tuple[bytes, str]] = {
    "empty.json": (b" \n", "empty: a record is needed"),
    "empty.yaml": (b"# nothing\n", "a record is an object"),
    "cut.json": (b'{"case_id": "c", ', "not JSON:"),
    "nan.json": (
        b'{"case_id": "NaN",\n"request": [{}, -Infinity]}',
        "-Infinity is not a number that JSON knows (line 2, column 17)",
    ),
    "twice.json": (
        b'{"a": {"b": "b\\": 1"},\n "b": [{"b": 1}],\n "\\u0062": 2}',
        "the field 'b' stands twice in one object (line 3, column 2)",
    ),
    "large.json": (b'"' + b"x" * 6_000_000 + b'"', "larger than 5,000,000 bytes"),
    "large.yaml": (b"x" * 1_100_000, "larger than 1,000,000 characters"),
    "many.yaml": (b"- x\n" * 60_000, "more than 50,000 values"),
    "merge.yaml": (
        b"case_id: a\nrequest: {date: 2025-03-01, type: initial}\n<<: {patient: {}}\n",
        "['<<']: unknown field",
    ),
    "keys.yaml": (b"5: a\n'5': b\n", "two fields of one object have the same name"),
    "beyond.yaml": (b'"\\UFFFFFFFF"', "not YAML:"),
    "unhashable.yaml": (b"? - {a: b}\n: c\n", "not YAML:"),
    "deep.json": (b"[" * 200_000, "nested deeper than 50 levels"),
    "deeper.json": (b'{"a":' * 60 + b"1" + b"}" * 60, "nested deeper than 50 levels"),
    "one level more.json": (b"[" * 50 + b"1" + b"]" * 50, "nested deeper than 50 levels"),
    "deep.yaml": (b"[" * 100_000, "nested deeper than 50 levels"),
    "long.json": (b'{"case_id": ' + b"9" * 5000 + b"}", "not JSON: "),
    "list.json": (b"[]", "a record is an object"),
    "latin.json": (b'{"case_id": "\xe9"}', "not UTF-8 (byte 13)"),
    "utf16.json": ('{"case_id": "c"}'.encode("utf-16"), "not UTF-8"),
    "twice.yaml": (b"case_id: a\ncase_id: b\n", 'found duplicate key "case_id"'),
    "tab.yaml": (b"\tcase_id: a\n", "not YAML:"),
    "laughs.yaml": (b"a: &a [1, 1]\nb: &b [*a, *a]\n", "anchors and aliases are not allowed"),
    "tag.yaml": (b"!!python/object/apply:os.system [ls]\n", "tags are not allowed"),
    "two.yaml": (b"case_id: a\n---\ncase_id: b\n", "more than one YAML document"),
    "day.yaml": (b"case_id: 2025-13-45\n", "request: required, and absent"),
    "old.yaml": (b"%YAML 1.1\n---\ncase_id: yes\n", "request: required, and absent"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(tmp_path: Path, name: str) -> None:
    content, message = FILES[name]
    (tmp_path / name).write_bytes(content)
    done = decide(tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"reasoner: {tmp_path / name}: ") and message in done.stderr


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    done = decide(tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "") and "cannot be read: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_records_are_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(BASE))
    (tmp_path / "bad.json").write_text("{")
    done = decide(tmp_path / "bad.json", tmp_path / "good.json")
    assert done.returncode == 2 and "bad.json" in done.stderr and done.stdout.startswith("c: DENIED")


def decide(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reasoner", "decide", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_text_like_asp_is_data_and_changes_nothing() -> None:
    """Every free text, filled with plain words and with rules: the same facts but for the echo."""

    def facts(text: str) -> list[str]:
        data = record(
            {
                "case_id": text,
                "request": {"indication": text},
                "disease": {"sites": [text], "severity": "mild", "bsa_percent": 3},
                "prescriber": {"specialty": text, "consulted": [text]},
                "therapies": [
                    {"id": text, "product": text, "class": text},
                    {"id": "b", "class": "topical_corticosteroid", "concomitant_with": [text]},
                ],
                "intolerances": [{"to": text, "kind": "intolerance", "documented": True}],
            }
        )
        case = shipped().case(data)
        assert case.case_id == text and text in case.full["disease"]["sites"]
        found = facts_of(case)
        echoed = [fact for fact in found if isinstance(fact, Given) and fact.value == text]
        assert echoed and all(fact_symbol(fact).arguments[1].type is SymbolType.String for fact in echoed)
        return [str(fact_symbol(fact)).replace(str(String(text)), "TEXT") for fact in found]

    plain = facts("an ordinary word")
    for text in ("x). approved(", "approved. %", '"). #script (python)', "a:-b.", "{options} {0}"):
        assert facts(text) == plain


def test_yaml_says_the_same_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("case_id: c\nrequest: {date: 2025-03-01, type: initial}\n")
    assert parse_record(read_data(tmp_path / "a.yaml")) == parse_record(BASE)


def test_in_yaml_a_day_that_there_is_not_is_told_with_the_other_faults() -> None:
    text = "case_id: on\nrequest: {date: 2025-02-30, type: no}\nplan: {document: =}\npatient: {age_years: true}\n"
    with pytest.raises(RecordError) as caught:
        shipped().case(read_yaml(text))
    assert [str(fault) for fault in caught.value.faults] == [
        "request.date: not a date (YYYY-MM-DD, 1800 to 2199), not '2025-02-30'",
        "request.type: must be 'initial' or 'reauthorization', not 'no'",
        "patient.age_years: a whole number is needed, not True",
        "plan.document: must be 'silent', 'covers' or 'excludes', not '='",
    ]


def test_very_many_faults_are_counted_and_soon() -> None:
    started = time.process_time()
    with pytest.raises(RecordError) as caught:
        parse_record(BASE | {f"unknown{number}": 1 for number in range(150_000)})
    assert time.process_time() - started < 10  # and not minutes
    assert len(caught.value.faults) == 51 and str(caught.value).endswith("\nand 149,950 more faults")
    assert caught.value.at("f").faults == caught.value.faults
    assert len(RecordError((Fault("a", "b"),) * 51).faults) == 51
    assert RecordError((Fault("a", "b"),) * 52).faults[50:] == (Fault("", "and 2 more faults"),)


def test_a_name_that_stands_twice_is_found_in_linear_time() -> None:
    names = ",".join(f'"a{number}": 0' for number in range(100_000))
    started = time.process_time()
    with pytest.raises(RecordError, match="'a99999' stands twice"):
        read_json(f'{{{names}, "a99999": 1}}')
    assert time.process_time() - started < 5


def test_messages_cannot_steer_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J\u202e.json").write_text(json.dumps({"b\x9b\nc": 1}))
    output = decide(tmp_path / "a\x1b[2J\u202e.json").stderr
    assert output.removesuffix("\n").replace("\n", "").isprintable()
    assert r"a\x1b[2J\u202e.json" in output and r"['b\x9b\nc']" in output


NULLS = [
    {name: None for name in ("patient", "disease", "prescriber", "therapies", "intolerances", "response", "plan")},
    {"request": {"product": None, "indication": None, "applications_per_day": None}},
    {"patient": {"birth_date": None, "age_years": None}, "prescriber": {"specialty": None, "consulted": None}},
    {"disease": {"severity": None, "vitiligo_type": None, "bsa_percent": None, "sites": None}},
    therapy(
        id=None, product=None, potency=None, prescription=None, periods=None, days=None, consecutive_days=None,
        outcome=None, documented=None, sample=None, concomitant_with=None,
    ),
    therapy(periods=[{"start": None, "end": None}]),
    {"intolerances": [{"to": "x", "kind": "intolerance", "documented": None}]},
    {"response": [{"sign": "bsa", "documented": None, "sample": None}]},
    {"plan": {"line_of_business": None, "document": None, "mandate": None}},
]  # fmt: skip


@pytest.mark.parametrize("changes", NULLS)
def test_the_schema_admits_the_nulls_that_the_reader_admits(changes: dict[str, Any]) -> None:
    parse_record(record(changes))
    jsonschema.validate(record(changes), schema_of(shipped()))


@pytest.mark.parametrize("changes", [{"case_id": None}, {"request": {"date": None}}, therapy(concomitant_with=[None])])
def test_the_schema_refuses_the_nulls_that_the_reader_refuses(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        parse_record(record(changes))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record(changes), schema_of(shipped()))
