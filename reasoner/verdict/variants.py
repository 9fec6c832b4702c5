"""The conditions of a program as some cases have them, and what was worked out of cases with these."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from facts.case import Case
from facts.changes import Edit
from facts.terms import Term
from reasoner.engine.solver import AnswerSet
from reasoner.policy.conditions import Ask, Condition, Conditions, Relations, ask_of
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.edits import Wanted
from reasoner.verdict.facts import Worded, edits_for, worded
from reasoner.verdict.interference import Interference
from reasoner.verdict.standing import Targets
from reasoner.verdict.traces import Memory, Traces

MOST_REMEMBERED = 40_000
"""What is worked out of a policy's cases and remembered, at most: some 50 MB."""


class Variant(NamedTuple):
    """The conditions of a program as some cases have them, in their order, and what was worked out of cases."""

    conditions: Conditions
    order: dict[Term, int]
    relations: Relations
    interference: Interference
    targets: Targets
    worded: Traces[Worded]
    """Facts but for their edits, by their conditions, and the item that needs them."""
    edits: Traces[tuple[Edit, ...] | Wanted]
    """Edits of facts, by their conditions, and the criterion."""


def variant_of(
    folder: RuleFolder, case: Case, varying: Iterable[tuple[Term, ...]], answer_set: AnswerSet
) -> Variant:  # fmt: skip
    """The conditions with what they ask in one case; the `varying` rows of asks/3 are not of every record."""
    gone = frozenset((row[0], ask_of(*row[1:])) for row in varying if row not in answer_set["asks"])
    key = folder.program_of(case), gone
    variants: dict[Any, Variant] = folder.remembered.setdefault(Variant, {})
    if key not in variants:
        variants[key] = _variant(folder, case, gone)
    return variants[key]


def _variant(folder: RuleFolder, case: Case, gone: frozenset[tuple[Term, Ask]]) -> Variant:
    conditions, relations = folder.conditions(case), folder.relations(case)
    kept = {term: tuple(ask for ask in conditions[term].asks if (term, ask) not in gone) for term, _ in gone}
    conditions = {**conditions, **{term: _asking(conditions[term], asks) for term, asks in kept.items()}}
    assumptions = folder.solver(case).assumptions
    interference = Interference(folder, relations, conditions, assumptions)
    if Memory not in folder.remembered:
        folder.remembered[Memory] = Memory(
            0 if folder.by_solver else MOST_REMEMBERED
        )  # the reference remembers nothing
    memory = folder.remembered[Memory]
    return Variant(
        conditions,
        {term: position for position, term in enumerate(conditions)},
        relations,
        interference,
        Targets(relations, conditions, assumptions),
        Traces(partial(worded, folder, relations), memory),
        Traces(partial(edits_for, folder, relations), memory),
    )


def _asking(condition: Condition, asks: tuple[Ask, ...]) -> Condition:
    return condition._replace(asks=asks, fields=tuple(dict.fromkeys(ask.field for ask in asks)))
