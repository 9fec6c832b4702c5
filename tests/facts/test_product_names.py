"""Names as records write them: what they mean, what they do not, and what is said of it."""

from pathlib import Path
from typing import Any

import pytest

from reasoner import Policy, RecordError, parse_record
from reasoner.facts.catalogue import AmbiguousProduct, Catalogue, Match
from reasoner.facts.normalize import Case


@pytest.fixture(scope="module")
def catalogue(policy: Policy) -> Catalogue:
    return policy.catalogue


def found(catalogue: Catalogue, name: str) -> Match:
    match = catalogue.lookup(name)
    assert match is not None, name
    return match


def normalized(policy: Policy, **sections: Any) -> Case:
    request = {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"}
    return policy.normalize(parse_record({"case_id": "c", "request": request, **sections}))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Humira, hydrocortisone 2.5% cream", {"adalimumab", "hydrocortisone"}),
        ("Dupixent + triamcinolone 0.1% ointment", {"dupilumab", "triamcinolone_acetonide"}),
        ("Rinvoq 15 mg; tacrolimus 0.1% ointment", {"upadacitinib", "tacrolimus_ointment"}),
        ("azathioprine and triamcinolone 0.1% cream", {"azathioprine", "triamcinolone_acetonide"}),
        ("Jakafi and tacrolimus 0.1% ointment", {"ruxolitinib_tablets", "tacrolimus_ointment"}),
        ("Elidel and clobetasol 0.05%", {"pimecrolimus_cream", "clobetasol_propionate"}),
        ("adalimumab-atto, triamcinolone 0.1% cream", {"adalimumab", "triamcinolone_acetonide"}),
        ("Restasis, cyclosporine capsules", {"cyclosporine_eye_drops", "cyclosporine_systemic"}),
        ("Protopic and Elidel", {"tacrolimus_ointment", "pimecrolimus_cream"}),
    ],
)  # fmt: skip
def test_several_products_in_one_name_are_refused_whatever_class_is_stated(
    catalogue: Catalogue, name: str, keys: set[str]
) -> None:
    for stated in (None, "biologic", "topical_corticosteroid"):
        with pytest.raises(AmbiguousProduct, match="give each its own entry") as caught:
            catalogue.lookup(name, stated)
        assert {product.key for product in caught.value.products} == keys
        for key in keys:
            assert key.replace("_", " ") in str(caught.value)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Humira (adalimumab)", "adalimumab"), ("Protopic tacrolimus 0.1% ointment", "tacrolimus_ointment"),
        ("Xeljanz tofacitinib", "tofacitinib"), ("Prograf (tacrolimus) 1 mg", "tacrolimus_systemic"),
        ("Diprolene (betamethasone dipropionate) ointment", "betamethasone_dipropionate_augmented"),
        ("Locoid (hydrocortisone) cream", "hydrocortisone_butyrate"),
    ],
)  # fmt: skip
def test_two_names_of_one_product_are_one(catalogue: Catalogue, name: str, key: str) -> None:
    assert found(catalogue, name).key == key


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("Kenalog 40 mg/mL", "systemic_corticosteroid"), ("triamcinolone acetonide 40 mg/mL", "systemic_corticosteroid"),
        ("Kenalog-40", "systemic_corticosteroid"), ("Kenalog 10 mg intralesional", "systemic_corticosteroid"),
        ("triamcinolone nasal spray", "airway_corticosteroid"), ("fluticasone propionate nasal", "airway_corticosteroid"),
        ("fluticasone 50 mcg", "airway_corticosteroid"), ("Flonase", "airway_corticosteroid"),
        ("prednisone 10 mg", "systemic_corticosteroid"), ("oral dexamethasone tablets", "systemic_corticosteroid"),
        ("dexamethasone 4 mg", "systemic_corticosteroid"), ("hydrocortisone tablets", "systemic_corticosteroid"),
        ("hydrocortisone 20 mg", "systemic_corticosteroid"), ("hydrocortisone enema", "systemic_corticosteroid"),
        ("budesonide", "corticosteroid"), ("Lotrisone", "corticosteroid_combination"),
        ("dexamethasone 0.1% cream", "topical_corticosteroid"), ("Kenalog spray", "topical_corticosteroid"),
        ("Kenalog", "topical_corticosteroid"), ("fluticasone", "topical_corticosteroid"),
        ("Triamcinolone Acetonide 1 MG/ML Topical Cream", "topical_corticosteroid"),
        ("Hydrocortisone 10 MG/ML Topical Cream", "topical_corticosteroid"),
        ("tacrolimus 0.001 MG/MG Topical Ointment", "topical_calcineurin_inhibitor"),
    ],
)  # fmt: skip
def test_route_and_strength_tell_corticosteroids_apart(catalogue: Catalogue, name: str, class_name: str) -> None:
    match = found(catalogue, name)
    assert (match.class_name, match.ignored) == (class_name, ())


