"""Names as records write them: what they mean, what they do not, and what is said of it."""

import re
from collections.abc import Iterator
from itertools import product as pairs
from pathlib import Path
from typing import Any

import pytest

from facts.catalogue import AmbiguousProduct, Candidate, Catalogue, Match
from reasoner import Policy, RecordError
from reasoner.verdict.model import Criterion

RULES = Path(__file__).parents[2] / "rules" / "catalogue"
STRENGTHS = ("", "0.1%", "0.05%", "1%", "10 mg", "0.5 mg/ml", "50 mcg", "0.05% 50 mcg", "0.1% 40 mg")
FORMS = ("", "cream", "ointment", "topical", "systemic", "spray", "oral", "solution", "eye drops")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(RULES)


def found(catalogue: Catalogue, name: str) -> Match:
    match = catalogue.lookup(name)
    assert match is not None, name
    return match


def record(**sections: Any) -> dict[str, Any]:
    request = {"date": "2025-03-01", "type": "initial", "indication": "atopic_dermatitis"}
    return {"case_id": "c", "request": request, **sections}


def met_by_intolerance(policy: Policy, to: str) -> tuple[bool, tuple[str, ...]]:
    """Whether no tolerance of a product stands for a trial of a topical corticosteroid; and the warnings."""
    intolerance = {"to": to, "kind": "intolerance", "documented": True}
    verdict = policy.judge(record(intolerances=[intolerance]))
    statuses = {item.id: item.status for top in verdict.criteria for item in (top, *below(top))}
    return statuses["1.C.i"] == "met", verdict.warnings


def below(criterion: Criterion) -> Iterator[Criterion]:
    for child in criterion.children:
        yield child
        yield from below(child)


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


def names_of(catalogue: Catalogue) -> dict[str, set[str]]:
    """The families of each name that means them by itself."""
    families: dict[str, set[str]] = {}
    for product in catalogue.products:
        for name in product.names:
            families.setdefault(name, set()).add(product.key)
    return families


def some_ambiguous(catalogue: Catalogue) -> list[tuple[str, Match]]:
    """Look-ups with candidates: every name with strengths and forms, and names of confusable families in pairs."""
    names = {*names_of(catalogue), *re.findall(r'"([^"]+)"', " ".join(IN_FORM))}
    texts = [" ".join(filter(None, parts)) for parts in pairs(sorted(names), STRENGTHS, FORMS)]
    shared = sorted({n for p in catalogue.products if p.key in catalogue.confusable for n in p.names})
    texts += [f"{one} ({two})" for one, two in pairs(shared, shared)]
    matches = []
    for text in texts:
        try:
            match = catalogue.lookup(text)
        except AmbiguousProduct:
            continue
        if match is not None and match.candidates:
            matches.append((text, match))
    return matches


