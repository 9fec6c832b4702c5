"""What if: a record with some facts different, judged beside the record as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from facts import fields
from facts.edits import Edit
from facts.errors import Fault, RecordError
from facts.fields import look, place_of, pointer, steps
from facts.load import MAX_DEPTH, parse_record
from facts.normalize import Case
from facts.record import Plan, Record
from facts.symbols import Between, Given, Stated, Term, facts_of, shown_fact
from facts.symbols import Fact as Said
from reasoner.policy.policy import Policy
from reasoner.verdict.judge import judge
from reasoner.verdict.model import Criterion, FactStatus, ItemStatus, Verdict
from reasoner.verdict.wording import one_of, term

MOST_VALUES = 200_000
"""Values of a changed record and of a step of a patch, at most: more than any record has."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A change of a record: a JSON Patch (RFC 6902), then facts withdrawn and facts assumed.

    `source` is the file that it came from, for what is wrong with it.
    """

    name: str
    patch: tuple[Edit, ...] = ()
    assume: tuple[Said, ...] = ()
    withdraw: tuple[Said, ...] = ()
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

    def told(self) -> dict[str, tuple[Any, Any]]:
        """What the verdicts say besides the items, by name: before and after."""
        before, after = _told(self.before), _told(self.after)
        return {name: (said, after[name]) for name, said in before.items()}

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON data."""
        return {
            "name": self.name,
            "assumed": self.assumed,
            "withdrawn": self.withdrawn,
            **{name: {"before": before, "after": after} for name, (before, after) in self.told().items()},
            "items": [asdict(item) for item in self.items],
            "vanished": self.vanished,
            "appeared": self.appeared,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
        }


def _told(verdict: Verdict) -> dict[str, Any]:
    denial, grant = verdict.denial, verdict.authorization
    return {
        "decision": verdict.decision,
        "decided_by": verdict.decided_by,
        "medically_necessary": verdict.medically_necessary,
        "kind": denial.kind if denial is not None else None,
        "reasons": denial.reasons if denial is not None else (),
        "through": grant.through if grant is not None else None,
        "version": verdict.policy.version,
        "hinges_on": verdict.hinges_on,
        "earliest_approval": verdict.earliest_approval,
    }


def compare(policy: Policy, record: Record, scenarios: Iterable[Scenario], limit: int = 50) -> list[Comparison]:
    """Judge a record under many scenarios. Raises RecordError where one does not fit the record."""
    before, case = policy.judge(record, limit), policy.normalize(record)
    found = []
    for scenario in scenarios:
        try:
            changed, after = _judged(policy, case, scenario, limit)
        except RecordError as error:
            raise error.at(scenario.source or f"{record.case_id}, {scenario.name}") from None
        facts = (tuple(map(shown_fact, said)) for said in (scenario.assume, scenario.withdraw))
        found.append(comparison(scenario.name, before, after, (_entries(case), _entries(changed)), *facts))
    return found


def changed_record(policy: Policy, record: Record, patch: Sequence[Edit]) -> tuple[dict[str, Any], Record]:
    """The record with a patch applied, as data and checked. Raises RecordError."""
    data = patched(policy.normalize(record).written, patch)
    return data, parse_record(data)


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


def patched(record: dict[str, Any], patch: Sequence[Edit]) -> dict[str, Any]:
    """Record data with a JSON Patch applied; it is not checked yet.

    Raises RecordError with the step that is none, does not apply, or makes the record too large.
    """
    from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException

    data = deepcopy(record)
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
            names = (step.get("op"), step.get("path")) if isinstance(step, dict) else ()
            place = " ".join(name for name in names if isinstance(name, str))
            raise RecordError((Fault(f"step {number}" + (f" ({place})" if place else ""), fault),))
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
            return f"{name} must be a place in the record, such as /disease/severity"
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


def _judged(policy: Policy, case: Case, scenario: Scenario, limit: int) -> tuple[Case, Verdict]:
    if scenario.patch:
        case = policy.normalize(parse_record(patched(case.written, scenario.patch)))
    if scenario.withdraw or scenario.assume:
        return case, judge(policy, case, limit, _supposing(policy, case, scenario))
    return case, judge(policy, case, limit)


_ASKED_FOR = {"request_date": "request.date", "request_type": "request.type", "indication": "request.indication"}
"""Fields that a verdict takes from the record itself."""


def _supposing(policy: Policy, case: Case, scenario: Scenario) -> list[Said]:
    """The facts of a case without those withdrawn and with those assumed.

    A field that has one value has another one then, or none.
    """
    said = facts_of(case)
    for fact in (*scenario.withdraw, *scenario.assume):
        if fact.field in _ASKED_FOR:
            path = _ASKED_FOR[str(fact.field)]
            _refuse(fact, f"{path} is what the record asks for: change it there, with --set {path}=…")
    for fact in scenario.withdraw:
        if fact not in said:
            _refuse(fact, "is no fact of this record (see `reasoner facts`)")
    for number, fact in enumerate(scenario.assume):
        _check(policy, case, fact)
        before = (one for one in scenario.assume[:number] if type(one) is type(fact) and one.field == fact.field)
        if next(before, None) is not None and fact.field not in fields.LIST_FIELDS:
            _refuse(fact, f"{term(fact.field)} has one value, and is assumed twice")
    gone = {fact.field for fact in scenario.assume if fact.field not in fields.LIST_FIELDS}
    gone |= {f.field for f in scenario.withdraw if isinstance(f, Stated) or f.field not in fields.LIST_FIELDS}
    kept = [fact for fact in said if fact.field not in gone and fact not in scenario.withdraw]
    for fact in scenario.assume:
        if isinstance(fact, Given) and Stated(fact.field) not in kept:
            kept.append(Stated(fact.field))
        kept.append(fact)
    for name in Plan.model_fields:
        if name in gone and not any(isinstance(fact, Given) and fact.field == name for fact in kept):
            _refuse(Stated(name), "every record says it: assume another value instead")
    return kept


