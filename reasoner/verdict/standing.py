"""How a record stands to a condition: its status, and what is written to establish it; and what orders sets of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from facts.terms import Term
from reasoner.policy.conditions import Condition, Relations
from reasoner.verdict.model import FactStatus

if TYPE_CHECKING:
    from reasoner.verdict.state import CaseState

RECORDED, NEW = 1000, 3000  # a number that falls short: less than 1000
"""How far a condition is from the record, in thousandths of a change: of what is recorded, of new evidence."""


class Position(NamedTuple):
    """What follows of a condition from the record."""

    status: FactStatus
    """Whether the record establishes or contradicts it, or leaves it open."""
    is_open: bool
    """Whether it can be supposed."""
    concerned: tuple[str, ...]
    """The items that it concerns in this case."""


class Standing(NamedTuple):
    """How a record stands to a condition."""

    status: FactStatus
    target: Term
    """What is written to establish it."""
    part: Term
    """What conditions of one fact have in common: their target; of words in a list each meaning is a fact."""
    no_way: bool
    """Whether the record contradicts it and nobody can change that: an age, say."""


class Key(NamedTuple):
    """What orders sets: contradicted conditions that cannot be changed, facts, contradicted ones, distance."""

    unchangeable: int
    size: int
    contradicted: int
    distance: int


def key_of(state: CaseState, terms: frozenset[Term]) -> Key:
    """What orders sets of conditions, best first."""
    each = [state.standing(term) for term in terms]
    return Key(
        sum(own.no_way for own in each),
        len({own.part for own in each}),
        sum(own.status == "contradicted" for own in each),
        sum(map(state.distance, terms)),
    )


def by_fact(state: CaseState, terms: Iterable[Term]) -> list[frozenset[Term]]:
    """The conditions in groups, each of which is one fact."""
    groups: dict[Term, list[Term]] = {}
    for term in terms:
        groups.setdefault(state.standing(term).part, []).append(term)
    return [frozenset(group) for group in groups.values()]


def standing_of(relations: Relations, state: CaseState, term: Term) -> Standing:
    """How a record stands to a condition."""
    condition, status = state.conditions[term], state.position(term).status
    target = _target(state, relations, term, condition)
    part = (*target, term) if isinstance(target, tuple) and target[0] == "words" else target
    return Standing(status, target, part, condition.unchangeable and status == "contradicted")


def _target(state: CaseState, relations: Relations, term: Term, condition: Condition) -> Term:
    """What is written to establish the condition: a field that the record leaves silent, else the first.

    Of a field that follows from others it is what it follows from; of fields that are changed together the
    first. Conditions of one target are one fact.
    """
    case, fields = state.case, condition.fields
    if not fields:
        return "adds", term
    field = next((own for own in fields if case.silent(own)), fields[0])
    declared = case.declaration.field(field)
    if condition.identifies and declared is not None and declared.is_list:  # some of its words, beside others
        return "words", field
    return min(case.places(other)[0] for other in relations.coupled.get(field, (field,)))
