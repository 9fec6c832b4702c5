"""Random records of any policy: valid ones, whose values are those that the rules look for, and those next to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Any, TypeVar

from facts.changes import apply
from facts.declaration import Field
from facts.durations import Completed
from facts.errors import RecordError
from facts.paths import steps, value_in
from facts.periods import day_of_number
from facts.terms import Term
from reasoner import Policy

Data = dict[str, Any]
T = TypeVar("T")
_LATEST = date(2025, 6, 30)
_REPAIRS = 40
_UNKNOWN = "an unheard-of thing"


class Records:
    """Makes records of one policy; the same seed makes the same records."""

    def __init__(self, policy: Policy, seed: object, entries: int = 3) -> None:
        """`entries`: the most of a list, but for one in ten records."""
        self.policy, self.random, self.entries = policy, Random(f"{policy.id}/{seed}"), entries
        self.declaration = policy.declaration
        self._expected: dict[str, list[Term]] = {}
        self._compared: dict[str, list[int]] = {}
        for term, values in policy.expected_values().items():
            self._expected.setdefault(self._place(term), []).extend(values)
        for term, numbers in policy.compared_numbers().items():
            self._compared.setdefault(self._place(term), []).extend(numbers)
        self._absent, self._day = 0.0, _LATEST

    def record(self) -> Data:
        """A record in which anything can be."""
        while True:
            self._absent = self.random.choice((0.02, 0.1, 0.1, 0.3, 0.6))
            self._day = self._date_of_request()
            found = self._repaired(self._data())
            if found is not None:
                return found

    def near_approval(self) -> Data:
        """A record that is approved, or that a few of its parts keep from it."""
        found = self.record()
        explanation = self.policy.judge(found, limit=8).explanation
        if explanation is not None and explanation.minimal_sets:
            chosen = self.random.choice(explanation.minimal_sets)
            edits = list(chain.from_iterable(fact.edits for fact in chosen.facts))
            found = apply(self.policy.case(found).full, edits)
        other = self.record()
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self._mix(found, other)
        return self._repaired(found) or other

    def _place(self, term: Term) -> str:
        field = self.declaration.field(term)
        assert field is not None
        return field.place

    def _one(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    # ── A record, part by part ───────────────────────────────────────────────────────────────────

    def _data(self) -> Data:
        data: Data = {}
        for name in self.declaration.order:
            if name in self.declaration.entry_lists:
                if self.random.random() > self._absent / 2:
                    data[name] = self._entries(name)
                continue
            own = [one for one in self.declaration.of_record if name in (one.section, one.section or one.key)]
            if name in self.declaration.sections:
                if self.random.random() > self._absent / 4 or any(one.required for one in own):
                    data[name] = self._object(own)
            else:
                data |= self._object(own)
        return data

    def _entries(self, name: str) -> list[Data]:
        most = 6 if self.random.random() < 0.1 else self.entries
        fields = self.declaration.entry_lists[name].fields
        return [self._object(fields) for _ in range(self.random.randint(0, most))]

    def _object(self, fields: Sequence[Field]) -> Data:
        return dict(chain.from_iterable(self._fields_at(fields)))

    def _fields_at(self, fields: Sequence[Field]) -> Iterator[list[tuple[str, Any]]]:
        for field in fields:
            if field.type == "computed" or (field.type == "identifier" and self.random.random() < 0.7):
                continue
            beside = field.derived is not None and self.random.random() < 0.6
            if not field.required and (beside or self.random.random() < self._absent):
                if self.random.random() < 0.1:
                    yield [(field.key, None)]
                continue
            value = self._value(field)
            if value is not None:
                yield [(field.key, value)]

    def _value(self, field: Field) -> Any:
        if field.place == "case_id":
            return f"r{self.random.randrange(10**6)}"
        if field is self.declaration.day:
            return self._day.isoformat()
        made: dict[str, Callable[[Field], Any]] = {
            "whole": self._number, "decimal": self._number, "truth": self._truth, "date": self._date,
            "choice": self._word, "word": self._word, "words": self._words, "periods": self._periods,
            "product": self._product, "references": self._references, "subject": lambda one: one.allowed[0],
        }  # fmt: skip
        return made.get(field.type, self._text)(field)

    def _text(self, field: Field) -> str:
        return self._one(("x", "y). approved(", f"a {field.title}")) + str(self.random.randrange(3))

    def _truth(self, field: Field) -> bool:
        wanted = [value for value in self._expected.get(field.place, ()) if isinstance(value, bool)]
        return self._one(wanted) if wanted and self.random.random() < 0.5 else self._one((True, False))

    def _number(self, field: Field) -> float | None:
        """A number that is asked for, or right beside it; else one of the bounds, or any between them."""
        grid = 10 ** (field.decimals or (1 if field.type == "decimal" else 0))
        low = 0 if field.low is None else field.low
        high = low + 1000 if field.high is None else field.high
        asked = [field.unscaled(number) for number in self._compared.get(field.place, ())]
        tried = [number + self._one((-1, 0, 0, 1)) / grid for number in asked]
        drawn: list[float] = [low, high, self.random.uniform(low, high), self.random.uniform(low, (low + high) / 2)]
        chosen = self._one(tried) if tried and self.random.random() < 0.8 else self._one(drawn)
        rounded = round(chosen * grid) / grid
        found = int(rounded) if rounded == int(rounded) else rounded
        return found if field.admits(found) else None

    def _word(self, field: Field) -> str:
        wanted = [str(value) for value in self._expected.get(field.place, ())]
        if field.vocabulary is None:
            return self._one([*field.allowed, *(word for word in wanted if word in field.allowed)])
        vocabulary = self.policy.vocabularies[field.vocabulary]
        known = [word for word in wanted if word in vocabulary.terms]
        some = self.random.random()
        if some < 0.6 and known:
            return self._one(known)
        if some < 0.7 and vocabulary.phrases:
            return self._one(list(vocabulary.phrases))
        if some < 0.75 and field.type != "choice":
            return _UNKNOWN
        return self._one([*vocabulary.terms, *vocabulary.terms.values()])

    def _words(self, field: Field) -> list[str]:
        return [self._word(field) for _ in range(self._one((0, 1, 1, 2, 3)))]

    def _product(self, field: Field) -> str:
        products = self.policy.catalogue.products
        wanted = {*self._expected.get(field.place, ())}
        for follower, _ in self.declaration.of_product(field.place):
            wanted |= {*self._expected.get(follower.place, ())}
        fitting = [one for one in products if one.key in wanted or one.class_name in wanted]
        some = self.random.random()
        if some < 0.05 or not products:
            return _UNKNOWN
        chosen = self._one(fitting if fitting and some < 0.75 else products)
        return self._one([*chosen.names, self.policy.catalogue.written(chosen) or chosen.names[0]])

    def _references(self, field: Field) -> list[str]:
        initial = self.declaration.entry_lists[field.references].functor[0]
        return [f"{initial}{self.random.randint(1, 3)}"] if self.random.random() < 0.3 else []

    # ── Dates ────────────────────────────────────────────────────────────────────────────────────

    def _date_of_request(self) -> date:
        own = self.declaration.day
        turns = [day_of_number(number) for number in self._compared.get(own.place, ())] if own is not None else []
        firsts = [day for day in turns if day is not None]
        if firsts and self.random.random() < 0.4:
            return self._one(firsts) + timedelta(days=self._one((-1, 0, 1)))
        return self._one((date(2024, 2, 29), date(2025, 8, 31), _LATEST - timedelta(days=self.random.randrange(900))))

    def _date(self, field: Field) -> str:
        """A day that makes an age or a date asked for, or one near it; else any of the last years."""
        asked = [day_of_number(number) for number in self._compared.get(field.place, ())]
        days = [day + timedelta(days=self._one((-1, 0, 1))) for day in asked if day is not None]
        for other in self.declaration.fields:
            if isinstance(other.derived, Completed) and other.derived.start is field:
                for count in self._compared.get(other.place, (30,)):
                    about = (self._day - other.derived.before(self._day, count)).days
                    days.append(self._day - timedelta(days=about + self.random.randrange(-2, 20)))
                    days.append(self._day - timedelta(days=about + self.random.randrange(-2, 5000)))
        anyone = self._day - timedelta(days=self.random.randrange(-20, 900))
        return self._one([*days, *days, anyone]).isoformat()

    def _periods(self, field: Field) -> list[dict[str, str]]:
        counts = [number for other in self.declaration.days_of(field) for number in self._compared.get(other.place, ())]
        days = max(self._one(counts or [30]) + self._one((-1, 0, 0, 1, 40)), 1)
        end = self._day - timedelta(days=self._one((-2, -1, 0, 1, 30, 200)))
        start = end - timedelta(days=days - 1)
        match self.random.randrange(6):
            case 0:
                return [{"start": start.isoformat()}]
            case 1 if days > 3:
                middle = start + timedelta(days=self.random.randrange(1, days - 1))
                second = min(middle + timedelta(days=self._one((-1, 0, 1, 2, 9))), end)
                return [
                    {"start": second.isoformat(), "end": end.isoformat()},
                    {"start": start.isoformat(), "end": middle.isoformat()},
                ]
            case 2:
                return [self._one(({}, {"end": end.isoformat()}))]
        return [{"start": start.isoformat(), "end": end.isoformat()}]

    # ── What has to fit together ─────────────────────────────────────────────────────────────────

    def _repaired(self, data: Data) -> Data | None:
        """The record without the parts that do not fit beside the others; None where that is no record."""
        for _ in range(_REPAIRS):
            try:
                self.policy.case(data)
            except RecordError as error:
                if not all(_take_away(data, list(steps(fault.path))) for fault in error.faults):
                    return None
            else:
                return data
        return None

    def _mix(self, data: Data, other: Data) -> None:
        """Take a part of another record: a field, or an entry of a list."""
        name = self._one(sorted(other))
        part = deepcopy(other[name])
        if isinstance(part, list) and part and isinstance(part[0], dict):
            data[name] = [*(data.get(name) or ()), self._one(part)]
        elif isinstance(part, dict) and part and isinstance(data.get(name), dict):
            key = self._one(sorted(part))
            data[name][key] = part[key]


def _take_away(data: Data, place: list[str | int]) -> bool:
    """Take away what stands at a place, or else the entry that lacks it; whether there was something."""
    while place:
        parent, last = value_in(data, place[:-1]), place[-1]
        if isinstance(parent, dict) and last in parent:
            del parent[last]
            return True
        if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
            del parent[last]
            return True
        place = place[:-1]
    return False
