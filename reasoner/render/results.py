"""Results of suites: as text, and as JUnit XML for CI servers."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import shorten
from typing import Any
from xml.etree import ElementTree

from facts.errors import printable
from reasoner.render.text import paint
from reasoner.suites.run import Difference, Result, comparable

_WIDTH = 100
_SHOWN = 12
"""Minimal sets in a column, at most."""


def failure(result: Result) -> str:
    """A failed case: expected and found side by side, with file and line of case and rules."""
    return f"{paint('✗', 31)} {_failure(result)}"


_BRIEF = 60
"""Characters of a value in one line, at most."""


def headline(result: Result) -> str:
    """What is wrong with a failed case, in one line."""
    if result.error is not None:
        first, *more = result.error.splitlines()
        found = f"the record is refused: {printable(first)}"
    else:
        most, *others = sorted(result.differences, key=lambda difference: difference.what != "decision")
        more = [difference.what for difference in others]
        found = _brief(most)
    return found + (f" (and {len(more)} more)" if more else "")


def _brief(difference: Difference) -> str:
    _, expected, found = columns(difference)
    old, new = (shorten("; ".join(lines), _BRIEF, placeholder="…") for lines in (expected, found))
    return printable(f"{difference.what}: expected {old}, found {new}")


def _failure(result: Result) -> str:
    lines = [result.case.name, f"    {result.case.path}:{result.case.line}"]
    if result.error is not None:
        faults = result.error.splitlines()
        lines += ["    the record is refused", *(line for fault in faults for line in _wrapped(fault, 6))]
    for difference in result.differences:
        lines += _difference(difference)
    return "\n".join(map(printable, lines))


def _difference(difference: Difference) -> Iterator[str]:
    same, expected, found = columns(difference)
    yield f"    {difference.what}{f'; as expected: {same}' if same else ''}"
    room = _WIDTH - 9  # the indentation, and what stands between the columns
    widths = [max(map(len, ("expected", *expected))), max(map(len, ("found", *found)))]
    left = max(min(widths[0], room - widths[1]), min(widths[0], room // 2))
    yield f"      {'expected':<{left}} │ found"
    for one, other in zip_longest(expected, found, fillvalue=""):
        for a, b in zip_longest(_cell(one, left), _cell(other, room - left), fillvalue=""):
            yield f"      {a:<{left}} │ {b}".rstrip()
    for text in (difference.note, f"rules: {', '.join(difference.rules)}" if difference.rules else None):
        yield from _wrapped(text, 6) if text else ()


def columns(difference: Difference) -> tuple[str, list[str], list[str]]:
    """What is the same in both in a few words, and the lines of what was expected, and was found, instead."""
    what, expected, found = difference.what, difference.expected, difference.found
    if not isinstance(expected, list) or not isinstance(found, list):
        return "", _short(_lines(expected)), _short(_lines(found))
    old, new = ([comparable(what, [one]) for one in items] for items in (expected, found))
    gone = [one for one, key in zip(expected, old, strict=True) if key not in new]
    come = [one for one, key in zip(found, new, strict=True) if key not in old]
    if not gone and not come:  # another order, or one of them twice
        return "", _lines(expected), _lines(found)
    both = [one for one, key in zip(expected, old, strict=True) if key in new]
    sets = what in ("minimal_sets", "missing")
    same = str(len(both) or "") if sets else ", ".join(map(str, both))
    none = ["nothing else" if both else "none"]
    return same, _short(_lines(gone)) if gone else none, _short(_lines(come)) if come else none


def _lines(value: Any) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        return sorted(" + ".join(sorted(one)) for one in value)
    if isinstance(value, list):
        return [", ".join(map(str, value)) or "none"]
    return ["none" if value is None else str(value)]


def _short(lines: list[str]) -> list[str]:
    lines = [printable(line) for line in lines]
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"… and {len(lines) - _SHOWN} more"]


def _cell(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False) or [""]


def _wrapped(text: str, indent: int) -> list[str]:
    first = " " * indent
    return textwrap.wrap(
        printable(text), _WIDTH, initial_indent=first, subsequent_indent=f"{first}  ", break_on_hyphens=False
    )


_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can hold, not even escaped."""


def junit(results: Sequence[Result]) -> str:
    """The results as JUnit XML."""
    failed = sum(not result.passed for result in results)
    suite = ElementTree.Element("testsuite", name="reasoner", tests=str(len(results)), failures=str(failed))
    for result in results:
        about = {
            "classname": str(result.case.path),
            "name": result.case.name,
            "file": str(result.case.path),
            "line": str(result.case.line),
        }
        case = ElementTree.SubElement(suite, "testcase", {key: _xml(value) for key, value in about.items()})
        if not result.passed:
            what = "the record is refused" if result.error else ", ".join(one.what for one in result.differences)
            ElementTree.SubElement(case, "failure", message=_xml(what)).text = _xml(_failure(result))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
