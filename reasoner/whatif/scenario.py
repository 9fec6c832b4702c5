"""What if: a record with some facts different, judged beside the record as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from facts.case import Case
from facts.errors import RecordError
from facts.function import Edit
from facts.model import Record
from facts.symbols import shown_fact
from facts.terms import Fact as RecordFact
from facts.terms import shown
from reasoner.verdict.judge import judge
from reasoner.verdict.model import Criterion, FactStatus, ItemStatus, Verdict, all_items
from reasoner.verdict.policy import Policy
from reasoner.whatif.patch import edits, patched
from reasoner.whatif.suppositions import supposed_facts

__all__ = ["Comparison", "Scenario", "changed_record", "compare", "comparison", "edits"]

Data = Record | Mapping[str, Any]
"""A record, checked or as JSON data."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A change of a record: a JSON Patch (RFC 6902), then facts withdrawn and facts assumed.

    `source` is the file that it came from, for what is wrong with it.
    """

    name: str
    patch: tuple[Edit, ...] = ()
    assume: tuple[RecordFact, ...] = ()
    withdraw: tuple[RecordFact, ...] = ()
    source: str = ""


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

    `vanished` and `appeared` are minimal sets, each as the names of its facts in the verdict before or
    after, among those listed. `assumed` and `withdrawn` are facts that differ from what the record says.
    """

    name: str
    before: Verdict
    after: Verdict
    items: tuple[ChangedItem, ...]
    vanished: tuple[tuple[str, ...], ...]
    appeared: tuple[tuple[str, ...], ...]
    assumed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def headlines(self) -> dict[str, tuple[Any, Any]]:
        """What the verdicts say besides the items, by name: before and after."""
        before, after = _headlines(self.before), _headlines(self.after)
        return {name: (value, after[name]) for name, value in before.items()}

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON data."""
        return {
            "name": self.name,
            "assumed": self.assumed,
            "withdrawn": self.withdrawn,
            **{name: {"before": before, "after": after} for name, (before, after) in self.headlines().items()},
            "items": [asdict(item) for item in self.items],
            "vanished": self.vanished,
            "appeared": self.appeared,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


def _headlines(verdict: Verdict) -> dict[str, Any]:
    denial, grant, explanation = verdict.denial, verdict.authorization, verdict.explanation
    return {
        "decision": verdict.decision,
        "decided_by": verdict.decided_by,
        "medically_necessary": verdict.medically_necessary,
        "kind": denial.kind if denial is not None else None,
        "reasons": denial.reasons if denial is not None else (),
        "approvable": explanation.approvable if explanation is not None else None,
        "through": grant.through if grant is not None else None,
        "version": verdict.policy.version,
        "hinges_on": verdict.hinges_on,
        "earliest_approval": verdict.earliest_approval,
    }


def compare(policy: Policy, record: Data, scenarios: Iterable[Scenario], limit: int = 50) -> list[Comparison]:
    """Judge a record under many scenarios. Raises RecordError where one does not fit the record."""
    case = policy.case(record)
    before = judge(policy, case, limit)
    found = []
    for scenario in scenarios:
        try:
            changed, after = _judged(policy, case, scenario, limit)
        except RecordError as error:
            raise error.at(scenario.source or f"{case.case_id}, {scenario.name}") from None
        facts = (tuple(map(shown_fact, own)) for own in (scenario.assume, scenario.withdraw))
        found.append(comparison(scenario.name, before, after, (entry_names(case), entry_names(changed)), *facts))
    return found


def changed_record(policy: Policy, record: Data, patch: Sequence[Edit]) -> tuple[dict[str, Any], Record]:
    """The record with a patch applied, as data and checked. Raises RecordError."""
    data = patched(policy.case(record).written, patch)
    return data, policy.record(data)


def _judged(policy: Policy, case: Case, scenario: Scenario, limit: int) -> tuple[Case, Verdict]:
    if scenario.patch:
        case = policy.case(patched(case.written, scenario.patch))
    if scenario.withdraw or scenario.assume:
        return case, judge(policy, case, limit, supposed_facts(policy, case, scenario.assume, scenario.withdraw))
    return case, judge(policy, case, limit)


# ── What changed between two verdicts ────────────────────────────────────────────────────────────

EntryNames = Mapping[str, str]
"""What the entries of a record are called, by the terms of rules: therapy(1), say."""

_ENTRY = re.compile(r"\b[a-z]\w*\(\d+\)")


def entry_names(case: Case) -> EntryNames:
    """Entries by what they are, wherever they stand: by what identifies them, else by what they must have."""
    found: dict[str, str] = {}
    for name, declared in case.declaration.entry_lists.items():
        identities = case.ids(name)
        before: list[str] = []
        for at, entry in enumerate(case.entries(name)):
            called = identities[at]
            if called is None:
                required = (str(entry.get(field.key)) for field in declared.fields if field.required)
                called = " ".join(required) or json.dumps(entry, sort_keys=True, default=str)
            again = before.count(called)
            before.append(called)
            found[shown(declared.entry(at))] = f"{declared.functor} {called}" + (f" {again}" if again else "")
    return found


def _named(fact: str, entries: EntryNames) -> str:
    """A fact's name with its entries called by what they are."""
    return _ENTRY.sub(lambda found: entries.get(found[0], found[0]), fact)


def comparison(
    name: str,
    before: Verdict,
    after: Verdict,
    entries: tuple[EntryNames, EntryNames] = ({}, {}),
    assumed: tuple[str, ...] = (),
    withdrawn: tuple[str, ...] = (),
) -> Comparison:
    """Two verdicts beside each other; `entries`: what the entries of either record are called."""
    old, new = _sets(before, entries[0]), _sets(after, entries[1])
    return Comparison(
        name,
        before,
        after,
        tuple(_changed_items(before, after, entries)),
        tuple(facts for key, facts in old.items() if key not in new),
        tuple(facts for key, facts in new.items() if key not in old),
        assumed,
        withdrawn,
    )


def _sets(verdict: Verdict, entries: EntryNames) -> dict[frozenset[str], tuple[str, ...]]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    sets = (tuple(fact.fact for fact in found.facts) for found in listed)
    return {frozenset(_named(fact, entries) for fact in facts): facts for facts in sets}


def _changed_items(before: Verdict, after: Verdict, entries: tuple[EntryNames, EntryNames]) -> Iterator[ChangedItem]:
    old, new = ({item.id: item for item in all_items(one.criteria)} for one in (before, after))
    for name in {**old, **new}:
        one, two = old.get(name), new.get(name)
        first, second = one.status if one else None, two.status if two else None
        if first != second:
            either = two or one
            assert either is not None
            yield ChangedItem(name, either.title, first, second, tuple(_changed_facts(one, two, entries)))


def _changed_facts(
    before: Criterion | None, after: Criterion | None, entries: tuple[EntryNames, EntryNames]
) -> Iterator[ChangedFact]:
    old = {_named(fact.fact, entries[0]): fact for fact in before.facts} if before else {}
    new = {_named(fact.fact, entries[1]): fact for fact in after.facts} if after else {}
    for name in {**old, **new}:
        one, two = old.get(name), new.get(name)
        first, second = one.status if one else None, two.status if two else None
        if first != second:
            either = two or one
            assert either is not None
            yield ChangedFact(either.fact, either.text, first, second)
