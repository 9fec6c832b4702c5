"""Words as people write them, and the files of facts that say what they mean."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import clingo
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.tables import MAX_BYTES, MAX_DEPTH, MAX_FAULTS, Tables, TablesError, Value, read_tables
from facts.words import MAX_TEXT, TABLES, Vocabulary, load_vocabularies

RULES = Path(__file__).parents[2] / "rules"
FILES = sorted((RULES / "vocabulary").glob("*.lp"))
VOCABULARIES = load_vocabularies(FILES)
NAMES = ("classes", "indications", "severities", "signs", "sites", "specialties", "vitiligo_types")


def ways() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every way to write something that stands in the files: vocabulary, text, terms."""
    tables = read_tables(FILES, TABLES)
    for name, term, title in tables["term"]:
        yield str(name), str(term), (str(term),)
        yield str(name), str(title), (str(term),)
    for name, term, texts in tables["spelling"]:
        for text in texts if isinstance(texts, tuple) else (texts,):
            yield str(name), str(text), (str(term),)
    phrases: dict[tuple[str, str], list[str]] = {}
    for name, texts, term in tables["several"]:
        for text in texts if isinstance(texts, tuple) else (texts,):
            phrases.setdefault((str(name), str(text)), []).append(str(term))
    for (name, text), terms in phrases.items():
        yield name, text, tuple(term for term in VOCABULARIES[name].terms if term in terms)


WAYS = list(ways())


def test_the_vocabularies() -> None:
    assert tuple(VOCABULARIES) == NAMES
    for name, vocabulary in VOCABULARIES.items():
        assert vocabulary.name == name
        assert all(title and term.replace("_", "").isalnum() for term, title in vocabulary.terms.items())
    assert len(VOCABULARIES["sites"].terms) >= 60
    own = {"dermatology", "allergy", "immunology", "allergy_immunology"}
    others = [t for t in VOCABULARIES["specialties"].terms if not own & {*VOCABULARIES["specialties"].broader(t)}]
    assert len(others) >= 25


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("indications", {"atopic_dermatitis", "vitiligo", "alopecia", "plaque_psoriasis", "alopecia_areata", "alopecia_totalis", "alopecia_universalis", "androgenetic_alopecia", "cicatricial_alopecia", "scarring_alopecia", "traction_alopecia", "hand_eczema", "lichen_planus"}),
        ("sites", {"face", "eyes", "eyelids", "skin_folds", "genitalia", "trunk", "arms", "legs", "hands", "feet", "scalp", "palms", "neck", "chest", "back"}),
        ("specialties", {"dermatology", "allergy", "immunology", "allergy_immunology", "family_medicine", "pediatrics", "internal_medicine", "nurse_practitioner", "physician_assistant"}),
        ("severities", {"mild", "moderate", "severe"}),
        ("signs", {"bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification", "repigmentation", "vasi", "other"}),
        ("vitiligo_types", {"nonsegmental", "segmental"}),
        ("classes", {"topical_corticosteroid", "topical_calcineurin_inhibitor", "biologic", "jak_inhibitor", "potent_immunosuppressant", "emollient"}),
    ],
)  # fmt: skip
def test_the_terms_that_records_and_rules_use(name: str, terms: set[str]) -> None:
    assert terms <= set(VOCABULARIES[name].terms)


