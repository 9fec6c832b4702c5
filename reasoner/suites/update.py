"""Rewriting the expectations that a rule change moved: values alone, comments and layout kept.

A case is rewritten as a whole or left, with the reason. What would not read again or not pass is not written.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, SequenceNode

from facts.errors import RecordError
from facts.reading import read_yaml
from reasoner.suites.run import Difference, Result, check, comparable
from reasoner.suites.source_locations import Location, SourceLocations
from reasoner.suites.suite import SuiteCase, parse_suite
from reasoner.verdict.policy import Policy

Edit = tuple[int, int, str]
"""Characters from, to, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Update:
    """A suite file's new text, which cases it rewrites, and which it leaves, with the reason."""

    text: str
    rewritten: tuple[SuiteCase, ...]
    left: tuple[tuple[SuiteCase, str], ...]


class _Undecided(Exception):
    """Why an expectation cannot be rewritten."""


def update(policy: Policy, path: Path, failed: Sequence[Result]) -> Update:
    """The suite file with the expectations of these cases of it as they were found. Raises OSError."""
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    writer = _Writer(text, path)
    edits: list[Edit] = []
    rewritten: list[SuiteCase] = []
    left: list[tuple[SuiteCase, str]] = []
    for result in failed:
        try:
            if result.error is not None:
                raise _Undecided("its record is refused")
            edits += [edit for difference in result.differences for edit in writer.edits(result.case, difference)]
            rewritten.append(result.case)
        except _Undecided as why:
            left.append((result.case, str(why)))
    new = text
    for start, end, value in sorted(edits, reverse=True):
        new = new[:start] + value + new[end:]
    wrong = _wrong(policy, path, text, new, rewritten)
    if wrong is not None:
        return Update("", (), (*left, *((case, wrong) for case in rewritten)))
    mark = "\ufeff" if raw.startswith(codecs.BOM_UTF8) else ""
    return Update(mark + new, tuple(rewritten), tuple(left))


def _wrong(policy: Policy, path: Path, old: str, new: str, rewritten: Sequence[SuiteCase]) -> str | None:
    """What is wrong with an update: it does not read, does not pass, or says something else of other cases."""
    try:
        cases = {case.location: case for case in parse_suite(new, path)}
    except RecordError as error:
        return f"the update would not read again: {error}"
    wanted = {case.location for case in rewritten}
    for before in parse_suite(old, path):
        after = cases.pop(before.location, None)
        if after is None or after.data != before.data:
            return f"the update would change the record of {before.name}"
        if before.location in wanted and not check(policy, after).passed:
            return f"the update would not make {before.name} pass"
        if before.location not in wanted and after.expect != before.expect:
            return f"the update would change {before.name}"
    return "the update would add cases" if cases else None


