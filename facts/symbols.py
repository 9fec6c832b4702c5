"""Terms and facts as symbols of the solver, and as text that people give. Text is never read as a program."""

from __future__ import annotations

import re
from functools import lru_cache

import clingo
from clingo import Symbol, SymbolType

from facts.terms import Between, CouldBe, Fact, Given, NotUnderstood, Stated, Term, is_constant


def symbol(term: Term) -> Symbol:
    """A term as a clingo symbol; text that is no plain constant becomes a string."""
    if isinstance(term, bool):
        return clingo.Function("true" if term else "false")
    if isinstance(term, int):
        return clingo.Number(term)
    if isinstance(term, tuple):
        return clingo.Function(str(term[0]), [symbol(part) for part in term[1:]])
    if is_constant(term):
        return clingo.Function(term)
    return clingo.String(term)


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


_NAMES: dict[type[Fact], str] = {
    Given: "given", Stated: "stated", Between: "between", CouldBe: "could_be", NotUnderstood: "not_understood",
}  # fmt: skip


def fact_symbol(fact: Fact) -> Symbol:
    """A fact as a clingo symbol; a number with decimals is a string, a missing bound #inf or #sup."""
    name = _NAMES[type(fact)]
    if isinstance(fact, Between):
        low, high = _bound_symbol(fact.low, clingo.Infimum), _bound_symbol(fact.high, clingo.Supremum)
        return clingo.Function(name, [symbol(fact.field), low, high])
    if isinstance(fact, Given | CouldBe):
        return clingo.Function(name, [symbol(fact.field), symbol(fact.value)])
    return clingo.Function(name, [symbol(fact.field)])


def _bound_symbol(value: float | None, missing: Symbol) -> Symbol:
    if value is None:
        return missing
    return clingo.Number(int(value)) if value == int(value) else clingo.String(repr(value))


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
    if isinstance(fact, Given | CouldBe) and _CONTROL.search(str(fact.value)):
        raise ValueError(wrong)
    return fact


def _fact(parsed: Symbol) -> Fact:
    arguments = parsed.arguments if parsed.type is SymbolType.Function else []
    match parsed.name if arguments else "", len(arguments):
        case "given", 2:
            return Given(term_of(arguments[0]), term_of(arguments[1]))
        case "could_be", 2:
            return CouldBe(term_of(arguments[0]), term_of(arguments[1]))
        case "stated", 1:
            return Stated(term_of(arguments[0]))
        case "not_understood", 1:
            return NotUnderstood(term_of(arguments[0]))
        case "between", 3:
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
