"""Conditions in words: the templates stand in the rules and the declaration, the values in the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from string import Formatter
from typing import Any, NamedTuple

from facts.case import Case
from facts.declaration import Declaration, EntryList, Field
from facts.function import Bounds
from facts.periods import day_of_number
from facts.terms import Term
from reasoner.errors import RulesError
from reasoner.policy.conditions import Ask, Condition, default_phrase, functor_of, name_of

Read = Callable[[Case], str]
"""What is put into words as a record has it."""


class Words:
    """The words of conditions with all in place that does not hang on the record: prepared once for all of these."""

    __slots__ = ("_before", "_rest")

    def __init__(self, *parts: str | Read) -> None:
        reads = [place for place, part in enumerate(parts) if not isinstance(part, str)]
        first = reads[0] if reads else len(parts)
        self._before = "".join(part for part in parts[:first] if isinstance(part, str))
        self._rest = parts[first:]

    def of(self, case: Case) -> str:
        """As they are for a case."""
        text = self._before
        for part in self._rest:
            text += part if isinstance(part, str) else part(case)
        return text


def words_of(term: Term, condition: Condition, case: Case) -> Words:
    """A condition's words, prepared from any case of the declaration."""
    if isinstance(term, tuple) and condition.identifies:
        return Words(partial(_identification, term))
    return _filled(condition.words, term, condition.asks, condition, case)


def joined_words(conditions: Sequence[tuple[Term, Condition]], case: Case) -> Words:
    """Several conditions of one field in words: numbers as a range, others one after the other."""
    asks = [ask for _, condition in conditions for ask in condition.asks]
    lows = [ask.low for ask in asks if ask.low is not None]
    highs = [ask.high for ask in asks if ask.high is not None]
    if lows and highs and len({ask.field for ask in asks}) == 1:
        field = case.declaration.field(asks[0].field)
        whole = Ask(asks[0].field, "within", (max(lows), min(highs)))
        if field is not None:
            term, condition = conditions[0]
            template = condition.phrases.get("within") or default_phrase(field, whole)
            return _filled(template, term, (whole,), condition, case)
    each = [words_of(*one, case) for one in conditions]
    return Words(lambda case: " and ".join(dict.fromkeys(words.of(case) for words in each)))


def _identification(term: tuple[Term, ...], case: Case) -> str:
    """Which of the products that a name can mean it was; which of its terms a word means."""
    functor, entry, *rest = term
    if functor == "unrelated":
        return f"{' and '.join(map(repr, case.not_understood(entry).values()))} is nothing that the policy names"
    (family,) = rest
    if functor == "meant":
        title = titled(case, case.declaration.field(entry), family)
        return f"{' and '.join(map(repr, case.can_mean(entry, family).values()))} means {title}"
    written = _product_name(case, entry)
    title = next((c.title for c in case.candidates(entry) if c.key == family), str(family).replace("_", " "))
    return f"{written!r} was {title}"


def _filled(template: str, term: Term, asks: Sequence[Ask], condition: Condition, case: Case) -> Words:
    """A template with what stands in braces in it: numbers of arguments, and names."""
    pieces = list(_FORMATTER.parse(template))
    names = {name for _, name, _, _ in pieces if name is not None}
    if not names:
        return Words(template)
    entry = next((ask.field[1] for ask in asks if isinstance(ask.field, tuple)), None)
    known = _known(names, asks, condition, case)
    arguments = [
        _argument(one, case) if str(at) in names else ""
        for at, one in enumerate(term[1:] if isinstance(term, tuple) else ())
    ]
    known |= {str(at): argument for at, argument in enumerate(arguments) if str(at) in names}
    if entry is not None:
        known |= {name: _title(entry, case) if name == "entry" else _stated_word(entry, name, case)
                  for name in names - known.keys()}  # fmt: skip
    if any("{" in (specification or "") for _, _, specification, _ in pieces):
        return Words(partial(_formatted_whole, template, arguments, known))
    parts: list[str | Read] = []
    for literal, name, specification, conversion in pieces:
        parts.append(literal)
        if name is not None:
            parts.append(_formatted(known[name], conversion, specification or ""))
    return Words(*parts)


