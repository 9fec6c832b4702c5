"""Changes of a record: JSON Patches (RFC 6902), and values by path as such a patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from facts.errors import Fault, RecordError
from facts.function import Edit
from facts.paths import place_of, pointer, steps, value_at
from facts.reading import MAX_DEPTH
from reasoner.verdict.wording import one_of

MOST_VALUES = 200_000
"""Values of a changed record and of a step of a patch, at most: more than any record has."""

_MEMBERS = {
    "add": ("value",), "replace": ("value",), "test": ("value",), "remove": (), "move": ("from",), "copy": ("from",),
}  # fmt: skip
_NOT_THERE = {
    "add": "the record has no such place",
    "remove": "the record has nothing there",
    "replace": "the record has nothing there",
    "test": "the record does not have this value there",
    "move": "the record has nothing at {source}, or no such place to put it",
    "copy": "the record has nothing at {source}, or no such place to put it",
}


def patched(record: Mapping[str, Any], patch: Sequence[Edit]) -> dict[str, Any]:
    """Record data with a JSON Patch applied; it is not checked yet.

    Raises RecordError with the step that is none, does not apply, or makes the record too large.
    """
    from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException

    data = deepcopy(dict(record))
    for number, step in enumerate(patch, start=1):
        fault = _step_fault(step) or _too_large(step)
        if fault is None:
            try:
                # a copy, so that no later step writes into the patch itself
                data = JsonPatch([deepcopy(step)]).apply(data, in_place=True)
            except (JsonPatchException, JsonPointerException, TypeError, LookupError):
                fault = "does not apply: " + _NOT_THERE[step["op"]].format(source=step.get("from", ""))
            else:
                # only a copy can make the record larger than its own text and the patch's
                fault = _too_large(data) if step["op"] == "copy" else None
        if fault is not None:
            parts = (step.get("op"), step.get("path")) if isinstance(step, dict) else ()
            what = " ".join(part for part in parts if isinstance(part, str))
            raise RecordError((Fault(f"step {number}" + (f" ({what})" if what else ""), fault),))
    return data


def _step_fault(step: object) -> str | None:
    """What is wrong with the form of a step of a JSON Patch."""
    if not isinstance(step, dict):
        return "a step is an object with op, path and value"
    operation = step.get("op")
    if not isinstance(operation, str) or operation not in _MEMBERS:
        return f"op must be {one_of(list(_MEMBERS))}"
    for name in ("path", *_MEMBERS[operation]):
        if name not in step:
            return f"{name} is needed"
        if name != "value" and not (isinstance(step[name], str) and step[name].startswith("/")):
            return f"{name} must be a place in the record, written like /section/field"
    return None


def _too_large(data: object) -> str | None:
    depth, count, level = 0, 0, [data]
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_DEPTH:
            return f"nested deeper than {MAX_DEPTH} levels"
        if count > MOST_VALUES:
            return f"more than {MOST_VALUES:,} values"
        nested = (part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list))
        level = [value for values in nested for value in values]
    return None


def edits(record: Mapping[str, Any], sets: Iterable[tuple[str, Any]], removals: Iterable[str]) -> list[Edit]:
    """Changes by path as a JSON Patch: values set, then places removed.

    Every path is meant in the record as it is (`Case.written`), list[0].field, say: entries are
    removed from the last to the first, after all values are set, so that no step moves what another means.
    Raises RecordError, also for a path that is set twice, or both set and removed.
    """
    found: list[Edit] = []
    changed: set[tuple[str | int, ...]] = set()
    for path, value in sets:
        place = steps(place_of(path))
        head = path.rpartition("[" if path.endswith("]") else ".")[0]
        if head and value_at(record, head) is None:
            raise RecordError((Fault(path, f"the record has no {head}"),))
        if place in changed:
            raise RecordError((Fault(path, "is set twice"),))
        changed.add(place)
        replaces = path.endswith("]") and value_at(record, path) is not None
        found.append({"op": "replace" if replaces else "add", "path": pointer(path), "value": value})
    gone = {steps(place_of(path)): path for path in removals}
    for place, path in gone.items():
        if value_at(record, path) is None:
            raise RecordError((Fault(path, "the record has nothing there to remove"),))
        if any(place[: len(other)] == other[: len(place)] for other in changed):
            raise RecordError((Fault(path, "is removed, and set as well"),))
    return found + [{"op": "remove", "path": pointer(gone[place])} for place in sorted(gone, reverse=True)]
