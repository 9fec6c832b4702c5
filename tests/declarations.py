"""Declarations of records to test with: the shipped one, and a quite different one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from clingo import Control, MessageCode

from facts.case import Case, normalize
from facts.catalogue import Catalogue
from facts.declaration import Declaration, Row, Rows, places_in
from facts.declaration_rows import read_declaration
from facts.model import RecordModel
from facts.schema import record_schema
from facts.statements import facts_of
from facts.symbols import shown_fact, term_of
from facts.words import Vocabulary, load_vocabularies

RULES = Path(__file__).parents[1] / "rules"

BENEFIT = """
field("case_id", case_id, text).
required("case_id").

section("claim", "The claim").
field("claim.date", claim_date, date).
required("claim.date").
title("claim.date", "date of the claim").
field("claim.scheme", scheme, subject).
allowed("claim.scheme", "Rent Aid").
field("claim.paid_until", paid_until, date).
bounds("claim.paid_until", 20000101, 20401231).
not_above("claim.date", "claim.paid_until").

section("home", "The home").
field("home.rent", rent, decimal).
bounds("home.rent", 0, 100000).
decimals("home.rent", 2).
unit("home.rent", "EUR").
field("home.former_rent", former_rent, decimal).
bounds("home.former_rent", "0.01", 100000).
decimals("home.former_rent", 2).
field("home.rise", rise, whole).
derived("home.rise", increase_percent("home.former_rent", "home.rent")).
field("home.saving", saving, computed).
derived("home.saving", decrease_percent("home.former_rent", "home.rent")).
field("home.dearer_by", dearer_by, computed).
derived("home.dearer_by", difference("home.rent", "home.former_rent")).
decimals("home.dearer_by", 2).
field("home.burden", burden, computed).
derived("home.burden", ratio_percent("home.rent", "household.income")).
field("home.heating", heating, choice).
allowed("home.heating", (gas; wood_pellets; "other")).
default("home.heating", gas).

section("household", "The household").
field("household.income", income, decimal).
bounds("household.income", 0, 1000000).
decimals("household.income", 2).
derived("household.income", sum_of("incomes[].amount")).
title("household.income", "income of all").
unchangeable("household.income").
field("household.earners", earners, whole).
bounds("household.earners", 0, 50).
derived("household.earners", number_of("members", "members[].earns", true)).
field("household.children", children, computed).
derived("household.children", number_of("members", "members[].standing", child)).
field("household.regions", regions, words(regions)).

list("members", member(N), "member of the household") :- slot(N).
complete("members").
field("members[].name", name(M), identifier) :- list("members", M, _).
field("members[].born", born(M), date) :- list("members", M, _).
field("members[].age", age(M), whole) :- list("members", M, _).
bounds("members[].age", 0, 120).
derived("members[].age", completed_years("members[].born", "claim.date")).
any_of("members[].born", "members[].age").
field("members[].earns", earns(M), truth) :- list("members", M, _).
field("members[].standing", standing(M), choice(standings)) :- list("members", M, _).
field("members[].cares_for", cares_for(M), references("members")) :- list("members", M, _).
field("members[].absences", absences(M), periods) :- list("members", M, _).
field("members[].days_away", days_away(M), computed) :- list("members", M, _).
derived("members[].days_away", days_in_all("members[].absences", "claim.date")).

list("incomes", income(N), "income") :- slot(N).
complete("incomes").
field("incomes[].amount", amount(I), decimal) :- list("incomes", I, _).
required("incomes[].amount").
bounds("incomes[].amount", 0, 1000000).
decimals("incomes[].amount", 2).
field("incomes[].kind", kind(I), word(kinds)) :- list("incomes", I, _).
default("incomes[].kind", wage).
"""
BENEFIT_WORDS = """
term(regions, north, "the north"). term(regions, coast, "the coast"). part_of(regions, coast, north).
spelling(regions, coast, "seaside"). several(regions, "up there", (north; coast)).
term(standings, parent, "parent"). term(standings, child, "child"). term(standings, lodger, "lodger").
spelling(standings, child, "kid"). several(standings, "family", (parent; child)).
term(kinds, wage, "wage"). term(kinds, pension, "pension"). spelling(kinds, pension, "old age pension").
"""


def rows_of(text: str, entries: int = 2) -> Rows:
    """The rows of a declaration's text, for so many entries of each list."""

    def log(code: MessageCode, message: str) -> None:
        """Of tables that nothing gives, a solver speaks needlessly."""

    control = Control([f"-cslots={entries}"], logger=log)
    control.add("base", [], f'{text}\nslot(1..slots). request_default(product, "Opzelura").')
    control.ground([("base", [])])
    rows: dict[str, list[Row]] = {}
    for atom in control.symbolic_atoms:
        rows.setdefault(atom.symbol.name, []).append(tuple(map(term_of, atom.symbol.arguments)))
    return lambda table: rows.get(table, [])


class Records(NamedTuple):
    """All that makes cases of one kind of record."""

    declaration: Declaration
    vocabularies: Mapping[str, Vocabulary]
    catalogue: Catalogue
    model: RecordModel

    def case(self, data: Any) -> Case:
        """The case that some data make. Raises RecordError."""
        return normalize(self.model.validate(data), self.declaration, self.vocabularies, self.catalogue)

    def facts(self, data: Any) -> list[str]:
        """The facts that some data become, as they are printed."""
        return [shown_fact(fact) for fact in facts_of(self.case(data))]


def records_of(text: str, vocabularies: Mapping[str, Vocabulary], policy: str = "") -> Records:
    """The records that a declaration's text declares."""
    declaration = read_declaration(rows_of(text), vocabularies, places_in(text))
    catalogue = Catalogue.load(RULES / "catalogue")
    return Records(declaration, vocabularies, catalogue, RecordModel(declaration, vocabularies, policy))


def schema_of(records: Records) -> dict[str, Any]:
    """The JSON Schema of records of a declaration."""
    return record_schema(records.declaration, records.model.vocabularies)


@cache
def shipped() -> Records:
    """The records of the shipped policy."""
    vocabularies = load_vocabularies(sorted((RULES / "vocabulary").glob("*.lp")))
    return records_of((RULES / "ip0369" / "record.lp").read_text("utf-8"), vocabularies, "IP0369")


def benefit_words(folder: Path) -> Mapping[str, Vocabulary]:
    """The vocabularies of the benefit."""
    (folder / "words.lp").write_text(BENEFIT_WORDS, "utf-8")
    return load_vocabularies([folder / "words.lp"])


def benefit_case(**parts: Any) -> dict[str, Any]:
    """A record of the benefit."""
    return {"case_id": "b", "claim": {"date": "2025-03-01"}, **parts}


def paths_of(faults: Sequence[Any]) -> list[str]:
    """The faults as they are printed."""
    return [str(fault) for fault in faults]