@pytest.mark.parametrize(
    "name",
    [
        "triamcinolone 0.05%", "flurandrenolide 0.025%", "Cordran 0.025%", "tacrolimus 0.3%", "clobetasol tablets",
        "dexamethasone eye drops", "hydrocortisone butyrate 2.5%",
    ],
)  # fmt: skip
def test_a_strength_or_form_that_no_product_has_is_not_known(catalogue: Catalogue, name: str) -> None:
    assert catalogue.lookup(name) is None


@pytest.mark.parametrize(
    ("name", "us_class", "potency"),
    [
        ("triamcinolone 0,1%", None, "medium"), ("triamcinolone 0,1 % cream", 4, "medium"),
        ("triamcinolone 0,025% cream", 5, "medium"), ("Cordran tape", 1, "super_high"),
        ("clobetasol emollient cream 0.05%", 1, "super_high"), ("clobetasol emollient foam", 1, "super_high"),
        ("Diprolene cream", 2, "high"), ("TAC 0.1%", None, "medium"), ("Derma-Smoothe", 6, "low"),
        ("mometasone-oint", 2, "high"), ("clobetasol 0.05% cream 60 g", 1, "super_high"),
        ("clobetasol 0.05% ointment, 45 gm tube", 1, "super_high"), ("fluocinonide-E 0.05% cream", 3, "medium"),
        ("betamethasone 0.05% cream", 2, "high"), ("betamethasone", None, None),
    ],
)  # fmt: skip
def test_strength_form_and_potency_of_names(
    catalogue: Catalogue, name: str, us_class: int | None, potency: str | None
) -> None:
    match = found(catalogue, name)
    assert (match.class_name, match.us_class, match.potency) == ("topical_corticosteroid", us_class, potency)
    assert match.ignored == ()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("tacrolimus 0.1%", "tacrolimus_ointment"), ("tacrolimus 0.03%", "tacrolimus_ointment"),
        ("tacrolimus 1 mg", "tacrolimus_systemic"), ("Astagraf", "tacrolimus_systemic"),
        ("Envarsus", "tacrolimus_systemic"), ("ruxolitinib 1.5%", "ruxolitinib_cream"),
        ("ruxolitinib 10 mg", "ruxolitinib_tablets"), ("ruxolitinib 40 mg", "ruxolitinib_tablets"),
        ("cyclosporine 0.05%", "cyclosporine_eye_drops"), ("cyclosporine 100 mg", "cyclosporine_systemic"),
        ("cyclosporine 100 mg/mL", "cyclosporine_systemic"), ("cyclosporine IV", "cyclosporine_systemic"),
    ],
)  # fmt: skip
def test_strength_or_route_decides(catalogue: Catalogue, name: str, key: str) -> None:
    assert found(catalogue, name).key == key


