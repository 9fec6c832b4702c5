"""A record as text: both formats are read back as they were written, and each fault stands at its line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from facts.errors import RecordError
from facts.reading import MAX_DEPTH, MAX_YAML
from reasoner import Policy
from reasoner.serve.text_places import Format, Places
from reasoner.serve.text_view import TextFault, faults_in, kind_of, parsed, written

EXAMPLES = sorted((Path(__file__).parents[3] / "facts/examples").iterdir())
FORMATS: tuple[Format, Format] = ("json", "yaml")


def faults_of(policy: Policy, text: str, kind: Format) -> tuple[TextFault, ...]:
    """What is wrong with a text or its record."""
    try:
        policy.record(parsed(text, kind))
    except RecordError as error:
        return faults_in(text, kind, error)
    return ()


# ── There and back ───────────────────────────────────────────────────────────

LIKE_OTHER_THINGS = [
    "2025-03-01", "yes", "null", "~", "1_000", "0x10", "0o7", "1e3", ".5", "1:30", "- a", "a: b", "# c", "", "\x00", "\ud800", "\x85",
    "=", "<<", "!tag", "&a", "*a", "'", '"', "\t", "\u2028", "\ufeff", "a\nb ", "0b1", "012", "1.", "NaN", ".inf", "{", "😀",
]  # fmt: skip
SCALARS = (
    some.none() | some.booleans() | some.integers(-(10**20), 10**20) | some.text() | some.sampled_from(LIKE_OTHER_THINGS)
    | some.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
NAMES = some.text(max_size=8) | some.sampled_from(LIKE_OTHER_THINGS)
DATA = some.recursive(
    SCALARS, lambda part: some.lists(part, max_size=4) | some.dictionaries(NAMES, part, max_size=4), max_leaves=12
)


@given(some.dictionaries(NAMES, DATA, max_size=4), some.sampled_from(FORMATS))
def test_what_is_written_is_read_as_it_was(data: dict[str, Any], kind: Format) -> None:
    text = written(data, kind)
    assert json.dumps(parsed(text, kind)) == json.dumps(data)  # the order of names, and 1 and 1.0, are kept as well
    if data:
        assert kind_of(text) == kind


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_examples_go_from_one_format_to_the_other(example: Path) -> None:
    text = example.read_text("utf-8")
    kind = kind_of(text)
    assert kind == ("yaml" if example.suffix == ".yaml" else "json")
    data = parsed(text, kind)
    for other in FORMATS:
        assert parsed(written(data, other), other) == data
        assert written(parsed(written(data, other), other), other) == written(data, other)


def test_what_a_format_cannot_have_is_refused() -> None:
    with pytest.raises(RecordError, match="infinite"):
        written(json.loads('{"a": 1e999}'), "json")
    with pytest.raises(RecordError, match="larger than"):
        written({"a": "x" * MAX_YAML}, "yaml")


@pytest.mark.parametrize("kind", FORMATS)
def test_what_stands_twice_in_the_data_is_written_twice(kind: Format) -> None:
    entry = {"a": [1]}
    assert parsed(written({"b": [entry, entry], "c": entry}, kind), kind) == {"b": [entry, entry], "c": entry}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"a": 1}', "json"), ("{a: 1}", "yaml"), ("a: 1", "yaml"), ("[1, 2", "json"), ("{a: [}", "json"), ('{"a": 1,}', "yaml"),
        ("", "yaml"), ("12", "json"), ("- a", "yaml"), ("[" * 100_000, "json"), ("\ufeffa: 1", "yaml"),
    ],
)  # fmt: skip
def test_a_format_is_known_by_the_content(text: str, kind: Format) -> None:
    assert kind_of(text) == kind


# ── Faults at their lines ────────────────────────────────────────────────────

WRONG_JSON = """{
  "case_id": "c",
  "request": {"date": "2025-13-01",
    "type": "initial"},
  "therapies": [
    {"product": "Elidel", "periods": []},
    {"product": "Elidel", "periods": [{"start": "2024-01-01"},
      {"start": "first", "end":
        "2024-01-01"}], "odd. [name]": {"a": [1]}},
    7
  ]
}
"""
WRONG_YAML = """# a case
case_id: c
request:
  date: 2025-13-01
  type: initial
therapies:
  - product: Elidel
    periods: []

  - product: Elidel
    periods:
      - {start: 2024-01-01}
      - end: 2024-01-01
        start: first
    'odd. [name]': {a: [1]}
  - 7
