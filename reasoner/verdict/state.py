"""What the parts of a verdict are worked out of, beside the policy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Protocol

from facts.case import Case
from facts.terms import Between, Term
from reasoner.policy.conditions import Conditions
from reasoner.verdict.model import FactStatus
from reasoner.verdict.standing import Standing

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

    def status(self, term: Term) -> FactStatus:
        """Whether the record establishes or contradicts the condition, or leaves it open."""

    def is_open(self, term: Term) -> bool:
        """Whether the condition can be supposed."""

    def concerned(self, term: Term) -> Sequence[str]:
        """The items that the condition concerns in this case."""

    def is_required(self, item: str) -> bool:
        """Whether some pathway requires the item in this case."""

    def number(self, field: Term) -> Between | None:
        """What is known of the number in a field."""

    def standing(self, term: Term) -> Standing:
        """How the record stands to the condition."""

    def has_edits(self, term: Term, item: str) -> bool:
        """Whether some edit of the record brings the condition about, for the need of an item."""

    def contested(self, item: str) -> frozenset[Term]:
        """The contested fields of which an item asks in this case, and those below it."""


class AnsweringState(CaseState, Protocol):
    """The state of a case that keeps what was read of it."""

    @property
    def answers(self) -> dict[Query, Hashable]:
        """What was read, and the answers."""