IN_FORM = [
    block
    for file in sorted(RULES.glob("*.lp"))
    for block in re.findall(r"^name_in_form\(\w+, (.*?)\)\.$", file.read_text("utf-8"), re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("tacrolimus", [
            ("tacrolimus_ointment", "topical_calcineurin_inhibitor", "the ointment", "tacrolimus ointment"),
            ("tacrolimus_systemic", "potent_immunosuppressant", "the capsules or other systemic form", "tacrolimus capsules"),
        ]),
        ("Ciclosporin, twice daily", [
            ("cyclosporine_eye_drops", "ophthalmic_immunosuppressant", "the eye drops", "ciclosporin eye drops"),
            ("cyclosporine_systemic", "potent_immunosuppressant", "the capsules or other systemic form", "ciclosporin capsules"),
        ]),
        ("cyclosporine", [
            ("cyclosporine_eye_drops", "ophthalmic_immunosuppressant", "the eye drops", "cyclosporine eye drops"),
            ("cyclosporine_systemic", "potent_immunosuppressant", "the capsules or other systemic form", "cyclosporine capsules"),
        ]),
        ("RUXOLITINIB", [
            ("ruxolitinib_cream", "topical_jak_inhibitor", "the cream", "ruxolitinib cream"),
            ("ruxolitinib_tablets", "jak_inhibitor", "the tablets", "ruxolitinib tablets"),
        ]),
        ("dexamethasone", [
            ("dexamethasone", "topical_corticosteroid", "the cream", "dexamethasone cream"),
            ("dexamethasone_systemic", "systemic_corticosteroid", "the tablets or other systemic form", "dexamethasone tablets"),
        ]),
        ("infliximab 100 mg", [
            ("infliximab", "biologic", "the infusion (Remicade, biosimilars)", "Remicade 100 mg"),
            ("infliximab_zymfentra", "biologic", "the injection (Zymfentra)", "Zymfentra 100 mg"),
        ]),
        ("betamethasone", [
            ("betamethasone_dipropionate", "topical_corticosteroid", "the dipropionate", "betamethasone dipropionate"),
            ("betamethasone_dipropionate_augmented", "topical_corticosteroid", "the augmented dipropionate", "augmented betamethasone dipropionate"),
            ("betamethasone_valerate", "topical_corticosteroid", "the valerate", "betamethasone valerate"),
        ]),
        ("otc betamethasone 0,05 % creme", [
            ("betamethasone_dipropionate", "topical_corticosteroid", "the dipropionate", "betamethasone dipropionate 0.05 % cream otc"),
            ("betamethasone_dipropionate_augmented", "topical_corticosteroid", "the augmented dipropionate", "augmented betamethasone dipropionate 0.05 % cream otc"),
        ]),
        ("Topical betamethasone lotion", [
            ("betamethasone_dipropionate", "topical_corticosteroid", "the dipropionate", "betamethasone dipropionate topical lotion"),
            ("betamethasone_dipropionate_augmented", "topical_corticosteroid", "the augmented dipropionate", "augmented betamethasone dipropionate topical lotion"),
            ("betamethasone_valerate", "topical_corticosteroid", "the valerate", "betamethasone valerate topical lotion"),
        ]),
        ("cyclosporine 0.5 mg/mL", [
            ("cyclosporine_eye_drops", "ophthalmic_immunosuppressant", "the eye drops", "cyclosporine 0.5 mg/ml eye drops"),
            ("cyclosporine_systemic", "potent_immunosuppressant", "the capsules or other systemic form", "cyclosporine 0.5 mg/ml capsules"),
        ]),
    ],
)  # fmt: skip
def test_a_name_of_several_families_has_each_as_a_candidate(
    catalogue: Catalogue, name: str, candidates: list[tuple[str, str, str, str]]
) -> None:
    match = found(catalogue, name)
    assert [(c.key, c.class_name, c.title, c.written) for c in match.candidates] == candidates
    assert match.key is None
    classes = {class_name for _, class_name, _, _ in candidates}
    assert match.class_name == (classes.pop() if len(classes) == 1 else None)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("tacrolimus 0.1%", "tacrolimus_ointment"), ("tacrolimus 0.1% ointment", "tacrolimus_ointment"),
        ("triamcinolone", "triamcinolone_acetonide"), ("betamethasone valerate", "betamethasone_valerate"),
        ("hydrocortisone", "hydrocortisone"), ("fluticasone", "fluticasone_propionate"),
        ("mometasone", "mometasone_furoate"), ("sirolimus", "sirolimus_systemic"), ("Humira", "adalimumab"),
    ],
)  # fmt: skip
def test_a_name_of_one_family_has_no_candidates(catalogue: Catalogue, name: str, key: str) -> None:
    match = found(catalogue, name)
    assert (match.key, match.candidates) == (key, ())