class _Writer:
    """A suite's text, and how its values are written anew."""

    def __init__(self, text: str, path: Path) -> None:
        self.text = text
        self.json = path.suffix.lower() == ".json"
        self.locations = SourceLocations(text.replace("\t", " ") if self.json else text)
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def edits(self, case: SuiteCase, difference: Difference) -> Iterator[Edit]:
        """The edits after which the case expects what was found. Raises _Undecided."""
        what, expected, found = difference.what, difference.expected, difference.found
        if what == "edits":
            raise _Undecided("the edits of a minimal set do not do what they must: the rules are to be mended")
        if what == "missing":
            raise _Undecided("`missing`: which of the sets found should stand for the absent ones is yours to say")
        if what.startswith("statuses.") and found is None:
            raise _Undecided(f"{what}: {difference.note or 'the item has no status in this case'}; take it out")
        key, node = self._at(case, what)
        if isinstance(node, SequenceNode) and isinstance(found, list) and found:
            edits = self._items(what, node, expected, found)
            if edits is not None:
                yield from edits
                return
        yield self._whole(what, key, node, found)

    def _at(self, case: SuiteCase, what: str) -> tuple[Any, Any]:
        location: Location | None = case.expected_at.get(what)
        if location is None and what.startswith("statuses.") and "statuses" in case.expected_at:
            location = (*case.expected_at["statuses"], what.removeprefix("statuses."))
        found = self.locations.node(location) if location is not None else None
        if found is None:
            raise _Undecided(f"{what}: `expect` is shared by the rows of the table; give it a column")
        return found

    def _items(self, what: str, node: SequenceNode, expected: list[Any], found: list[Any]) -> list[Edit] | None:
        """The edits of a list item by item, so that what stands around the others stays; None: not possible."""
        gone, new = _moved(what, expected, found)
        dashed = not node.flow_style
        if len(gone) != len(new) and not dashed:
            return None
        pairs = zip(gone, new, strict=False)  # the rest is taken out or added
        edits = [(*self._span(what, node.value[index]), self._value(value)) for index, value in pairs]
        edits += [self._without(what, node.value[index]) for index in gone[len(new) :]]
        if new[len(gone) :]:
            _, end = self.locations.span(node.value[-1])
            indent = " " * self._dash(what, node.value[-1])[1]
            lines = [f"{self.newline}{indent}- {self._value(value)}" for value in new[len(gone) :]]
            at = self._line_end(end)
            edits.append((at, at, "".join(lines)))
        return edits

    def _whole(self, what: str, key: Any, node: Any, found: Any) -> Edit:
        start, end = node.start_mark.index, node.end_mark.index
        if start == end:
            return self._filled(what, key, found)
        start, end = self._span(what, node)
        value = self._value(found)
        if not isinstance(node, SequenceNode | MappingNode):
            return start, end, value
        if node.flow_style:
            if isinstance(found, list) and "\n" in self.text[start:end]:
                column = start - self.text.rfind("\n", 0, start)
                separator = f",{self.newline}{' ' * column}"
                value = f"[{separator.join(map(self._value, found))}]"
            return start, end, value
        if key is None:
            return start, end, value
        after = self._after(key)
        self._no_comment(what, after, end)
        return after, end, f" {value}"

    def _filled(self, what: str, key: Any, found: Any) -> Edit:
        """A value where there is none as yet, after its name."""
        if key is None:
            raise _Undecided(f"{what}: its position in the list is empty; write null there")
        after = self._after(key)
        colon = "" if self.text[after - 1] == ":" else ":"
        return after, after, f"{colon} {self._value(found)}"

    def _after(self, key: Any) -> int:
        """Where the colon after a name ends, or the name if it has none."""
        end: int = key.end_mark.index
        colon = re.compile(r"\s*:").match(self.text, end)
        return colon.end() if colon else end

    def _without(self, what: str, node: Any) -> Edit:
        """An item of a list with dashes taken out: its lines, or all but the comment after it."""
        _, end = self._span(what, node)
        dash, column = self._dash(what, node)
        if self.text[dash - column : dash].strip():
            raise _Undecided(f"{what}: the list begins within another one; yours to rewrite")
        line_end = self._line_end(end)
        if self.text[end:line_end].strip():
            return dash, line_end - len(self.text[end:line_end].lstrip()), ""
        return dash - column, self.text.find("\n", line_end) + 1 or len(self.text), ""

    def _dash(self, what: str, node: Any) -> tuple[int, int]:
        """Where the dash of an item stands, and in which column."""
        start = node.start_mark.index
        dash = self.text.rfind("-", 0, start)
        if self.text[dash + 1 : start].strip():
            raise _Undecided(f"{what}: a comment stands between a dash and its item; yours to rewrite")
        return dash, dash - self.text.rfind("\n", 0, dash) - 1

    def _line_end(self, index: int) -> int:
        found = re.compile(r"\r?$", re.MULTILINE).search(self.text, index)
        return found.start() if found else len(self.text)

    def _span(self, what: str, node: Any) -> tuple[int, int]:
        start, end = self.locations.span(node)
        if isinstance(node, SequenceNode | MappingNode):
            self._no_comment(what, start, end)
        return start, end

    def _no_comment(self, what: str, start: int, end: int) -> None:
        if re.search(r"\s#[^\n]*\n", self.text[start:end]):
            raise _Undecided(f"{what}: a comment stands within what would be replaced; yours to rewrite")

    def _value(self, value: Any) -> str:
        """A value in flow style; words bare where they read as the same words."""
        if self.json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            return f"[{', '.join(map(self._value, value))}]"
        if isinstance(value, str) and re.fullmatch(r"\w[\w.-]*", value) and read_yaml(value) == value:
            return value
        return json.dumps(value, ensure_ascii=False)


def _moved(what: str, expected: Sequence[Any], found: Sequence[Any]) -> tuple[list[int], list[Any]]:
    """The positions of expected items that were not found, and the items found that were not expected."""
    old, new = ([comparable(what, [one]) for one in items] for items in (expected, found))
    if what == "reasons":  # in their order
        same = [number for number, (a, b) in enumerate(zip(old, new, strict=False)) if a == b]
        return (
            [number for number in range(len(old)) if number not in same],
            [value for number, value in enumerate(found) if number not in same],
        )
    gone = []
    kept = list(new)
    for number, one in enumerate(old):
        if one in kept:
            kept.remove(one)
        else:
            gone.append(number)
    return gone, [value for value, one in zip(found, new, strict=True) if one not in old]
