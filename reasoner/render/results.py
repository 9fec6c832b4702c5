"""Results of suites: as text, and as JUnit XML for CI servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from reasoner.regression import Difference, Result
from reasoner.render.text import paint


def failure(result: Result) -> str:
    """A failed case: expected and found side by side, with file and line of case and rules."""
    return "\n".join(_failure(result))


def _failure(result: Result) -> Iterator[str]:
    yield f"{paint('✗', 31)} {result.case.name}"
    yield f"    {result.case.path}:{result.case.line}"
    if result.error is not None:
        yield f"    the record is refused: {result.error}"
    for difference in result.differences:
        yield from (f"    {line}" for line in _difference(difference))


def _difference(difference: Difference) -> Iterator[str]:
    expected, found = _lines(difference.expected), _lines(difference.found)
    if difference.what in ("minimal_sets", "missing"):
        found = [line for line in found if line not in expected] or found
        expected = [line for line in expected if line not in _lines(difference.found)]
    width = max([len("expected"), *map(len, expected)])
    yield difference.what
    yield f"  {'expected':<{width}} │ found"
    for number in range(max(len(expected), len(found))):
        left = expected[number] if number < len(expected) else ""
        right = found[number] if number < len(found) else ""
        yield f"  {left:<{width}} │ {right}"
    if difference.rules:
        yield f"  rules: {', '.join(difference.rules)}"


def _lines(value: Any) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        return sorted(" + ".join(sorted(one)) for one in value)
    if isinstance(value, list):
        return [", ".join(map(str, value)) or "none"]
    return ["none" if value is None else str(value)]


def junit(results: Sequence[Result]) -> str:
    """The results as JUnit XML."""
    failed = sum(not result.passed for result in results)
    suite = ElementTree.Element("testsuite", name="reasoner", tests=str(len(results)), failures=str(failed))
    for result in results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=str(result.case.path),
            name=result.case.name,
            file=str(result.case.path),
            line=str(result.case.line),
        )
        if not result.passed:
            text = failure(result)
            ElementTree.SubElement(case, "failure", message=text.splitlines()[-1].strip()).text = text
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