def test_what_all_candidates_share_is_known_of_the_name(catalogue: Catalogue) -> None:
    match = found(catalogue, "betamethasone 0.05% cream")
    assert (match.class_name, match.us_class, match.potency) == ("topical_corticosteroid", 2, "high")
    match = found(catalogue, "betamethasone")
    assert (match.class_name, match.us_class, match.potency) == ("topical_corticosteroid", None, None)
    assert match.possible_potencies == ("high", "medium", "super_high")
    assert [(c.us_class, c.potency, c.possible_potencies) for c in match.candidates] == [
        (None, None, ("high", "medium")), (None, None, ("high", "super_high")), (None, "medium", ("medium",)),
    ]  # fmt: skip
    match = found(catalogue, "dexamethasone")
    assert (match.us_class, match.potency, match.possible_potencies) == (None, None, ("low",))
    cream, tablets = match.candidates
    assert (cream.us_class, cream.potency, cream.possible_potencies) == (7, "low", ("low",))
    assert (tablets.us_class, tablets.potency, tablets.possible_potencies) == (None, None, ())
    assert [c.prescription for c in found(catalogue, "OTC tacrolimus").candidates] == [False, False]
    assert [c.prescription for c in found(catalogue, "tacrolimus").candidates] == [True, True]


def test_every_name_that_families_share_has_them_as_candidates(catalogue: Catalogue) -> None:
    shared = {name: families for name, families in names_of(catalogue).items() if len(families) > 1}
    assert shared.keys() >= {"tacrolimus", "cyclosporine", "ruxolitinib", "dexamethasone", "betamethasone"}
    for name, families in shared.items():
        for text in (name, name.upper(), f"{name} daily"):
            match = found(catalogue, text)
            assert [c.key for c in match.candidates] == sorted(families), text
            classes = {p.class_name for p in match.products}
            assert match.class_name == (min(classes) if len(classes) == 1 else None)
    for name, families in names_of(catalogue).items():
        if len(families) == 1:
            assert found(catalogue, name).candidates == (), name


def test_each_candidate_as_written_is_this_family_alone(catalogue: Catalogue) -> None:
    matches = some_ambiguous(catalogue)
    assert len(matches) > 40
    for text, match in matches:
        assert len({c.title for c in match.candidates}) == len(match.candidates) > 1
        for candidate in match.candidates:
            assert "_" not in candidate.title and candidate.written is not None, (text, candidate)
            own = found(catalogue, candidate.written)
            assert (own.candidates, own.ignored) == ((), ()), (text, candidate)
            same = (own.class_name, own.us_class, own.potency, own.prescription, own.possible_potencies)
            assert own.key == candidate.key and same == candidate[1:6], (text, candidate)
            assert {*own.products} == {p for p in match.products if p.key == own.key}, (text, candidate)
            for strength in re.findall(r"[\d.]+ ?(?:%|mg/ml|mg|mcg)", text):
                assert strength in candidate.written, (text, candidate)


def test_candidates_of_different_classes_are_confusable(catalogue: Catalogue) -> None:
    class_of = {p.key: p.class_name for p in catalogue.products}
    for family, others in catalogue.confusable.items():
        assert others and all(class_of[other] != class_of[family] for other in others)
        assert all(family in catalogue.confusable[other] for other in others)
    for text, match in some_ambiguous(catalogue):
        for one, other in pairs(match.candidates, match.candidates):
            assert one.class_name == other.class_name or one.key in catalogue.confusable[other.key], text
    assert catalogue.confusable["tacrolimus_ointment"] == {"tacrolimus_systemic"}
    assert catalogue.confusable["ruxolitinib_cream"] == {"ruxolitinib_tablets"}
    assert catalogue.confusable["triamcinolone_acetonide"] == {"triamcinolone_injection", "airway_corticosteroid"}
    assert "infliximab" not in catalogue.confusable and "adalimumab" not in catalogue.confusable
    assert list(catalogue.confusable) == sorted(catalogue.confusable)
    assert catalogue.confusable is catalogue.confusable


def test_every_product_can_be_written_so_that_no_other_fits(catalogue: Catalogue) -> None:
    for product in catalogue.products:
        text = catalogue.written(product)
        assert text is not None and text == catalogue.written(product)
        match = found(catalogue, text)
        assert (match.products, match.ignored) == ((product,), ()), text


