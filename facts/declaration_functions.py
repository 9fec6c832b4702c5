"""The functions of a declaration, each with the fields that it reads, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from facts.declaration import Field
from facts.derived import ATTRIBUTES, FUNCTIONS
from facts.function import Function, Parameter
from facts.terms import Term, shown

if TYPE_CHECKING:
    from facts.words import Vocabulary


class Reader(Protocol):
    """What reads the rest of a declaration."""

    types: dict[str, tuple[str, str]]
    """By place, the type of a field and what it is of."""
    names: dict[str, Term]
    lists: dict[str, tuple[str, str]]
    vocabularies: Mapping[str, Vocabulary] | None
    fields: dict[str, Field]
    """Those that were read so far."""

    def fault(self, message: str, *needles: Term) -> None:
        """Note a fault."""

    def field(self, place: str) -> Field | None:
        """The field at a place; None where it is wrong."""


def nearest(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(str(name)[:60], names, 1)
    if close:
        return f"; is {close[0]} meant?"
    return f"; there are: {', '.join(names)}" if len(names) <= 20 else ""


def functors(name: Term) -> tuple[Term, ...]:
    """The functors of the entries whose field it is."""
    if not isinstance(name, tuple):
        return ()
    return tuple(part[0] if isinstance(part, tuple) else part for part in name[1:])


class FunctionReader:
    """Reads the functions from which fields follow; `derived` has their terms by place."""

    def __init__(self, reader: Reader, derived: Mapping[str, Term]) -> None:
        self.reader, self.derived = reader, derived

    def of(self, place: str) -> Function | None:
        """The function that a place follows from, with what it reads; None where it is wrong."""
        given = self.derived[place]
        needles = "derived(", f'"{place}"'
        name, arguments = (str(given[0]), given[1:]) if isinstance(given, tuple) else (str(given), ())
        function = FUNCTIONS.get(name)
        if function is None:
            self.reader.fault(f"{place}: no function {name}{nearest(name, FUNCTIONS)}", *needles)
            return None
        if len(arguments) != len(function.parameters):
            wanted = ", ".join(parameter.name for parameter in function.parameters)
            self.reader.fault(f"{place}: {name} has {len(function.parameters)} arguments: {name}({wanted})", *needles)
            return None
        if self.reader.types[place][0] not in function.fits:
            kind = self.reader.types[place][0]
            wanted = " or ".join(function.fits)
            self.reader.fault(f"{place}: {name} gives no value of the type {kind}; {wanted} is needed", *needles)
            return None
        if len(functors(self.reader.names[place])) > max(function.entries, 1):
            self.reader.fault(
                f"{place}: {name} is of one entry, and {shown(self.reader.names[place])} of several", *needles
            )
            return None
        read = [
            self._argument(place, name, parameter, argument, arguments)
            for parameter, argument in zip(function.parameters, arguments, strict=True)
        ]
        if any(argument is None for argument in read):
            return None
        made = function(read, lambda other: self._sibling(other, arguments))
        bases = [one.derived for one in read if isinstance(one, Field) and one.derived is not None]
        made.in_time = made.in_time or any(base.in_time for base in bases)
        made.after_reading = made.after_reading or any(base.after_reading for base in bases)
        if name not in ("sum_of", "number_of") and not function.in_time and made.in_time:
            self.reader.fault(f"{place}: {name} of a number that changes as days go by is not known", *needles)
        return made

    def _sibling(self, function: str, arguments: Sequence[Term]) -> Field | None:
        """The field of another function of the same."""
        for place, given in self.derived.items():
            if given == (function, *arguments):
                return self.reader.fields.get(place)
        return None

    def _argument(
        self, place: str, function: str, parameter: Parameter, argument: Term, arguments: Sequence[Term]
    ) -> Field | Term | None:
        needles = "derived(", f'"{place}"'
        if parameter.types:
            return self._base(place, function, parameter, argument)
        if parameter.what == "value":
            return argument
        known: Collection[str] = ATTRIBUTES
        if parameter.what == "list":
            known = self.reader.lists
        elif parameter.what == "vocabulary":
            known = self.reader.vocabularies if self.reader.vocabularies is not None else (str(argument),)
        if not isinstance(argument, str) or argument not in known:
            message = f"{place}: {function}: no {parameter.what} {shown(argument)}{nearest(argument, known)}"
            self.reader.fault(message, *needles)
            return None
        if parameter.what == "list" and not any(str(other).startswith(f"{argument}[].") for other in arguments):
            self.reader.fault(f"{place}: {function}: the place is to be one of the entries of {argument}", *needles)
        return argument

    def _base(self, place: str, function: str, parameter: Parameter, argument: Term) -> Field | None:
        """The field that a function reads."""
        needles = "derived(", f'"{place}"'
        base = str(argument)
        if base not in self.reader.types:
            message = f"{place} follows from {shown(argument)}, which is no field{nearest(base, self.reader.types)}"
            self.reader.fault(message, *needles)
            return None
        if self.reader.types[base][0] not in parameter.types:
            wanted = " or ".join(parameter.types)
            message = (
                f"{place}: {function} needs a {wanted} as {parameter.name}; {base} is {self.reader.types[base][0]}"
            )
            self.reader.fault(message, *needles)
            return None
        own_list, base_list = (one.partition("[]")[0] if "[]" in one else "" for one in (place, base))
        if parameter.of_list:
            if not base_list or base_list == own_list or len(functors(self.reader.names[base])) > 1:
                self.reader.fault(
                    f"{place}: {function} is of the entries of a list; {base} is no field of such", *needles
                )
                return None
        elif base_list and base_list != own_list:
            self.reader.fault(f"{place} follows from {base}, of which there is one in each entry", *needles)
            return None
        found = self.reader.field(base)
        if found is not None and parameter.types and "whole" in parameter.types and found.kind != "number":
            self.reader.fault(f"{place}: {function} needs a number as {parameter.name}; {base} is none", *needles)
            return None
        return found
