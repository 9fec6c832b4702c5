"""A new case of a suite: a record held to its verdict, written after the cases that are there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import SequenceNode

from facts.errors import Fault, RecordError
from reasoner.suites.run import FOUND
from reasoner.suites.source_locations import SourceLocations
from reasoner.suites.suite import parse_suite
from reasoner.verdict.model import Verdict

_KEPT = ("decision", "kind", "reasons", "statuses", "minimal_sets", "hinges_on", "advisories", "through")
_NAME = 200
"""Characters of a case's name, at most."""


def case_of(name: str, record: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    """A case that holds a record to its verdict; of minimal sets that are not all listed, to their number."""
    expect = {key: FOUND[key](verdict) for key in _KEPT}
    if verdict.explanation is not None and not verdict.explanation.complete:
        expect["minimal_sets"] = None
        expect["total"] = verdict.explanation.total
    return {
        "name": name,
        "record": dict(record),
        "expect": {key: value for key, value in expect.items() if value or key in ("decision", "hinges_on")},
    }


def yaml_of(data: Any) -> str:
    """Data as YAML, as suites have it: what holds no lists or objects in one line."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def with_case(text: str, path: Path, case: Mapping[str, Any]) -> str:
    """A suite's text with one more case after its last one; all else stays as it is, comments too.

    An empty text becomes a suite of the one case. Raises RecordError where the case has the name of another, or the
    suite is not one to which it can be added.
    """
    name = case["name"]
    if not name.strip() or not name.isprintable() or len(name) > _NAME:
        raise _fault("name", f"a sentence in one line is needed, of at most {_NAME} characters")
    if not text.strip():
        return yaml_of({"cases": [case]})
    before = parse_suite(text, path)
    if same := next((one for one in before if _is_named(one.name, name)), None):
        raise _fault("name", f"the case in line {same.line} of {path.name} has this name; give another")
    new = _added(text, path, case)
    try:
        after = parse_suite(new, path)
    except RecordError as error:
        raise _fault("suite", f"{path.name}: the case cannot be added by itself; copy it there ({error})") from None
    kept = [(one.name, one.data, one.expect) for one in after[: len(before)]]
    if len(after) != len(before) + 1 or kept != [(one.name, one.data, one.expect) for one in before]:
        raise _fault("suite", f"{path.name}: the case cannot be added by itself; copy it there")
    return new


def _is_named(name: str, wanted: str) -> bool:
    """Whether a case has a name, or is a row of the table of the case that has it."""
    return name == wanted or name.startswith(f"{wanted} [")


def _added(text: str, path: Path, case: Mapping[str, Any]) -> str:
    locations = SourceLocations(text)
    found = locations.node(("cases",)) or locations.node(())
    node = found[1] if found is not None else None
    if path.suffix.lower() == ".json" or not isinstance(node, SequenceNode) or node.flow_style or not node.value:
        raise _fault("suite", f"{path.name}: its cases are no list with dashes; copy the case there")
    last = node.value[-1]
    start = last.start_mark.index
    dash = text.rfind("-", 0, start)
    indent = " " * (dash - text.rfind("\n", 0, dash) - 1)
    _, end = locations.span(last)
    line_end = re.compile(r"\r?\n|\Z").search(text, end)
    assert line_end is not None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = yaml_of([case]).splitlines()
    added = newline.join(f"{indent}{line}" for line in lines)
    return f"{text[: line_end.start()]}{newline}{newline}{added}{text[line_end.start() :] or newline}"


def _fault(path: str, message: str) -> RecordError:
    return RecordError((Fault(path, message),))
