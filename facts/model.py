"""The case record as its users write it, checked against its declaration: strict, every fault with its path."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from pydantic_core import SchemaValidator, ValidationError

from facts.contradictions import contradictions, misfits
from facts.declaration import Declaration, DeclarationError, DeclarationFault, EntryList, Field
from facts.errors import MAX_FAULTS, Fault, RecordError, more_faults
from facts.faults import close_to
from facts.faults import fault_of as fault_of
from facts.paths import steps, value_in
from facts.readers import MAX_TEXT, PLAIN, choice_reader, day_reader, read_day, slip_reader, term_reader
from facts.reading import MAX_DEPTH, depth, refuse
from facts.values import Values

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from facts.words import Vocabulary

MAX_ENTRIES = 100
"""Entries of a list, at most; and words of a list of words."""

MAX_PERIODS = 200
"""Periods of one field, at most."""

_MOST = 2**31 - 1
"""The largest number that a solver computes with."""
_CLASSES: dict[str, type] = {
    "whole": int, "decimal": float, "truth": bool, "date": date,
    "words": list, "references": list, "periods": list,
}  # fmt: skip
"""What the values of a field are in Python, where they are no texts."""


class Record(Struct, frozen=True):
    """A checked record: what it states and no more, dates as dates. Absent and null mean the same."""

    case_id: str
    data: dict[str, Any]


class RecordModel:
    """The records that a declaration admits. Build it once; raises DeclarationError for an unknown vocabulary."""

    def __init__(self, declaration: Declaration, vocabularies: Mapping[str, Vocabulary], policy: str = "") -> None:
        unknown = [one for one in declaration.fields if one.vocabulary and one.vocabulary not in vocabularies]
        if unknown:
            raise DeclarationError([
                DeclarationFault(("field(", f'"{one.place}"'), f"{one.place}: no vocabulary {one.vocabulary}")
                for one in unknown
            ])  # fmt: skip
        self.declaration = declaration
        self.vocabularies = vocabularies
        self.policy = policy
        self._validator = SchemaValidator(self._schema(strictly=True))

    def validate(self, data: object, source: str | None = None) -> Record:
        """A record from JSON data. Raises RecordError with every fault."""
        if not isinstance(data, dict):
            refuse("a record is an object with named fields; see `reasoner schema record`", source)
        try:
            checked = self._validator.validate_python(data)
        except ValidationError as error:
            if depth(data) > MAX_DEPTH:
                refuse(f"nested deeper than {MAX_DEPTH} levels", source)
            raise RecordError(self._faults(data, error), source) from None
        values = Values(self.declaration, checked)
        if misfits(values):
            raise RecordError(self._contradicted(values), source)
        found = contradictions(values)
        if found:
            raise RecordError(tuple(Fault(*fault) for fault in found), source)
        return Record(checked["case_id"], checked)

    def entry_faults(self, name: str, entry: Mapping[str, Any]) -> list[tuple[str, Fault]]:
        """What is wrong with an entry of a list: the field of each fault, and the fault."""
        try:
            checked = self.of_entry(name, entry)
        except ValidationError as error:
            details = error.errors(include_url=False)
            names = [one.key for one in self.declaration.entry_lists[name].fields]
            return [(str(detail["loc"][0]) if detail["loc"] else "", fault_of(detail, names)) for detail in details]
        found = misfits(Values(self.declaration, checked.data))
        return [(str(steps(path)[2]), Fault("".join(map(str, steps(path)[2:3])), message)) for path, message in found]

    def of_entry(self, name: str, entry: Mapping[str, Any]) -> Record:
        """A record that has nothing but one entry of a list. Raises pydantic's ValidationError for its faults."""
        schema = self._entry_schema(self.declaration.entry_lists[name], True)
        return Record("", {name: [SchemaValidator(schema).validate_python(dict(entry))]})

    # ── The schema ───────────────────────────────────────────────────────────

    def _schema(self, *, strictly: bool) -> CoreSchema:
        """pydantic's schema of a record; not `strictly`: with nothing that is required."""
        declaration, parts = self.declaration, {}
        for name in declaration.order:
            if name in declaration.entry_lists:
                entries = self._list(self._entry_schema(declaration.entry_lists[name], strictly), MAX_ENTRIES)
                parts[name] = _part(entries, list, required=False)
                continue
            if name not in declaration.sections:
                field = declaration.at_place(name)
                assert field is not None
                parts[name] = _part(
                    self._field(field), _CLASSES.get(field.type, str), required=strictly and field.required
                )
                continue
            fields = [field for field in declaration.of_record if field.section == name]
            needed = strictly and any(field.required for field in fields)
            parts[name] = _part(self._object(fields, strictly), dict, required=needed)
        return _typed(parts)

    def _entry_schema(self, declared: EntryList, strictly: bool) -> CoreSchema:
        return self._object(declared.fields, strictly)

    def _object(self, fields: Iterable[Field], strictly: bool) -> CoreSchema:
        return _typed({
            field.key: _part(self._field(field), _CLASSES.get(field.type, str), required=strictly and field.required)
            for field in fields if field.type != "computed"
        })  # fmt: skip

    @staticmethod
    def _list(items: CoreSchema, most: int) -> CoreSchema:
        return {"type": "list", "items_schema": items, "max_length": most, "strict": True}

    def _field(self, field: Field) -> CoreSchema:
        """What can stand in a field, where it is not null."""
        match field.type:
            case "whole":
                low, high = (-_MOST if field.low is None else field.low), (_MOST if field.high is None else field.high)
                return {"type": "int", "strict": True, "ge": int(low), "le": int(high)}
            case "decimal":
                most = _MOST // 10**field.decimals
                low, high = (-most if field.low is None else field.low), (most if field.high is None else field.high)
                return {"type": "float", "strict": True, "ge": low, "le": high, "allow_inf_nan": False}
            case "truth":
                return {"type": "bool", "strict": True}
            case "date":
                return _called(day_reader(field))
            case "choice":
                vocabulary = self.vocabularies[field.vocabulary] if field.vocabulary else None
                return _called(choice_reader(field.allowed) if vocabulary is None else term_reader(vocabulary))
            case "words":
                return self._list(_TEXT, MAX_ENTRIES)
            case "references":
                return self._list(_TEXT, MAX_ENTRIES)
            case "periods":
                ends = {name: _part(_called(read_day), date, required=False) for name in ("start", "end")}
                return self._list(_typed(ends), MAX_PERIODS)
            case "word" if field.slips_refused and field.vocabulary:
                reader = slip_reader(self.vocabularies[field.vocabulary])
                return {"type": "function-after", "function": {"type": "no-info", "function": reader}, "schema": _TEXT}
        return _TEXT

    # ── Faults ───────────────────────────────────────────────────────────────

    @cached_property
    def _lenient(self) -> SchemaValidator:
        """What admits a record of which parts are taken away."""
        return SchemaValidator(self._schema(strictly=False))

    @cached_property
    def _ranks(self) -> dict[str | int, int]:
        return {name: rank for rank, name in enumerate(self.declaration.order)}

    @cached_property
    def _names(self) -> list[str]:
        declaration = self.declaration
        keys = (field.key for field in declaration.fields if field.type != "computed")
        periods = ("start", "end") if any(field.type == "periods" for field in declaration.fields) else ()
        return sorted({*declaration.order, *keys, *periods})

    def _order(self, at: Sequence[str | int]) -> tuple[tuple[str, int], ...]:
        """What orders faults: the order of the sections and, within them, of the entries."""
        head, *rest = at or ("",)
        rank = ("", self._ranks.get(head, len(self._ranks)))
        return (rank, *(("", step) if isinstance(step, int) else (step, 0) for step in rest))

    def _faults(self, data: dict[str, Any], error: ValidationError) -> tuple[Fault, ...]:
        """All that is wrong with a record, in its order; of very many faults the first ones."""
        details = sorted(error.errors(include_url=False), key=lambda detail: self._order(detail["loc"]))
        foreign = self._foreign(data, details)
        if len(details) > MAX_FAULTS + 1:
            first = map(self._fault, details[:MAX_FAULTS])
            return (*foreign, *first, more_faults(len(details) - MAX_FAULTS))
        placed = [(self._order(detail["loc"]), self._fault(detail)) for detail in details]
        for path, message in self._further(data, details):
            placed.append((self._order(steps(path)), Fault(path, message)))
        return (*foreign, *(fault for _, fault in sorted(placed, key=lambda entry: entry[0])))

    def _fault(self, detail: Any) -> Fault:
        """One of pydantic's errors as a fault."""
        found = fault_of(detail, self._names)
        field = self.declaration.at_place(found.path) if detail["type"] == "extra_forbidden" else None
        if field is None or field.derived is None:
            return found
        named = " and ".join(f"the {base.title}" for base in field.derived.bases)
        return Fault(found.path, f"is not for a record to say: it follows from {named}")

    def _contradicted(self, values: Values) -> tuple[Fault, ...]:
        """The faults of a record whose fields are right, each by itself."""
        placed = [(self._order(steps(path)), Fault(path, message)) for path, message in self._beside(values)]
        return tuple(fault for _, fault in sorted(placed, key=lambda entry: entry[0]))

    def _beside(self, values: Values, faulty: Iterable[tuple[str | int, ...]] = ()) -> list[tuple[str, str]]:
        """What does not fit together, without the parts in which a fault was found."""
        known = frozenset(faulty)
        unfit = misfits(values, known)
        rest = deepcopy(values.data)
        for path, _ in unfit:
            _without(rest, steps(path), self.declaration.lists)
        missing = known | {steps(path) for path, _ in unfit}
        return [*unfit, *contradictions(Values(self.declaration, rest), missing)]

    def _further(self, data: dict[str, Any], details: Iterable[Any]) -> list[tuple[str, str]]:
        """The contradictions among those parts of a record that have no fault of their own."""
        rest, faulty = deepcopy(data), set()
        for detail in details:
            gone = _without(rest, detail["loc"], self.declaration.lists)
            if not gone:
                return []
            faulty.add(gone)
        try:
            checked = self._lenient.validate_python(rest)
        except ValidationError:
            return []
        return self._beside(Values(self.declaration, checked), faulty)

    def _foreign(self, data: Mapping[str, Any], details: Iterable[Any]) -> tuple[Fault, ...]:
        """The fault of a record of another policy: it has more sections that this one does not know than others."""
        declaration = self.declaration
        own = [name for name in data if name in declaration.sections or name in declaration.entry_lists]
        parts = (name for name, part in data.items() if isinstance(name, str) and isinstance(part, dict | list))
        others = [name for name in parts if name not in declaration.order and not close_to(name, declaration.order)]
        missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
        required = sum(field.required and not field.list for field in declaration.of_record)
        if not others or not (len(others) > len(own) or 2 * len(missing) > required):
            return ()
        named = self.policy or "this policy"
        return (Fault("", f"this is no record of {named} (see `reasoner schema record`)"),)