def test_every_class_of_the_catalogue_is_understood() -> None:
    products = "\n".join(file.read_text("utf-8") for file in (RULES / "catalogue").glob("*.lp"))
    classes = set(re.findall(r"^product\(\w+, *\w+,\s*(\w+)", products, re.MULTILINE))
    assert len(classes) > 10
    assert [name for name in sorted(classes) if not VOCABULARIES["classes"].meaning(name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_write_something_is_understood_as_itself(name: str) -> None:
    own = [(text, terms) for of, text, terms in WAYS if of == name]
    assert len(own) >= 2 * len(VOCABULARIES[name].terms)
    assert [(text, VOCABULARIES[name].meaning(text)) for text, _ in own] == own


def test_no_way_to_write_something_stands_there_twice() -> None:
    texts = [(name, re.sub(r"[^a-z0-9]", "", text.casefold())) for name, text, terms in WAYS if text not in terms]
    assert [text for text in texts if texts.count(text) > 1] == []


# ── Ways in which people write ───────────────────────────────────────────────
UNDERSTOOD: Mapping[str, Mapping[str, str]] = {
    "indications": {
        "Atopic Dermatitis": "atopic_dermatitis", "ATOPIC_DERMATITIS": "atopic_dermatitis", "AD": "atopic_dermatitis",
        "A.D.": "atopic_dermatitis", "atopic eczema": "atopic_dermatitis", "dermatitis, atopic": "atopic_dermatitis",
        "eczema (atopic)": "atopic_dermatitis", "Atopic Dermatitis (L20.9)": "atopic_dermatitis",
        "L20.9 - Atopic dermatitis, unspecified": "atopic_dermatitis", "L209": "atopic_dermatitis",
        "Eczema (atopic dermatitis)": "atopic_dermatitis", "moderate-to-severe atopic dermatitis": "atopic_dermatitis",
        "Mild to Moderate Atopic Dermatitis": "atopic_dermatitis", "atopic dermatitides": "atopic_dermatitis",
        "Besnier\u2019s prurigo": "atopic_dermatitis", "nonsegmental vitiligo": "vitiligo",
        "Non-Segmental Vitiligo": "vitiligo", "vitiligo, non segmental": "vitiligo", "hair loss": "alopecia",
        "male-pattern baldness": "androgenetic_alopecia", "Alopecia (alopecia areata)": "alopecia_areata",
        "cicatricial alopecias": "cicatricial_alopecia", "psoriasis": "plaque_psoriasis",
        "Psoriasis vulgaris (L40.0)": "plaque_psoriasis", "plaque psoriases": "plaque_psoriasis",
        "chronic hand eczema": "chronic_hand_eczema", "Eczema craquel\u00e9": "asteatotic_eczema", "\uff21\uff24": "atopic_dermatitis",
        "hand eczema": "hand_eczema", "Lichen Planus": "lichen_planus",
        "graft-versus-host disease": "graft_versus_host_disease",
    },
    "sites": {
        "Face": "face", "FACIAL": "face", "skin of the face": "face", "Eye lids": "eyelids", "eye-lids": "eyelids",
        "eyelid": "eyelids", "bilateral eyelids": "eyelids", "eyes/eyelids": "eyelids",
        "around the eyes": "periorbital_skin", "eyelid, upper": "upper_eyelids", "foreheads": "forehead",
        "face (cheeks)": "cheeks", "flexures": "skin_folds", "Skin Folds": "skin_folds", "skinfolds": "skin_folds",
        "antecubital fossa": "antecubital_fossa", "left antecubital fossa": "antecubital_fossa",
        "Antecubital Fossae": "antecubital_fossa", "antecubital fossas": "antecubital_fossa",
        "inner elbows": "antecubital_fossa", "arms (inner elbows)": "antecubital_fossa",
        "behind the knees": "popliteal_fossa", "behind both knees": "popliteal_fossa", "back of knee": "popliteal_fossa",
        "armpit": "axilla", "Axillae": "axilla", "(R) axilla": "axilla", "groin": "groin", "inguinal folds": "groin",
        "neck folds": "neck_folds", "under the breasts": "inframammary_folds", "natal cleft": "intergluteal_cleft",
        "between the fingers": "finger_webs", "between toes": "toe_webs", "private parts": "genitalia",
        "Genital area": "genitalia", "penises": "penis", "labia majora": "labia", "trunk": "trunk", "torso": "trunk",
        "b/l hands": "hands", "foot": "feet", "feet": "feet", "soles of the foot": "soles", "calf": "calves",
        "dorsum of the left hand": "backs_of_hands", "right forearm": "forearms", "upper back": "upper_back",
    },
    "specialties": {
        "Dermatologist": "dermatology", "Board-certified dermatologist": "dermatology", "derm": "dermatology",
        "Dr. of dermatology": "dermatology", "MD, Dermatology": "dermatology", "M.D. (dermatology)": "dermatology",
        "Dermatology & Venereology": "dermatology", "specialist in dermatology": "dermatology",
        "Pediatric Dermatology": "pediatric_dermatology", "dermatology, pediatric": "pediatric_dermatology",
        "allergist": "allergy", "Immunologist": "immunology", "allergist/immunologist": "allergy_immunology",
        "Allergy & Immunology": "allergy_immunology", "allergy-immunology": "allergy_immunology",
        "PCP": "primary_care", "Family Practice Physician": "family_medicine", "internist": "internal_medicine",
        "paediatrician": "pediatrics", "Nurse Practitioners": "nurse_practitioner", "PA-C": "physician_assistant",
        "certified physician assistant": "physician_assistant", "OB-GYN": "obstetrics_gynecology",
        "Ear, Nose & Throat": "otolaryngology",
    },
    "severities": {
        "Moderate": "moderate", "MILD": "mild", "severe disease": "severe", "moderate severity": "moderate",
        "severe AD": "severe", "IGA 3 (moderate)": "moderate", "very severe": "severe",
    },
    "signs": {
        "Redness": "erythema", "less redness": "erythema", "improvement in erythema": "erythema", "BSA": "bsa",
        "affected body-surface area": "bsa", "scratch marks": "excoriations", "excoriation": "excoriations",
        "induration/papulation/edema": "induration_papulation_edema", "swelling": "induration_papulation_edema",
        "thickened skin": "lichenification", "re-pigmentation": "repigmentation", "return of color": "repigmentation",
        "VASI": "vasi", "F-VASI": "vasi", "other": "other", "less itching": "other", "EASI-75": "other",
    },
    "vitiligo_types": {
        "non segmental": "nonsegmental", "Non-Segmental": "nonsegmental", "NSV": "nonsegmental",
        "nonsegmental vitiligo": "nonsegmental", "generalized vitiligo": "nonsegmental", "Segmental": "segmental",
    },
    "classes": {
        "topical steroids": "topical_corticosteroid", "TCS": "topical_corticosteroid",
        "Topical Corticosteroid": "topical_corticosteroid", "TCIs": "topical_calcineurin_inhibitor",
        "topical calcineurin inhibitors": "topical_calcineurin_inhibitor", "biologics": "biologic",
        "biologic therapies": "biologic", "JAK inhibitors": "jak_inhibitor", "Janus kinase inhibitor": "jak_inhibitor",
        "potent immunosuppressants": "potent_immunosuppressant", "moisturizers": "emollient",
    },
}  # fmt: skip
SEVERAL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "indications": {
        "eczema": ("atopic_dermatitis", "other_dermatitis"), "Dermatitis": ("atopic_dermatitis", "other_dermatitis"),
        "eczema/dermatitis": ("atopic_dermatitis", "other_dermatitis"),
    },
    "sites": {
        "head": ("face", "scalp"), "Head & Neck": ("face", "scalp", "neck"), "hands and feet": ("hands", "feet"),
        "behind the ears": ("retroauricular_folds", "ears"),
    },
    "specialties": {
        "dermatology PA": ("dermatology", "physician_assistant"), "Derm NP": ("dermatology", "nurse_practitioner"),
    },
    "severities": {
        "mild to moderate": ("mild", "moderate"), "Mild-to-Moderate": ("mild", "moderate"),
        "mild/moderate": ("mild", "moderate"), "moderate-to-severe": ("moderate", "severe"),
        "moderately severe": ("moderate", "severe"), "mild to severe": ("mild", "moderate", "severe"),
    },
    "vitiligo_types": {"mixed vitiligo": ("nonsegmental", "segmental"), "focal": ("nonsegmental", "segmental")},
    "classes": {
        "steroids": ("topical_corticosteroid", "systemic_corticosteroid"),
        "calcineurin inhibitor": ("topical_calcineurin_inhibitor", "potent_immunosuppressant"),
    },
}  # fmt: skip
UNKNOWN: Mapping[str, tuple[str, ...]] = {
    "indications": ("frostbite", "severe", "not atopic dermatitis", "atopic dermatitis, vitiligo", "x). approved(", "", "rule out vitiligo"),
    "sites": ("", "  ", "!?", "\ud800", "skin", "left", "the", "no face", "not the eyelids", "face, neck", "back, knee", "back knee", "everything but the face", "face" * 100, "face (none)"),
    "specialties": ("MD", "physician", "board certified", "not a dermatologist", "referred to dermatology", "dermatology resident", "family medicine, dermatology"),
    "severities": ("not severe", "awful", "disease", "IGA", "2"),
    "signs": ("no improvement in redness", "more redness", "less repigmentation", "improvement", "worse BSA"),
    "vitiligo_types": ("vitiligo", "type"),
    "classes": ("cream", "inhibitor", "no topical steroid", "non-steroidal"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "term"), [(n, x, t) for n, own in UNDERSTOOD.items() for x, t in own.items()])
def test_understood(name: str, text: str, term: str) -> None:
    assert VOCABULARIES[name].meaning(text) == (term,)
    assert VOCABULARIES[name].slip(text) is None


@pytest.mark.parametrize(("name", "text", "terms"), [(n, x, t) for n, own in SEVERAL.items() for x, t in own.items()])
def test_several_terms(name: str, text: str, terms: tuple[str, ...]) -> None:
    assert VOCABULARIES[name].meaning(text) == terms
    assert set(terms) <= set(VOCABULARIES[name].ambiguous)


@pytest.mark.parametrize(("name", "text"), [(n, x) for n, own in UNKNOWN.items() for x in own])
def test_unknown(name: str, text: str) -> None:
    assert VOCABULARIES[name].meaning(text) == ()


def test_only_short_texts_are_known() -> None:
    assert VOCABULARIES["sites"].meaning("face".ljust(MAX_TEXT)) == ("face",)
    assert VOCABULARIES["sites"].meaning("face".ljust(MAX_TEXT + 1)) == ()


@pytest.mark.parametrize(
    ("name", "broad", "terms"),
    [
        ("sites", "skin_folds", "antecubital_fossa popliteal_fossa axilla groin neck_folds inframammary_folds intergluteal_cleft finger_webs toe_webs"),
        ("sites", "face", "chin forehead cheeks nose lips perioral_skin eyelids upper_eyelids jawline"),
        ("sites", "eyelids", "periorbital_skin upper_eyelids lower_eyelids canthus"),
        ("sites", "genitalia", "penis glans_penis scrotum vulva labia"),
        ("sites", "arms", "elbows forearms antecubital_fossa"),
        ("specialties", "dermatology", "pediatric_dermatology dermatologic_surgery"),
        ("specialties", "immunology", "allergy_immunology pediatric_allergy_immunology"),
        ("indications", "alopecia", "alopecia_areata alopecia_totalis androgenetic_alopecia cicatricial_alopecia scarring_alopecia traction_alopecia"),
        ("classes", "biologic", "tnf_inhibitor"),
        ("classes", "jak_inhibitor", "oral_jak_inhibitor"),
    ],
)  # fmt: skip
def test_what_belongs_to_what(name: str, broad: str, terms: str) -> None:
    for term in terms.split():
        first, *rest = VOCABULARIES[name].broader(term)
        assert first == term and broad in rest and rest == sorted(rest)


@pytest.mark.parametrize(
    "site", ["elbows", "knees", "arms", "legs", "hands", "scalp", "ears", "neck", "trunk", "wrists", "ankles"]
)
def test_sites_that_are_no_sensitive_ones(site: str) -> None:
    broader = VOCABULARIES["sites"].broader(site)
    assert not {"face", "eyes", "eyelids", "skin_folds", "genitalia"} & set(broader)


def test_what_belongs_to_nothing() -> None:
    assert VOCABULARIES["sites"].broader("scalp") == ("scalp",)
    assert VOCABULARIES["sites"].broader("no such term") == ("no such term",)


# ── Changes that never matter ────────────────────────────────────────────────
def plural(word: str) -> str:
    """The plural of a word, by the rules; a word that is one already stays, and so does an index such as VASI."""
    for end, many in (
        ("itis", "itides"), ("sis", "ses"), ("us", "uses"), ("is", "ises"), ("ss", "sses"), ("s", "s"), ("i", "i"),
        ("ae", "ae"), ("x", "xes"), ("ch", "ches"), ("sh", "shes"), ("fe", "ves"), ("f", "ves"),
    ):  # fmt: skip
        if word.casefold().endswith(end):
            return word[: -len(end)] + many
    return word[:-1] + "ies" if re.search(r"[^aeiou]y\Z", word) else word + "s"


@given(
    way=st.sampled_from(WAYS),
    sign=st.sampled_from((" ", "-", "_", "  ", " - ", "")),
    case=st.sampled_from((str.upper, str.lower, str.title, str.swapcase)),
    around=st.sampled_from(("{}", " {}", "{}.", "({})", '"{}"')),
    in_plural=st.booleans(),
)
def test_case_hyphens_spacing_and_plural_never_change_a_meaning(
    way: tuple[str, str, tuple[str, ...]], sign: str, case: object, around: str, in_plural: bool
) -> None:
    name, text, terms = way
    assert callable(case)
    *before, last = re.split(r"[ _-]+", text)
    if in_plural and last.isalpha() and len(last) > 1:
        last = plural(last)
    written = around.format(case(sign.join((*before, last))))
    assert VOCABULARIES[name].meaning(written) == terms, written


@pytest.mark.parametrize("name", NAMES)
@given(text=st.text(max_size=60))
def test_any_text_can_be_looked_up(name: str, text: str) -> None:
    vocabulary = VOCABULARIES[name]
    meaning, slip, nearest = vocabulary.meaning(text), vocabulary.slip(text), vocabulary.nearest(text)
    assert set(meaning) <= set(vocabulary.terms)
    assert slip is None or (not meaning and vocabulary.meaning(slip) and nearest == slip)
    assert nearest is None or vocabulary.meaning(nearest)


# ── Slips, and what is nearest ───────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("indications", "atopic dermititis", "atopic dermatitis"), ("indications", "vitilgo", "vitiligo"),
        ("indications", "Atopci Dermatits", "atopic dermatitis"), ("indications", "eczem", "eczema"),
        ("indications", "alopeica", "alopecia"), ("indications", "plaque psoraisis", "plaque psoriasis"),
        ("indications", "exzema", "eczema"), ("indications", "hnad eczema", "hand eczema"),
        ("specialties", "dermatologst", "dermatologist"), ("specialties", "Dermotology", "dermatology"),
        ("sites", "eylid", "eyelids"), ("sites", "antecubital fosa", "antecubital fossa"),
        ("severities", "modrate", "moderate"), ("sites", "elbo creases", "elbow creases"),
        ("indications", "plaque psoriaiss", "plaque psoriasis"), ("indications", "psoriaiss", "psoriasis"),
    ],
)  # fmt: skip
def test_slips(name: str, text: str, meant: str) -> None:
    vocabulary = VOCABULARIES[name]
    assert vocabulary.meaning(text) == ()
    slip = vocabulary.slip(text)
    assert slip is not None and slip == vocabulary.nearest(text)
    assert vocabulary.meaning(slip) == vocabulary.meaning(meant)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sites", "fade"), ("sites", "arm5"), ("severities", "mold"), ("severities", "not severe"), ("sites", "faces of"),
        ("indications", "L20.99"), ("indications", "lupus"), ("indications", "dermatoses"), ("specialties", "physician"),
        ("indications", "vtlgo"), ("indications", "eczxmq"), ("indications", "atopic dermatitis"), ("indications", ""),
        ("indications", "frostbite"), ("indications", "vitiligo" * 50), ("classes", "TCX"),
    ],
)  # fmt: skip
def test_no_slips(name: str, text: str) -> None:
    assert VOCABULARIES[name].slip(text) is None


