"""Names that fit several products: what they differ in is missing, and which product it was can be supplied."""

from copy import deepcopy
from typing import Any

import pytest
from closure import checked_sets, decided

from reasoner import Policy
from reasoner.verdict.model import Verdict

TRIAL = {"days": 50, "consecutive_days": 50, "outcome": "failure", "documented": True}
OVER = {"periods": [{"start": "2024-09-01", "end": "2024-11-30"}], "outcome": "failure", "documented": True}
RECORD: dict[str, Any] = {
    "case_id": "products",
    "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
    "patient": {"age_years": 30},
    "disease": {"severity": "mild", "bsa_percent": 5, "sites": ["face"]},
    "prescriber": {"specialty": "dermatology"},
    "therapies": [{"product": "Elidel", **TRIAL}],
}
NEW_FAILURE, NEW_INTOLERANCE = "new_failure(1.D,consecutive_days,42)", "new_intolerance(topical_calcineurin_inhibitor)"
ENDED, OINTMENT = "ended(therapy(1))", "product_is(therapy(1),tacrolimus_ointment)"


def record(*therapies: dict[str, Any], **disease: Any) -> dict[str, Any]:
    data = deepcopy(RECORD)
    data["therapies"] = list(therapies)
    data["disease"] |= disease
    return data


def beside(**therapy: Any) -> dict[str, Any]:
    """A record that is approved but for another therapy."""
    return record(*RECORD["therapies"], therapy)


def sets(verdict: Verdict) -> set[frozenset[str]]:
    assert verdict.explanation is not None and verdict.explanation.complete
    return {frozenset(fact.fact for fact in one.facts) for one in verdict.explanation.minimal_sets}


def statuses(verdict: Verdict) -> dict[str, str]:
    return {criterion.id: criterion.status for criterion in verdict.criteria}


# ── One of the products would exclude ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("product", "item", "family", "other", "hinges"),
    [
        ("tacrolimus", "X.2", "tacrolimus_ointment", "tacrolimus_systemic", ("immunosuppressants",)),
        ("Cyclosporine", "X.2", "cyclosporine_eye_drops", "cyclosporine_systemic", ()),
        ("RUXOLITINIB", "X.1", "ruxolitinib_cream", "ruxolitinib_tablets", ()),
    ],
)
def test_a_product_that_may_exclude_is_asked_for(
    policy: Policy, product: str, item: str, family: str, other: str, hinges: tuple[str, ...]
) -> None:
    data = beside(product=product)
    verdict = policy.judge(data)
    assert verdict.denial is not None
    assert (verdict.denial.kind, verdict.denial.reasons) == ("missing_information", (item,))
    assert verdict.medically_necessary is False
    assert statuses(verdict)[item] == "missing"
    assert verdict.hinges_on == hinges
    assert [warning.partition(": ")[0] for warning in verdict.warnings] == ["therapies[1].product"]
    named = f"product_is(therapy(2),{family})"
    assert sets(verdict) == {frozenset({named}), frozenset({"ended(therapy(2))"})}
    assert verdict.explanation is not None and verdict.explanation.approvable
    first = verdict.explanation.minimal_sets[0].facts[0]
    assert (first.fact, first.status, first.criterion) == (named, "missing", item)
    assert checked_sets(policy, data, 10) == 2
    # were it the other one, the item would exclude
    (barred,) = (
        fact
        for criterion in verdict.criteria
        for fact in criterion.facts
        if fact.fact == f"product_is(therapy(2),{other})"
    )
    assert decided(policy, policy.case(data).full, [list(barred.edits)]) == "denied"


def test_the_only_trial_may_be_what_excludes(policy: Policy) -> None:
    """To tell which product it was then settles both items at once."""
    data = record({"product": "tacrolimus", **TRIAL})
    verdict = policy.judge(data)
    assert verdict.denial is not None and verdict.denial.reasons == ("X.2", "1.D")
    assert sets(verdict) == {
        frozenset({OINTMENT}),
        frozenset({ENDED, NEW_FAILURE}),
        frozenset({ENDED, NEW_INTOLERANCE}),
    }
    assert checked_sets(policy, data, 10) == 3


def test_two_ambiguous_products(policy: Policy) -> None:
    data = record({"product": "tacrolimus", **TRIAL}, {"product": "cyclosporine"})
    verdict = policy.judge(data)
    drops = "product_is(therapy(2),cyclosporine_eye_drops)"
    assert {frozenset({OINTMENT, drops}), frozenset({OINTMENT, "ended(therapy(2))"})} <= sets(verdict)
    assert checked_sets(policy, data, 50) == len(sets(verdict)) == 6


def test_what_is_no_longer_active_excludes_nothing(policy: Policy) -> None:
    data = record({"product": "tacrolimus", **OVER})
    verdict = policy.judge(data)
    assert statuses(verdict)["X.2"] == "clear"
    assert verdict.denial is not None
    assert (verdict.denial.kind, verdict.denial.reasons) == ("missing_information", ("1.D",))
    assert sets(verdict) == {frozenset({OINTMENT}), frozenset({NEW_FAILURE}), frozenset({NEW_INTOLERANCE})}
    assert checked_sets(policy, data, 10) == 3


def test_terms_that_cover_ask_for_nothing(policy: Policy) -> None:
    data = beside(product="cyclosporine") | {"plan": {"document": "covers"}}
    verdict = policy.judge(data)
    assert (verdict.decision, verdict.decided_by, verdict.medically_necessary) == ("approved", "plan_document", False)


# ── What the record says besides ────────────────────────────────────────────────────────────────


