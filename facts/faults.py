"""The faults that a schema finds, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from facts.errors import Fault
from facts.phrases import cut, number_text

_MESSAGES = {
    "missing": "required, and absent",
    "int_type": "a whole number is needed",
    "float_type": "a number is needed",
    "finite_number": "a finite number is needed",
    "string_type": "text is needed",
    "string_unicode": "valid Unicode text is needed",
    "string_pattern_mismatch": "control characters are no text",
    "string_too_short": "is empty",
    "string_too_long": "at most {max_length} characters",
    "bool_type": "true or false is needed",
    "tuple_type": "a list is needed",
    "list_type": "a list is needed",
    "too_long": "at most {max_length} entries, not {actual_length}",
    "model_type": "an object with named fields is needed",
    "dict_type": "an object with named fields is needed",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
}
"""The faults that pydantic finds, in plain words; any other keeps its own."""


def fault_of(detail: Any, known: Iterable[str] = ()) -> Fault:
    """One of pydantic's errors as a fault, in plain words; `known`: the names of fields that there are."""
    path, kind = _path(detail["loc"]), detail["type"]
    if kind == "extra_forbidden":
        return Fault(path, f"unknown field{_nearest(str(detail['loc'][-1]), known)}")
    context = {key: number_text(v) if isinstance(v, float) else v for key, v in detail.get("ctx", {}).items()}
    message = _MESSAGES[kind].format(**context) if kind in _MESSAGES else detail["msg"]
    value = detail["input"]
    if kind == "slip":
        return Fault(path, f"{cut(repr(value))} is {message}")
    if kind not in ("missing", "finite_number") and isinstance(value, str | int | float | bool):
        huge = isinstance(value, int | float) and abs(value) >= 1e15
        message += f", not {'a huge number' if huge else cut(repr(value))}"
    return Fault(path, message + (f"; nearest: {context['near']}" if kind == "word" else ""))


def _path(loc: Iterable[str | int]) -> str:
    """The steps as a path."""
    path = ""
    for step in loc:
        path = path_below(path, step)
    return path


def path_below(path: str, step: str | int) -> str:
    """The path of what stands below another; a name that is not like those of fields is quoted."""
    if isinstance(step, str) and _NAME.match(step):
        return f"{path}.{cut(step)}" if path else cut(step)
    return f"{path}[{cut(repr(step))}]"


_NAME = re.compile(r"[\w-]+\Z")


def close_to(name: str, known: Iterable[str]) -> list[str]:
    """The known name that is closest to one, if any is close."""
    from difflib import get_close_matches

    return get_close_matches(name[:60], sorted(known), 1)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    if name in names:
        return "; it stands elsewhere in a record, see `reasoner schema record`"
    close = close_to(name, names)
    return f"; did you mean {close[0]!r}?" if close else "; see `reasoner schema record`"