@pytest.mark.parametrize(
    ("name", "text", "near"),
    [
        ("sites", "the antecubital fossa area, mostly", "antecubital fossa"), ("sites", "eye-lashes", "eyes"),
        ("sites", "face, neck", "face"), ("sites", "fore-foot", "foot"),
        ("specialties", "Dr Jones, dermatologist", "dermatologist"), ("signs", "no more redness", "redness"),
        ("sites", "xyzzy", None), ("sites", "", None), ("sites", "?", None),
    ],
)  # fmt: skip
def test_nearest(name: str, text: str, near: str | None) -> None:
    found = VOCABULARIES[name].nearest(text)
    assert found == near or (found and near and VOCABULARIES[name].meaning(found) == VOCABULARIES[name].meaning(near))


# ── Faults of a vocabulary ───────────────────────────────────────────────────
BASE = """% Colours
term(colours, red, "red").
term(colours, crimson, "crimson").
term(colours, blue, "blue").
"""


def written(folder: Path, text: str, name: str = "colours.lp") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def vocabulary(folder: Path, text: str) -> Vocabulary:
    return load_vocabularies([written(folder, BASE + text)])["colours"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('spelling(colours, red, "Crimson").', ["5: 'Crimson' means red here and crimson at {}:3; take it away in one of the two, or in both and give several(colours, \"Crimson\", (crimson; red))"]),
        ('spelling(colours, red, ("ruby", "navies")).\nspelling(colours, blue, ("azure", "NAVY")).', ["6: 'NAVY' means blue here and red at {}:5; take it away"]),
        ('spelling(colours, blue, "blue-red").\nseveral(colours, "blue red", (blue; red)).', ["6: 'blue red' means red or blue here and blue at {}:5"]),
        ('spelling(colours, rde, "ruby").', ["5: rde is no term of colours; did you mean red?"]),
        ('spelling(colours, ochre, "ocher").', ['5: ochre is no term of colours; give it: term(colours, ochre, "...")']),
        ("part_of(colours, crimson, reds).", ["5: reds is no term of colours; did you mean red?"]),
        ('several(colours, "purple", (red; bleu)).', ["5: bleu is no term of colours; did you mean blue?"]),
        ('several(colours, "purple", (red, blue)).', ["5: a tuple is no term; write semicolons between terms: (red; blue)"]),
        ('several(colours, "purple", red).', ["5: red is one term, not several; write spelling/3"]),
        ("part_of(colours, crimson, red).\npart_of(colours, red, crimson).", ["6: part_of goes in a circle: red, crimson, red"]),
        ("part_of(colours, red, red).", ["5: part_of goes in a circle: red, red"]),
        ("part_of(colours, crimson, red).\npart_of(colours, red, blue).\npart_of(colours, blue, crimson).", ["7: part_of goes in a circle: blue, crimson, red, blue"]),
        ('term(colours, red, "scarlet").', ["5: red is a term at {}:2 already; take one of the two away"]),
        ('term(colours, red, "red").', ["5: red is a term at {}:2 already; take one of the two away"]),
        ('spelling(colors, red, "ruby").', ["5: colors is no vocabulary; did you mean colours?"]),
        ('ignored(weather, "the").', ["5: weather is no vocabulary; no term/3 is of it"]),
        ('ignored(colours, "deep dark").', ["5: 'deep dark' is not one word; give each word by itself, in quotes"]),
        ("ignored(colours, 5).", ["5: 5 is not one word"]),
        ('spelling(colours, red, ("ruby", "?!", 7)).', ["5: '?!' is no word", "5: 7 is no word"]),
        ('term(colours, "deep red", "deep red").', ["5: 'deep red' is no name of a term"]),
        ("term(colours, green, 5).", ["5: the title of green is no text; write it in quotes"]),
        ('trem(colours, green, "green").', ["5: trem/3 is no table of these files; did you mean term?"]),
        ('term(colours, "green").', ["5: term has 3 values, not 2"]),
        ('spelling(colours, rde, "ruby").\nspelling(colours, bleu, "navy").', ["5: rde", "6: bleu"]),
    ],
)  # fmt: skip
def test_faults_of_a_vocabulary_have_place_and_remedy(tmp_path: Path, text: str, faults: list[str]) -> None:
    with pytest.raises(TablesError) as caught:
        vocabulary(tmp_path, text)
    file = tmp_path / "colours.lp"
    assert len(caught.value.faults) == len(faults)
    for found, wanted in zip(caught.value.faults, faults, strict=True):
        assert found.startswith(f"{file}:{wanted.format(file)}"), found
    assert str(caught.value) == "\n".join(caught.value.faults)


