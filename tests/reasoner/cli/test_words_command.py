"""What a word is taken for: by the vocabularies of a policy folder, and by its catalogue."""

import json

import pytest
from test_cli import run

ANY = ["sites", "specialties", "indications", "severities", "classes"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Inner Elbows", ["sites: antecubital fossa (antecubital_fossa), part of skin folds (skin_folds)"]),
        ("mild to moderate", ["severities: mild (mild) or moderate (moderate)"]),
        ("pediatric-dermatology", ["specialties: dermatology (dermatology)"]),
        ("Dupixent", ["products: dupilumab (dupilumab), biologic"]),
        ("zzzzz", ["not known"]),
        ("face (\x1b[2J)", ["not known"]),
    ],
)
def test_a_line_for_each_vocabulary_that_knows_it(text: str, lines: list[str]) -> None:
    printed = run("words", text).stdout
    assert printed.isprintable() or "\x1b" not in printed
    for line in lines:
        name, _, meaning = line.partition(": ")
        found = [own for own in printed.splitlines() if name in own.removeprefix(f"{text}: ")]
        assert found and all(part in found[0] for part in meaning.split(", part of "))


def test_a_word_that_nobody_knows_has_the_nearest_known_one() -> None:
    assert run("words", "elbw", "crease").stdout == "elbw crease: not known; nearest: elbow creases (sites)\n"
    assert "nearest: triamcinolone acetonide (products)" in run("words", "triamcinolon acetate xyz").stdout


def test_a_name_of_several_products_has_its_candidates() -> None:
    line = run("words", "tacrolimus").stdout
    assert "tacrolimus_ointment" in line and " or " in line and "tacrolimus_systemic" in line
    found = json.loads(run("words", "tacrolimus", "--json").stdout)
    products = {one["product"]: one for one in found["products"]["products"]}
    assert products["tacrolimus_ointment"]["title"] == "the ointment"
    assert products["tacrolimus_systemic"]["written"] == "tacrolimus capsules"
    assert "names hydrocortisone" in run("words", "hydrocortisone 1% cream and Elidel").stdout
    assert "not understood: fluffy" in run("words", "fluffy Dupixent").stdout


def test_for_programs_every_vocabulary_answers() -> None:
    found = json.loads(run("words", "--json", "Chin").stdout)
    answers = {one["vocabulary"]: one for one in found["vocabularies"]}
    assert set(ANY) < set(answers) and found["text"] == "Chin"
    (term,) = answers["sites"]["terms"]
    assert (term["term"], [one["term"] for one in term["part_of"]]) == ("chin", ["face"])
    assert answers["sites"]["nearest"] is None and answers["severities"]["terms"] == []
