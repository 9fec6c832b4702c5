"""Conditions in words: the templates stand in the rules, the values in the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facts import fields
from facts.normalize import Case
from facts.symbols import Between, Term
from reasoner.engine.solver import Ask
from reasoner.errors import RulesError


def name(term: Term, case: Case) -> str:
    """A term as people write it; an entry of the record by its id and product."""
    if not isinstance(term, tuple):
        return _word(term)
    if term[0] in ("therapy", "intolerance") and isinstance(term[1], int):
        return _entry(str(term[0]), term[1], case)
    return " ".join(name(part, case) for part in term)


def _word(value: Term) -> str:
    return term(value).replace("_", " ")


def _entry(section: str, number: int, case: Case) -> str:
    entries = case.therapies if section == "therapy" else case.record.intolerances
    if number > len(entries):
        raise RulesError(f"{section}({number}): a rule speaks of an entry that the record does not have")
    if section == "therapy":
        therapy = case.therapies[number - 1]
        shown = therapy.entry.product or (therapy.class_name or "").replace("_", " ")
        return f"{therapy.id} ({shown})"
    entry = case.record.intolerances[number - 1]
    return f"the {entry.kind} to {entry.to.replace('_', ' ')}"


def one_of(values: Sequence[str]) -> str:
    """Alternatives as a phrase: a, b or c."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} or {values[-1]}"


def term(value: Term) -> str:
    """A term as the rules write it."""
    if isinstance(value, tuple):
        return f"{value[0]}({','.join(map(term, value[1:]))})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def options(asks: Sequence[Ask]) -> str:
    """The values of which a condition asks for one, as a phrase."""
    return one_of(list(dict.fromkeys(_word(ask.value) for ask in asks if ask.relation == "one_of")))


def condition(condition: Term, template: str, options: str, entry: dict[str, Any], case: Case) -> str:
    """A condition's words in this case; `options` as a phrase."""
    arguments = condition[1:] if isinstance(condition, tuple) else ()
    kind = str(entry.get("class", "")).replace("_", " ")
    return template.format(
        *(name(argument, case) for argument in arguments),
        options=options,
        entry=kind,
    )


def recorded(asked: Sequence[Term], full: dict[str, Any]) -> str:
    """What the record says in these fields, and in which of several it says nothing."""
    if any(isinstance(field, tuple) and field[0] == "active" for field in asked):
        (path, *_) = fields.paths(asked[0], full)
        return f"the record says: {_value(fields.look(full, path) or None) or 'no end of it'}"
    places = list(dict.fromkeys(place for field in asked for place in fields.places(field)))
    said = {place: _value(fields.look(full, place)) for place in places}
    told = {place: value for place, value in said.items() if value is not None}
    if not told:
        return "the record does not say"
    if len(places) == 1:
        return f"the record says: {told[places[0]]}"
    shown = "; ".join(f"{_label(place)}: {value}" for place, value in told.items())
    silent = [_label(place) for place in places if place not in told]
    if len(asked) > 1 and silent:
        return f"the record says: {shown}; it does not say: {', '.join(silent)}"
    return f"the record says: {shown}"


def _label(path: str) -> str:
    return path.rpartition(".")[2].replace("_", " ")


def _value(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_value, value))) or "none"
    if isinstance(value, dict):
        if not value or "start" in value or "end" in value:
            start, end = value.get("start"), value.get("end")
            parts = ([f"from {start}"] if start else []) + ([f"to {end}"] if end else [])
            return " ".join(parts) or "without dates"
        return " ".join(filter(None, map(_value, value.values())))
    return str(value).replace("_", " ")


_UNITS = {"age_years": "years", "bsa_percent": "%"}
"""Units of the record's numbers, where its field is no good name for them."""


def shortfall(asks: Sequence[Ask], numbers: dict[Term, Between]) -> tuple[str | None, int]:
    """How far a number that is known to fall short is from what is asked: in words, and in thousandths of it."""
    for ask in asks:
        if ask.relation == "one_of" or ask.field not in numbers:
            continue
        fact, wanted = numbers[ask.field], ask.value
        known = fact.high if ask.relation == "at_least" else fact.low
        if not isinstance(wanted, int) or known is None or (known >= wanted) == (ask.relation == "at_least"):
            continue
        field = fact.field[0] if isinstance(fact.field, tuple) else fact.field
        far = min(999, round(1000 * abs(wanted - known) / max(wanted, 1)))
        number = int(known) if known == int(known) else known
        unit = _UNITS.get(str(field), str(field).replace("_", " "))
        if ask.relation == "at_least":
            return f"{'' if fact.low == fact.high else 'at most '}{number} of {wanted} {unit}", far
        return f"{number} {unit}, where {wanted} {unit} is the most", far
    return None, 0
