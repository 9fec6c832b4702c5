"""A case as facts: what the record gives, states and bounds, field by field.

A field is a name, or a tuple such as ("outcome", ("therapy", 1)) for the first therapy; numbers
of entries count from 1. Facts are plain values here and symbols for the solver; text is never
read as a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import clingo
from clingo import Symbol, SymbolType

from facts.normalize import Case, KnownTherapy
from facts.record import completed_years, longest_run, runs, total_days

Term = str | int | bool | tuple["Term", ...]


class Given(NamedTuple):
    """The record gives the field this value (one of its values, for a list)."""

    field: Term
    value: Term


class Stated(NamedTuple):
    """The record speaks of the field."""

    field: Term


class Between(NamedTuple):
    """The number in the field is known to lie from low to high; None: not bounded."""

    field: Term
    low: float | None
    high: float | None


Fact = Given | Stated | Between


def facts_of(case: Case) -> list[Fact]:
    """The facts that a case becomes, in the order of the record's sections."""
    return list(_facts(case))


def _facts(case: Case) -> Iterator[Fact]:
    record = case.record
    request, disease, plan = record.request, record.disease, record.plan
    day = request.date
    number = day.year * 10_000 + day.month * 100 + day.day
    yield Between("request_date", number, number)
    yield from _value("request_type", request.type)
    yield from _value("indication", request.indication)
    yield from _number("applications_per_day", request.applications_per_day)
    yield from _number("age_years", age_of(case))
    if disease is not None:
        yield from _value("severity", disease.severity)
        yield from _value("vitiligo_type", disease.vitiligo_type)
        yield from _number("bsa_percent", disease.bsa_percent)
        yield from _values("sites", disease.sites)
    if record.prescriber is not None:
        yield from _value("specialty", record.prescriber.specialty)
        yield from _values("consulted", record.prescriber.consulted)
    for index, therapy in enumerate(case.therapies, start=1):
        yield from _therapy(("therapy", index), therapy, day)
    yield from _concomitant(case)
    for index, entry in enumerate(record.intolerances):
        at = ("intolerance", index + 1)
        yield from _value(("class", at), case.intolerance_classes[index])
        yield from _value(("documented", at), entry.documented)
    for index, response in enumerate(record.response, start=1):
        yield from _value(("sign", ("response", index)), response.sign)
        yield from _value(("documented", ("response", index)), response.documented)
        yield from _value(("sample", ("response", index)), response.sample)
    yield from _value("line_of_business", plan.line_of_business)
    yield from _value("document", plan.document)
    yield from _value("mandate", plan.mandate)


def age_of(case: Case) -> int | None:
    """Age in completed years on the request date; None where the record does not say."""
    patient = case.record.patient
    if patient is None:
        return None
    if patient.age_years is not None:
        return patient.age_years
    if patient.birth_date is None:
        return None
    return completed_years(patient.birth_date, case.record.request.date)


def _therapy(at: tuple[str, int], therapy: KnownTherapy, day: date) -> Iterator[Fact]:
    entry = therapy.entry
    yield from _value(("class", at), therapy.class_name)
    yield from _value(("product", at), therapy.family)
    yield from _value(("potency", at), therapy.potency)
    yield from _value(("us_class", at), therapy.us_class)
    yield from _value(("prescription", at), therapy.prescription)
    yield from _value(("outcome", at), entry.outcome)
    yield from _value(("documented", at), entry.documented)
    yield from _value(("sample", at), entry.sample)
    yield from _value(("active", at), active(therapy, day))
    total, run = lengths(therapy, day)
    yield Between(("days", at), *total)
    yield Between(("consecutive_days", at), *run)


Bounds = tuple[int, int | None]


def lengths(therapy: KnownTherapy, day: date) -> tuple[Bounds, Bounds]:
    """Bounds in days of a therapy's total and of its longest unbroken run, up to `day`."""
    entry = therapy.entry
    stretches = runs(entry.periods or (), day)
    counted, longest = total_days(stretches), longest_run(stretches)
    dated = bool(entry.periods) and all(p.start is not None for p in entry.periods or ())
    total: Bounds
    run: Bounds
    if entry.days is not None:
        total = (entry.days, entry.days)
    elif dated:
        total = (counted, counted)
    else:
        total = (max(counted, entry.consecutive_days or 0), None)
    if entry.consecutive_days is not None:
        run = (entry.consecutive_days, entry.consecutive_days)
    elif dated:
        run = (longest, longest)
    else:
        run = (longest, entry.days)
    return total, run


def active(therapy: KnownTherapy, day: date) -> bool:
    """Whether the therapy goes on on that day: not ended before it and not begun after it."""
    periods = therapy.entry.periods
    return not periods or any((p.start is None or p.start <= day) and (p.end is None or p.end >= day) for p in periods)


