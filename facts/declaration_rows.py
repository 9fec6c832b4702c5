"""From rows to a declaration, and all that can be wrong with the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from facts.declaration import (
    Change,
    Declaration,
    DeclarationError,
    DeclarationFault,
    EntryList,
    Field,
    Kind,
    Row,
    Rows,
    is_checked,
)
from facts.declaration_functions import FunctionReader, functors, nearest
from facts.function import NUMBERS, Number
from facts.periods import FIRST_DAY, LAST_DAY, day_of_number, number_of_day
from facts.terms import Term, shown

if TYPE_CHECKING:
    from facts.words import Vocabulary

_PLAIN = (
    "text", "identifier", "whole", "decimal", "date", "truth", "periods", "product", "subject", "computed", "choice",
)  # fmt: skip
_OF = ("choice", "word", "words", "references")
_KINDS: dict[str, Kind] = {
    "whole": "number", "decimal": "number", "truth": "truth", "date": "date", "words": "words",
    "choice": "word", "word": "word", "product": "word",
}  # fmt: skip
TYPES = tuple(dict.fromkeys((*_PLAIN, *_OF)))
"""The types that a field can have; those with an argument: choice(V), word(V), words(V), references(List)."""
_ONE = ("default", "title", "unit", "bounds", "decimals", "derived")
"""Tables of which a place has one row."""
_SEVERAL = ("required", "allowed", "phrase", "not_above", "any_of", "slips_refused", "as_of")
_CHANGES: tuple[Change, ...] = ("unchangeable", "settled", "fixed")
_PLACE = re.compile(r"(?:([a-z][a-z0-9_]*)(\[\])?\.)?([a-z][a-z0-9_]*)\Z")
_DAYS = (number_of_day(FIRST_DAY), number_of_day(LAST_DAY))
_MOST_DECIMALS = 6
_LARGEST = 2**31 - 1


def read_declaration(
    rows: Rows, vocabularies: Mapping[str, Vocabulary] | None = None, order: Sequence[str] = ()
) -> Declaration:
    """The declaration that some rows make. Raises DeclarationError with every fault.

    `order` has the places, sections and lists in the order in which they are to stand: solvers keep none
    (see `places_in`). `vocabularies`: those that fields can name; without them, any name is taken.
    """
    return _Reader(rows, vocabularies, order).read()


class _Reader:
    def __init__(self, rows: Rows, vocabularies: Mapping[str, Vocabulary] | None, order: Sequence[str]) -> None:
        self.rows, self.vocabularies = rows, vocabularies
        self.ranks = {place: number for number, place in enumerate(order)}
        self.faults: list[DeclarationFault] = []
        self.sections: dict[str, str] = {}
        self.lists: dict[str, tuple[str, str]] = {}
        self.types: dict[str, tuple[str, str]] = {}
        self.names: dict[str, Term] = {}
        self.wrong: set[str] = set()
        """Places whose fields are declared wrongly: nothing that follows from this is a fault beside it."""
        self.one: dict[str, dict[str, Row]] = {}
        self.several: dict[str, dict[str, list[Row]]] = {}
        self.fields: dict[str, Field] = {}
        self.making: list[str] = []

    def fault(self, message: str, *needles: Term) -> None:
        """Note a fault; a needle that is a place or a text stands in quotes."""
        found = DeclarationFault(tuple(str(needle) for needle in needles), message)
        if found not in self.faults:
            self.faults.append(found)

    def read(self) -> Declaration:
        self._sections()
        self._declared()
        self._attributes()
        self._functions = FunctionReader(self, {place: row[0] for place, row in self.one["derived"].items()})
        for place in self.types:
            self.field(place)
        for check in (self._names, self._references, self._identifiers, self._slips, self._counted):
            check()
        one_of, not_above = self._pairs("any_of"), self._pairs("not_above")
        complete = self._complete()
        day = self._day()
        if self.faults:
            raise DeclarationError(self.faults)
        return self._declaration(one_of, not_above, complete, day)

    def _sorted(self, names: Iterable[str]) -> list[str]:
        """In the order asked for; what it does not have, after that, as the rows have it."""
        return sorted(names, key=lambda name: self.ranks.get(name, len(self.ranks)))

    def _declaration(
        self,
        one_of: list[tuple[Field, Field]],
        not_above: list[tuple[Field, Field]],
        complete: set[str],
        day: Field | None,
    ) -> Declaration:
        fields = [self.fields[place] for place in self._sorted(self.fields)]
        top = self._sorted([
            *(one.key for one in fields if not one.section and not one.list), *self.sections, *self.lists,
        ])  # fmt: skip
        rank = {name: number for number, name in enumerate(top)}
        fields.sort(key=lambda one: (bool(one.list), rank[one.list or one.section or one.key]))
        lists = [
            self._entry_list(name, [one for one in fields if one.list == name], one_of, not_above, name in complete)
            for name in top
            if name in self.lists
        ]
        sections = {name: self.sections[name] for name in top if name in self.sections}
        return Declaration(
            sections, fields, lists, top,
            [pair for pair in one_of if not pair[0].list], [pair for pair in not_above if not pair[0].list],
            day, self.vocabularies,
        )  # fmt: skip

    def _entry_list(
        self,
        name: str,
        fields: list[Field],
        one_of: list[tuple[Field, Field]],
        not_above: list[tuple[Field, Field]],
        complete: bool,
    ) -> EntryList:
        functor, title = self.lists[name]
        of_type = {kind: tuple(one for one in fields if one.type == kind) for kind in ("references", "periods")}
        return EntryList(
            name, functor, title, complete, tuple(fields),
            tuple(pair for pair in one_of if pair[0].list == name),
            tuple(pair for pair in not_above if pair[0].list == name == pair[1].list),
            tuple(pair for pair in not_above if pair[0].list == name != pair[1].list),
            next((one for one in fields if one.type == "identifier"), None),
            of_type["references"], of_type["periods"], tuple(one for one in fields if is_checked(one)),
        )  # fmt: skip

    def _sections(self) -> None:
        for row in self.rows("section"):
            name, title = (str(part) for part in row)
            if name in self.sections:
                self.fault(f"the section {name} is declared twice", "section(", f'"{name}"')
            self.sections[name] = title
        for name_, entry, title_ in self.rows("list"):
            name, title = str(name_), str(title_)
            functor = entry[0] if isinstance(entry, tuple) and len(entry) == 2 and type(entry[1]) is int else None
            if not isinstance(functor, str):
                self.fault(f"the entries of {name} are not called functor(1), functor(2), …", "list(", f'"{name}"')
            elif self.lists.setdefault(name, (functor, title)) != (functor, title):
                self.fault(f"the list {name} is declared twice", "list(", f'"{name}"')
        for name in self.sections.keys() & self.lists.keys():
            self.fault(f"{name} is a section and a list", "list(", f'"{name}"')
        for name in (*self.sections, *self.lists):
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                self.fault(f"{name!r} is no name for a part of a record (small letters, digits, _)", f'"{name}"')
        functors = [functor for functor, _ in self.lists.values()]
        for functor in sorted({functor for functor in functors if functors.count(functor) > 1}):
            self.fault(f"the entries of two lists are called {functor}(…)", "list(", functor)

    def _declared(self) -> None:
        for place_, name, type_ in self.rows("field"):
            place = str(place_)
            needles = "field(", f'"{place}"'
            found = self._type(place, type_, needles)
            if place not in self.types:
                if self._stands(place, needles) and found is not None:
                    self.types[place], self.names[place] = found, name
                    self._named_rightly(place, name, needles)
                else:
                    self.wrong.add(place)
            elif (found, _pattern(name)) != (self.types[place], _pattern(self.names[place])):
                self.fault(f"the field {place} is declared twice", *needles)
        if self.types.get("case_id") != ("text", ""):
            self.fault('a record needs its identification: field("case_id", case_id, text)', 'field("case_id"')

    def _stands(self, place: str, needles: tuple[str, str]) -> bool:
        found = _PLACE.match(place)
        if found is None:
            self.fault(f"{place!r} is no place in a record; written like request.date or therapies[].days", *needles)
            return False
        parent, is_list, key = found.groups()
        if parent is None and (key in self.sections or key in self.lists):
            self.fault(f"{key} is a section or list, and no field", *needles)
            return False
        known = self.lists if is_list else self.sections
        if parent is not None and parent not in known:
            noun = "list" if is_list else "section"
            self.fault(f"{place}: no {noun} {parent} is declared{nearest(parent, known)}", *needles)
            return False
        return True

    def _type(self, place: str, type_: Term, needles: tuple[str, str]) -> tuple[str, str] | None:
        if isinstance(type_, str) and type_ in _PLAIN:
            return type_, ""
        if isinstance(type_, tuple) and len(type_) == 2 and type_[0] in _OF:
            kind, of = str(type_[0]), str(type_[1])
            if kind == "references":
                if of not in self.lists:
                    self.fault(f"{place} refers to {of}, which is no list{nearest(of, self.lists)}", *needles)
                    return None
            elif self.vocabularies is not None and of not in self.vocabularies:
                self.fault(f"{place}: no vocabulary {of}{nearest(of, self.vocabularies)}", *needles)
                return None
            return kind, of
        name = type_[0] if isinstance(type_, tuple) else type_
        if name in _OF and name not in _PLAIN:
            self.fault(f"{place}: the type {name} needs what it is of: {name}(…)", *needles)
        else:
            self.fault(f"{place}: no type {shown(type_)}{nearest(name, TYPES)}", *needles)
        return None

    def _named_rightly(self, place: str, name: Term, needles: tuple[str, str]) -> None:
        own = self.lists[place.partition("[")[0]][0] if "[]" in place else None
        entries = [part[0] for part in name[1:] if isinstance(part, tuple)] if isinstance(name, tuple) else []
        if (own is None and entries) or (own is not None and (not entries or set(entries) != {own})):
            wanted = "a plain name" if own is None else f"a term of its entry: name({own}(1))"
            self.fault(f"{place} is called {shown(name)}, where {wanted} is needed", *needles)

    def _attributes(self) -> None:
        for table in (*_ONE, *_SEVERAL, *_CHANGES):
            kept: dict[str, list[Row]] = {}
            for row in self.rows(table):
                place = row[0]
                if place in self.types:
                    kept.setdefault(str(place), []).append(row[1:])
                elif place not in self.wrong:
                    named = shown(place)
                    message = f"{table}: {named} is no field of a record{nearest(place, self.types)}"
                    self.fault(message, f"{table}(", named)
            self.several[table] = kept
            if table in _ONE:
                self.one[table] = {place: found[0] for place, found in kept.items()}
                for place, found in kept.items():
                    if len(found) > 1:
                        self.fault(f"{table}: several rows for {place}; one is needed", f"{table}(", f'"{place}"')

    def field(self, place: str) -> Field | None:
        """The field at a place, with those that it follows from; None where it is wrong."""
        if place in self.fields:
            return self.fields[place]
        if place in self.making:
            circle = " from ".join((*self.making[self.making.index(place) :], place))
            self.fault(f"{circle}: a value cannot follow from itself", "derived(", f'"{place}"')
            return None
        self.making.append(place)
        derived = self.one["derived"].get(place, ())
        known = self.wrong.isdisjoint(part for term in derived if isinstance(term, tuple) for part in term[1:])
        function = self._functions.of(place) if derived and known else None
        self.making.pop()
        kind, of = self.types[place]
        if kind == "computed" and function is None:
            if not derived:
                self.fault(f"{place} is computed, and nothing says from what: derived/2 is needed", f'"{place}"')
            return None
        parent, is_list, key = _PLACE.match(place).groups()  # type: ignore[union-attr]
        low, high = self._bounds(place, kind)
        title, unit = (str(self.one[table].get(place, (None,))[0] or "") for table in ("title", "unit"))
        allowed = self._allowed(place, kind, of)
        decimals = self._decimals(place, kind)
        self.fields[place] = found = Field(
            place, self._first(place), key, "" if is_list else parent or "", parent if is_list else "", kind,
            title or key.replace("_", " "), of if of and kind != "references" else None, unit, low, high, decimals,
            allowed,
            self._default(place, kind, of, allowed, (low, high)), place in self.several["required"],
            self._change(place), place in self.several["slips_refused"], of if kind == "references" else "", function,
            _KINDS.get(kind, "none") if kind != "computed" or function is None else function.kind,
        )  # fmt: skip
        if found.required and (found.default is not None or kind == "computed"):
            self.fault(f"{place} is required, and has a value without being written", "required(", f'"{place}"')
        return found

    def _first(self, place: str) -> Term:
        """The name of the field, in the first entry of its list."""
        name = self.names[place]
        if not isinstance(name, tuple):
            return name
        return name[0], *((part[0], 1) if isinstance(part, tuple) else part for part in name[1:])

    def _bounds(self, place: str, kind: str) -> tuple[Number | None, Number | None]:
        given = self.one["bounds"].get(place)
        if given is None:
            return _DAYS if kind == "date" else (None, None)
        needles = "bounds(", f'"{place}"'
        low, high = (_number(part) for part in given)
        if low is None or high is None:
            self.fault(f"{place}: the bounds are no numbers", *needles)
        elif kind not in (*NUMBERS, "date", "computed"):
            self.fault(f"{place} is no number, and has bounds", *needles)
        elif low > high:
            self.fault(f"{place}: the bounds are the wrong way round, {given[0]} to {given[1]}", *needles)
        elif kind == "whole" and (low != int(low) or high != int(high)):
            self.fault(f"{place}: a whole number needs whole bounds", *needles)
        elif kind == "date" and not all(type(part) is int and day_of_number(part) for part in given):
            self.fault(f"{place}: the bounds of a date are dates (YYYYMMDD)", *needles)
        else:
            return low, high
        return None, None

    def _decimals(self, place: str, kind: str) -> int:
        (given,) = self.one["decimals"].get(place, (0,))
        needles = "decimals(", f'"{place}"'
        if type(given) is not int or not 0 <= given <= _MOST_DECIMALS:
            self.fault(f"{place}: the decimals are a number from 0 to {_MOST_DECIMALS}", *needles)
            return 0
        if given and kind not in ("decimal", "computed"):
            self.fault(f"{place} is no decimal number, and has decimals", *needles)
        return given

    def _allowed(self, place: str, kind: str, of: str) -> tuple[str, ...]:
        given = [value for (value,) in self.several["allowed"].get(place, ())]
        needles = "allowed(", f'"{place}"'
        if given and not (kind == "subject" or (kind == "choice" and not of)):
            self.fault(f"{place} is no choice of values, and some are allowed", *needles)
        if not all(isinstance(value, str) for value in given):
            self.fault(f"{place}: what is allowed are words", *needles)
        if not given and kind == "choice" and not of:
            self.fault(f"{place} is a choice, and nothing is allowed", 'field("', f'"{place}"')
        if len(given) != 1 and kind == "subject":
            message = f"{place}: one value is allowed of what a policy speaks of; there are {len(given)}"
            self.fault(message, f'"{place}"')
        return tuple(dict.fromkeys(map(str, given)))

    def _default(
        self, place: str, kind: str, of: str, allowed: tuple[str, ...], bounds: tuple[Number | None, Number | None]
    ) -> str | bool | Number | None:
        if place not in self.one["default"]:
            return None
        (value,) = self.one["default"][place]
        low, high = bounds
        wrong = ""
        if kind == "truth":
            wrong = "" if isinstance(value, bool) else "no truth (true or false)"
        elif kind in NUMBERS:
            number = _number(value)
            if number is None or (kind == "whole" and number != int(number)):
                wrong = "no number" if kind == "decimal" else "no whole number"
            elif (low is not None and number < low) or (high is not None and number > high):
                wrong = "out of bounds"
            else:
                return number
        elif kind == "choice" and not of:
            wrong = "" if value in allowed else f"not allowed{nearest(value, allowed)}"
        elif kind in ("choice", "word"):
            terms = self.vocabularies[of].terms if self.vocabularies else {value: ""}
            wrong = "" if value in terms else f"no term of {of}{nearest(value, map(str, terms))}"
        else:
            wrong = f"a default, which a field of the type {kind} has not"
        if wrong:
            self.fault(f"{place}: the default {shown(value)} is {wrong}", "default(", f'"{place}"')
            return None
        return value if isinstance(value, bool | int) else str(value)

    def _change(self, place: str) -> Change:
        found = [change for change in _CHANGES if place in self.several[change]]
        if len(found) > 1:
            self.fault(f"{place} is {' and '.join(found)}; one of them is needed", f"{found[0]}(", f'"{place}"')
        return found[0] if found else "free"

    def _names(self) -> None:
        seen: dict[Term, str] = {}
        for place, name in self.names.items():
            first = seen.setdefault((str(_head(name)), *functors(name)), place)
            if first != place:
                self.fault(f"{first} and {place} are both called {shown(name)}", "field(", f'"{place}"')

    def _references(self) -> None:
        for place, found in self.fields.items():
            if found.references and not any(
                one.type == "identifier" and one.list == found.references for one in self.fields.values()
            ):
                message = f"{place} refers to entries of {found.references}, which have no identifier"
                self.fault(message, "field(", f'"{place}"')

    def _identifiers(self) -> None:
        for name in ("", *self.lists):
            own = [one.place for one in self.fields.values() if one.type == "identifier" and one.list == name]
            own = self._sorted(own)
            if len(own) > (1 if name else 0):
                what = f"an entry of {name} has one identifier" if name else "only entries of lists have identifiers"
                self.fault(f"{own[-1]}: {what}", "field(", f'"{own[-1]}"')
        for one in self.fields.values():
            if one.type == "references" and one.references != one.list:
                self.fault(f"{one.place} refers to entries of another list than its own", "field(", f'"{one.place}"')

    def _slips(self) -> None:
        for place in self.several["slips_refused"]:
            if place in self.fields and self.fields[place].type != "word":
                self.fault(f"{place} is no word, and slips are refused", "slips_refused(", f'"{place}"')

    def _counted(self) -> None:
        """Values that are counted over entries, and that their field cannot have."""
        for place, (function,) in self.one["derived"].items():
            if not isinstance(function, tuple) or function[0] != "number_of" or len(function) != 4:
                continue
            counted, value = self.fields.get(str(function[2])), function[3]
            known = None if counted is None else self._values(counted)
            kinds = {(type(one), one) for one in known or ()}
            if counted is not None and known is not None and (type(value), value) not in kinds:
                near = nearest(shown(value), map(shown, known))
                message = f"{place}: number_of: no record can say {shown(value)} in {counted.place}{near}"
                self.fault(message, "derived(", f'"{place}"')

    def _values(self, counted: Field) -> Sequence[Term] | None:
        """The values that a field can have; None where they are no closed set, or those of products."""
        if counted.kind == "truth":
            return True, False
        if counted.vocabulary is not None and counted.derived is None and self.vocabularies is not None:
            return tuple(self.vocabularies[counted.vocabulary].terms)
        return counted.allowed or None if counted.derived is None else None

    def _pairs(self, table: str) -> list[tuple[Field, Field]]:
        """The pairs of places of a table, as fields."""
        found = []
        for place, rows in self.several[table].items():
            for (other,) in rows:
                needles = f"{table}(", f'"{place}"'
                if other in self.wrong:
                    continue
                if other not in self.types:
                    message = f"{table}: {shown(other)} is no field of a record{nearest(other, self.types)}"
                    self.fault(message, *needles)
                    continue
                one, two = self.fields.get(place), self.fields.get(str(other))
                if one is None or two is None:
                    continue
                if wrong := _unlike(table, one, two):
                    self.fault(f"{table}: {place} and {other} {wrong}", *needles)
                found.append((one, two))
        return sorted(found, key=lambda pair: tuple(self.ranks.get(one.place, 0) for one in pair))

    def _complete(self) -> set[str]:
        found = {str(name) for (name,) in self.rows("complete")}
        for name in sorted(found - self.lists.keys()):
            self.fault(f"complete: {name} is no list{nearest(name, self.lists)}", "complete(", f'"{name}"')
        return found

    def _day(self) -> Field | None:
        """The date on which a record is judged: the one that is declared so, else the one that is required."""
        named = [self.fields[place] for place in self.several["as_of"] if place in self.fields]
        dates = [one for one in self.fields.values() if one.type == "date" and one.required and not one.list]
        for one in named:
            if one not in dates:
                self.fault(f"as_of: {one.place} is no required date of the record", "as_of(", f'"{one.place}"')
        found = named or dates
        if len(found) > 1:
            listed = ", ".join(sorted(one.place for one in found))
            message = f"of several dates one is that on which a record is judged: as_of/1 of one of {listed}"
            self.fault(message, "as_of(")
        return found[0] if found else None


def _unlike(table: str, one: Field, two: Field) -> str:
    """Why two fields cannot be related so; empty where they can."""
    if table == "any_of":
        return "" if (one.list, one.section) == (two.list, two.section) else "do not stand beside each other"
    if two.list and two.list != one.list:
        return "do not stand in one entry"
    if one.type == two.type == "date" or {one.type, two.type} <= {*NUMBERS}:
        return ""
    return "are not two dates, nor two numbers"


def _head(name: Term) -> Term:
    return name[0] if isinstance(name, tuple) else name


def _number(term: Any) -> Number | None:
    """A number as declarations write it: whole, or in quotes with decimals."""
    if type(term) is int:
        return term if abs(term) <= _LARGEST else None
    if isinstance(term, str) and re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", term):
        number = float(term)
        return int(number) if number == int(number) else number
    return None


def _pattern(name: Term) -> tuple[Term, ...]:
    """A field's name without the numbers of entries."""
    return (name[0] if isinstance(name, tuple) else name, *functors(name))
