"""The catalogue: every sourced row, and the ways in which people write names."""

import csv
from pathlib import Path
from typing import Any

import pytest

from facts.catalogue import Catalogue, Match
from reasoner import Policy, Verdict

RULES = Path(__file__).parents[2] / "rules" / "catalogue"
SHARED = Path(__file__).parents[3] / "shared" / "catalogue"
CLASSES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7}
SOURCED_GROUPS = {"lower_medium": "medium", "lowest": "low"}
GROUPS = {1: "super_high", 2: "high", 3: "medium", 4: "medium", 5: "medium", 6: "low", 7: "low"}


def found(catalogue: Catalogue, name: str) -> Match:
    match = catalogue.lookup(name)
    assert match is not None, name
    return match


def rows(name: str) -> list[dict[str, str]]:
    with open(SHARED / f"{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(RULES)


@pytest.mark.parametrize("row", rows("tcs_potency"), ids=lambda row: row["id"])
def test_corticosteroids_by_ingredient_strength_and_vehicle(catalogue: Catalogue, row: dict[str, str]) -> None:
    strength = row["strength_pct"].split("-")[-1]
    strength += "" if "mg" in strength else "%"
    charted = [CLASSES[name] for name in row["us_class"].split(" ")[0].split("-") if name in CLASSES]
    for text in (
        f"{row['ingredient']} {strength} {row['vehicle']}",
        f"{row['vehicle']} {strength} {row['ingredient']}",
    ):
        match = catalogue.lookup(text.upper())
        assert match is not None and match.class_name == "topical_corticosteroid", text
        assert match.potency == SOURCED_GROUPS.get(row["group"], row["group"]), text
        assert match.us_class is not None and GROUPS[match.us_class] == match.potency
        assert not charted or match.us_class in range(charted[0], charted[-1] + 1), text
        assert match.prescription == (row["prescription"] == "yes"), text


def test_there_are_enough_corticosteroids_each_in_its_group(catalogue: Catalogue) -> None:
    steroids = [p for p in catalogue.products if p.class_name == "topical_corticosteroid"]
    assert len(steroids) >= 40
    for product in steroids:
        assert product.us_class is not None and product.potency == GROUPS[product.us_class]


@pytest.mark.parametrize("row", rows("tci"), ids=lambda row: row["ingredient"] + row["strength_pct"])
def test_calcineurin_inhibitors(catalogue: Catalogue, row: dict[str, str]) -> None:
    names = [brand.strip() for brand in row["brands"].split(";") if "generic" not in brand]
    for name in (*names, f"{row['ingredient']} {row['strength_pct']}% {row['form']}"):
        match = catalogue.lookup(name.lower())
        assert match is not None and match.class_name == "topical_calcineurin_inhibitor", name


@pytest.mark.parametrize("row", rows("immunosuppressants"), ids=lambda row: row["generic"])
def test_immunosuppressants_by_brand_and_by_generic_name_and_form(catalogue: Catalogue, row: dict[str, str]) -> None:
    brands = [brand.strip() for brand in row["brands"].split(";")]
    forms = [form.strip() for form in row["form"].split(";")]
    for name in (*brands, *(f"{row['generic']} {form}" for form in forms)):
        match = catalogue.lookup(name.upper())
        assert match is not None and match.class_name == "potent_immunosuppressant", name
        assert catalogue.lookup(name, "systemic_immunosuppressant") == match
    assert catalogue.agrees("systemic_immunosuppressant", "potent_immunosuppressant")


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        *[(name, "potent_immunosuppressant") for name in ("methotrexate", "MTX 15 mg weekly", "Jylamvo", "Trexall")],
        *[(name, "potent_immunosuppressant") for name in ("mycophenolate mofetil", "mycophenolic acid", "MMF 1000 mg bid", "CellCept", "Myfortic")],
        *[(name, "potent_immunosuppressant") for name in ("tacrolimus capsules", "tacrolimus 1 mg", "Prograf", "systemic tacrolimus", "oral tacrolimus")],
        *[(name, "potent_immunosuppressant") for name in ("sirolimus", "sirolimus 2 mg tablets", "rapamycin", "Rapamune", "sirolimus 1 mg/mL oral solution", "Fyarro")],
        *[(name, "potent_immunosuppressant") for name in ("everolimus 0.5 mg tablets", "Zortress", "Afinitor", "Afinitor Disperz", "Torpenz")],
        *[(name, "potent_immunosuppressant") for name in ("cyclophosphamide", "Cytoxan", "cyclophosphamide IV", "leflunomide 20 mg", "Arava")],
        *[(name, "topical_mtor_inhibitor") for name in ("Hyftor", "sirolimus gel", "sirolimus 0.2% gel", "topical sirolimus", "sirolimus 0.1%", "rapamycin 1% cream", "sirolimus 2 mg/g gel")],
        *[(name, "topical_calcineurin_inhibitor") for name in ("tacrolimus ointment", "tacrolimus 0.1%", "topical tacrolimus", "Protopic")],
        *[(name, "systemic_corticosteroid") for name in ("prednisone", "dexamethasone tablets", "Medrol", "Kenalog-40")],
        *[(name, "ophthalmic_immunosuppressant") for name in ("Restasis", "cyclosporine eye drops")],
    ],
)  # fmt: skip
def test_systemic_immunosuppressants_and_what_is_not_of_them(catalogue: Catalogue, name: str, class_name: str) -> None:
    match = catalogue.lookup(name)
    assert match is not None and (match.class_name, match.ignored, match.candidates) == (class_name, (), ())