def _concomitant(case: Case) -> Iterator[Fact]:
    day = case.record.request.date
    spans = [
        [
            (p.start or date.min, min(p.end or day, day))
            for p in therapy.entry.periods or ()
            if p.start is None or p.start <= day
        ]
        for therapy in case.therapies
    ]
    for right, later in enumerate(case.therapies):
        for left, earlier in enumerate(case.therapies[:right]):
            if later.class_name == earlier.class_name:
                continue
            if (
                later.id in earlier.entry.concomitant_with
                or earlier.id in later.entry.concomitant_with
                or any(a <= d and c <= b for a, b in spans[left] for c, d in spans[right])
            ):
                yield Given(("concomitant", ("therapy", left + 1), ("therapy", right + 1)), True)


def _value(field: Term, value: Term | None) -> tuple[Fact, ...]:
    return (Stated(field), Given(field, value)) if value is not None else ()


def _values(field: Term, values: tuple[str, ...] | None) -> Iterator[Fact]:
    if values is not None:
        yield Stated(field)
        for value in dict.fromkeys(values):
            yield Given(field, value)


def _number(field: Term, value: float | None) -> tuple[Fact, ...]:
    return (Between(field, value, value),) if value is not None else ()


_CONSTANT = re.compile(r"[a-z][A-Za-z0-9_]*\Z")


def symbol(term: Term) -> Symbol:
    """A term as a clingo symbol; text that is no plain constant becomes a string."""
    if isinstance(term, bool):
        return clingo.Function("true" if term else "false")
    if isinstance(term, int):
        return clingo.Number(term)
    if isinstance(term, tuple):
        return clingo.Function(str(term[0]), [symbol(part) for part in term[1:]])
    if _CONSTANT.match(term) and term not in ("not", "true", "false"):
        return clingo.Function(term)
    return clingo.String(term)


def fact_symbol(fact: Fact) -> Symbol:
    """A fact as a clingo symbol; a number with decimals is a string, a missing bound #inf or #sup."""

    def bound(value: float | None, missing: Symbol) -> Symbol:
        if value is None:
            return missing
        return clingo.Number(int(value)) if value == int(value) else clingo.String(repr(value))

    if isinstance(fact, Given):
        return clingo.Function("given", [symbol(fact.field), symbol(fact.value)])
    if isinstance(fact, Stated):
        return clingo.Function("stated", [symbol(fact.field)])
    low, high = bound(fact.low, clingo.Infimum), bound(fact.high, clingo.Supremum)
    return clingo.Function("between", [symbol(fact.field), low, high])


def shown_fact(fact: Fact) -> str:
    """A fact as `reasoner facts` prints it, without the full stop."""
    return str(fact_symbol(fact))


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

MAX_FACT = 2_000
"""Characters of a fact, at most."""


def read_fact(text: str) -> Fact:
    """A fact as `reasoner facts` prints it. Raises ValueError; the text is a term, never a program."""
    short = text if len(text) <= 80 else text[:77] + "..."
    wrong = f"not a fact: {short!r}; see `reasoner facts` for what facts look like"
    if len(text) > MAX_FACT or _CONTROL.search(text):
        raise ValueError(wrong)
    try:
        # the logger: clingo would print what is wrong with the text
        parsed = clingo.parse_term(text.strip().removesuffix("."), lambda code, message: None)
        fact = _fact(parsed)
        printed = shown_fact(fact)
    except (RuntimeError, ValueError):  # RecursionError is a RuntimeError
        raise ValueError(wrong) from None
    if "".join(printed.split()) != "".join(text.strip().removesuffix(".").split()):
        raise ValueError(f"{wrong}; is {printed} meant?")
    if isinstance(fact, Given) and _CONTROL.search(str(fact.value)):
        raise ValueError(wrong)
    return fact


def _fact(parsed: Symbol) -> Fact:
    arguments = parsed.arguments if parsed.type is SymbolType.Function else []
    if len(arguments) == 2 and parsed.name == "given":
        return Given(term_of(arguments[0]), term_of(arguments[1]))
    if len(arguments) == 1 and parsed.name == "stated":
        return Stated(term_of(arguments[0]))
    if len(arguments) == 3 and parsed.name == "between":
        low, high = _bound(arguments[1]), _bound(arguments[2])
        if low is not None and high is not None and low > high:
            raise ValueError(f"{low} is more than {high}")
        return Between(term_of(arguments[0]), low, high)
    raise ValueError(f"{parsed} is no fact")


def _bound(symbol: Symbol) -> float | None:
    """A bound of a number, or None. Raises ValueError, or RuntimeError for a symbol that is no number."""
    if symbol in (clingo.Infimum, clingo.Supremum):
        return None
    if symbol.type is not SymbolType.String:
        return symbol.number
    bound = float(symbol.string)
    if not abs(bound) < 2**31:
        raise ValueError(f"{bound} is no bound that the solver can compare")
    return bound


@lru_cache(maxsize=100_000)
def term_of(symbol: Symbol) -> Term:
    """A ground term as a plain Python value."""
    if symbol.type is SymbolType.Number:
        return symbol.number
    if symbol.type is SymbolType.String:
        return symbol.string
    if symbol.type is SymbolType.Function:
        if symbol.arguments:
            return (symbol.name, *map(term_of, symbol.arguments))
        return {"true": True, "false": False}.get(symbol.name, symbol.name)
    return str(symbol)
