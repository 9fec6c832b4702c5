"""Scenarios and patches from files. Whatever is wrong becomes one RecordError with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reasoner.facts.edits import Edit
from reasoner.facts.errors import Fault, RecordError
from reasoner.facts.load import read_data
from reasoner.scenario import Scenario, edits


def read_patch(path: str) -> list[Edit]:
    """A JSON Patch (RFC 6902). Raises RecordError."""
    return _patch(read_data(path), path, "")


def read_scenarios(path: str, record: Mapping[str, Any]) -> list[Scenario]:
    """Scenarios by name: a JSON Patch each, or `set` (values by path) and `remove` (paths).

    `record` is the record as written, which the paths are of. Raises RecordError.
    """
    data = read_data(path)
    if not isinstance(data, dict) or not data:
        raise RecordError((Fault("", "scenarios are named: an object with a patch for each name"),), path)
    found = []
    for name, change in data.items():
        if isinstance(change, dict) and change and set(change) <= {"set", "remove"}:
            sets, removals = change.get("set", {}), change.get("remove", [])
            if isinstance(sets, dict) and isinstance(removals, list):
                try:
                    patch = edits(record, sets.items(), map(str, removals))
                except RecordError as error:
                    faults = (Fault(f"{name}: {fault.path}", fault.message) for fault in error.faults)
                    raise RecordError(tuple(faults), path) from None
                found.append(Scenario(name, tuple(patch)))
                continue
        found.append(Scenario(name, tuple(_patch(change, path, name))))
    return found


def _patch(data: object, source: str, name: str) -> list[Edit]:
    if isinstance(data, list) and data and all(isinstance(step, dict) for step in data):
        return data
    raise RecordError((Fault(name, "a JSON Patch is needed: a list of operations (RFC 6902)"),), source)