def judged(policy: Policy, *therapies: dict[str, Any]) -> Verdict:
    """A record that would be approved, with these therapies going on."""
    tried = {"class": "topical_calcineurin_inhibitor", "days": 50, "consecutive_days": 50}
    record = {
        "case_id": "c",
        "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
        "patient": {"age_years": 30},
        "disease": {"severity": "mild", "bsa_percent": 5, "sites": ["face"]},
        "prescriber": {"specialty": "dermatology"},
        "therapies": [tried | {"outcome": "failure", "documented": True}, *therapies],
    }
    return policy.judge(record)


def excluded_by(policy: Policy, product: str) -> tuple[str, ...]:
    verdict = judged(policy, {"product": product})
    match = policy.catalogue.lookup(product)
    assert match is not None and bool(verdict.warnings) == bool(match.candidates), product
    return verdict.denial.reasons if verdict.denial else ()


@pytest.mark.parametrize("row", rows("appendix_products"), ids=lambda row: row["row"])
def test_every_row_of_table_1_excludes_by_brand_and_generic_name(policy: Policy, row: dict[str, str]) -> None:
    names = [name.strip() for name in row["brands"].split(";") if "biosimilar" not in name]
    generic = row["generic"].split(";")[0].strip()
    form = row["form"].split(";")[0].strip()
    for name in (*names, f"{generic} {form}"):
        assert excluded_by(policy, name.upper()) == ("X.1",), name


@pytest.mark.parametrize(
    ("product", "reasons"),
    [
        ("Imuran", "X.2"), ("azathioprine 50 mg tablets", "X.2"), ("Neoral 100 mg capsules", "X.2"),
        ("cyclosporine oral solution", "X.2"), ("Sandimmune injection", "X.2"), ("ciclosporin capsules", "X.2"),
        ("Restasis", ""), ("cyclosporine eye drops", ""), ("cyclosporine 0.05% ophthalmic emulsion", ""),
        ("Opzelura", ""), ("ruxolitinib 1.5% cream", ""), ("RUXOLITINIB CREAM", ""), ("Jakafi 10mg", "X.1"),
        ("ruxolitinib 20 mg tablets", "X.1"), ("tacrolimus 0.1% ointment", ""), ("tacrolimus capsules", "X.2"),
        ("adalimumab-atto", "X.1"), ("Humira pen 40mg/0.8mL", "X.1"), ("Xeljanz XR", "X.1"),
        ("tildrakizumab-asmn", "X.1"), ("Rinvoq ER 15 mg tablet", "X.1"), ("methotrexate", "X.2"),
        ("mycophenolic acid", "X.2"), ("sirolimus", "X.2"), ("everolimus", "X.2"), ("cyclophosphamide", "X.2"),
        ("leflunomide", "X.2"), ("Hyftor", ""), ("sirolimus 0.2% gel", ""), ("prednisone", ""),
        ("dexamethasone tablets", ""),
    ],
)  # fmt: skip
def test_form_and_route_count(policy: Policy, product: str, reasons: str) -> None:
    assert excluded_by(policy, product) == tuple(reasons.split())


def test_what_products_differ_in_is_missing(policy: Policy, catalogue: Catalogue) -> None:
    match = catalogue.lookup("triamcinolone")
    assert match is not None and match.class_name == "topical_corticosteroid"
    assert match.potency is None and "medium" in match.possible_potencies
    match = catalogue.lookup("halobetasol")
    assert match is not None and match.potency == "super_high"
    (warning,) = judged(policy, {"product": "triamcinolone", "outcome": "failure"}).warnings
    assert "'triamcinolone'" in warning and "potency" in warning


def test_an_unknown_name_is_a_warning_with_the_nearest(policy: Policy) -> None:
    verdict = judged(policy, {"product": "Dupixant"})
    assert verdict.decision == "approved"
    (warning,) = verdict.warnings
    assert warning.startswith("therapies[1].product: 'Dupixant' is not in the catalogue") and "Dupixent" in warning


def test_a_stated_class_decides_for_an_unknown_name(policy: Policy) -> None:
    verdict = judged(policy, {"product": "Newbiomab", "class": "biologic"})
    assert verdict.denial is not None and verdict.denial.reasons == ("X.1",)


def test_a_class_settles_an_ambiguous_name(policy: Policy) -> None:
    verdict = judged(policy, {"product": "ruxolitinib", "class": "jak_inhibitor", "periods": []})
    assert verdict.denial is not None and verdict.denial.reasons == ("X.1",)
    assert verdict.warnings == () and verdict.denial.kind == "not_covered"


@pytest.mark.parametrize(
    ("name", "item"), [("ruxolitinib", "X.1"), ("tacrolimus", "X.2"), ("cyclosporine", "X.2"), ("dexamethasone", "")]
)
def test_an_ambiguous_name_leaves_open_whether_it_excludes(policy: Policy, name: str, item: str) -> None:
    verdict = judged(policy, {"product": name})
    (warning,) = verdict.warnings
    assert all(candidate.title in warning for candidate in found(policy.catalogue, name).candidates)
    if not item:
        assert verdict.decision == "approved"
    else:
        assert verdict.denial is not None and verdict.denial.kind == "missing_information"
        assert verdict.denial.reasons == (item,)
