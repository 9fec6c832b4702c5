"""What if: a record with some facts different, judged beside the record as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reasoner.facts.edits import Edit, apply
from reasoner.facts.errors import Fault, RecordError
from reasoner.facts.fields import look, place_of, pointer
from reasoner.facts.load import parse_record
from reasoner.facts.record import Record
from reasoner.facts.symbols import Fact as Said
from reasoner.facts.symbols import facts_of
from reasoner.judge import judge
from reasoner.policy import Policy
from reasoner.verdict import Criterion, FactStatus, ItemStatus, Verdict


@dataclass(frozen=True, slots=True)
class Scenario:
    """A change of a record: a JSON Patch (RFC 6902), then facts withdrawn and facts assumed."""

    name: str
    patch: tuple[Edit, ...] = ()
    assume: tuple[Said, ...] = ()
    withdraw: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """A fact that made an item's status another; None: there was or is no such fact."""

    fact: str
    text: str
    before: FactStatus | None
    after: FactStatus | None


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item whose status is another, and by which facts; None: it is not asked for."""

    id: str
    title: str
    before: ItemStatus | None
    after: ItemStatus | None
    facts: tuple[ChangedFact, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A scenario's verdict beside that of the record as it is.

    `vanished` and `appeared` are minimal sets, each as the names of its facts, among those listed.
    """

    name: str
    before: Verdict
    after: Verdict
    items: tuple[ChangedItem, ...]
    vanished: tuple[tuple[str, ...], ...]
    appeared: tuple[tuple[str, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON data."""
        return {
            "name": self.name,
            "decision": {"before": self.before.decision, "after": self.after.decision},
            "items": [asdict(item) for item in self.items],
            "vanished": self.vanished,
            "appeared": self.appeared,
            "hinges_on": {"before": self.before.hinges_on, "after": self.after.hinges_on},
            "earliest_approval": {
                "before": self.before.earliest_approval,
                "after": self.after.earliest_approval,
            },
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


def compare(policy: Policy, record: Record, scenarios: Iterable[Scenario], limit: int = 50) -> list[Comparison]:
    """Judge a record under many scenarios. Raises RecordError where one does not fit the record."""
    before = policy.judge(record, limit)
    return [comparison(scenario.name, before, _judged(policy, record, scenario, limit)) for scenario in scenarios]


def changed_record(policy: Policy, record: Record, patch: Sequence[Edit]) -> tuple[dict[str, Any], Record]:
    """The record with a patch applied, as data and checked. Raises RecordError."""
    try:
        data = apply(policy.normalize(record).written, list(patch))
    except ValueError as error:
        raise RecordError((Fault("", str(error)),)) from None
    return data, parse_record(data)


def _judged(policy: Policy, record: Record, scenario: Scenario, limit: int) -> Verdict:
    case = policy.normalize(changed_record(policy, record, scenario.patch)[1] if scenario.patch else record)
    said = facts_of(case)
    for fact in scenario.withdraw:
        if fact not in said:
            raise RecordError((Fault("", f"{_shown(fact)} is no fact of this record (see `reasoner facts`)"),))
        said.remove(fact)
    if scenario.withdraw or scenario.assume:
        return judge(policy, case, limit, [*said, *scenario.assume])
    return judge(policy, case, limit)


def _shown(fact: Said) -> str:
    from reasoner.facts.symbols import fact_symbol

    return str(fact_symbol(fact))


def edits(record: Mapping[str, Any], sets: Iterable[tuple[str, Any]], removals: Iterable[str]) -> list[Edit]:
    """Changes by path as a JSON Patch: removals, then values set. Raises RecordError.

    `record` is the record as written (`Case.written`); a path is therapies[0].outcome, say.
    """
    found: list[Edit] = []
    for path in removals:
        if look(record, place_of(path)) is None:
            raise RecordError((Fault(path, "the record has nothing there to remove"),))
        found.append({"op": "remove", "path": pointer(path)})
    for path, value in sets:
        head = place_of(path).rpartition(".")[0] if not path.endswith("]") else path.rpartition("[")[0]
        if head and look(record, head) is None:
            raise RecordError((Fault(path, f"the record has no {head}"),))
        replaces = path.endswith("]") and look(record, path) is not None
        found.append({"op": "replace" if replaces else "add", "path": pointer(path), "value": value})
    return found


def comparison(name: str, before: Verdict, after: Verdict) -> Comparison:
    """Two verdicts beside each other."""
    old, new = _sets(before), _sets(after)
    return Comparison(
        name,
        before,
        after,
        tuple(_changed_items(before, after)),
        tuple(found for found in old if found not in new),
        tuple(found for found in new if found not in old),
    )


def _sets(verdict: Verdict) -> dict[tuple[str, ...], None]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    return {tuple(fact.fact for fact in found.facts): None for found in listed}


def _flat(items: Iterable[Criterion]) -> Iterator[tuple[str, Criterion]]:
    for item in items:
        yield item.id, item
        yield from _flat(item.children)


def _changed_items(before: Verdict, after: Verdict) -> Iterator[ChangedItem]:
    old, new = dict(_flat(before.criteria)), dict(_flat(after.criteria))
    for name in {**old, **new}:
        one, two = old.get(name), new.get(name)
        first, second = one.status if one else None, two.status if two else None
        if first != second:
            shown = two or one
            assert shown is not None
            yield ChangedItem(name, shown.title, first, second, tuple(_changed_facts(one, two)))


def _changed_facts(before: Criterion | None, after: Criterion | None) -> Iterator[ChangedFact]:
    old = {fact.fact: fact for fact in before.facts} if before else {}
    new = {fact.fact: fact for fact in after.facts} if after else {}
    for name in {**old, **new}:
        one, two = old.get(name), new.get(name)
        first, second = one.status if one else None, two.status if two else None
        if first != second:
            shown = two or one
            assert shown is not None
            yield ChangedFact(name, shown.text, first, second)
