"""The verdict: what other programs read. Field by field as the interface describes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from msgspec import Struct, field, json, to_builtins

Decision = Literal["approved", "denied", "out_of_scope"]
Authority = Literal["coverage_policy", "plan_document", "mandate"]
Kind = Literal["plan_exclusion", "not_covered", "criteria_not_met", "missing_information"]
FactStatus = Literal["established", "missing", "contradicted"]
ItemStatus = Literal["met", "missing", "contradicted", "excludes", "clear"]


class PolicyVersion(Struct, frozen=True, gc=False):
    """The policy, and the version in force on the request date."""

    id: str
    version: str | None


class Fact(Struct, frozen=True, gc=False):
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
    unchangeable: bool
    near: str | None


class Criterion(Struct, frozen=True, gc=False):
    """An item of the policy in this case, with the facts that made its status."""

    id: str
    title: str
    citation: str
    status: ItemStatus
    facts: tuple[Fact, ...]
    children: tuple[Criterion, ...]


def all_items(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    """The items and all those below them, each before those below it."""
    for item in criteria:
        yield item
        yield from all_items(item.children)


class Denial(Struct, frozen=True, gc=False):
    """The kind of a denial, and the items that stand in the way."""

    kind: Kind
    reasons: tuple[str, ...]


class Authorization(Struct, frozen=True, gc=False):
    """What an approval grants: ISO dates, both included."""

    start: str = field(name="from")
    through: str
    months: int


class Need(Struct, frozen=True, gc=False):
    """An item that stands in the way, and its alternatives: one of these sets of facts."""

    criterion: str
    alternatives: tuple[tuple[Fact, ...], ...]


class MinimalSet(Struct, frozen=True, gc=False):
    """Facts that together, and no fewer of them, turn the denial."""

    facts: tuple[Fact, ...]


class Explanation(Struct, frozen=True, gc=False):
    """All smallest ways to an approval: factored, and listed up to a limit.

    `approvable` is false where each of them contradicts something that nobody can change, because of these
    items: then there is no way, and the sets tell what would have had to be otherwise.
    `total` counts the sets; it is a lower bound where `exact` is false (the search met a stated
    limit). `complete`: every set is listed.
    """

    approvable: bool
    because: tuple[str, ...]
    needs: tuple[Need, ...] | None
    total: int
    minimal_sets: tuple[MinimalSet, ...]
    complete: bool
    exact: bool
    limit: int


class Advisory(Struct, frozen=True, gc=False):
    """A remark that never decides."""

    id: str
    text: str
    citation: str


class Verdict(Struct, frozen=True, gc=False):
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
    earliest_approval: str | None

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON data."""
        data: dict[str, Any] = to_builtins(self)
        return data

    def to_json(self, *, indent: int | None = 2) -> str:
        """The verdict as JSON text, the same bytes for the same record and rules."""
        text = json.encode(self)
        return (text if indent is None else json.format(text, indent=indent)).decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of a verdict."""
    return json.schema(Verdict)
