"""The catalogue's facts against the tables that they were gathered from: sources and notes are true."""

import csv
import re
from pathlib import Path

import pytest

from facts.catalogue import Catalogue, Product

SHARED = Path(__file__).parents[3] / "shared" / "catalogue"
RULES = Path(__file__).parents[2] / "rules" / "catalogue"
FILES = sorted(RULES.glob("*.lp"))
TEXT = "\n".join(file.read_text("utf-8") for file in FILES)
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII")
COLUMNS = {"AAD2014_table": "AAD 2014", "StatPearls": "StatPearls", "ChildrensMercy": "Children's Mercy"}
OTHERS = {
    "NPF": "National Psoriasis Foundation", "OHCA": "Oklahoma Health Care Authority tiers",
    "others": "other charts", "GlobalRPh": "GlobalRPh", "admin-em": "admin-em",
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(RULES)


def rows(name: str) -> list[dict[str, str]]:
    with open(SHARED / f"{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sources(product: str) -> list[str]:
    found = re.findall(rf"^source\({product}, (.*?)\)\.$", TEXT, re.MULTILINE | re.DOTALL)
    return [source for block in found for source in re.findall(r'"([^"]*)"', block)]


def note(product: str) -> str:
    (found,) = re.findall(rf"^us_class\({product}, \d\)\.(.*)$", TEXT, re.MULTILINE)
    return str(found).strip(" %")


def in_catalogue(catalogue: Catalogue, row: dict[str, str]) -> Product:
    strength = row["strength_pct"].split("-")[-1] + (
        "" if "mg" in row["strength_pct"] or "mcg" in row["strength_pct"] else "%"
    )
    match = catalogue.lookup(f"{row['ingredient']} {strength} {row['vehicle']}")
    assert match is not None and len(match.products) == 1, row
    return match.products[0]


@pytest.mark.parametrize("row", rows("tcs_potency"), ids=lambda row: row["id"])
def test_each_source_of_a_corticosteroid_says_what_the_table_says(catalogue: Catalogue, row: dict[str, str]) -> None:
    said = [f"{label}: {row[column]}" for column, label in COLUMNS.items() if row[column]]
    for part in filter(None, map(str.strip, row["other_sources"].split(";"))):
        name, given = re.split(r"[: ]", part, maxsplit=1)
        said.append(f"{OTHERS[name]}: {given}")
    product = in_catalogue(catalogue, row)
    assert sorted(sources(product.id)) == sorted(said or [f"RxNorm {row['rxcui']}"])


@pytest.mark.parametrize("row", rows("tcs_potency"), ids=lambda row: row["id"])
def test_a_choice_between_sources_is_noted(catalogue: Catalogue, row: dict[str, str]) -> None:
    product = in_catalogue(catalogue, row)
    assert product.us_class is not None
    given = {source.split(": ")[-1] for source in sources(product.id)}
    charts = {value for value in given if re.fullmatch(r"[IV]+(-[IV]+)?", value)}
    if charts != {ROMAN[product.us_class]}:
        assert note(product.id), product.id
    for label in re.findall(r"AAD 2014|StatPearls|Children's Mercy|other charts|tier", note(product.id)):
        assert any(label in source for source in sources(product.id)), (product.id, label)
    if charts:  # the class is one that a chart gives
        ends = [value.split("-") for value in charts]
        assert any(ROMAN.index(low[0]) <= product.us_class <= ROMAN.index(low[-1]) for low in ends), product.id


def test_every_product_and_family_has_a_source(catalogue: Catalogue) -> None:
    for product in catalogue.products:
        assert sources(product.id), product.id


@pytest.mark.parametrize("row", rows("appendix_products"), ids=lambda row: row["row"])
def test_a_row_of_table_1_is_cited_by_its_product(catalogue: Catalogue, row: dict[str, str]) -> None:
    match = catalogue.lookup(row["brands"].split(";")[0])
    assert match is not None and match.key is not None
    cited = " ".join(sources(match.key))
    assert re.search(rf"Table 1, row (\d+ and )?{row['row']}\b", cited), cited
    assert not row["ingredient_rxcui"] or f"RxNorm {row['ingredient_rxcui']}" in cited


def test_numbers_of_rxnorm_are_those_of_the_tables() -> None:
    known = {
        row["ingredient_rxcui"] for name in ("appendix_products", "immunosuppressants", "tci") for row in rows(name)
    }
    known |= {row["rxcui_scd"] for row in rows("tci")} | {row["rxcui"] for row in rows("tcs_potency")}
    assert set(re.findall(r'"RxNorm (\d+)"', TEXT)) <= known


def test_a_title_is_of_a_family_whose_name_another_has_too(catalogue: Catalogue) -> None:
    titled = re.findall(r"^title\((\w+), ", TEXT, re.MULTILINE)
    shared = {
        product.key
        for product in catalogue.products
        for name in product.names
        if len({other.key for other in catalogue.products if name in other.names}) > 1
    }
    assert set(titled) <= shared | set(catalogue.confusable)
