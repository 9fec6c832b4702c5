"""The form of a record: a control for each field, whatever stands in the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from facts.errors import RecordError
from reasoner import Policy
from reasoner.serve.form import Form, FormField, completions, form_of

_RECORD: dict[str, Any] = {
    "case_id": "one",
    "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic dermatitis"},
    "patient": {"birth_date": "1990-05-02"},
    "disease": {"sites": ["eye lids"]},
    "therapies": [
        {"id": "a", "product": "Protopic 0.1% ointment", "periods": [{"start": "2024-10-01", "end": "2024-10-20"}]},
        {"id": "b", "class": "biologic"},
    ],
}


def controls(form: Form) -> dict[str, FormField]:
    def found() -> Iterator[FormField]:
        for part in form.parts:
            yield from part.controls
            for entry in part.entries:
                yield from entry.controls

    return {control.path: control for control in found()}


def form(policy: Policy, data: dict[str, Any], first: dict[str, Any] | None = None) -> Form:
    before = policy.case(first) if first is not None else None
    try:
        return form_of(policy, data, policy.case(data), (), before)
    except RecordError as error:
        return form_of(policy, data, None, error.faults, before)


def test_each_field_that_can_be_stated_has_a_control(policy: Policy) -> None:
    found = controls(form(policy, _RECORD))
    for field in policy.declaration.fields:
        paths = [field.path(at) for at in range(2)] if field.list == "therapies" else [field.place]
        if field.list not in ("", "therapies"):
            continue
        for path in paths:
            assert (path in found) == (field.type != "computed"), path


def test_what_is_not_stated_is_said_to_follow(policy: Policy) -> None:
    found = controls(form(policy, _RECORD))
    assert found["patient.age_years"].hint == "follows: 34"
    assert found["therapies[0].class"].hint == "follows: topical calcineurin inhibitor"
    assert found["therapies[0].days"].hint == "follows: 20"
    assert found["therapies[0].sample"].hint == "unless stated: no"
    assert found["disease.sites"].hint == "taken for eyelids"
    assert found["case_id"].hint == ""


def test_faults_stand_beside_what_they_are_about_with_what_was_typed(policy: Policy) -> None:
    data = {**_RECORD, "disease": {"bsa_percent": "many", "sites": ["", 3]}, "unknown": 1}
    shown = form(policy, data)
    found = controls(shown)
    assert found["disease.bsa_percent"].stated == "many"
    assert found["disease.bsa_percent"].faults
    assert [fault.split(":")[0] for fault in found["disease.sites"].faults] == ["[0]", "[1]"]
    assert [fault.path for fault in shown.unplaced] == ["unknown"]
    placed = sum(len(control.faults) for control in found.values()) + len(shown.unplaced)
    assert placed == len(shown.faults) == 4


@pytest.mark.parametrize(
    "data", [{}, {"therapies": 3}, {"request": []}, {"therapies": [1, None]}, {"patient": {"age_years": {}}}]
)
def test_a_record_of_any_shape_has_a_form(policy: Policy, data: dict[str, Any]) -> None:
    shown = form(policy, data)
    assert [part.name for part in shown.parts] == [
        "",
        *(name for name in policy.declaration.order if name != "case_id"),
    ]
    assert shown.faults


def test_what_differs_from_the_first_record_is_marked(policy: Policy) -> None:
    data = {
        **_RECORD,
        "patient": {"birth_date": "1991-05-02"},
        "therapies": [_RECORD["therapies"][1], {"id": "c", "product": "Dupixent"}],
    }
    shown = form(policy, data, _RECORD)
    changed = {path: control.before for path, control in controls(shown).items() if control.before is not None}
    assert changed == {"patient.birth_date": "1990-05-02"}
    part = next(part for part in shown.parts if part.name == "therapies")
    assert [entry.is_new for entry in part.entries] == [False, True]
    assert part.gone == ("Protopic 0.1% ointment",)


def test_the_same_in_other_words_is_no_change(policy: Policy) -> None:
    data = {**_RECORD, "disease": {"sites": ["eyelids"]}, "plan": {"document": "silent"}}
    shown = controls(form(policy, data, _RECORD))
    assert [path for path, control in shown.items() if control.before is not None] == []


def test_each_list_that_completes_a_field_is_there(policy: Policy) -> None:
    lists = completions(policy)
    used = {control.completion for control in controls(form(policy, _RECORD)).values()} - {""}
    assert used <= lists.keys()
    assert all(own == sorted(set(own), key=lambda text: (text.casefold(), text)) for own in lists.values())
    assert "eyelids" in lists["sites"]
