"""All the records on which two rule folders could differ, as facts for a solver; and the record that it chose.

What a record can say follows from its declaration: of each field the values that the rules distinguish and one that
they do not, the numbers that they compare and those next to them, silence where it is allowed. Left out are: more
entries of a list than the bound, more than two words of a list of words, and numbers that follow from others which
follow from a list. Of words and products no two are tried of which the rules read the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from clingo import Symbol

from facts.arithmetic import NumberOf, SumOf
from facts.days import DaysInAll, DaysInOneRun
from facts.declaration import Declaration, Field
from facts.durations import ActiveOn, Completed, UsedTogether
from facts.symbols import symbol
from facts.terms import CouldBe, Given, NotUnderstood, Stated, Term
from reasoner.analysis.contents import groups_of
from reasoner.analysis.minimal import Data
from reasoner.analysis.numbers import Numbers, doubled
from reasoner.analysis.options import Group
from reasoner.analysis.reads import Reads, reads_of
from reasoner.analysis.trials import same_record
from reasoner.analysis.written import Chosen, written
from reasoner.policy.folder import RuleFolder

Row = tuple[Term, ...]
RECORD: Term = "record"
"""The record as a whole, where an entry of a list is meant otherwise."""
MOST_ENTRIES = 6
"""Entries of a list, at most, that are tried so that as many can be counted as rules ask for."""


class RecordSpace:
    """The records with up to some entries in each list that the rules of some folders distinguish."""

    def __init__(self, folders: Sequence[RuleFolder], reads: Reads, bound: int) -> None:
        self._folder, self._reads = folders[0], reads
        self._declaration = folders[0].declaration
        self.entries = max(bound, self._counted())
        """Entries of each list that are tried."""
        self._numbers = Numbers(self._declaration, reads)
        self._groups = groups_of(folders, reads)
        self.left_out = (
            *self._numbers.left_out,
            *(group.name for group in self._groups if not group.is_alike),
            *(place for other in folders[1:] for place in _declared_otherwise(self._declaration, other.declaration)),
        )
        """Places of fields that rules read, and of which not all that can stand there is tried."""
        self.facts: tuple[Symbol, ...] = tuple(symbol(row) for row in dict.fromkeys(self._rows()))
        """What the solver chooses from (record_space.lp)."""

    def record(self, found: Iterable[Symbol]) -> Data:
        """The record that the solver chose, as JSON data with no more than is needed."""
        groups = {group.name: group for group in self._groups}
        return written(self._folder, groups, Chosen.of(found), self._numbers.of)

    def _counted(self) -> int:
        """As many entries as rules count where a record cannot state the number itself, and one more."""
        limits = [
            limit for one in self._declaration.fields if isinstance(one.derived, NumberOf) and one.type == "computed"
            for limit in self._reads.numbers.get(one.place, ())
        ]  # fmt: skip
        return min(max(limits, default=0) + 1, MOST_ENTRIES)

    # ── The rows ─────────────────────────────────────────────────────────────────────────────────

    def _rows(self) -> Iterator[Row]:
        declaration = self._declaration
        lists = {one.list for one in declaration.fields if one.place in self._reads.wanted}
        for declared in declaration.entry_lists.values():
            for at in range(self.entries if declared.name in lists else 0):
                yield ("list_entry", declared.entry(at))
                yield ("entry_of", declared.name, declared.entry(at))
                if at:
                    yield ("entry_after", declared.entry(at), declared.entry(at - 1))
            if declared.complete and declared.name in lists:
                yield ("complete_list", declared.name)
        for group in self._groups:
            yield from self._of_group(group)
        yield from self._of_numbers()
        for one in declaration.fields:
            if one.place in self._reads.wanted and one.derived is not None:
                yield from self._of_function(one)
        for pair in (*declaration.not_above, *(p for own in declaration.entry_lists.values() for p in own.not_above)):
            yield from self._not_above(*pair)

    def _at(self, one: Field) -> Iterator[tuple[Term, Term]]:
        """Each entry in which a field stands, with what rules call the field there."""
        if not one.list:
            yield RECORD, one.name
            return
        declared = self._declaration.entry_lists[one.list]
        yield from ((declared.entry(at), one.term(at)) for at in range(self.entries))

    def _term_of(self, one: Field, entry: Term) -> Term:
        """What rules call a field where it stands beside an entry's fields: of the entry, or of the record."""
        return dict(self._at(one)).get(entry, one.name)

    def _of_group(self, group: Group) -> Iterator[Row]:
        name = group.name
        for one in group.fields:
            for entry, term in self._at(one):
                yield ("group", name, entry)
                yield ("field_term", name, one.name[0] if isinstance(one.name, tuple) else one.name, entry, term)
        if group.beside:
            yield ("beside", name, group.beside)
            yield from (("barred", group.beside, first, name, second) for first, second in group.barred)
        kinds: dict[object, int] = {}
        for number, option in enumerate(group.options):
            yield ("option", name, number)
            if option.content:
                unusual = number > 0 and len(group.fields) == 1 and bool(group.options[0].content)
                yield ("cost", name, number, option.cost + unusual)
            if option.use is not None:
                yield ("use", name, number, option.use)
            if option.compared is not None:
                yield ("kind", name, number, kinds.setdefault(option.compared, len(kinds)))
            for fact in option.facts:
                functor = fact.field[0] if isinstance(fact.field, tuple) else fact.field
                match fact:
                    case Given():
                        yield ("gives", name, number, functor, fact.value)
                    case CouldBe():
                        yield ("leaves_open", name, number, functor, fact.value)
                    case Stated():
                        yield ("states", name, number, functor)
                    case NotUnderstood():
                        yield ("unclear_word", name, number, functor)

    def _of_numbers(self) -> Iterator[Row]:
        needed = set()
        for pair in self._numbers.pairs:
            if all(one in self._numbers.of for one in pair):
                yield from (("needs_one", *terms) for terms in self._pairs(*pair))
            else:  # beside a word: the number is always there
                needed |= set(pair)
        for one, numbers in self._numbers.of.items():
            for entry, term in self._at(one):
                yield ("number_field", term, entry)
                yield from (("number_option", term, near) for near in sorted(numbers))
                if one.type == "computed":
                    yield ("by_periods_alone", term)
                if one.default is not None:
                    yield ("usual", term, doubled(one, one.default))
                if one.required or one.default is not None or one in needed:
                    yield ("number_required", term)
        for result in self._numbers.results:
            for entry, term in self._at(result.field):
                yield (_direction(result.field), term)
                first, second = (self._term_of(other, entry) for other in (result.first, result.second))
                if result.result is None:
                    yield ("forbidden", first, result.numbers[0], second, result.numbers[1])
                else:
                    yield ("result", term, first, second, *result.numbers, result.result)

    def _not_above(self, one: Field, other: Field) -> Iterator[Row]:
        if one in self._numbers.of and other in self._numbers.of and one.decimals == other.decimals:
            yield from (("not_above", *terms) for terms in self._pairs(one, other))

    def _pairs(self, one: Field, other: Field) -> Iterator[tuple[Term, Term]]:
        """What rules call two fields beside each other."""
        return ((term, self._term_of(other, entry)) for entry, term in self._at(one))

    def _of_function(self, one: Field) -> Iterator[Row]:
        by = one.derived
        match by:
            case ActiveOn() | DaysInAll() | DaysInOneRun():
                name = {ActiveOn: "active_on", DaysInAll: "days_in_all", DaysInOneRun: "days_in_one_run"}[type(by)]
                for entry, term in self._at(one):
                    yield (name, term, self._term_of(by.periods, entry))
                yield from self._of_periods(by.periods, by.until)
            case UsedTogether():
                yield from self._of_pairs(one, by)
            case SumOf() if one.place not in self.left_out:
                yield ("sum_of", one.name)
                yield from (("summand", one.name, entry, term) for entry, term in self._at(by.field))
                yield from self._of_complete_list(one, by.field.list)
            case NumberOf():
                yield ("count_of", one.name)
                yield from (("counted", one.name, entry, term, by.value) for entry, term in self._at(by.field))
                yield from self._of_complete_list(one, by.field.list)

    def _of_complete_list(self, one: Field, name: str) -> Iterator[Row]:
        if self._declaration.entry_lists[name].complete:
            yield ("of_complete_list", one.name, name)

    def _of_periods(self, periods: Field, until: Field) -> Iterator[Row]:
        for entry, term in self._at(periods):
            yield ("period_of", term, entry)
            yield ("until", term, self._term_of(until, entry))
            if periods.place in self._reads.wanted:
                yield from (("pattern_option", term, how) for how in ("none", "ended", "dated", "dated_ended"))

    def _of_pairs(self, one: Field, by: UsedTogether) -> Iterator[Row]:
        declared = self._declaration.entry_lists[by.references.list]
        for left in range(self.entries):
            for right in range(left + 1, self.entries):
                term = one.pair_term(left, right)
                yield ("pair", term, declared.entry(left), declared.entry(right))
                yield ("pair_periods", term, by.periods.term(left), by.periods.term(right))
        if self._declaration.day is not None:
            yield from self._of_periods(by.periods, self._declaration.day)