@pytest.mark.parametrize(
    ("id", "written"),
    [
        ("tacrolimus_0_1_ointment", "tacrolimus 0.1%"), ("tacrolimus_systemic", "tacrolimus capsules"),
        ("ruxolitinib_tablets", "ruxolitinib tablets"), ("cyclosporine_eye_drops", "cyclosporine eye drops"),
        ("clobetasol_propionate_0_05_cream", "clobetasol 0.05% cream"), ("infliximab", "Remicade"),
        ("triamcinolone_acetonide_0_1_cream", "triamcinolone 0.1% cream"), ("adalimumab", "adalimumab"),
    ],
)  # fmt: skip
def test_a_product_is_written_in_few_words(catalogue: Catalogue, id: str, written: str) -> None:
    (product,) = [p for p in catalogue.products if p.id == id]
    assert catalogue.written(product) == written


def test_families_with_no_name_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.lp").write_text(
        'product(a_a, a_a, c). product(b_b, b_b, d). name((a_a; b_b), "Same"). form((a_a; b_b), cream).'
        'product(x1, x, e, "1%", gel). product(x2, x, e, "1%", gel). name(x, "Other").'
    )
    catalogue = Catalogue.load(tmp_path)
    match = found(catalogue, "Same")
    assert match.candidates == (
        Candidate("a_a", "c", None, None, True, (), "a a", None),
        Candidate("b_b", "d", None, None, True, (), "b b", None),
    )
    assert [catalogue.written(p) for p in catalogue.products] == [None, None, "Other", "Other"]
    assert catalogue.confusable == {"a_a": {"b_b"}, "b_b": {"a_a"}}


def test_a_candidate_of_fewer_products_where_no_name_fits_all(tmp_path: Path) -> None:
    (tmp_path / "a.lp").write_text(
        'product(a1, a, c, "1%", cream). product(a2, a, c, "1%", gel). product(b, b, d, "1%", ointment).'
        'name((a; b), "Same"). form_word("cream", cream). form_word("gel", gel). form_word("ointment", ointment).'
    )
    match = found(Catalogue.load(tmp_path), "Same")
    assert [(c.title, c.written) for c in match.candidates] == [
        ("the cream or gel", "Same cream"), ("the ointment", "Same ointment"),
    ]  # fmt: skip


def test_the_words_of_a_family_are_its_title_else_its_forms(tmp_path: Path) -> None:
    (tmp_path / "a.lp").write_text(
        "product(a, a, c). product(b, b, d). product(e, e, f)."
        'name((a; b; e), "Same"). form(a, (tablet, capsule, oral_solution)). form(b, gel).'
        'form_word(("tablets", "tablet"), tablet). form_word("gel", gel). form_word("liquid", oral_solution).'
        'title(b, "what is on the skin"). name(e, "Third").'
    )
    first, second, third = found(Catalogue.load(tmp_path), "same").candidates
    assert (first.title, first.written) == ("the tablets, capsule or oral solution", "Same tablets")
    assert (second.title, second.written) == ("what is on the skin", "Same gel")
    assert (third.title, third.written) == ("the e", "Third")


def test_a_look_up_is_made_once(catalogue: Catalogue) -> None:
    assert catalogue.lookup("tacrolimus") is catalogue.lookup("tacrolimus")