def test_a_vocabulary_of_several_files(tmp_path: Path) -> None:
    files = [
        written(tmp_path, 'spelling(colours, red, "ruby").\nterm(shapes, round, "round").', "a.lp"),
        written(tmp_path, BASE + 'ignored(colours, ("deep", "of")).', "b.lp"),
    ]
    found = load_vocabularies(reversed(files))
    assert tuple(found) == ("colours", "shapes")
    assert found["colours"].meaning("Deep ruby") == ("red",)
    assert tuple(found["colours"].terms.items())[0] == ("red", "red")


def test_ignored_words_only_where_they_are_declared(tmp_path: Path) -> None:
    text = 'spelling(colours, red, "red of blood").\nspelling(colours, blue, "deep sea").\n'
    plain = vocabulary(tmp_path, text)
    assert plain.meaning("deep red") == ()
    assert plain.meaning("the red") == ("red",)
    found = vocabulary(tmp_path, text + 'ignored(colours, ("deep", "deeply", "of")).')
    assert found.meaning("DEEP Red") == found.meaning("red (deep)") == ("red",)
    assert found.meaning("deep") == found.meaning("sea") == found.meaning("red blood") == ()
    assert found.meaning("deep sea") == ("blue",)
    assert found.meaning("deep red of blood") == ("red",)


