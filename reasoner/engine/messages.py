"""The solver's messages about rule files in plain words, each with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable

from facts.faults import close_to

_PLACED = re.compile(
    r"(?P<place>\S.*?:\d+:\d+)(?:-[\d:]+)?: (?P<level>error|info|warning|note): (?P<text>.*)", re.DOTALL
)
_UNEXPECTED = re.compile(
    r"(?P<by>syntax|lexer) error, unexpected (?P<what>\"[^\"]*\"|[^,\s]+)(?:, expecting (?P<wanted>.*))?"
)
UNBOUND = "nothing binds"
"""In the message on a rule with a variable that no positive literal binds."""
_NAMES = {
    "<IDENTIFIER>": "a name", "<NUMBER>": "a number", "<STRING>": "a text in quotes", "EOF": "the end of the file",
    "<EOF>": "the end of the file", "<VARIABLE>": "a variable",
}  # fmt: skip


def plain(messages: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """Messages in plain words; `known` are the predicates that there are, for the nearest name."""
    names = sorted(set(known))
    return [_plain(message, names) for message in messages]


def _plain(message: str, known: list[str]) -> str:
    found = _PLACED.match(message.strip())
    if found is None:
        return message.strip()
    place, text = found["place"], found["text"]
    unexpected = _UNEXPECTED.search(text)
    if unexpected:
        what = _NAMES.get(unexpected["what"], unexpected["what"].strip('"'))
        if unexpected["wanted"] and ")" in unexpected["wanted"]:
            return f"{place}: {what} is not expected here: a closing bracket is missing, or a number is not whole"
        if unexpected["by"] == "lexer":
            return f"{place}: {what} is no part of a rule; is a text not closed?"
        return f"{place}: {what} is not expected here; is a full stop or a comma missing before it?"
    if "unsafe variables" in text:
        unsafe = sorted(set(re.findall(r"'(\w+)' is unsafe", text)))
        variables = " and ".join(unsafe) or "a variable"
        return f"{place}: {UNBOUND} {variables}: a variable of a rule needs a literal that is not negated"
    if "atom does not occur in any rule head" in text:
        atom = text.splitlines()[-1].strip()
        name = atom.split("(")[0]
        near = close_to(name, known)
        hint = f"; did you mean {near[0]}?" if near and near[0] != name else ""
        if name in known:
            hint = f"; {name} is given with another number of arguments or other values"
        return f"{place}: no rule and no fact gives {atom}{hint}"
    if "operation undefined" in text:
        return f"{place}: {text.splitlines()[-1].strip()} cannot be computed: one of its values is no number"
    return f"{place}: {' '.join(text.split())}"
