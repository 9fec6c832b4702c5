"""Names in rule files that lead nowhere: predicates that nothing uses, products that the catalogue has not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from clingo.ast import ASTType

from facts.faults import close_to
from reasoner.engine.program import ENCODINGS
from reasoner.engine.solver import EXPLAINING as PROGRAMS
from reasoner.policy.syntax import Predicate, RuleFile, parsed, predicates, predicates_of

_TABLES = frozenset({
    ("policy", 2), ("item", 3), ("citation", 2), ("words", 2), ("advisory_text", 2), ("choice_text", 2),
    ("version", 2), ("approval_months", 2), ("approval_months", 3), ("accepted", 3),
})  # fmt: skip
"""Predicates of which the program reads the rows without a rule of its own."""
_OPEN_TO_RULES = frozenset({
    ("asks", 3), ("asked_value", 3), ("decided_by", 1), ("established", 1), ("in_force", 1), ("pathway", 1),
    ("requires", 2),
})  # fmt: skip
"""Predicates that the engine derives, and of which the rules of a policy can give more."""
_OF_RULES = frozenset({
    ("can_be_meant", 1), ("could", 1), ("could_exclude", 2), ("doubted", 1), ("favoured", 1), ("matters", 2),
    ("reads_number", 2), ("reads_value", 2), ("touches", 2), ("with_candidates", 2),
})  # fmt: skip
"""Predicates that are derived from the rules' own text (dependencies.py)."""
_OF_RECORD = frozenset({
    ("ambiguous", 2), ("broader", 3), ("can_be_unknown", 1), ("confusable", 2), ("coupled", 2), ("entry", 2),
    ("family_gives", 3), ("field", 1), ("fixed_field", 1), ("follows", 3), ("many", 1), ("of_entry", 2),
    ("of_one_word", 3), ("open_vocabulary", 1), ("range", 3), ("settled_field", 1), ("taken", 4),
    ("unchangeable_field", 1), ("value", 2), ("whole", 1), ("witness", 2),
})  # fmt: skip
"""Predicates that follow from the declaration of the record (record_facts.py)."""

Found = tuple[str, str]
"""Where, and what is wrong."""


@lru_cache(maxsize=1)
def _of_engine() -> tuple[frozenset[Predicate], frozenset[Predicate]]:
    """The predicates that the engine reads, and those that it derives or takes from the record."""
    read: set[Predicate] = set()
    derived: set[Predicate] = set()
    for name in PROGRAMS:
        for node in parsed((ENCODINGS / name).read_text("utf-8")):
            if node.ast_type in (ASTType.ShowSignature, ASTType.Defined):
                read.add((node.name, node.arity))
                continue
            read |= set(predicates(node))
            if node.ast_type == ASTType.Rule:
                heads, uses = predicates_of(node)
                derived |= heads - uses
            elif node.ast_type == ASTType.External:
                derived |= set(predicates(node.atom))
    return frozenset(read), frozenset(derived)


def reserved(files: Sequence[RuleFile]) -> Iterator[Found]:
    """Rules that give what the engine derives: they would decide past the items."""
    derived = (_of_engine()[1] | _OF_RULES | _OF_RECORD) - _OPEN_TO_RULES
    for file in files:
        for statement in file.statements:
            for name, arity in sorted(statement.heads & derived):
                yield statement.location, f"{name}/{arity} is what the engine derives; rules may use it, not give it"


def unused(files: Sequence[RuleFile]) -> Iterator[Found]:
    """Predicates that are derived, and that no rule and not the engine uses."""
    used = {p for file in files for s in file.statements for p in s.uses}
    used |= _of_engine()[0] | _TABLES
    reported: set[Predicate] = set()
    for file in files:
        for statement in file.statements:
            for name, arity in sorted(statement.heads - used - reported):
                reported.add((name, arity))
                yield statement.location, f"{name}/{arity}: nothing uses it; a misspelt name?"


def unknown_products(files: Sequence[RuleFile], read: Iterable[str], known: Iterable[str]) -> Iterator[Found]:
    """Products that the rules read of a record (`read`) and that are none of the catalogue's (`known`)."""
    families = sorted(set(known))
    for name in sorted({*read} - {*families}):
        word = re.compile(rf"\b{re.escape(name)}\b")
        location = next((s.location for file in files for s in file.statements if word.search(str(s))), "the rules")
        near = close_to(name, families)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield location, f"{name} is no product of the catalogue{hint}"
