"""Conditions in words: the templates stand in the rules and the declaration, the values in the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

from facts.case import Case
from facts.declaration import Declaration, EntryList, Field
from facts.periods import day_of_number
from facts.terms import Between, Term
from reasoner.errors import RulesError
from reasoner.policy.conditions import Ask, Condition, default_phrase, functor_of, name_of


def condition_text(term: Term, condition: Condition, case: Case) -> str:
    """A condition's words in this case."""
    if isinstance(term, tuple) and condition.identifies:
        return _identification(term, case)
    return _filled(condition.words, term, condition.asks, condition, case)


def joined_text(conditions: Sequence[tuple[Term, Condition]], case: Case) -> str:
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
    return " and ".join(dict.fromkeys(condition_text(term, condition, case) for term, condition in conditions))


def _identification(term: Term, case: Case) -> str:
    """Which of the products that a name can mean it was; which of its terms a word means."""
    assert isinstance(term, tuple)
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


@lru_cache(maxsize=1000)
def _names_in(template: str) -> frozenset[str]:
    """What stands in braces in a template: numbers of arguments, and names."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _filled(template: str, term: Term, asks: Sequence[Ask], condition: Condition, case: Case) -> str:
    names = _names_in(template)
    if not names:
        return template
    arguments = term[1:] if isinstance(term, tuple) else ()
    parts: dict[str, Any] = {}
    if condition.content:
        added = {field.key: field for field in case.declaration.entry_lists[condition.list].fields}
        parts = {name: titled(case, added.get(name), own) for name, own in condition.content.items() if name in names}
    if "values" in names:
        values = [
            titled(case, case.declaration.field(ask.field), ask.values[0]) for ask in asks if ask.relation == "one_of"
        ]
        parts["values"] = one_of(list(dict.fromkeys(values)))
    if names & {"n", "m"}:
        numbers = [ask for ask in asks if ask.relation != "one_of"]
        lows, highs = [a.low for a in numbers if a.low is not None], [a.high for a in numbers if a.high is not None]
        parts["n"] = shown_number(case.declaration, numbers[0].field, lows[0] if lows else highs[0])
        parts["m"] = shown_number(case.declaration, numbers[0].field, highs[0] if highs else lows[0])
    entry = next((ask.field[1] for ask in asks if isinstance(ask.field, tuple)), None)
    if entry is not None and "entry" in names:
        parts["entry"] = case.entry_title(entry)
    if entry is not None and not names <= parts.keys():
        stated = _stated(case, entry, names)
        parts = {**{key: word(value) for key, value in stated.items()}, **parts}
    given = (_argument(argument, case) if str(at) in names else "" for at, argument in enumerate(arguments))
    return template.format(*given, **parts)


def _argument(term: Term, case: Case) -> str:
    """A term as people write it; an entry of the record by its title, a number of its entries by the unit."""
    if not isinstance(term, tuple):
        numbers = (field for field in case.declaration.fields if field.unit and isinstance(field.name, tuple))
        return next((field.unit for field in numbers if functor_of(field.name) == term), word(term))
    if case.declaration.list_of(term) is not None:
        _of_entry(case, term)
        return case.entry_title(term)
    return " ".join(_argument(part, case) for part in term)


def _of_entry(case: Case, entry: Term) -> tuple[EntryList, int]:
    """The list and the position of an entry. Raises RulesError where the record has no such one."""
    declared = case.declaration.list_of(entry)
    number = entry[1] if isinstance(entry, tuple) else None
    if declared is None or not isinstance(number, int) or not 0 < number <= case.count(declared.name):
        raise RulesError(f"{name_of(entry)}: a rule speaks of an entry that the record does not have")
    return declared, number - 1


def _stated(case: Case, entry: Term, keys: Collection[str]) -> dict[str, Any]:
    """What the record states in some fields of an entry."""
    declared, at = _of_entry(case, entry)
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


def shortfall(
    asks: Sequence[Ask], number: Callable[[Term], Between | None], declaration: Declaration
) -> Shortfall | None:  # fmt: skip
    """How a number on the record misses what is asked of it; None: it does not, or is not known."""
    for ask in asks:
        fact = None if ask.relation == "one_of" else number(ask.field)
        if fact is None:
            continue
        if ask.low is not None and fact.high is not None and fact.high < ask.low:
            return _short(ask, ask.low, fact.high, declaration, exactly=fact.low == fact.high)
        if ask.high is not None and fact.low is not None and fact.low > ask.high:
            return _beyond(ask, ask.high, fact.low, declaration)
    return None


def _short(ask: Ask, wanted: int, known: float, declaration: Declaration, *, exactly: bool) -> Shortfall:
    unit, shown = _unit(declaration, ask), shown_number(declaration, ask.field, known)
    if days := _days_between(declaration, ask, wanted, known):
        return Shortfall(
            f"{shown}, where {shown_number(declaration, ask.field, wanted)} is the earliest", min(999, days)
        )
    words = f"{'' if exactly else 'at most '}{shown} of {shown_number(declaration, ask.field, wanted)}{unit}"
    return Shortfall(words, _distance(wanted, known))


def _beyond(ask: Ask, wanted: int, known: float, declaration: Declaration) -> Shortfall:
    unit, most = _unit(declaration, ask), shown_number(declaration, ask.field, wanted)
    if days := _days_between(declaration, ask, wanted, known):
        return Shortfall(f"{shown_number(declaration, ask.field, known)}, where {most} is the latest", min(999, days))
    words = f"{shown_number(declaration, ask.field, known)}{unit}, where {most}{unit} is the most"
    return Shortfall(words, _distance(wanted, known))


def _days_between(declaration: Declaration, ask: Ask, wanted: int, known: float) -> int:
    """The days between two dates; 0 where the numbers are none."""
    field = declaration.field(ask.field)
    one, other = day_of_number(wanted), day_of_number(int(known))
    return abs((one - other).days) if field is not None and field.kind == "date" and one and other else 0


def _distance(wanted: int, known: float) -> int:
    return min(999, round(1000 * abs(wanted - known) / max(wanted, 1)))


def _unit(declaration: Declaration, ask: Ask) -> str:
    field = declaration.field(ask.field)
    assert field is not None
    return f" {field.unit or field.title}"
