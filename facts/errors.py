"""What can be wrong with a record."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """One fault: the path in the record (empty for the record as a whole), and what to mend."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RecordError(ValueError):
    """A record that is refused, with every fault that was found and the file it came from."""

    def __init__(self, faults: tuple[Fault, ...], source: str | None = None) -> None:
        self.faults = faults
        self.source = source
        super().__init__(faults, source)

    def at(self, source: str) -> RecordError:
        """The same faults with the file that they came from, where it was not known."""
        return RecordError(self.faults, self.source or source)

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return "\n".join(f"{where}{fault}" for fault in self.faults)