def test_no_files() -> None:
    assert load_vocabularies([]) == {}


# ── Files of facts ───────────────────────────────────────────────────────────
KNOWN = (("p", 1), ("p", 2), ("q", 3), ("flag", 0))


def rows(folder: Path, text: str) -> Tables:
    return read_tables([written(folder, text, "facts.lp")], KNOWN)


def test_values(tmp_path: Path) -> None:
    text = (
        r"""% a comment with "quotes", :- and #include
    p(a, "a text"). p(-5, true)./* no */""".replace("/* no */", "")
        + r"""
    q("a \"quoted\" \\ text\n", (a, "b", (c, 1)), f(x, (y,))).   %* of
    several % lines *% still
    lines *%  flag.
    p((a; "b"), (1; 2)). p(c; d, e). p(()). p((a)). p("true"). p(false). p("%*", "*% é"). p ( 0
    )."""
    )
    found = rows(tmp_path, text)
    assert found["p"] == (
        ("a", "a text"), (-5, True), ("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c",), ("d", "e"), ((),), ("a",),
        ("true",), (False,), ("%*", "*% é"), (0,),
    )  # fmt: skip
    assert found["q"] == (('a "quoted" \\ text\n', ("a", "b", ("c", 1)), ("f", "x", ("y",))),)
    assert found["flag"] == ((),)
    with pytest.raises(KeyError):
        _ = found["r"]