def test_a_stated_class_tells_which_product_it_was(policy: Policy) -> None:
    ointment = policy.judge(record({"product": "tacrolimus", "class": "TCI", **TRIAL}))
    assert (ointment.decision, ointment.warnings) == ("approved", ())
    capsules = policy.judge(beside(**{"product": "tacrolimus", "class": "potent immunosuppressant"}))
    assert statuses(capsules)["X.2"] == "excludes"
    assert capsules.denial is not None and capsules.denial.kind == "not_covered"


@pytest.mark.parametrize("stated", [{"prescription": False}, {"sample": True, "documented": False}])
def test_an_identified_product_leaves_what_the_record_says(policy: Policy, stated: dict[str, Any]) -> None:
    """Bought without a prescription it stays bought, whichever product it was."""
    data = record({"product": "tacrolimus", **OVER, **stated})
    found = sets(policy.judge(data))
    assert frozenset({OINTMENT}) not in found
    assert any(OINTMENT in facts for facts in found) == ("prescription" not in stated)
    assert checked_sets(policy, data, 20) == len(found)


def test_a_class_for_several_asks_whether_it_goes_on(policy: Policy) -> None:
    """The class of a therapy is never supposed; without a name there is no product to tell."""
    data = beside(**{"class": "calcineurin inhibitor"})
    verdict = policy.judge(data)
    assert statuses(verdict)["X.2"] == "missing"
    assert sets(verdict) == {frozenset({"ended(therapy(2))"})}
    assert checked_sets(policy, data, 5) == 1


def test_an_intolerance_to_an_ambiguous_product_leaves_the_item_open(policy: Policy) -> None:
    data = record() | {"intolerances": [{"to": "tacrolimus", "kind": "intolerance", "documented": True}]}
    verdict = policy.judge(data)
    assert sets(verdict) == {frozenset({NEW_FAILURE}), frozenset({NEW_INTOLERANCE})}
    assert [warning.partition(": ")[0] for warning in verdict.warnings] == ["intolerances[0].to"]
    data["intolerances"][0]["to"] = "tacrolimus ointment"
    assert policy.judge(data).decision == "approved"


def test_an_intolerance_to_an_ambiguous_class_is_warned_about(policy: Policy) -> None:
    data = record() | {"intolerances": [{"to": "calcineurin inhibitor", "kind": "intolerance", "documented": True}]}
    (warning,) = policy.judge(data).warnings
    assert warning.startswith("intolerances[0].to: 'calcineurin inhibitor' can be topical calcineurin inhibitor or ")
    data["intolerances"][0]["to"] = "topical calcineurin inhibitor"
    assert policy.judge(data).warnings == ()


# ── Steroids without their strength ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("product", "decision", "hinges"),
    [
        ("clobetasol", "approved", ()),  # high or super high
        ("fluocinonide", "approved", ()),  # medium or more, none of class V
        ("triamcinolone", "approved", ("potency_floor",)),  # medium or more, some of class V
        ("betamethasone", "approved", ("potency_floor",)),  # of three families, all medium or more
        ("fluocinolone", "denied", ()),  # medium or low
        ("desonide", "denied", ()),  # low, whatever its form
    ],
)
def test_a_steroid_without_its_strength(policy: Policy, product: str, decision: str, hinges: tuple[str, ...]) -> None:
    """Where all of its products would do a warning is enough; where some would, its potency is missing."""
    data = record(*RECORD["therapies"], {"product": product, **TRIAL}, sites=["arms"])
    verdict = policy.judge(data)
    assert (verdict.decision, verdict.hinges_on) == (decision, hinges)
    if decision == "denied":
        assert (frozenset({"potent(therapy(2))"}) in sets(verdict)) == (product == "fluocinolone")
        assert not any("product_is" in fact for facts in sets(verdict) for fact in facts)
        assert checked_sets(policy, data, 20) == len(sets(verdict))
    if product != "desonide":
        assert [warning.partition(": ")[0] for warning in verdict.warnings] == ["therapies[1].product"]


@pytest.mark.parametrize(("potency", "hinges"), [("medium", ("potency_floor",)), ("high", ())])
def test_a_stated_potency_tells_which_products_it_can_be(policy: Policy, potency: str, hinges: tuple[str, ...]) -> None:
    data = record(*RECORD["therapies"], {"product": "triamcinolone", "potency": potency, **TRIAL}, sites=["arms"])
    verdict = policy.judge(data)
    assert (verdict.decision, verdict.hinges_on, verdict.warnings) == ("approved", hinges, ())


# ── Immunosuppressants that the policy does not name ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("product", "hinges"),
    [
        ("methotrexate", True), ("MTX", True), ("mycophenolic acid", True), ("CellCept", True), ("Prograf", True),
        ("sirolimus tablets", True), ("everolimus", True), ("cyclophosphamide", True), ("leflunomide", True),
        ("azathioprine", False), ("Neoral", False), ("cyclosporine capsules", False),
    ],
)  # fmt: skip
def test_only_those_that_are_not_named_hang_on_the_reading(policy: Policy, product: str, hinges: bool) -> None:
    verdict = policy.judge(beside(product=product))
    assert statuses(verdict)["X.2"] == "excludes"
    assert verdict.denial is not None and verdict.denial.kind == "not_covered"
    assert verdict.hinges_on == (("immunosuppressants",) if hinges else ())
    assert sets(verdict) == {frozenset({"ended(therapy(2))"})}


@pytest.mark.parametrize("product", ["prednisone", "Restasis", "cyclosporine eye drops", "Medrol"])
def test_what_is_not_of_the_kind(policy: Policy, product: str) -> None:
    verdict = policy.judge(beside(product=product))
    assert (verdict.decision, verdict.hinges_on) == ("approved", ())
