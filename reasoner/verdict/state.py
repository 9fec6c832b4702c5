"""What the parts of a verdict are worked out of, beside the policy."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Protocol

from facts.case import Case
from facts.terms import Between, Term
from reasoner.policy.conditions import Conditions
from reasoner.verdict.standing import Position

if TYPE_CHECKING:
    from reasoner.verdict.traces import Query


class CaseState(Protocol):
    """What is read beside the policy: the case, and what follows from it of the conditions."""

    @property
    def case(self) -> Case:
        """The case."""

    @property
    def conditions(self) -> Conditions:
        """The conditions with what they ask in this case."""

    def position(self, term: Term) -> Position:
        """What follows of the condition from the record."""

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""


class AnsweringState(CaseState, Protocol):
    """The state of a case that keeps what was read of it."""

    @property
    def answers(self) -> dict[Query, Hashable]:
        """What was read, and the answers."""
