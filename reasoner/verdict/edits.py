"""The edits of the record that establish conditions of one field: one value that satisfies all of them.

Where the record admits several values, the nearest to what it says that meets no other condition of the
field besides: the edits of a fact do neither less nor more than the fact says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from facts import changes
from facts.arithmetic import NumberOf, fraction, number
from facts.case import Case
from facts.changes import Edit
from facts.coupled import Compared, Coupled, Region, region
from facts.declaration import Declaration, Field
from facts.function import Number, add
from facts.paths import pointer
from facts.periods import day_of_number, number_of_day
from facts.terms import Term
from reasoner.policy.conditions import Ask, Condition, Conditions, Relations
from reasoner.policy.folder import RuleFolder
from reasoner.policy.record_facts import number_range
from reasoner.verdict.wording import entry_of

IsEstablished = Callable[[Term], bool]
"""Whether the record establishes a condition."""
Edits = Callable[[Case, IsEstablished], Sequence[Edit]]
"""What a case is edited by: a JSON Patch on its full form, prepared for all cases."""
_OfCase = Callable[[Case], Sequence[Edit]]
_Read = Callable[[dict[str, Any]], Case]


def edits_of(
    folder: RuleFolder, case: Case, relations: Relations, all_conditions: Conditions, terms: Sequence[Term],
    criterion: str, required: frozenset[str],
) -> Edits:  # fmt: skip
    """How conditions of one target are established for a criterion, where some items are required.

    None of them adds an entry. It is prepared from any case of the program.
    """
    conditions = sorted((all_conditions[term] for term in terms), key=lambda condition: condition.name)
    if conditions[0].identifies in ("meant", "unrelated"):
        (ask,) = conditions[0].asks
        if conditions[0].identifies == "meant":
            return lambda case, _: changes.set_meaning(case, ask.field, ask.values[0])
        read = relations.read.get(ask.field, frozenset())
        return lambda case, _: changes.without_unknown(case, ask.field, read)
    coupled = relations.coupled
    fields = {other for c in conditions for field in c.fields for other in coupled.get(field, (field,))}
    asking = {term for field in fields for term in relations.by_field.get(field, ())}
    pathway = folder.pathway_of(criterion)
    beside = {term for term in asking if not required.isdisjoint(_items_beside(folder, relations, term, pathway))}
    if all(
        condition.fields and condition.fields[0] in coupled and len(condition.fields) == 1 for condition in conditions
    ):
        together, compared = folder.coupled_with(conditions[0].fields[0])
        barring = {*folder.exclusions, *folder.authorities}
        always = {term for term in beside if not barring.isdisjoint(relations.items.get(term, ()))}

        def of_coupled(case: Case, is_established: IsEstablished) -> Sequence[Edit]:
            others = [all_conditions[term] for term in beside if term in always or not is_established(term)]
            return edits_together(case, together, compared, conditions, others)

        return of_coupled
    names = {condition.name for condition in conditions}
    asking_beside = (other for term in beside if (other := all_conditions[term]).name not in names)
    others = sorted(asking_beside, key=lambda other: other.name)
    if len(conditions) == len(conditions[0].fields) == 1:
        edits = _of_field(case, conditions[0].fields[0], conditions, others)
    else:
        edits = _OfFields(conditions, others, folder.case).edits
    return lambda case, _: edits(case)


def _items_beside(folder: RuleFolder, relations: Relations, term: Term, pathway: str | None) -> Iterator[str]:
    """The items that a condition can concern on a pathway, or on every one, by those that are required for them."""
    for item in relations.items.get(term, ()):
        if folder.pathway_of(item) in (pathway, None):
            yield folder.required_above(item)


class _OfFields:
    """The edits of the record that establish conditions of its fields, those of one field by one value."""

    def __init__(self, conditions: Sequence[Condition], others: Sequence[Condition], read: _Read) -> None:
        """`others` ask of these fields as well.

        `read` reads changed data again: of several fields that follow from the same ones, each edit stands on the last.
        """
        self._conditions, self._others, self._read = conditions, others, read
        self._of_fields: dict[tuple[Term, ...], _OfCase] = {}

    def edits(self, case: Case) -> Sequence[Edit]:
        """Those of a case; of the fields that can meet a condition a silent one is written, else the first."""
        by_field: dict[Term, list[Condition]] = {}
        for condition in self._conditions:
            fields = condition.fields
            if not fields:  # it asks nothing in this version
                return ()
            field = fields[0] if len(fields) == 1 else next(filter(case.silent, fields), fields[0])
            by_field.setdefault(field, []).append(condition)
        if len(by_field) == 1:
            ((field, asking),) = by_field.items()
            return self._of_field(case, field, asking)(case)
        edits: list[Edit] = []
        for field, asking in by_field.items():
            made = self._of_field(case, field, asking)(case)
            edits += made
            case = self._read(changes.apply(case.full, made))
        return edits

    def _of_field(self, case: Case, field: Term, asking: Sequence[Condition]) -> _OfCase:
        key = field, *(condition.name for condition in asking)
        found = self._of_fields.get(key)
        if found is None:
            found = self._of_fields[key] = _of_field(case, field, asking, self._others)
        return found


def edits_together(
    case: Case, coupled: Coupled, compared: Compared, conditions: Sequence[Condition], others: Iterable[Condition]
) -> list[Edit]:
    """The edits of numbers that meet conditions of them and of what follows from them; `others` ask of these, too.

    Of the values that meet the conditions those that meet the fewest others, then with which the fewest numbers are
    written, then the nearest to the record. What is stated beside the numbers that it follows from is written as well.
    """
    at = case.declaration.position(conditions[0].fields[0])
    recorded = _recorded(case, coupled, at)
    names = {condition.name for condition in conditions}
    wanted = [_intervals(condition, case) for condition in conditions]
    beside = [_intervals(other, case) for other in others if other.name not in names]
    asked = {field for intervals in wanted for field, _, _ in intervals}

    def rank(new: Mapping[Field, Fraction]) -> tuple[int, ...]:
        fixed = sum(field.change != "free" for field in new.keys() & recorded.keys())
        return fixed, len(new), sum(field not in asked for field in new)

    def distance(new: Mapping[Field, Fraction]) -> tuple[Fraction, Fraction]:
        corrected = new.keys() & recorded.keys()
        missing = new.keys() - corrected
        return (
            sum((_relative_difference(new[field], recorded[field]) for field in corrected), Fraction(0)),
            sum((_from_usual(field, new[field], compared, recorded) for field in missing), Fraction(0)),
        )

    edges = tuple((field, tuple(compared[field])) for field in coupled.fields if field in compared)
    by_number_met: dict[int, list[dict[Field, Fraction]]] = {}
    for values, written in _candidates(coupled, edges, tuple(recorded.items())):
        if all(_lies_in(intervals, values) for intervals in wanted):
            met = sum(_lies_in(intervals, values) for intervals in beside)
            by_number_met.setdefault(met, []).extend(written)
    for met in sorted(by_number_met):
        by_rank: dict[tuple[int, ...], list[dict[Field, Fraction]]] = {}
        for new in by_number_met[met]:
            by_rank.setdefault(rank(new), []).append(new)
        for _, equal in sorted(by_rank.items(), key=itemgetter(0)):
            for new in sorted(equal, key=distance):
                each = [_written(case, coupled, field, at, value) for field, value in new.items()]
                if all(each):
                    return list(chain.from_iterable(each))
    return []


_Interval = tuple[Field, float, float]


def _intervals(condition: Condition, case: Case) -> list[_Interval]:
    """The numbers that a condition admits in each of its fields."""
    return [
        (field, -inf if ask.low is None else ask.low, inf if ask.high is None else ask.high)
        for ask in condition.asks
        if ask.relation != "one_of" and (field := case.declaration.field(ask.field)) is not None
    ]


def _lies_in(intervals: Sequence[_Interval], values: Mapping[Field, Number]) -> bool:
    return any(field in values and low <= values[field] <= high for field, low, high in intervals)


_Edges = tuple[tuple[Field, tuple[Number, ...]], ...]


class _Candidates(NamedTuple):
    """Numbers that lie alike between those compared: some values of all of them, and what is written for each."""

    values: dict[Field, Number]
    written: list[dict[Field, Fraction]]


@lru_cache(maxsize=16)
def _candidates(coupled: Coupled, compared: _Edges, recorded: tuple[tuple[Field, Fraction], ...]) -> list[_Candidates]:
    """What a record could say in place of these numbers, as rules have it.

    The facts of a verdict ask for them one after the other.
    """
    found: dict[Region, _Candidates] = {}
    there = dict(recorded)
    for point in coupled.points(dict(compared), there):
        values = {field: field.scaled(value) for field, value in coupled.values(point).items()}
        exact = coupled.exact(dict(zip(coupled.written, point, strict=True)))
        new = {
            field: value
            for field, own in zip(coupled.written, point, strict=True)
            if (value := exact[field] if field in there else own) is not None and value != there.get(field)
        }
        found.setdefault(region(values, compared), _Candidates(values, [])).written.append(new)
    return list(found.values())


def _recorded(case: Case, coupled: Coupled, at: int) -> dict[Field, Fraction]:
    """The numbers that the record has; those that follow where it states them itself."""
    found: dict[Field, Fraction] = {}
    for field in coupled.bases:
        low, high = map(fraction, case.bounds(field, at) or (None, None))
        if low is not None and low == high:
            found[field] = low
    for field in coupled.statable:
        stated = case.stated(field, at)
        own = field.default if stated is None else stated
        if isinstance(own, int | float):
            found[field] = Fraction(repr(own))
    return found


def _written(case: Case, coupled: Coupled, field: Field, at: int, value: Fraction) -> list[Edit]:
    if field in coupled.bases:
        return changes.write(case, field, at, number(value))
    return [add(pointer(field.path(at)), number(value))]


def _relative_difference(one: Fraction, other: Fraction) -> Fraction:
    """How far two numbers are apart, as a part of the greater."""
    return abs(one - other) / max(abs(one), abs(other)) if one != other else Fraction(0)


def _from_usual(field: Field, value: Fraction, compared: Compared, recorded: Mapping[Field, Fraction]) -> Fraction:
    """How far a number that is missing is from those that are asked of it, else from those beside it."""
    usual = [Fraction(repr(field.unscaled(edge))) for edge in compared.get(field, ())] or list(recorded.values())
    return min((_relative_difference(value, one) for one in usual), default=Fraction(0))


def _of_field(case: Case, field: Term, conditions: Sequence[Condition], others: Sequence[Condition]) -> _OfCase:
    """How a field is edited that conditions ask of, prepared from any case; the others ask of it as well, perhaps."""
    declared = case.declaration.field(field)
    assert declared is not None
    asks = [ask for condition in conditions for ask in condition.asks if ask.field == field]
    if asks[0].relation != "one_of":
        if isinstance(declared.derived, NumberOf) and declared.type == "computed":
            return partial(_of_number, declared.derived, *_bounds(asks))
        beside = [[ask for ask in other.asks if ask.field == field] for other in others]
        return _Number(case.declaration, declared, asks, [own for own in beside if own]).edits
    wanted = [condition.values(field) for condition in conditions]
    unwanted = [other.values(field) for other in others]
    if declared.is_list:
        covering = _covering(wanted, unwanted)
        return lambda case: changes.add_values(case, field, covering)
    common = [value for value in wanted[0] if all(value in values for values in wanted)]
    best_first = sorted(common, key=lambda value: _count(value, unwanted))
    if len(common) > 1:
        return lambda case: changes.set_value(case, field, _possible(case, field, best_first))
    if common and changes.is_written_alike(declared):
        edits = tuple(changes.set_value(case, field, common[0]))
        return lambda case: edits
    return lambda case: changes.set_value(case, field, common[0]) if common else ()


def _possible(case: Case, field: Term, values: Sequence[Term]) -> Term:
    """The first of the values that the catalogue admits in a field; of those that it does not know the first."""
    possible = case.possible(field)
    return next((value for value in values if value in possible), values[0])


def _bounds(asks: Sequence[Ask]) -> tuple[int | None, int | None]:
    """The least and the greatest number that meets all that is asked."""
    low = max((ask.low for ask in asks if ask.low is not None), default=None)
    high = min((ask.high for ask in asks if ask.high is not None), default=None)
    return low, high


def _of_number(by: NumberOf, low: int | None, high: int | None, case: Case) -> list[Edit]:
    """The edits of entries of which so many have a value: no more of them than the conditions ask for."""
    return by.edits_between(case, low, high, lambda other, at, value: changes.write(case, other, at, value))


def _count(value: Term, groups: Iterable[Sequence[Term]]) -> int:
    return sum(value in group for group in groups)


def _covering(wanted: Sequence[Sequence[Term]], unwanted: Sequence[Sequence[Term]]) -> list[Term]:
    """Few values so that each condition has one: one for all where there is one."""
    found: list[Term] = []
    for values in wanted:
        if not set(found) & set(values):
            found.append(min(values, key=lambda v: (_count(v, unwanted), -_count(v, wanted), values.index(v))))
    return found


class _Number:
    """The number within all the bounds that meets the fewest other conditions, then the nearest to the record's."""

    def __init__(
        self, declaration: Declaration, field: Field, asks: Sequence[Ask], others: Sequence[Sequence[Ask]]
    ) -> None:
        self._term, self._at = asks[0].field, declaration.position(asks[0].field)
        self._others = others
        low, high = _bounds(asks)
        edges = (edge for other in others for ask in other for edge in (ask.low, ask.high) if edge is not None)
        beside = (number for edge in edges for number in _beside(field, edge))
        tried = (number for number in (low, high, *beside) if number is not None)
        self._tried = [(self._met(number), number) for number in tried]
        least, most = number_range(field)
        self._least, self._most = least if low is None else max(least, low), most if high is None else min(most, high)
        kept = [pair for pair in declaration.in_order if any(one.change != "free" for one in pair if one is not field)]
        self._upper = [upper for lower, upper in kept if lower is field]
        self._lower = [lower for lower, upper in kept if upper is field]

    def _met(self, number: float) -> int:
        """How many of the other conditions a number meets."""
        return sum(_meets(number, other) for other in self._others)

    def edits(self, case: Case) -> Sequence[Edit]:
        """The edits that write it; none where a record can have no such number. Raises RulesError without the entry."""
        if isinstance(self._term, tuple):
            entry_of(case, self._term[1])
        known = case.number(self._term)
        recorded = next((bound for bound in known or () if bound is not None), None)
        least = max((self._least, *self._known(case, self._lower, 0))) if self._lower else self._least
        most = min((self._most, *self._known(case, self._upper, 1))) if self._upper else self._most
        within = [one for one in self._tried if least <= one[1] <= most]
        if recorded is not None and least <= recorded <= most:
            within.insert(0, (self._met(recorded), recorded))
        if not within:
            return ()
        start = within[0][1] if recorded is None else recorded
        _, _, best = min([(met, abs(number - start), number) for met, number in within])
        return changes.set_value(case, self._term, int(best) if best == int(best) else best)

    def _known(self, case: Case, others: Sequence[Field], side: int) -> Iterator[Number]:
        """The bounds of numbers beside it that nobody changes, where the record has them."""
        for other in others:
            at = self._at if other.list else -1
            known = None if case.stated(other, at) is None else case.number(other.term(at))
            if known is not None and (bound := known[side]) is not None:
                yield bound


def _beside(field: Field, edge: int) -> tuple[float, float]:
    """The numbers, or days, right below and above one."""
    day = day_of_number(edge) if field.kind == "date" else None
    if day is not None:
        return number_of_day(day - timedelta(days=1)), number_of_day(day + timedelta(days=1))
    step = 0.5 if field.type == "decimal" and not field.decimals else 1
    return edge - step, edge + step


def _meets(number: float, asks: Iterable[Ask]) -> bool:
    return any(
        (ask.low is None or number >= ask.low) and (ask.high is None or number <= ask.high)
        for ask in asks
        if ask.relation != "one_of"
    )
