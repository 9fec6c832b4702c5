"""What can be wrong with a record."""

from __future__ import annotations

from typing import NamedTuple

MAX_FAULTS = 50
"""Faults of one record that are told; of the others only how many they are."""

_MAX_SHOWN = 2_000


def printable(text: str) -> str:
    """Text from outside as one line for a terminal: what would steer or mislead it is escaped, excess is cut."""
    if len(text) > _MAX_SHOWN:
        text = text[:_MAX_SHOWN] + "..."
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


class Fault(NamedTuple):
    """One fault: the path in the record (empty for the record as a whole), and what to mend."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Place(NamedTuple):
    """Where something stands in a text, both from 1."""

    line: int
    column: int


def more_faults(number: int) -> Fault:
    """What stands in place of faults that are too many to tell."""
    return Fault("", f"and {number:,} more faults")


class RecordError(ValueError):
    """A record that is refused, with the faults that were found, the file it came from, and where its text breaks off.

    Only a text that cannot be read has such a place; any other fault has a path.
    """

    def __init__(self, faults: tuple[Fault, ...], source: str | None = None, place: Place | None = None) -> None:
        if len(faults) > MAX_FAULTS + 1:  # one more takes no more room than the line that would stand for it
            faults = (*faults[:MAX_FAULTS], more_faults(len(faults) - MAX_FAULTS))
        self.faults = faults
        self.source = source
        self.place = place
        super().__init__(faults, source, place)

    def at(self, source: str) -> RecordError:
        """The same faults with the file that they came from, where it was not known."""
        return RecordError(self.faults, self.source or source, self.place)

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return "\n".join(printable(f"{where}{fault}") for fault in self.faults)
