"""The verdict: what other programs read. Field by field as the interface describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Decision = Literal["approved", "denied", "out_of_scope"]
Authority = Literal["coverage_policy", "plan_document", "mandate"]
Kind = Literal["plan_exclusion", "not_covered", "criteria_not_met", "missing_information"]
FactStatus = Literal["established", "missing", "contradicted"]
ItemStatus = Literal["met", "missing", "contradicted", "excludes", "clear"]


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """The policy, and the version in force on the request date."""

    id: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition in this case: its words, what the record says of it, and how to establish it.

    `edits` is a JSON Patch (RFC 6902) on the record in full form. `near` tells how far a number
    falls short, in the words of the record.
    """

    fact: str
    criterion: str
    status: FactStatus
    text: str
    record: tuple[str, ...]
    edits: tuple[dict[str, Any], ...]
    unchangeable: bool = False
    near: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """An item of the policy in this case, with the facts that made its status."""

    id: str
    title: str
    citation: str
    status: ItemStatus
    facts: tuple[Fact, ...]
    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """The kind of a denial, and the items that stand in the way."""

    kind: Kind
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Authorization:
    """What an approval grants: ISO dates, both included."""

    start: str
    through: str
    months: int


@dataclass(frozen=True, slots=True)
class Need:
    """An item that stands in the way, and its alternatives: one of these sets of facts."""

    criterion: str
    alternatives: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class MinimalSet:
    """Facts that together, and no fewer of them, turn the denial."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All smallest ways to an approval: factored, and listed up to a limit.

    `total` counts the sets; it is a lower bound where `exact` is false (the search met a stated
    limit). `complete`: every set is listed.
    """

    needs: tuple[Need, ...] | None
    total: int
    minimal_sets: tuple[MinimalSet, ...]
    complete: bool
    exact: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Advisory:
    """A remark that never decides."""

    id: str
    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole judgement of one record."""

    case_id: str
    policy: PolicyVersion
    decision: Decision
    decided_by: Authority | None
    medically_necessary: bool | None
    denial: Denial | None
    authorization: Authorization | None
    criteria: tuple[Criterion, ...]
    explanation: Explanation | None
    advisories: tuple[Advisory, ...]
    warnings: tuple[str, ...]
    hinges_on: tuple[str, ...]
    earliest_approval: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON data."""
        from dataclasses import asdict

        data = asdict(self)
        if data["authorization"] is not None:
            grant = data["authorization"]
            data["authorization"] = {
                "from": grant["start"], "through": grant["through"], "months": grant["months"],
            }  # fmt: skip
        return data

    def to_json(self, *, indent: int | None = 2) -> str:
        """The verdict as JSON text, the same bytes for the same record and rules."""
        import json

        return json.dumps(self.as_dict(), ensure_ascii=False, indent=indent)


def schema() -> dict[str, Any]:
    """The JSON Schema of a verdict."""
    from pydantic import TypeAdapter

    found: dict[str, Any] = TypeAdapter(Verdict).json_schema(mode="serialization")
    grant = found["$defs"]["Authorization"]
    grant["properties"] = {
        "from": grant["properties"].pop("start"), **grant["properties"],
    }  # fmt: skip
    grant["required"] = ["from", "through", "months"]
    return found