def _check(policy: Policy, case: Case, fact: Said) -> None:
    """Refuse a fact that no record with these entries could become. Raises RecordError."""
    decider = policy.explainer(case)
    given, compared = decider.ground.given, decider.compared
    entries = {"therapy": case.therapies, "intolerance": case.record.intolerances, "response": case.record.response}

    def there(field: Term) -> bool:
        parts = field[1:] if isinstance(field, tuple) else ()
        return all(isinstance(at, tuple) and at[1] in range(1, len(entries.get(str(at[0]), ())) + 1) for at in parts)

    known = [field for field in (*given, *compared) if there(field) and field not in _ASKED_FOR]
    if fact.field not in known:
        names = dict.fromkeys(re.sub(r"\d+", "N", term(field)) for field in known)
        _refuse(fact, f"the rules ask for no such field of this record; there are: {', '.join(names)}")
    if isinstance(fact, Between):
        if fact.field not in compared:
            _refuse(fact, f"{term(fact.field)} is no number; written given({term(fact.field)},value)")
        return
    if fact.field in compared:
        _refuse(fact, f"{term(fact.field)} is a number; written between({term(fact.field)},low,high)")
    if isinstance(fact, Given):
        told = tuple(given[fact.field])
        values = fields.values(fact.field) or tuple(value for value in told if isinstance(value, bool))
        if values and fact.value not in [value for value in values if type(value) is type(fact.value)]:
            _refuse(fact, f"{term(fact.field)} can be {one_of([term(value) for value in values])}")
        if not values and type(fact.value) is not type(told[0]):
            _refuse(fact, f"{term(fact.field)} is {'text' if isinstance(told[0], str) else 'a whole number'}")


def _refuse(fact: Said, message: str) -> NoReturn:
    raise RecordError((Fault(shown_fact(fact), message),))


def edits(record: Mapping[str, Any], sets: Iterable[tuple[str, Any]], removals: Iterable[str]) -> list[Edit]:
    """Changes by path as a JSON Patch: values set, then places removed.

    Every path is meant in the record as it is (`Case.written`), therapies[0].outcome, say: entries are
    removed from the last to the first, after all values are set, so that no step moves what another means.
    Raises RecordError, also for a path that is set twice, or both set and removed.
    """
    found: list[Edit] = []
    changed: set[tuple[str | int, ...]] = set()
    for path, value in sets:
        place = steps(place_of(path))
        head = path.rpartition("[" if path.endswith("]") else ".")[0]
        if head and look(record, head) is None:
            raise RecordError((Fault(path, f"the record has no {head}"),))
        if place in changed:
            raise RecordError((Fault(path, "is set twice"),))
        changed.add(place)
        replaces = path.endswith("]") and look(record, path) is not None
        found.append({"op": "replace" if replaces else "add", "path": pointer(path), "value": value})
    gone = {steps(place_of(path)): path for path in removals}
    for place, path in gone.items():
        if look(record, path) is None:
            raise RecordError((Fault(path, "the record has nothing there to remove"),))
        if any(place[: len(other)] == other[: len(place)] for other in changed):
            raise RecordError((Fault(path, "is removed, and set as well"),))
    return found + [{"op": "remove", "path": pointer(gone[place])} for place in sorted(gone, reverse=True)]


Entries = Mapping[str, str]
"""What the entries of a record are called, by where they stand: therapy(1), say."""

_ENTRY = re.compile(r"\b(?:therapy|intolerance|response)\(\d+\)")


def _entries(case: Case) -> Entries:
    """Entries by what they are, wherever they stand: a therapy's id; what an intolerance or a sign is of."""
    found = {f"therapy({number})": f"therapy {known.id}" for number, known in enumerate(case.therapies, start=1)}
    others: dict[str, list[str]] = {
        "intolerance": [f"{entry.kind} {entry.to}" for entry in case.record.intolerances],
        "response": [entry.sign for entry in case.record.response],
    }
    for kind, names in others.items():
        for number, name in enumerate(names, start=1):
            found[f"{kind}({number})"] = f"{kind} {name} {names[:number].count(name)}"
    return found


def _named(fact: str, entries: Entries) -> str:
    """A fact's name with its entries called by what they are."""
    return _ENTRY.sub(lambda found: entries.get(found[0], found[0]), fact)


def comparison(
    name: str,
    before: Verdict,
    after: Verdict,
    entries: tuple[Entries, Entries] = ({}, {}),
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


def _sets(verdict: Verdict, entries: Entries) -> dict[frozenset[str], tuple[str, ...]]:
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    names = (tuple(fact.fact for fact in found.facts) for found in listed)
    return {frozenset(_named(fact, entries) for fact in facts): facts for facts in names}


def _flat(items: Iterable[Criterion]) -> Iterator[tuple[str, Criterion]]:
    for item in items:
        yield item.id, item
        yield from _flat(item.children)


def _changed_items(before: Verdict, after: Verdict, entries: tuple[Entries, Entries]) -> Iterator[ChangedItem]:
    old, new = dict(_flat(before.criteria)), dict(_flat(after.criteria))
    for name in {**old, **new}:
        one, two = old.get(name), new.get(name)
        first, second = one.status if one else None, two.status if two else None
        if first != second:
            either = two or one
            assert either is not None
            yield ChangedItem(name, either.title, first, second, tuple(_changed_facts(one, two, entries)))


def _changed_facts(
    before: Criterion | None, after: Criterion | None, entries: tuple[Entries, Entries]
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
