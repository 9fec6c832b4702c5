"""The view of a sweep: what can be swept, the stretches of one decision, and where a click on one goes."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from random_records import Records

from reasoner import Policy, read_record
from reasoner.serve.rendering import page
from reasoner.serve.sweep_view import SweepView, sweep_view
from reasoner.whatif.patch import edits, patched
from reasoner.whatif.sweep import decimals_of, sweep, values
from reasoner.whatif.sweepable import Sweepable, sweepable

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "facts/examples"


def view(policy: Policy, example: str, path: str = "", asked: str = "") -> SweepView:
    return sweep_view(policy, policy.case(read_record(EXAMPLES / example)), path, asked)


def choices(policy: Policy, **changes: Any) -> dict[str, Sweepable]:
    record = json.loads((EXAMPLES / "ad-near-miss.json").read_text("utf-8")) | changes
    return {one.path: one for one in sweepable(policy, policy.case(record))}


# ── What can be swept ────────────────────────────────────────────────────────


def test_numbers_and_dates_that_a_record_states_or_could(policy: Policy) -> None:
    found = choices(
        policy,
        therapies=[{"product": "Elidel", "days": 20}, {"product": "Dupixent", "periods": [{"start": "2025-01-01"}]}],
    )
    assert list(found) == [
        "request.date", "request.applications_per_day", "patient.birth_date", "patient.age_years", "disease.bsa_percent",
        "therapies[0].days", "therapies[0].consecutive_days", "therapies[1].periods[0].start", "therapies[1].periods[0].end",
    ]  # fmt: skip
    assert {one.group for path, one in found.items() if path.startswith("therapies")} == {"Elidel", "Dupixent"}
    surface = found["disease.bsa_percent"]
    assert (surface.title, surface.unit, surface.range, surface.present) == (
        "affected body surface area",
        "%",
        "0..100",
        "9.5",
    )
    assert found["patient.age_years"].present == "30"  # as it follows from the birth date


def test_ranges_are_as_wide_as_something_can_change_in(policy: Policy) -> None:
    found = choices(policy, therapies=[{"product": "Elidel", "days": 400}])
    assert found["therapies[0].days"].range == "0..800"  # the declared 100,000 are of no use
    assert found["therapies[0].consecutive_days"].range == "0..168"  # of the 84 that rules compare
    assert found["request.date"].range == "2024-09-08..2025-09-09"  # a year around
    assert found["patient.birth_date"].kind == "date"


def test_a_range_keeps_to_what_may_not_be_above_it(policy: Policy) -> None:
    found = choices(
        policy,
        therapies=[{"product": "Elidel", "days": 60, "consecutive_days": 40}],
        patient={"birth_date": "2025-01-01"},
    )
    assert found["therapies[0].days"].low == "40" and found["therapies[0].consecutive_days"].high == "60"
    assert found["request.date"].low == "2025-01-01" and found["patient.birth_date"].high == "2025-03-10"
    period = choices(
        policy, therapies=[{"product": "Elidel", "periods": [{"start": "2025-01-01", "end": "2025-02-01"}]}]
    )
    assert period["therapies[0].periods[0].start"].high == "2025-02-01"
    assert period["therapies[0].periods[0].end"].low == "2025-01-01"


@pytest.mark.parametrize(
    ("folder", "number"), [(None, 3), ("tests/policies/glp1", 3), ("tests/policies/household_benefit", 1)]
)
def test_whatever_is_offered_can_be_swept(folder: str | None, number: int, policy: Policy) -> None:
    asked = policy if folder is None else Policy.load(ROOT / folder)
    records, offered = Records(asked, "sweeps"), 0
    for _ in range(number):
        case = asked.case(records.record())
        for one in sweepable(asked, case):
            along = values(one.range, one.step, decimals_of(asked, one.path))
            assert 1 < len(along) <= 1_001, one
            assert sweep(asked, case.record, one.path, [along[0], along[-1]])
            offered += 1
    assert offered > 5 * number


# ── Its stretches ────────────────────────────────────────────────────────────


def test_stretches_fill_the_range_in_order(policy: Policy) -> None:
    found = view(policy, "ad-approved.json", "disease.bsa_percent")
    assert [(one.words, one.decision, one.changed) for one in found.stretches] == [
        ("0 to 20 %", "approved", ()),
        ("21 to 100 %", "denied", ("1.B contradicted",)),
    ]
    first, second = found.stretches
    assert first.left == 0 and first.left + first.width == pytest.approx(second.left) == pytest.approx(0.205)
    assert second.left + second.width == pytest.approx(1)
    assert found.present == pytest.approx(0.12) and first.is_present and not second.is_present
    assert found.ticks[0] == (0.0, "0") and found.ticks[-1] == (1.0, "100")


def test_a_click_goes_to_the_nearest_value_of_a_stretch(policy: Policy) -> None:
    found = view(policy, "ad-approved.json", "disease.bsa_percent", "0..100")
    assert [one.value for one in found.stretches] == ["12", "21"]
    high = view(policy, "ad-approved.json", "patient.age_years", "0..130")
    young, grown = high.stretches
    assert (young.words, young.value) == ("0 to 11 years", "11") and grown.is_present


def test_there_is_the_decision_that_the_stretch_shows(policy: Policy) -> None:
    for path in ("therapies[0].periods[0].end", "request.date", "disease.bsa_percent"):
        case = policy.case(read_record(EXAMPLES / "ad-near-miss.json"))
        found = sweep_view(policy, case, path)
        for one in found.stretches:
            value = one.value if found.chosen and found.chosen.kind == "date" else json.loads(one.value)
            assert policy.decide(patched(case.written, edits(case.written, [(path, value)], []))) == one.decision


def test_a_date_has_months_on_its_axis(policy: Policy) -> None:
    found = view(policy, "ad-near-miss.json", "request.date")
    assert [label for _, label in found.ticks] == ["2024-10", "2025-01", "2025-04", "2025-07"]
    assert all(0 <= place <= 1 for place, _ in found.ticks)


def test_a_range_of_one_value_is_one_stretch(policy: Policy) -> None:
    (one,) = view(policy, "ad-approved.json", "disease.bsa_percent", "12..12").stretches
    assert (one.left, one.width, one.words) == (0, 1, "12 %")


def test_a_wide_range_is_swept_in_larger_steps(policy: Policy) -> None:
    wide = view(policy, "ad-near-miss.json", "request.date", "2023-01-01..2026-01-01")
    assert wide.step == "2" and not wide.fault and wide.stretches
    assert "in steps of 2 days" in text_of(markup(wide))
    assert view(policy, "ad-near-miss.json", "request.date").step is None
    found = choices(policy, therapies=[{"product": "Elidel", "days": 50_000}])["therapies[0].days"]
    assert (found.range, found.step) == ("0..100000", "100")


@pytest.mark.parametrize(
    ("path", "asked", "fault"),
    [
        ("disease.bsa_percent", "0..x", "0..x: neither numbers nor dates"),
        ("disease.bsa_percent", "2025-01-01..2025-02-01", "numbers are needed"),
        ("request.date", "0..10", "dates are needed"),
        ("disease.bsa_percent", "0..200", "must be 100 or less"),
        ("disease.bsa_percent", "0..1e99999", "neither numbers nor dates"),
        ("disease.bsa_percent", "NaN..Infinity", "neither numbers nor dates"),
        ("disease.bsa_percent", "12", "a range is written from..to"),
        ("request.date", "2025-02-01..2025-01-01", "from is after to"),
        ("disease.severity", "", "cannot be swept"),
        ("therapies[7].days", "", "cannot be swept"),
        ("<script>", "", "<script> cannot be swept"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_asked_is_kept(policy: Policy, path: str, asked: str, fault: str) -> None:
    found = view(policy, "ad-near-miss.json", path, asked)
    assert fault in found.fault and found.range == asked and not found.stretches and found.choices
    shown = markup(found)
    (asking,) = shown.iter("input")
    assert asking.get("value") == asked and asking.get("aria-describedby") == "sweep-fault"


# ── How it is drawn ──────────────────────────────────────────────────────────


def markup(found: SweepView) -> ElementTree.Element:
    body = bytes(page("sweep.html", swept=found).body).decode()
    assert "style=" not in body and "<script" not in body
    return ElementTree.fromstring(body.strip())


def text_of(node: ElementTree.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def test_each_stretch_is_a_button_in_words_and_a_box_in_the_picture(policy: Policy) -> None:
    shown = markup(view(policy, "ad-approved.json", "disease.bsa_percent"))
    items = shown.findall(".//ul/li")
    assert [text_of(item) for item in items] == ["0 to 20 % ✓ approved now", "21 to 100 % ✗ denied 1.B contradicted"]
    buttons = [item.find("button") for item in items]
    boxes = shown.findall(".//svg/g")
    for drawn in (buttons, boxes):
        assert [one.get("data-value") for one in drawn if one is not None] == ["12", "21"]
        assert {(one.get("data-set"), one.get("data-kind")) for one in drawn if one is not None} == {
            ("disease.bsa_percent", "number")
        }
    assert [box.get("data-status") for box in boxes] == ["approved", "denied"]
    (picture,) = shown.iter("svg")
    assert picture.get("aria-hidden") == "true"
    assert [button.get("aria-current") for button in buttons if button is not None] == ["true", None]


def test_before_anything_is_swept_there_is_the_choice_of_a_value(policy: Policy) -> None:
    found = view(policy, "ad-near-miss.json")
    shown = markup(found)
    assert not found.fault and not found.stretches and shown.find(".//svg") is None
    groups = [group.get("label") for group in shown.iter("optgroup")]
    assert groups == [
        "The request",
        "The patient",
        "The disease",
        "triamcinolone acetonide 0.1% cream",
        "Protopic 0.1% ointment",
    ]
    assert [option.get("value") for option in shown.iter("option")][1:] == [one.path for one in found.choices]


def test_a_name_is_text_and_nothing_else(policy: Policy) -> None:
    name = "<b onclick='x'>&amp; \" cream"
    record = json.loads((EXAMPLES / "ad-near-miss.json").read_text("utf-8")) | {
        "therapies": [{"product": name, "days": 3}]
    }
    shown = markup(sweep_view(policy, policy.case(record), "therapies[0].days"))
    assert [group.get("label") for group in shown.iter("optgroup")][-1] == name
    assert f"{name}: days, now 3 days" in text_of(shown) and not list(shown.iter("b"))
