"""The functions that a declaration can use: what follows from products, and the names of them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from facts.arithmetic import DecreasePercent, Difference, IncreasePercent, NumberOf, RatioPercent, SumOf
from facts.days import DaysInAll, DaysInOneRun
from facts.durations import ActiveOn, CompletedDays, CompletedMonths, CompletedYears, UsedTogether
from facts.function import Edit, Function, Parameter, Write
from facts.terms import Term

if TYPE_CHECKING:
    from facts.case import Case
    from facts.catalogue import Catalogue, Match
    from facts.declaration import Field
    from facts.values import Values

ATTRIBUTES = {"class": "class_name", "potency": "potency", "us_class": "us_class", "prescription": "prescription"}
"""What the catalogue knows of a product, by the name that a declaration has for it."""


class OfProduct(Function):
    """What the catalogue knows of a product."""

    parameters = (Parameter("Product", ("product",)), Parameter("Attribute", what="attribute"))
    kind = "word"
    fits = ("word", "choice", "truth", "computed")
    after_reading = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.product: Field = arguments[0]
        self.attribute: str = arguments[1]
        self.match_name = ATTRIBUTES[self.attribute]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.product,)

    def possible(self, match: Match) -> tuple[Term, ...]:
        """What the products that a name fits have, each value once, in order."""
        found = {getattr(product, self.match_name) for product in match.products}
        return tuple(sorted(value for value in found if value is not None))

    def contradiction(self, match: Match, name: str, stated: Sequence[Term], catalogue: Catalogue) -> str | None:
        """What is wrong with the stated value of a product; None: nothing, or the catalogue does not know.

        Whether a product was prescribed is for the record to say.
        """
        possible = self.possible(match)
        if self.attribute == "prescription" or not possible:
            return None
        if self.attribute == "class":
            agreeing = any(catalogue.agrees(str(one), str(other)) for one in stated for other in possible)
        else:
            agreeing = any(one in possible for one in stated)
        if agreeing:
            return None
        shown = " or ".join(map(str, possible)), " or ".join(map(str, stated))
        return f"the catalogue has {name!r} as {shown[0]}, not {shown[1]}"

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        """Write the product that has it, where the name can mean one that a name of its own fits."""
        for candidate in case.candidates_of(self.product, at):
            if getattr(candidate, self.match_name) == value and candidate.written is not None:
                return write(self.product, at, candidate.key)
        return []


class ClassNamed(Function):
    """The class that a text names: itself, or as that of a product."""

    parameters = (Parameter("Text", ("product", "text")), Parameter("V", what="vocabulary"))
    kind = "word"
    fits = ("computed",)
    after_reading = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.text: Field = arguments[0]
        self.vocabulary: str = arguments[1]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.text,)

    def faults(self, values: Values, own: Field, at: int) -> list[tuple[str, str]]:
        return []

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        return write(self.text, at, value)


FUNCTIONS: dict[str, type[Function]] = {
    "completed_years": CompletedYears,
    "completed_months": CompletedMonths,
    "completed_days": CompletedDays,
    "days_in_all": DaysInAll,
    "days_in_one_run": DaysInOneRun,
    "active_on": ActiveOn,
    "used_together": UsedTogether,
    "of_product": OfProduct,
    "class_named": ClassNamed,
    "decrease_percent": DecreasePercent,
    "increase_percent": IncreasePercent,
    "difference": Difference,
    "ratio_percent": RatioPercent,
    "sum_of": SumOf,
    "number_of": NumberOf,
}
"""The functions, by the names that declarations use."""
