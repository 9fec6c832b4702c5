"""The facts of a case without those withdrawn and with those assumed, as far as some record could have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from facts.case import Case
from facts.declaration import Declaration, Field
from facts.errors import Fault, RecordError
from facts.statements import facts_of
from facts.symbols import shown_fact
from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated, Term, shown
from reasoner.engine.solver import Solver
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import DATE, KIND, USE
from reasoner.verdict.wording import one_of


def supposed_facts(folder: RuleFolder, case: Case, assume: Sequence[Fact], withdraw: Sequence[Fact]) -> list[Fact]:
    """The facts of a case with some withdrawn, then some assumed. Raises RecordError.

    A field that has one value has another one then, or none.
    """
    declaration, recorded = case.declaration, facts_of(case)
    for fact in (*withdraw, *assume):
        if fact.field in (DATE, KIND, USE):
            path = case.places(fact.field)[-1]
            _refuse(fact, f"{path} is what the record asks for: change it there, with --set {path}=…")
    for fact in withdraw:
        if fact not in recorded:
            _refuse(fact, "is no fact of this record (see `reasoner facts`)")
    check = _Check(folder, case)
    first: dict[Term, Fact] = {}
    for fact in assume:
        check.fact(fact)
        if isinstance(fact, Stated) or _is_list(declaration, fact.field):
            continue
        if first.setdefault(fact.field, fact) is not fact:
            _refuse(fact, f"{shown(fact.field)} has one value, and is assumed twice")
    gone = {fact.field for fact in assume if not _is_list(declaration, fact.field)}
    gone |= {f.field for f in withdraw if isinstance(f, Stated) or not _is_list(declaration, f.field)}
    kept = [fact for fact in recorded if fact.field not in gone and fact not in withdraw]
    for fact in assume:
        kept += [one for one in _with_what_follows(case, fact) if one not in kept]
    for field in declaration.of_record:
        stated = any(fact.field == field.name for fact in kept)
        if field.name in gone and not stated and (field.required or field.default is not None):
            _refuse(Stated(field.name), "every record says it: assume another value instead")
    return kept


def _is_list(declaration: Declaration, term: Term) -> bool:
    field = declaration.field(term)
    return field is not None and field.is_list


def _with_what_follows(case: Case, fact: Fact) -> list[Fact]:
    """A fact with those that a record gives along with it: that it speaks of the field, and what a term belongs to."""
    field = case.declaration.field(fact.field)
    if field is None or isinstance(fact, Between | Stated | CouldBe):
        return [fact]
    if isinstance(fact, NotUnderstood):
        return [Stated(fact.field), fact]
    return [Stated(fact.field), *(Given(fact.field, value) for value in case.broader(field, fact.value))]


class _Check:
    """Refuses a fact that no record with these entries could become."""

    def __init__(self, folder: RuleFolder, case: Case) -> None:
        solver: Solver = folder.solver(case)
        self._case = case
        self._expected, self._compared = solver.ground.expected, solver.compared
        order = {field: number for number, field in enumerate(case.declaration.fields)}

        def rank(term: Term) -> tuple[int, str]:
            field = case.declaration.field(term)
            return (order[field] if field is not None else len(order)), shown(term)

        known = {*self._expected, *self._compared} - {DATE, KIND, USE}
        self._known = sorted(filter(self._exists, known), key=rank)

    def _exists(self, term: Term) -> bool:
        """Whether the record has the entries that the field is of."""
        for part in term[1:] if isinstance(term, tuple) else ():
            declared = self._case.declaration.list_of(part)
            number = part[1] if isinstance(part, tuple) else None
            if declared is None or not isinstance(number, int):
                return False
            if not 1 <= number <= len(self._case.entries(declared.name)):
                return False
        return True

    def fact(self, fact: Fact) -> None:
        """Raises RecordError."""
        term = fact.field
        field = self._case.declaration.field(term) if term in self._known else None
        if field is None:
            fields = dict.fromkeys(re.sub(r"\d+", "N", shown(known)) for known in self._known)
            _refuse(fact, f"the rules ask for no such field of this record; there are: {', '.join(fields)}")
        if isinstance(fact, Between):
            if term not in self._compared:
                _refuse(fact, f"{shown(term)} is no number; written given({shown(term)},value)")
            return
        if term in self._compared:
            _refuse(fact, f"{shown(term)} is a number; written between({shown(term)},low,high)")
        if isinstance(fact, CouldBe):
            path = self._case.places(term)[-1]
            _refuse(fact, f"{path} can mean several things where its words do: change it there, with --set {path}=…")
        if isinstance(fact, Given):
            self._value(fact, field, fact.value)
        elif isinstance(fact, NotUnderstood) and field.type not in ("word", "words"):
            _refuse(fact, f"{shown(term)} is given or not: no word in it can be unknown")

    def _value(self, fact: Given, field: Field, value: Term) -> None:
        """Refuse a value of another kind than the field's, or a word that is no term of its vocabulary."""
        name, expected = shown(fact.field), self._expected[fact.field]
        vocabulary = self._case.vocabularies.get(field.vocabulary or "")
        values = self._case.declaration.values(fact.field) or [one for one in expected if isinstance(one, bool)]
        if values and value not in [one for one in values if type(one) is type(value)]:
            _refuse(fact, f"{name} can be {one_of([shown(one) for one in values])}")
        like = next(iter(expected))
        if not values and type(value) is not type(like):
            _refuse(fact, f"{name} is {'text' if isinstance(like, str) else 'a whole number'}")
        if values or vocabulary is None or not isinstance(value, str) or value in vocabulary.terms:
            return
        if meaning := vocabulary.meaning(value):
            _refuse(fact, f"{value!r} is written as the rules do: {one_of(meaning)}")
        near = vocabulary.nearest(value)
        _refuse(fact, f"{value!r} is no known word" + (f"; nearest: {near}" if near else ""))


def _refuse(fact: Fact, message: str) -> NoReturn:
    raise RecordError((Fault(shown_fact(fact), message),))