_FORMATTER = Formatter()


def _known(names: Collection[str], asks: Sequence[Ask], condition: Condition, case: Case) -> dict[str, str | Read]:
    """What a template can name that is the same for each record: what is added, the values and numbers asked for."""
    found: dict[str, str | Read] = {}
    if condition.content:
        added = {field.key: field for field in case.declaration.entry_lists[condition.list].fields}
        found = {name: titled(case, added.get(name), own) for name, own in condition.content.items() if name in names}
    if "values" in names:
        values = [
            titled(case, case.declaration.field(ask.field), ask.values[0]) for ask in asks if ask.relation == "one_of"
        ]
        found["values"] = one_of(list(dict.fromkeys(values)))
    if not {"n", "m"}.isdisjoint(names):
        numbers = [ask for ask in asks if ask.relation != "one_of"]
        lows, highs = [a.low for a in numbers if a.low is not None], [a.high for a in numbers if a.high is not None]
        found["n"] = shown_number(case.declaration, numbers[0].field, lows[0] if lows else highs[0])
        found["m"] = shown_number(case.declaration, numbers[0].field, highs[0] if highs else lows[0])
    return found


def _formatted_whole(
    template: str, arguments: Sequence[str | Read], known: Mapping[str, str | Read], case: Case
) -> str:
    """A template of which what stands in braces has braces in its form."""

    def words(part: str | Read) -> str:
        return part if isinstance(part, str) else part(case)

    return template.format(*map(words, arguments), **{name: words(part) for name, part in known.items()})


def _formatted(part: str | Read, conversion: str | None, specification: str) -> str | Read:
    """What stands in braces, in the form that a template asks for."""
    if isinstance(part, str):
        return format(_FORMATTER.convert_field(part, conversion), specification)
    if conversion is None and not specification:
        return part
    return lambda case: format(_FORMATTER.convert_field(part(case), conversion), specification)


def _argument(term: Term, case: Case) -> str | Read:
    """A term as people write it; an entry of the record by its title, a number of its entries by the unit."""
    if not isinstance(term, tuple):
        numbers = (field for field in case.declaration.fields if field.unit and isinstance(field.name, tuple))
        return next((field.unit for field in numbers if functor_of(field.name) == term), word(term))
    if case.declaration.list_of(term) is not None:
        return lambda case: case.title_at(*entry_of(case, term))
    each = Words(*chain.from_iterable((" ", _argument(part, case)) for part in term))
    return lambda case: each.of(case)[1:]


def _title(entry: Term, case: Case) -> Read:
    """An entry by its title."""
    declared, at = case.declaration.list_of(entry), case.declaration.position(("", entry))
    if declared is None:
        raise KeyError(entry)
    return lambda case: case.title_at(declared, at)


def _stated_word(entry: Term, key: str, case: Case) -> Read:
    """What the record states in a field of an entry, as a word."""

    def stated(case: Case) -> str:
        return word(_stated(case, entry, (key,))[key])

    return stated


def entry_of(case: Case, entry: Term) -> tuple[EntryList, int]:
    """The list and the position of an entry. Raises RulesError where the record has no such one."""
    declared = case.declaration.list_of(entry)
    number = entry[1] if isinstance(entry, tuple) else None
    if declared is None or not isinstance(number, int) or not 0 < number <= case.count(declared.name):
        raise RulesError(f"{name_of(entry)}: a rule speaks of an entry that the record does not have")
    return declared, number - 1


def _stated(case: Case, entry: Term, keys: Collection[str]) -> dict[str, Any]:
    """What the record states in some fields of an entry."""
    declared, at = entry_of(case, entry)
    found = {field.key: case.stated(field, at) for field in declared.fields if field.key in keys}
    return {key: value for key, value in found.items() if value is not None}


