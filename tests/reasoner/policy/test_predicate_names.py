"""Names of predicates: those that are the engine's own, and those that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner import Policy
from reasoner.policy.predicate_names import reserved, unknown_products, unused
from reasoner.policy.record_facts import Ambiguity
from reasoner.policy.syntax import Predicate, RuleFile, parsed, predicates_of


def rules(text: str) -> list[RuleFile]:
    return [RuleFile(Path("rules.lp"), text, tuple(parsed(text)))]


def derived(policy: Policy) -> set[Predicate]:
    """The predicates of the program that do not stand in the folder's own rules, nor in the engine's."""
    program = policy.program(2, ambiguity=Ambiguity.PRODUCTS)
    return {head for line in program.text.splitlines() for head in predicates_of(parsed(line)[0])[0]}


def test_what_is_derived_for_a_folder_is_not_given_by_its_rules(policy: Policy) -> None:
    for name, arity in sorted(derived(policy) - {("asks", 3)}):
        terms = ",".join("a" * arity)
        found = list(reserved(rules(f"{name}({terms}).")))
        assert found == [("rules.lp:1", f"{name}/{arity} is what the engine derives; rules may use it, not give it")]


@pytest.mark.parametrize(
    "text", ["holds(x) :- item(_, _, _).", "given(severity, mild).", "outcome(approved).", "best_case."]
)
def test_what_the_engine_derives(text: str) -> None:
    assert len(list(reserved(rules(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "asks(c, severity, one_of(mild)).",
        "established(c) :- x.",
        "requires(p, i).",
        "decided_by(x).",
        "in_force(v).",
        "my_own(1).",
    ],
)
def test_what_rules_may_give(text: str) -> None:
    assert list(reserved(rules(text))) == []


def test_a_predicate_that_nothing_uses_is_named_once() -> None:
    text = 'fialed(1).\nfialed(2).\nmet("1") :- failed(_).\nfailed(1).\n'
    assert list(unused(rules(text))) == [("rules.lp:1", "fialed/1: nothing uses it; a misspelt name?")]


def test_a_product_that_the_catalogue_does_not_have() -> None:
    files = rules("barred(1).\nbarred_product(azathioprin).\n")
    found = list(unknown_products(files, ["azathioprin", "azathioprine"], ["azathioprine"]))
    assert found == [("rules.lp:2", "azathioprin is no product of the catalogue; did you mean azathioprine?")]
