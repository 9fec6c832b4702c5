"""The values of a checked record, by field and entry. Entries are meant by their position, from 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from facts.function import Bounds
from facts.periods import Period, Stretch, runs
from facts.terms import Term

if TYPE_CHECKING:
    from facts.declaration import Declaration, Field

Data = Mapping[str, Any]
"""A record as data: what is stated and no more, dates as dates."""
_NOTHING: dict[str, Any] = {}
Source = tuple["Field | str", int]
"""A field of the record (at -1) or of an entry by its position; or a list, by its name."""


def path_of(source: Source) -> str:
    """The path at which it stands in a record."""
    field, at = source
    return field if isinstance(field, str) else field.path(at)


class Values:
    """A record's values before its words and products are understood."""

    __slots__ = ("_runs", "data", "declaration")

    def __init__(self, declaration: Declaration, data: Data) -> None:
        self.declaration = declaration
        self.data = data
        self._runs: dict[tuple[int, date], tuple[Stretch, ...]] = {}

    @property
    def day(self) -> date | None:
        """The date on which the record is judged."""
        own = self.declaration.day
        found: date | None = None if own is None else self.stated(own, -1)
        return found

    def entries(self, name: str) -> Sequence[dict[str, Any]]:
        """The entries of a list."""
        found: Sequence[dict[str, Any]] = self.data.get(name) or ()
        return found

    def count(self, name: str) -> int:
        """How many entries a list has."""
        return len(self.entries(name))

    def gives_list(self, name: str) -> bool:
        """Whether the record has the list, be it empty."""
        return name in self.data

    def part(self, field: Field, at: int) -> Mapping[str, Any]:
        """The object in which the field stands."""
        if field.list:
            found: Mapping[str, Any] = self.data[field.list][at]
            return found
        return self.data.get(field.section, _NOTHING) if field.section else self.data

    def stated(self, field: Field, at: int) -> Any:
        """What the record states in the field, or None."""
        if field.list:
            return self.data[field.list][at].get(field.key)
        if not field.section:
            return self.data.get(field.key)
        part = self.data.get(field.section)
        return None if part is None else part.get(field.key)

    def bounds(self, field: Field, at: int) -> Bounds | None:
        """The bounds of a number: as stated, as it follows from others, else its default; None: nothing is known."""
        stated = self.stated(field, at)
        return self.unstated_bounds(field, at) if stated is None else (stated, stated)

    def unstated_bounds(self, field: Field, at: int) -> Bounds | None:
        """The bounds of a number that is not stated."""
        found = None if field.derived is None else field.derived.bounds(self, at)
        if found is not None or field.default is None:
            return found
        number: Any = field.default
        return number, number

    def has(self, field: Field, at: int, value: Term) -> bool | None:
        """Whether the field has the value; None where that is not known, as before words are understood."""
        return None

    def stretches(self, periods: Sequence[Period], until: date) -> tuple[Stretch, ...]:
        """The unbroken stretches of the periods up to a day, remembered."""
        key = id(periods), until
        found = self._runs.get(key)
        if found is None:
            found = self._runs[key] = runs(periods, until)
        return found

    def on(self, day: date) -> Values:
        """The same values on another day."""
        return Values(self.declaration, moved(self, day))


def moved(values: Values, day: date) -> dict[str, Any]:
    """The data of a record on another day; what it states beside the dates that it follows from is left to these."""
    declaration = values.declaration
    own = declaration.day
    if own is None:
        raise ValueError("the record is judged on no date")
    data = dict(values.data)
    for field in declaration.fields:
        if field.derived is None or not field.derived.in_time or field.type == "computed":
            continue
        parts = enumerate(values.entries(field.list)) if field.list else ((-1, values.part(field, -1)),)
        for at in [at for at, part in parts if part.get(field.key) is not None]:
            if field.derived.determined(values, at):
                del _writable(values, data, field, at)[field.key]
    _writable(values, data, own, -1)[own.key] = day
    return data


def _writable(values: Values, data: dict[str, Any], field: Field, at: int) -> dict[str, Any]:
    """The object in which the field stands, copied before it is written into."""
    if field.list:
        if data[field.list] is values.data[field.list]:
            data[field.list] = list(data[field.list])
        entries = data[field.list]
        if entries[at] is values.data[field.list][at]:
            entries[at] = dict(entries[at])
        entry: dict[str, Any] = entries[at]
        return entry
    if not field.section:
        return data
    if data.get(field.section) is values.data.get(field.section):
        data[field.section] = dict(values.data.get(field.section, {}))
    section: dict[str, Any] = data[field.section]
    return section
