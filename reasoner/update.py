"""Rewriting the expectations that a rule change moved: values alone, comments and layout kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reasoner.places import Places
from reasoner.regression import Result


def updated(path: Path, results: Iterable[Result]) -> str:
    """The suite file's text with the differing expectations of these results as they were found."""
    text = path.read_text("utf-8")
    places = Places(text)
    changes: dict[tuple[int, int], str] = {}
    for result in results:
        for difference in result.differences:
            place = _place(result, difference.what)
            if place is not None:
                changes[places.span(place)] = _yaml(difference.found)
    for (start, end), value in sorted(changes.items(), reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _place(result: Result, what: str) -> tuple[str | int, ...] | None:
    named = result.case.expected_places
    if what in named:
        return named[what]
    key, _, item = what.partition(".")
    return (*named[key], item) if key in named else None


def _yaml(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, str) and value.replace("_", "a").isalpha() and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)