def test_locations(tmp_path: Path) -> None:
    first = written(tmp_path, "p(a).\n%* \n\n*% p(\n  (b;\n  c), 1). p(1). p(true).\np(a).", "b.lp")
    second = written(tmp_path, "\n\np(z).\np(b, 1).", "a.lp")
    for files in ([first, second], [second, first, first]):
        found = read_tables(files, KNOWN)
        assert found["p"] == (("z",), ("b", 1), ("a",), ("c", 1), (1,), (True,))
        assert [type(row[0]) for row in found["p"][-2:]] == [int, bool]
        assert found.location("p", "a") == f"{first}:1"
        assert found.location("p", "c", 1) == f"{first}:4"
        assert found.location("p", True) == f"{first}:6" == found.location("p", 1)
        assert found.location("p", "b", 1) == f"{second}:4"
        assert found.location("p", "no such row") == ""
        assert found.repeated("p") == (
            (("b", 1), (f"{second}:4", f"{first}:4")),
            (("a",), (f"{first}:1", f"{first}:7")),
        )
        assert found.repeated("q") == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("p(X) :- q(X, 1, 2).", "1: a rule with a body (:-): only facts may stand in this file"),
        (":- p(a).", "1: a rule with a body (:-)"),
        ("p(a).\np(b)\n :- p(a).", "3: a rule with a body (:-)"),
        ('#include "other.lp".', "1: a directive (#include): only facts"),
        ("#include <incmode>.", "1: a directive (#include)"),
        ("\n#const n = 3.", "2: a directive (#const)"),
        ("#external p(a).", "1: a directive (#external)"),
        ("#show p/1.", "1: a directive (#show)"),
        ("#program base.", "1: a directive (#program)"),
        ("#minimize { 1 : p(a) }.", "1: a directive (#minimize)"),
        ("#theory t { }.", "1: a directive (#theory)"),
        ("p(#inf).", "1: a directive (#inf)"),
        (":~ p(a). [1]", "1: a weak constraint (:~)"),
        ("{ p(a) }.", "1: a choice ({)"),
        ("1 { p(a); p(b) } 1.", "1: a choice ({)"),
        ("p(a) | p(b).", "1: a disjunction (|)"),
        ("p(a); p(b).", "1: ; is not expected here"),
        ("p(a), p(b).", "1: , is not expected here"),
        ("not p(a).", "1: a negation (not)"),
        ("p(not).", "1: a negation (not)"),
        ("-p(a).", "1: a sign of arithmetic or negation (-)"),
        ("p(@f(1)).", "1: a function of a script (@)"),
        ("&diff { a - b } <= 3.", "1: a choice ({)"),
        ("&tel.", "1: a theory atom (&)"),
        ("p(1..3).", "1: a range (..)"),
        ("p(1..1000000000).", "1: a range (..)"),
        ("p(1+1).", "1: a sign of arithmetic or negation (+)"),
        ("p(5-3).", "1: arithmetic (-3)"),
        ("p(- 3).", "1: a sign of arithmetic or negation (-)"),
        ("p(|3|).", "1: a disjunction (|)"),
        ("p(a) : q(b).", "1: a condition (:)"),
        ("p(a) = b.", "1: a comparison (=)"),
        ("p(X).", "1: a variable (X)"),
        ("p(_).", "1: a variable (_)"),
        ("p(_X1).", "1: a variable (_X1)"),
        ("p(_x).", "1: _x is no value"),
        ("p(a'b).", "1: a'b is no value"),
        ("P(a).", "1: a variable (P)"),
        ('"p"(a).', '1: "p" is no name of a table'),
        ("5.", "1: 5 is no name of a table"),
        ("(a, b).", "1: ( is not expected here"),
        ("p(a)(b).", "1: ( is not expected here"),
        ("p().", "1: ) is not expected here: a value"),
        ("p(a,).", "1: ) is not expected here: a value"),
        ("p(,a).", "1: , is not expected here: a value"),
        ("p((a,b,)).", "1: ) is not expected here: a value"),
        ("p((;)).", "1: ; is not expected here: a value"),
        ("p(a b).", "1: b is not expected here; is a full stop or a comma missing before it?"),
        ('p("a" "b").', '1: "b" is not expected here; is a full stop or a comma missing before it?'),
        ("p(a).\np(b)\np(c).", "3: p is not expected here; is a full stop or a comma missing before it?"),
        ("p(a).\np(b)\n", "3: a full stop is missing"),
        ("p(a) % p(b).", "1: a full stop is missing"),
        ("p(a", "1: a bracket is not closed"),
        ("p(a.\np(b).", "1: a bracket is not closed"),
        ("p(1.5).", "1: a bracket is not closed (numbers are whole)"),
        ('p("a).\np(b).', "1: a text does not end on its line"),
        ('p("a\tb").', "1: a text does not end on its line"),
        (r'p("a\tb").', "1: a text does not end on its line, or has a backslash not before"),
        ('p("a\x00b").', "1: a text does not end on its line"),
        ('p("' + '\\"' * 200_000, "1: a text does not end on its line"),
        ("p(a).\x00 p(b).", "1: \\x00 is no value"),
        ("p(2147483648).", "1: 2147483648 is larger than any number that a solver computes with"),
        ("p(-99999999999999999999).", "1: -99999999999999999999 is larger"),
        ("p(007).", "1: 007 is no value"),
        ("p(0x1f).", "1: 0x1f is no value"),
        ("p(\u2018a\u2019).", "1: \u2018 is no sign of a fact; are plain quotes, hyphens and spaces meant?"),
        ("p(a\u00a0).", "1: \\xa0 is no sign of a fact"),
        ("p(\u0661).", "1: \u0661 is no sign of a fact"),
        ("\ufeffp(a).", "1: begins with a byte order mark; save it as UTF-8 without one"),
        ("p(a).\n\n%* a comment\n", "3: the comment that begins with %* does not end"),
        ("p(a). %* x %* y *% p(b).", "1: the comment that begins with %* does not end"),
        ("r(a).", "1: r/1 is no table of these files; the tables are flag, p, q"),
        ("flags.", "1: flags/0 is no table of these files; did you mean flag?"),
        ("p(a, b, c).", "1: p has 1 or 2 values, not 3"),
        ("p((a; b), c; d).\nq(a).", "2: q has 3 values, not 1"),
        (f"p({'(' * 100_000}a{')' * 100_000}).", f"1: more than {MAX_DEPTH} brackets within each other"),
        (f"p({'f(' * 100_000}a{')' * 100_000}).", f"1: more than {MAX_DEPTH} brackets within each other"),
        (f"p({'(1,' * 100_000}", f"1: more than {MAX_DEPTH} brackets within each other"),
        (f"p({'-' * 100_000}1).", "1: a sign of arithmetic or negation (-)"),
        (f"p(1{'+1' * 100_000}).", "1: a sign of arithmetic or negation (+)"),
        (f"q(({';'.join('abcdefghij')}),({','.join(['(a;b)'] * 40)}),1).", "1: with this, the files hold more than 100,000 rows"),
        ("\n".join(f"p({number})." for number in range(100_001)), "100001: with this, the files hold more than 100,000 rows"),
        ("\n".join("p((1;2;3;4;5;6;7;8;9),(1;2;3;4;5;6;7;8;9))." for _ in range(1500)), "1001: with this, the files hold more than 100,000 rows"),
    ],
)  # fmt: skip
def test_what_is_no_fact_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TablesError) as caught:
        rows(tmp_path, text)
    assert caught.value.faults[0].startswith(f"{tmp_path / 'facts.lp'}:{fault}"), caught.value.faults[0][:300]