"""


@pytest.mark.parametrize(
    ("text", "kind", "places"),
    [
        (WRONG_JSON, "json", [(3, 15), (8, 8), (9, 25), (10, 5)]),
        (WRONG_YAML, "yaml", [(4, 3), (14, 9), (15, 5), (16, 5)]),
    ],
)
def test_each_fault_stands_at_its_line(policy: Policy, text: str, kind: Format, places: list[tuple[int, int]]) -> None:
    found = faults_of(policy, text, kind)
    assert [fault.path for fault in found] == [
        "request.date", "therapies[1].periods[1].start", "therapies[1]['odd. [name]']", "therapies[2]",
    ]  # fmt: skip
    assert [(fault.line, fault.column) for fault in found] == places


@pytest.mark.parametrize("kind", FORMATS)
def test_every_value_of_a_text_has_its_place(kind: Format) -> None:
    data = parsed(EXAMPLES[0].read_text("utf-8"), "json")
    assert isinstance(data, dict)
    text = written({**data, "a b": [{"c": ["d", {"e": None}]}, [[1], 2]]}, kind)
    lines, places = text.split("\n"), Places(text, kind)
    for path, value in (
        ("case_id", "ad-"),
        ("request.date", "2025"),
        ("['a b'][0].c[0]", "d"),
        ("['a b'][0].c[1].e", "null"),
        ("['a b'][1][0][0]", "1"),
        ("['a b'][1][1]", "2"),
    ):
        line, column = places.of(path)
        assert value in lines[line - 1][column - 1 :], path


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_absent_stands_where_it_would_have_to(kind: Format) -> None:
    text = written({"case_id": "c", "request": {"type": "initial"}, "therapies": [{"days": 1}]}, kind)
    places, lines = Places(text, kind), text.split("\n")
    assert lines[places.of("request.date").line - 1].strip().startswith(("request", '"request'))
    entry = lines[places.of("therapies[0].product").line - 1].strip()
    assert entry == ("{" if kind == "json" else "- days: 1")
    assert places.of("patient['no. [such]'][3]") == (1, 1)


def test_a_line_is_what_a_text_field_has_as_one() -> None:
    """A sign that YAML takes for the end of a line is none there."""
    assert Places('a: "\u2028"\nb: 1\n', "yaml").of("b") == (2, 1)
    assert Places('{"a": "\u2028\x85",\r\n"b": 1}', "json").of("b") == (2, 1)


def test_faults_of_no_line_come_last(policy: Policy) -> None:
    entries = [{"product": "Elidel", "days": -1}] * 60
    found = faults_of(policy, written({"case_id": "c", "therapies": entries}, "yaml"), "yaml")
    assert found[-1].path == "" and "more faults" in found[-1].message
    assert [fault.line for fault in found[:-1]] == sorted(fault.line for fault in found[:-1])


# ── Hostile texts ────────────────────────────────────────────────────────────

BOMB = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50))


@pytest.mark.parametrize(
    ("text", "kind", "place", "message"),
    [
        ('{"a": 1,\n "b": }', "json", (2, 7), "not JSON"),
        ('{"a": 1,\n "a": 2}', "json", (2, 2), "stands twice"),
        ('{"a":\n  NaN}', "json", (2, 3), "not a number"),
        ('{"a": "\x00"}', "json", (1, 8), "not JSON"),
        ("", "json", (1, 1), "empty"),
        ("[" * 100_000, "json", (1, 1), "nested deeper"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "json", (1, 1), "nested deeper"),
        ("9" * 10_000, "json", (1, 1), "not JSON"),
        (BOMB, "yaml", (1, 4), "anchors and aliases"),
        ("a: 1\nb: !!python/object:os.system {}\n", "yaml", (2, 4), "tags are not allowed"),
        ("a: 1\n\tb: 2\n", "yaml", (2, 1), "not YAML"),
        ("a: 1\na: 2\n", "yaml", (2, 1), "not YAML"),
        ("\u202ea: 1\n\u202ea: 2\n", "yaml", (2, 1), "not YAML"),
        ("a: \x00\n", "yaml", (1, 1), "not YAML"),
        ("a: 1\n---\nb: 2\n", "yaml", (1, 1), "more than one"),
        ("[" * (MAX_DEPTH + 1), "yaml", (1, MAX_DEPTH + 1), "nested deeper"),
        ("a:\n  - b\n c: 1\n", "yaml", (3, 2), "not YAML"),
        ("x" * (MAX_YAML + 1), "yaml", (1, 1), "larger than"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_read_says_where(
    policy: Policy, text: str, kind: Format, place: tuple[int, int], message: str
) -> None:
    (fault,) = faults_of(policy, text, kind)
    assert message in fault.message and fault.path == ""
    assert (fault.line, fault.column) == place
    assert fault.message.isprintable()


def test_a_fault_is_one_line_that_steers_nothing(policy: Policy) -> None:
    name = "\x1b[31m\u202eevil" + "x" * 5_000
    for kind in FORMATS:
        (fault,) = [
            one
            for one in faults_of(
                policy,
                written({"case_id": "c", "request": {"date": "2025-01-01", "type": "initial"}, name: 1}, kind),
                kind,
            )
        ]
        assert fault.message.isprintable() and len(fault.path) < 200 and fault.line > 1


def test_places_of_a_large_text_are_found_in_one_pass() -> None:
    """As many steps as there are names and values, whatever is nested in what."""
    text = json.dumps({"a": [{"b": [n, {"c": "x"}]} for n in range(20_000)]})
    assert Places(text, "json").of("a[19999].b[1].c").column == text.rindex('"c"') + 1
