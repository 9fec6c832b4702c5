"""What a function of a declaration is: how the value of one field follows from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from facts.periods import begun
from facts.phrases import number_text as number_text

if TYPE_CHECKING:
    from facts.case import Case
    from facts.declaration import Field
    from facts.values import Values

Number = int | float
Bounds = tuple[Number | None, Number | None]
"""The least and the greatest number that is possible; None: not bounded."""
Edit = dict[str, Any]
"""A step of a JSON Patch (RFC 6902)."""
Write = Callable[["Field", int, Any], list[Edit]]
"""What writes a value into a field (of an entry by its position, of the record as a whole at -1)."""

NUMBERS = ("whole", "decimal")


def add(path: str, value: Any) -> Edit:
    """The step that writes a value at a JSON Pointer."""
    return {"op": "add", "path": path, "value": value}


class Parameter(NamedTuple):
    """A parameter of a function: its name for people, and the types that a place given for it can have.

    A parameter without types is no place: `what` says what stands for it. `of_list`: the field of some list's
    entries, where otherwise a field of the same entry or of the record as a whole is meant.
    """

    name: str
    types: tuple[str, ...] = ()
    what: str = ""
    of_list: bool = False


class Function:
    """How the value of a field follows from others. Entries of a list are meant by their position, from 0."""

    parameters: ClassVar[tuple[Parameter, ...]] = ()
    kind: ClassVar[Literal["number", "truth", "word"]] = "number"
    """What it gives."""
    fits: ClassVar[tuple[str, ...]] = ("whole", "decimal", "computed")
    """The types that its field can have."""
    entries: ClassVar[int] = 1
    """Entries that the field of an entry has in its name, the most: two for one that relates a pair."""
    in_time: bool = False
    """Whether the value can change as days go by."""
    after_reading: bool = False
    """Whether words and products are to be understood before the value is known."""
    checks_bases: ClassVar[bool] = False
    """Whether the other fields by themselves can be at fault."""

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        """`arguments`: fields for places, terms for others; `sibling`: the field of another function of the same."""

    @property
    def bases(self) -> tuple[Field, ...]:
        """The fields in which the value stands where it is not stated itself."""
        return ()

    def bounds(self, values: Values, at: int) -> Bounds | None:
        """The number's bounds; None where nothing is known of it."""
        return None

    def exact(self, values: Values, at: int) -> Number | None:
        """The number that the other fields give, where they give just one."""
        bounds = self.bounds(values, at)
        return bounds[0] if bounds is not None and bounds[0] == bounds[1] else None

    def truth(self, values: Values, at: int) -> bool | None:
        """Whether it is so; None where that is not known."""
        return None

    def faults(self, values: Values, own: Field, at: int) -> list[tuple[str, str]]:
        """Where the other fields, or a value stated beside them, cannot be: path and message of each."""
        stated = values.stated(own, at)
        found = None if stated is None else self.exact(values, at)
        return [] if found is None or stated == found else [(own.path(at), self.disagreement(stated, found))]

    def disagreement(self, stated: Any, found: Any) -> str:
        """What is wrong with a stated value, in words."""
        named = " and ".join(f"the {base.title}" for base in self.bases)
        plural = len(self.bases) > 1 or any(base.type == "periods" for base in self.bases)
        return f"{stated} does not agree with {named}, which {'give' if plural else 'gives'} {number_text(found)}"

    def edits(self, case: Case, own: Field, at: int, value: Any, write: Write) -> list[Edit]:
        """How to make it the value; none where no edit can."""
        return []

    def determined(self, values: Values, at: int) -> bool:
        """Whether the value follows from dates alone, so that it moves with the day of the record."""
        return False

    def turning(self, values: Values, at: int, numbers: Iterable[int]) -> Iterator[date]:
        """The days on which it can change, of a number those on which it passes one of `numbers`."""
        return iter(())


class OfPeriods(Function):
    """What follows from periods and a day."""

    parameters = (Parameter("Periods", ("periods",)), Parameter("Until", ("date",)))
    in_time = True

    def __init__(self, arguments: Sequence[Any], sibling: Callable[[str], Field | None]) -> None:
        self.periods: Field = arguments[0]
        self.until: Field = arguments[1]

    @property
    def bases(self) -> tuple[Field, ...]:
        return (self.periods,)

    def determined(self, values: Values, at: int) -> bool:
        return begun(values.stated(self.periods, at) or ())