def test_every_fault_of_every_file(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "p(a) :- p(b).\np(X).\n\np(1..2).", "a.lp"),
        written(tmp_path, "r(a).\np(a).", "b.lp"),
        tmp_path / "none.lp",
    ]
    with pytest.raises(TablesError) as caught:
        read_tables(files, KNOWN)
    locations = [fault.split(": ")[0].removeprefix(f"{tmp_path}/") for fault in caught.value.faults]
    assert locations == ["a.lp:1", "a.lp:2", "a.lp:4", "b.lp:1", "none.lp"]
    with pytest.raises(TablesError) as caught:
        rows(tmp_path, "p(X).\n" * 200)
    assert len(caught.value.faults) == MAX_FAULTS + 1
    assert caught.value.faults[-1] == "and 150 more faults"


def test_nothing_that_a_file_names_is_opened_or_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    script = f"#script (python)\nopen({str(trace)!r}, 'w').close()\n#end.\np(@f(1)).\n"
    for text in (f'#include "{tmp_path}/pipe".', f'p(a).#include"{tmp_path}/pipe".', script, f"%* *% {script}"):
        with pytest.raises(TablesError) as caught:
            rows(tmp_path, text)
        assert len(caught.value.faults) == 1
    assert not trace.exists()


def refused(file: Path) -> str:
    with pytest.raises(TablesError) as caught:
        read_tables([file], KNOWN)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{file}")
    return fault.removeprefix(f"{file}")


