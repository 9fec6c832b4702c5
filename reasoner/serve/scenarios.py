"""Scenarios of a case, side by side with the first record, and as a file that `reasoner what-if` takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import jsonpatch

from facts.case import Case
from facts.errors import Fault, RecordError
from reasoner.serve.questions import at_place, members
from reasoner.serve.text_view import written
from reasoner.verdict.model import Verdict, all_items
from reasoner.verdict.policy import Policy

MOST = 40
"""Scenarios that are compared, at most."""


class Column(NamedTuple):
    """A scenario: its number among those that are kept, or None for the first record and the one that is shown."""

    name: str
    number: int | None
    is_shown: bool


class Row(NamedTuple):
    """What is compared: a status by scenario, or a text."""

    title: str
    cells: tuple[str, ...]
    is_status: bool

    @property
    def differs(self) -> bool:
        """Whether the scenarios are not alike in it."""
        return len(set(self.cells)) > 1


def scenario_table(policy: Policy, data: Any) -> dict[str, Any]:
    """The columns and rows of `first`, the `scenarios` and the `record` that is shown. Raises RecordError."""
    first, scenarios = _asked(policy, data)
    if not scenarios:
        return {"columns": [], "rows": []}
    columns = [Column("first", None, False), *(Column(name, at, False) for at, (name, _) in enumerate(scenarios))]
    verdicts = [policy.judge(case, 1) for case in (first, *(case for _, case in scenarios))]
    try:
        verdicts.append(policy.judge(policy.case(data["record"]), 1))
        columns.append(Column("as shown", None, True))
    except (KeyError, RecordError):
        pass  # what is being typed is no record yet
    return {"columns": columns, "rows": list(_rows(policy, verdicts))}


def _rows(policy: Policy, verdicts: list[Verdict]) -> Iterator[Row]:
    yield Row("decision", tuple(one.decision for one in verdicts), True)
    yield Row("kind", tuple((one.denial.kind if one.denial else "").replace("_", " ") for one in verdicts), False)
    yield Row("through", tuple(one.authorization.through if one.authorization else "" for one in verdicts), False)
    ways = (one.explanation for one in verdicts)
    yield Row("smallest sets", tuple(str(one.total) if one is not None else "" for one in ways), False)
    statuses = [{item.id: item.status for item in all_items(one.criteria)} for one in verdicts]
    for item in dict.fromkeys(item for own in statuses for item in own):
        title = f"{item} {policy.items[item].title}" if item in policy.items else item
        yield Row(title, tuple(own.get(item, "") for own in statuses), True)


def scenario_file(policy: Policy, data: Any) -> str:
    """The scenarios as YAML: by name a JSON Patch on the first record in full form. Raises RecordError."""
    first, scenarios = _asked(policy, data)
    patches = {name: list(jsonpatch.make_patch(first.written, case.written)) for name, case in scenarios}
    for name in [name for name, patch in patches.items() if not patch]:  # one that changes nothing is a scenario too
        member, value = next(iter(first.written.items()))
        patches[name] = [{"op": "test", "path": f"/{member}", "value": value}]
    return written(patches, "yaml")


def _asked(policy: Policy, data: Any) -> tuple[Case, list[tuple[str, Case]]]:
    """The first record and the named ones. Raises RecordError."""
    asked = members(data, {"first": dict, "scenarios": list}, {"record": dict, "readings": dict})
    if len(asked["scenarios"]) > MOST:
        raise RecordError((Fault("scenarios", f"more than {MOST}"),))
    scenarios = []
    for at, one in enumerate(asked["scenarios"]):
        with_name = at_place(f"scenarios[{at}]", partial(members, one, {"name": str, "record": dict}))
        case = at_place(f"scenarios[{at}].record", partial(policy.case, with_name["record"]))
        scenarios.append((with_name["name"], case))
    return policy.case(asked["first"]), scenarios
