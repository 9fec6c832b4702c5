"""Names in rule files that lead nowhere: predicates that nothing uses, products that the catalogue has not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from clingo.ast import ASTType

from reasoner.engine.ground import ENCODINGS
from reasoner.policy.syntax import Predicate, RuleFile, Statement, parsed, predicates

_TABLES = frozenset({
    ("policy", 2), ("request_default", 2), ("item", 3), ("citation", 2), ("words", 2), ("advisory_text", 2),
    ("choice_text", 2), ("version", 1), ("approval_months", 3), ("unchangeable", 1),
})  # fmt: skip
"""Predicates that the engine reads without a rule of its own."""


Found = tuple[str, str]
"""Where, and what is wrong."""


def _engine_predicates() -> Iterator[Predicate]:
    for name in ("decide.lp", "explain.lp"):
        for node in parsed((ENCODINGS / name).read_text("utf-8")):
            if node.ast_type in (ASTType.ShowSignature, ASTType.Defined):
                yield node.name, node.arity
            else:
                yield from predicates(node)


_OPEN_TO_RULES = frozenset({
    ("expected", 2), ("compares", 2), ("caps", 2), ("single_valued", 1), ("established", 1),
    ("contradicted", 1), ("still_open", 1),
})  # fmt: skip
"""Predicates that the engine derives and a policy's rules add to."""


def reserved(files: Sequence[RuleFile]) -> Iterator[Found]:
    """Rules that give what the engine derives: they would decide past the items."""
    derived: set[Predicate] = set()
    for name in ("decide.lp", "explain.lp"):
        for node in parsed((ENCODINGS / name).read_text("utf-8")):
            if node.ast_type == ASTType.Rule:
                rule = Statement(RuleFile(ENCODINGS / name, ""), node, 0, 0)
                derived |= rule.heads - rule.uses
            elif node.ast_type == ASTType.External:
                derived |= set(predicates(node.atom))
    for file in files:
        for statement in file.statements:
            for name, arity in sorted(statement.heads & derived - _OPEN_TO_RULES):
                yield statement.place, f"{name}/{arity} is what the engine derives; rules may use it, not give it"


def unused(files: Sequence[RuleFile]) -> Iterator[Found]:
    """Predicates that are derived, and that no rule and not the engine uses."""
    used = {p for file in files for s in file.statements for p in s.uses}
    used |= {*_engine_predicates(), *_TABLES}
    told: set[Predicate] = set()
    for file in files:
        for statement in file.statements:
            for name, arity in sorted(statement.heads - used - told):
                told.add((name, arity))
                yield statement.place, f"{name}/{arity}: nothing uses it; a misspelt name?"


def unknown_products(files: Sequence[RuleFile], told: Iterable[str], known: Iterable[str]) -> Iterator[Found]:
    """Products of the rules (`told`) that are none of the catalogue's (`known`)."""
    families = sorted(set(known))
    for name in sorted({*told} - {*families}):
        word = re.compile(rf"\b{re.escape(name)}\b")
        place = next((s.place for file in files for s in file.statements if word.search(str(s))), "the rules")
        near = get_close_matches(name, families, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield place, f"{name} is no product of the catalogue{hint}"