def _product_name(case: Case, entry: Term) -> str:
    """The product of an entry as the record names it."""
    declared = case.declaration.list_of(entry)
    keys = [field.key for field in declared.fields if field.type == "product"] if declared is not None else []
    return next((str(name) for name in _stated(case, entry, keys).values()), name_of(entry))


def word(value: Term) -> str:
    """A constant of the rules as a word."""
    return name_of(value).replace("_", " ")


def titled(case: Case, field: Field | None, value: Term) -> str:
    """A value of a field by the title of its term, where it is one of a vocabulary."""
    vocabulary = case.vocabulary_of(field) if field is not None else None
    return word(value) if vocabulary is None else vocabulary.terms.get(str(value), word(value))


def one_of(values: Sequence[str]) -> str:
    """Alternatives as a phrase: a, b or c."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} or {values[-1]}"


def shown_number(declaration: Declaration, term: Term, number: float) -> str:
    """A number of the rules in the record's own units; of a date the day."""
    field = declaration.field(term)
    day = day_of_number(int(number)) if field is not None and field.kind == "date" else None
    if day is not None:
        return day.isoformat()
    decimals = field.decimals if field is not None else 0
    if decimals:
        return f"{number / 10**decimals:.{decimals}f}"
    return str(int(number)) if number == int(number) else str(number)


class Shortfall(NamedTuple):
    """A number that is known to miss what is asked: in words, and how far, in thousandths of what is asked."""

    words: str
    distance: int


class Limits:
    """The numbers between which a condition asks one to be, with their words: prepared once for all records."""

    def __init__(self, ask: Ask, declaration: Declaration) -> None:
        field = declaration.field(ask.field)
        assert field is not None
        self.field = ask.field
        self._declaration, self._is_date = declaration, field.kind == "date"
        self._low, self._high = ask.low, ask.high
        self._unit = f" {field.unit or field.title}"
        self._least, self._most = ("" if one is None else self._shown(one) for one in (ask.low, ask.high))

    def missed(self, number: Bounds | None) -> Shortfall | None:
        """How a number on the record misses what is asked of it; None: it does not, or is not known."""
        if number is None:
            return None
        low, high = number
        if self._low is not None and high is not None and high < self._low:
            return self._short(self._low, high, exactly=low == high)
        if self._high is not None and low is not None and low > self._high:
            return self._beyond(self._high, low)
        return None

    def _short(self, wanted: int, known: float, *, exactly: bool) -> Shortfall:
        if days := self._days_between(wanted, known):
            return Shortfall(f"{self._shown(known)}, where {self._least} is the earliest", min(999, days))
        words = f"{'' if exactly else 'at most '}{self._shown(known)} of {self._least}{self._unit}"
        return Shortfall(words, _distance(wanted, known))

    def _beyond(self, wanted: int, known: float) -> Shortfall:
        if days := self._days_between(wanted, known):
            return Shortfall(f"{self._shown(known)}, where {self._most} is the latest", min(999, days))
        words = f"{self._shown(known)}{self._unit}, where {self._most}{self._unit} is the most"
        return Shortfall(words, _distance(wanted, known))

    def _days_between(self, wanted: int, known: float) -> int:
        """The days between two dates; 0 where the numbers are none."""
        one, other = (day_of_number(wanted), day_of_number(int(known))) if self._is_date else (None, None)
        return abs((one - other).days) if one and other else 0

    def _shown(self, number: float) -> str:
        return shown_number(self._declaration, self.field, number)


def limits_of(asks: Iterable[Ask], declaration: Declaration) -> tuple[Limits, ...]:
    """The limits among what a condition asks."""
    return tuple(Limits(ask, declaration) for ask in asks if ask.relation != "one_of")


def _distance(wanted: int, known: float) -> int:
    return min(999, round(1000 * abs(wanted - known) / max(wanted, 1)))
