"""Scenarios and patches from files. Whatever is wrong becomes one RecordError with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facts.errors import Fault, RecordError
from facts.function import Edit
from facts.reading import read_data
from reasoner.whatif.patch import edits
from reasoner.whatif.scenario import Scenario


def read_patch(path: str) -> list[Edit]:
    """A JSON Patch (RFC 6902); its steps are checked when it is applied. Raises RecordError."""
    data = read_data(path)
    if isinstance(data, list) and data:
        return data
    raise RecordError((Fault("", "a JSON Patch is needed: a list of operations (RFC 6902)"),), path)


def read_scenarios(path: str, record: Mapping[str, Any]) -> list[Scenario]:
    """Scenarios by name: a JSON Patch each, or `set` (values by path) and `remove` (paths).

    `record` is the record as written, which the paths are of. Raises RecordError.
    """
    data = read_data(path)
    if not isinstance(data, dict) or not data:
        raise RecordError((Fault("", "scenarios are named: an object with a patch for each name"),), path)
    found = []
    for name, change in data.items():
        source = f"{path}: {name}"
        try:
            found.append(Scenario(name, tuple(patch_of(change, record)), source=source))
        except RecordError as error:
            raise error.at(source) from None
    return found


def patch_of(change: object, record: Mapping[str, Any]) -> list[Edit]:
    """The patch that a scenario is given as. Raises RecordError."""
    if isinstance(change, list) and change:
        return change
    if isinstance(change, dict) and change and set(change) <= {"set", "remove"}:
        sets, removals = change.get("set", {}), change.get("remove", [])
        if isinstance(sets, dict) and isinstance(removals, list):
            return edits(record, sets.items(), map(str, removals))
    message = "a JSON Patch is needed (a list of operations, RFC 6902), or `set` (values by path) and `remove` (paths)"
    raise RecordError((Fault("", message),))