@pytest.mark.parametrize("name", ["ruxolitinib", "tacrolimus", "cyclosporine", "dexamethasone"])
def test_a_bare_name_of_several_routes_stays_an_error(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(AmbiguousProduct, match="add the form, or the class"):
        catalogue.lookup(name)


@pytest.mark.parametrize(
    ("name", "stated", "key"),
    [
        ("ruxolitinib", "jak_inhibitor", "ruxolitinib_tablets"),  # exact; the cream's class is only related to it
        ("ruxolitinib", "topical_jak_inhibitor", "ruxolitinib_cream"), ("ruxolitinib", "biologic", None),
        ("cyclosporine", "systemic_immunosuppressant", "cyclosporine_systemic"),  # related, and alone in it
    ],
)  # fmt: skip
def test_an_exact_class_goes_before_a_related_one(
    catalogue: Catalogue, name: str, stated: str, key: str | None
) -> None:
    if key is None:
        with pytest.raises(AmbiguousProduct):
            catalogue.lookup(name, stated)
    else:
        match = catalogue.lookup(name, stated)
        assert match is not None and match.key == key


@pytest.mark.parametrize(
    "name",
    [
        "clotrimazole-betamethasone dipropionate 1%-0.05% cream", "halobetasol 0.01% and tazarotene 0.045% lotion",
        "calcipotriene/betamethasone", "neomycin-hydrocortisone", "nystatin-triamcinolone", "nystatin triamcinolone",
        "hydrocortisone with aloe", "clobetasol + newzole 1%", "newzole/clobetasol 0.05% cream", "clobetasol-urea",
        "propylene glycol in clobetasol", "tacrolimus 0.1% and niacinamide 4% ointment",
    ],
)  # fmt: skip
def test_a_combination_is_not_the_plain_product(catalogue: Catalogue, policy: Policy, name: str) -> None:
    assert catalogue.lookup(name) is None
    case = normalized(policy, therapies=[{"product": name}], intolerances=[{"to": name, "kind": "intolerance"}])
    assert case.therapies[0].class_name is None and case.therapies[0].potency is None
    assert case.intolerance_classes == (name,)
    first, second = case.warnings
    assert first.startswith("therapies[0].product: ") and second.startswith("intolerances[0].to: ")
    assert "is not in the catalogue and taken as unrelated" in first


@pytest.mark.parametrize(
    ("name", "key", "ignored"),
    [
        ("Lotrisone (clotrimazole-betamethasone dipropionate)", "corticosteroid_combination", ("clotrimazole", "betamethasone", "dipropionate")),
        ("clobetasol 0.05% cream long-term", "clobetasol_propionate", ("long", "term")),
        ("Dupixent and cetirizine", "dupilumab", ("cetirizine",)),
        ("Humira (not improving)", "adalimumab", ("not", "improving")),
        ("no improvement on Dupixent", "dupilumab", ("no", "improvement")),
        ("adalimumab-atto", "adalimumab", ()), ("infliximab-axxq Avsola", "infliximab", ()),
        ("triamcinolone 0.1% cream, not Humira", "triamcinolone_acetonide", ("not", "humira")),
    ],
)  # fmt: skip
def test_other_words_are_left_aside_and_named(
    catalogue: Catalogue, name: str, key: str, ignored: tuple[str, ...]
) -> None:
    match = found(catalogue, name)
    assert (match.key, match.ignored) == (key, ignored)


@pytest.mark.parametrize(
    "name", ["not Humira", "no Humira", "non-Humira", "never took Humira", "not on Humira (adalimumab)"]
)
def test_a_denied_product_does_not_exclude(policy: Policy, name: str) -> None:
    case = normalized(policy, therapies=[{"product": name}])
    assert case.therapies[0].class_name is None
    assert len(case.warnings) == 1 and "not in the catalogue" in case.warnings[0]


@pytest.mark.parametrize("name", ["not triamcinolone", "no clobetasol", "non-clobetasol"])
def test_a_denied_product_is_no_intolerance(policy: Policy, name: str) -> None:
    case = normalized(policy, intolerances=[{"to": name, "kind": "intolerance"}])
    assert case.intolerance_classes == (name,)
    assert len(case.warnings) == 1 and "not in the catalogue" in case.warnings[0]


def test_words_that_an_intolerance_leaves_aside_are_named(policy: Policy) -> None:
    case = normalized(policy, intolerances=[{"to": "clobetasol stinging", "kind": "intolerance"}])
    assert case.intolerance_classes == ("topical_corticosteroid",)
    assert case.warnings == ("intolerances[0].to: not understood and left aside: stinging",)


def test_an_intolerance_to_several_products_is_refused(policy: Policy) -> None:
    with pytest.raises(RecordError, match=r"intolerances\[0\]\.to: .* give each its own entry"):
        normalized(policy, intolerances=[{"to": "clobetasol, Elidel", "kind": "intolerance"}])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Sotyktu™", "deucravacitinib"), ("Litfulo™", "ritlecitinib"), ("Simponi® Aria™", "golimumab"),
        ("HUMIRA©", "adalimumab"), ("Omvoh℠ (mirikizumab-mrkz)", "mirikizumab"), ("Humira(R)", "adalimumab"),
    ],
)  # fmt: skip
def test_signs_of_trade_marks(catalogue: Catalogue, name: str, key: str) -> None:
    match = found(catalogue, name)
    assert (match.key, match.ignored) == (key, ())