_TEXT: CoreSchema = {"type": "str", "strict": True, "min_length": 1, "max_length": MAX_TEXT, "pattern": PLAIN}


def _typed(parts: dict[str, Any]) -> CoreSchema:
    return {"type": "typed-dict", "fields": parts, "total": False, "extra_behavior": "forbid"}


def _part(schema: CoreSchema, kind: type, *, required: bool) -> dict[str, Any]:
    """A field with values of this kind; one that can be absent is left out where it is null."""
    if required:
        return {"type": "typed-dict-field", "schema": schema, "required": True}
    there: CoreSchema = {"type": "default", "schema": {"type": "is-instance", "cls": kind}, "on_error": "omit"}
    steps: list[CoreSchema] = [{"type": "nullable", "schema": schema}, there]
    return {"type": "typed-dict-field", "schema": {"type": "chain", "steps": steps}, "required": False}


def _called(function: Callable[[Any], Any]) -> CoreSchema:
    return {"type": "function-plain", "function": {"type": "no-info", "function": function}}


def _without(data: Any, place: Sequence[str | int], lists: Container[str]) -> tuple[str | int, ...]:
    """Take a faulty part out of a record's data; a list of values as a whole. Where it stood; empty: nowhere.

    Of a list of entries an empty one stays, so that the others keep their places.
    """
    found = list(place)
    while found:
        parent = value_in(data, found[:-1])
        if isinstance(parent, dict):
            parent.pop(found[-1], None)
            break
        if isinstance(parent, list) and len(found) == 2 and found[0] in lists:
            parent[int(found[1])] = {}
            break
        found.pop()
    return tuple(found)
