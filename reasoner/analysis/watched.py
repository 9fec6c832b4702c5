"""Rules beside those of a policy that say which of its bodies hold, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from clingo.ast import AST

from reasoner.engine.solver import Decider
from reasoner.policy.dependencies import variables
from reasoner.policy.folder import RuleFolder
from reasoner.policy.record_facts import Ambiguity
from reasoner.policy.syntax import Statement, positive

HOLDS = "body_holds"
"""The predicate of rules that say so, by the number of a statement, and of a literal of its body."""


def watching(policy: RuleFolder, rules: Iterable[str], entries: int) -> Decider:
    """A program of the policy with these rules beside its own, for records of every kind. Raises RulesError."""
    program = policy.program(entries, ambiguity=Ambiguity.PRODUCTS)
    watched = program._replace(text="\n".join((program.text, *rules)))
    return Decider(lambda: watched)


def bodies(statements: Sequence[Statement]) -> Iterator[str]:
    """Rules that say which bodies hold."""
    for number, statement in enumerate(statements):
        if statement.body:
            yield f"{HOLDS}({number}) :- {_joined(statement.body)}."


def literals(statements: Sequence[Statement]) -> Iterator[str]:
    """Rules that say which literals hold; one that binds nothing holds beside those that bind its variables."""
    for number, statement in enumerate(statements):
        for position, literal in enumerate(statement.body):
            beside = [] if positive(literal) else _binding(statement.body, literal)
            yield f"{HOLDS}({number},{position}) :- {_joined([*beside, literal])}."


def _binding(body: Sequence[AST], literal: AST) -> list[AST]:
    """The atoms of a body, and the assignments of variables that none of them binds."""
    atoms = [other for other in body if positive(other)]
    free = variables(str(literal)) - variables(*map(str, atoms))
    assigned = [other for other in body if other is not literal and "=" in str(other) and variables(str(other)) & free]
    return [*atoms, *assigned]


def _joined(body: Iterable[AST]) -> str:
    return "; ".join(map(str, body))