@pytest.mark.parametrize(
    "name",
    [
        *["lebrikizumab", "Ebglyss", "bimekizumab", "Bimzelx", "spesolimab", "Spevigo", "natalizumab", "Tysabri", "Tyruko", "Wezlana", "Selarsdi"],
        *["Pyzchiva", "Otulfi", "Imuldosa", "Yesintek", "Steqeyma", "Starjemza", "Avtozma", "Tofidence", "Tyenne", "Ixifi", "certolizumab"],
        *["pacritinib", "Vonjo", "momelotinib", "Ojjaara", "delgocitinib", "Anzupgo", "canakinumab", "Ilaris", "Benlysta", "Ocrevus"],
    ],
)  # fmt: skip
def test_biologics_and_jak_inhibitors_that_the_table_does_not_name_exclude(policy: Policy, name: str) -> None:
    record = {
        "case_id": "c",
        "request": {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"},
        "therapies": [{"product": name}],
    }
    verdict = policy.judge(parse_record(record))
    assert verdict.warnings == ()
    assert verdict.denial is not None and "X.1" in verdict.denial.reasons


@pytest.mark.parametrize(
    ("name", "prescription"),
    [
        ("hydrocortisone", True), ("hydrocortisone 2.5% cream", True), ("hydrocortisone 1% cream", False),
        ("OTC hydrocortisone", False), ("hydrocortisone (over-the-counter)", False),
        ("non-prescription hydrocortisone", False), ("nonprescription hydrocortisone cream", False),
        ("prescription strength hydrocortisone", True), ("clobetasol", True),
    ],
)  # fmt: skip
def test_bought_without_a_prescription(policy: Policy, name: str, prescription: bool) -> None:
    case = normalized(policy, therapies=[{"product": name}])
    assert case.therapies[0].prescription is prescription and case.warnings == ()


def test_the_nearest_names_are_looked_for_once(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    first = catalogue.nearest("Dupixantt 300 mg")
    assert "Dupixent" in first

    def again(*_: object) -> list[str]:
        raise AssertionError("looked for again")

    monkeypatch.setattr("difflib.get_close_matches", again)
    assert catalogue.nearest("Dupixantt 300 mg") == first


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ('nam(x, "y").', "nam/2 is no table of a catalogue"), ("form(x, cream).", "a fact about x, which is no product"),
        ("product(x, x, c). product(x, y, c).", "x is two products"), ("product(x, x, c). us_class(x, 9).", "US class 9"),
        ("product(x", "error"),
    ],
)  # fmt: skip
def test_a_fact_that_does_not_fit_is_an_error(tmp_path: Path, facts: str, message: str) -> None:
    (tmp_path / "wrong.lp").write_text(facts)
    with pytest.raises(ValueError, match=message):
        Catalogue.load(tmp_path)


def test_pools_and_tuples_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "one.lp").write_text('product(x, x, c). name(x, ("Aa", "Bb \\"b\\"")). name(x, ("Cc"; "Dd")).')
    catalogue = Catalogue.load(tmp_path)
    for name in ("Aa", "Bb b", "Cc", "Dd"):
        assert found(catalogue, name).key == "x"