def _declared_otherwise(one: Declaration, other: Declaration) -> Iterator[str]:
    """The places of fields that only one declaration has, or that can say something else in the other."""
    first, second = ({field.place: _form(field) for field in declared.fields} for declared in (one, other))
    yield from sorted(place for place in {*first, *second} if first.get(place) != second.get(place))


def _form(one: Field) -> tuple[object, ...]:
    by = one.derived
    bases = () if by is None else (type(by), *(base.place for base in by.bases))
    return (
        one.name,
        one.type,
        one.vocabulary,
        one.low,
        one.high,
        one.decimals,
        one.allowed,
        one.default,
        one.required,
        bases,
    )


def _direction(one: Field) -> str:
    """How the bounds of a number follow from those of two others."""
    if isinstance(one.derived, Completed):
        return "of_known"
    return "rises" if getattr(one.derived, "rises_with_first", True) else "falls"


def record_space(one: RuleFolder, other: RuleFolder, bound: int) -> RecordSpace:
    """The records that the rules of two folders distinguish."""
    folders = (one,) if same_record(one, other) else (one, other)
    return _space(folders, _Key(reads_of((one, other))), bound)


class _Key:
    """What is read, so that it can be remembered what follows from it."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self._key = frozenset(reads.values.items()), frozenset(reads.numbers.items()), reads.wanted, reads.uses

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._key == other._key


@lru_cache(maxsize=20)
def _space(folders: tuple[RuleFolder, ...], key: _Key, bound: int) -> RecordSpace:
    return RecordSpace(folders, key.reads, bound)