def test_only_plain_files(tmp_path: Path) -> None:
    target = written(tmp_path, "p(a).")
    (link := tmp_path / "link.lp").symlink_to(target)
    (loop := tmp_path / "loop.lp").symlink_to(loop)
    os.mkfifo(pipe := tmp_path / "pipe.lp")
    (folder := tmp_path / "folder.lp").mkdir()
    for file in (link, loop, pipe, folder, Path(os.devnull), Path("/dev/zero")):
        assert refused(file).startswith(": no plain file but a link, a folder, a pipe or a device; put the file")
    assert refused(tmp_path / "none.lp") == ": cannot be read: No such file or directory"
    assert refused(tmp_path / ("x" * 300)).startswith(": cannot be read: File name too long")


def test_only_small_files_of_utf_8(tmp_path: Path) -> None:
    (file := tmp_path / "facts.lp").write_bytes(b"p(a).\n% \xe9t\xe9\n")
    assert refused(file) == ":2: not UTF-8; save it as UTF-8"
    file.write_bytes(b"p(a).".ljust(MAX_BYTES))
    assert read_tables([file], KNOWN)["p"] == (("a",),)
    file.write_bytes(b"p(a).".ljust(MAX_BYTES + 1))
    assert refused(file) == ": larger than 1,000,000 bytes; split it"


def test_messages_cannot_steer_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(TablesError) as caught:
        rows(tmp_path, "p(\x1b[2J\u202e).")
    assert all(fault.isprintable() for fault in caught.value.faults)


# ── The same as a solver reads ───────────────────────────────────────────────
CONSTANT = st.sampled_from(("a", "b", "true", "false", "not_a", "x1", "aB"))
NUMBER = st.integers(-(2**31) + 1, 2**31 - 1).map(str)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
GAP = st.sampled_from(("", " ", "\n", " % not. 'so\n", "%* (a *%", "\t\r\n"))


def bracketed(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(terms, min_size=1, max_size=3).map(",".join)
    many = st.lists(parts, min_size=1, max_size=3).map(";".join)
    return st.one_of(
        many.map("({})".format), terms.map("({},)".format), many.map("f({})".format), st.just("()"),
        st.tuples(GAP, parts, GAP).map(lambda made: "({}{}{})".format(*made)),
    )  # fmt: skip


TERM = st.recursive(st.one_of(CONSTANT, NUMBER, TEXT), bracketed, max_leaves=6)
FACT = st.tuples(GAP, TERM, GAP, TERM, GAP).map(lambda made: "p({}{}{},{}{}).".format(*made))


def plain_value(symbol: clingo.Symbol) -> Value:
    if symbol.type is clingo.SymbolType.Number:
        return symbol.number
    if symbol.type is clingo.SymbolType.String:
        return symbol.string
    arguments = tuple(map(plain_value, symbol.arguments))
    if not symbol.name:
        return arguments
    if arguments:
        return (symbol.name, *arguments)
    return {"true": True, "false": False}.get(symbol.name, symbol.name)


def solved(text: str) -> set[str]:
    """The facts of a program as a solver has them. Raises RuntimeError."""
    control = clingo.Control(logger=lambda code, message: None)
    control.add("base", [], text)
    control.ground([("base", [])])
    assert all(atom.is_fact for atom in control.symbolic_atoms)
    return {f"{atom.symbol.name}{tuple(map(plain_value, atom.symbol.arguments))!r}" for atom in control.symbolic_atoms}


def read(tables: Tables, names: Iterable[str] = ("p", "q", "flag")) -> set[str]:
    return {f"{name}{row!r}" for name in names for row in tables[name]}


@given(facts=st.lists(FACT, max_size=4))
def test_facts_mean_the_same_to_a_solver(tmp_path_factory: pytest.TempPathFactory, facts: list[str]) -> None:
    text = "\n".join(facts)
    assert read(rows(tmp_path_factory.getbasetemp(), text)) == solved(text)


@given(text=st.text("pq(a,1;.)\" \n%*-_:X'\\", max_size=25).map("p(a).{}".format))
def test_what_a_solver_refuses_or_reads_otherwise_is_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    try:
        tables = rows(tmp_path_factory.getbasetemp(), text)
    except TablesError:
        return
    assert read(tables) == solved(text)


def test_the_shipped_files_mean_the_same_to_a_solver() -> None:
    assert read(read_tables(FILES, TABLES), dict(TABLES)) == solved("\n".join(f.read_text("utf-8") for f in FILES))