@pytest.mark.parametrize(
    ("name", "stated", "key"),
    [
        ("ruxolitinib", "jak_inhibitor", "ruxolitinib_tablets"),  # exact; the cream's class is only related to it
        ("ruxolitinib", "topical_jak_inhibitor", "ruxolitinib_cream"), ("ruxolitinib", "biologic", None),
        ("cyclosporine", "systemic_immunosuppressant", "cyclosporine_systemic"),  # related, and alone in it
        ("tacrolimus", "systemic_immunosuppressant", "tacrolimus_systemic"),
        ("tacrolimus", "potent_immunosuppressant", "tacrolimus_systemic"),
        ("tacrolimus", "topical_calcineurin_inhibitor", "tacrolimus_ointment"),
        ("methotrexate", "systemic_immunosuppressant", "methotrexate"),
        ("dexamethasone", "topical_corticosteroid", "dexamethasone"), ("infliximab", "biologic", None),
    ],
)  # fmt: skip
def test_an_exact_class_goes_before_a_related_one(
    catalogue: Catalogue, name: str, stated: str, key: str | None
) -> None:
    match = catalogue.lookup(name, stated)
    assert match is not None and match.key == key
    assert match.candidates == (() if key else found(catalogue, name).candidates)


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
    case = policy.case(record(therapies=[{"product": name}]))
    assert not {"class", "potency"} & case.full["therapies"][0].keys()
    (warning,) = case.warnings
    assert warning.startswith(f"therapies[0].product: {name!r} is not in the catalogue and taken as unrelated")
    met, (warning,) = met_by_intolerance(policy, name)
    assert not met and warning.startswith(f"intolerances[0].to: {name!r} is not in the catalogue")


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
    verdict = policy.judge(record(therapies=[{"product": name}]))
    assert verdict.denial is not None and "X.1" not in verdict.denial.reasons
    assert len(verdict.warnings) == 1 and "not in the catalogue" in verdict.warnings[0]


@pytest.mark.parametrize("name", ["not triamcinolone", "no clobetasol", "non-clobetasol"])
def test_a_denied_product_is_no_intolerance(policy: Policy, name: str) -> None:
    met, warnings = met_by_intolerance(policy, name)
    assert not met and len(warnings) == 1 and "not in the catalogue" in warnings[0]


def test_words_that_an_intolerance_leaves_aside_are_named(policy: Policy) -> None:
    assert met_by_intolerance(policy, "clobetasol stinging") == (
        True,
        ("intolerances[0].to: not understood and left aside: stinging",),
    )


def test_an_intolerance_to_several_products_is_refused(policy: Policy) -> None:
    with pytest.raises(RecordError, match=r"intolerances\[0\]\.to: .* give each its own entry"):
        policy.case(record(intolerances=[{"to": "clobetasol, Elidel", "kind": "intolerance"}]))


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
    verdict = policy.judge(record(therapies=[{"product": name}]))
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
    case = policy.case(record(therapies=[{"product": name}]))
    assert case.full["therapies"][0]["prescription"] is prescription


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
        ('nam(x, "y").', "nam/2 is no table of these files; did you mean name"), ("\n\nform(x, cream).", "wrong.lp:3: a fact about x, which is no product"),
        ("product(x, x, c). product(x, y, c).", "wrong.lp:1: x is two products"),
        ("product(x, k, c). product(y, k, d).", "k is of two classes, c and d"),
        ('product(x, k, c). title(x, "the x").', "a fact about x, which is no family of products"),
        ('product(x, x, c). title(x, "the x"). title(x, "the y").', "x has more than one title"), ("product(x, x, c). us_class(x, 9).", "wrong.lp:1: x: US class 9 has no potency_group/2"),
        ("product(x, x, c). us_class(x, high).", "high is no value of us_class; write a number"),
        ("product(x, x, c). us_class(x, (1; 2)).", "x has two values of us_class; keep one"),
        ("product(x, x, c). prescription(x, no).", "no is no value of prescription; write true or false"),
        ('product(x, k, c). form(k, cream).', "a fact about k, which is no product"),
        ('product(x, k, c). name_in_form(k, "Aa").', "a fact about k, which is no product"),
        ("product(x, k, c). us_class(k, 1).", "a fact about k, which is no product"),
        ("product(x, x, c). title(x, ()).", "is no name"),
        ("prescription(x, false).", "a fact about x, which is no product"),
        ("product(x, x, c). name(x, (one, 2)).", "2 is no name; put it in quotes"),
        ("product(x", "wrong.lp:1: "),
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
