"""What the verdicts of a population have in common, as counts that can be added."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from facts.errors import RecordError

SHORTFALLS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Upper ends of the classes in which shortfalls are counted, in the unit of what is asked."""

_ENTRY = re.compile(r"(?<=[(,])([a-z]\w*)\(\d+\)")
"""An entry of a list within the name of a fact: which one it is differs between records."""
_SHORT = re.compile(r"(?:at most )?(-?[\d.]+) of (-?[\d.]+) ?(.*)", re.DOTALL)
_BEYOND = re.compile(r"(-?[\d.]+) ?(.*), where (-?[\d.]+) ?(.*) is the most", re.DOTALL)
"""How the words of a near miss (reasoner/verdict/wording.py) give its numbers."""


# ── What of a verdict is counted ─────────────────────────────────────────────


class FactSeen(Struct, frozen=True):
    """A fact of a verdict."""

    fact: str
    criterion: str
    text: str
    near: str | None = None


class SetSeen(Struct, frozen=True):
    """A minimal set."""

    facts: tuple[FactSeen, ...]


class NeedSeen(Struct, frozen=True):
    """An item that stands in the way, with its alternatives."""

    alternatives: tuple[tuple[FactSeen, ...], ...]


class ExplanationSeen(Struct, frozen=True):
    """The ways to an approval."""

    minimal_sets: tuple[SetSeen, ...]
    needs: tuple[NeedSeen, ...] | None = None
    approvable: bool = True


class ItemSeen(Struct, frozen=True):
    """An item of the policy, with those below it."""

    id: str
    title: str
    children: tuple[ItemSeen, ...] = ()


class DenialSeen(Struct, frozen=True):
    """The kind of a denial, and its reasons."""

    kind: str
    reasons: tuple[str, ...]


class VerdictSeen(Struct, frozen=True):
    """A verdict as a file has it, whole or brief."""

    case_id: str
    decision: str
    denial: DenialSeen | None = None
    criteria: tuple[ItemSeen, ...] | None = None
    explanation: ExplanationSeen | None = None
    hinges_on: tuple[str, ...] | None = None


class _Fact(Protocol):
    @property
    def fact(self) -> str: ...
    @property
    def criterion(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def near(self) -> str | None: ...


# ── The counts ───────────────────────────────────────────────────────────────


class Shortfall(NamedTuple):
    """By how much a number misses what an item asks, as a class of shortfalls: up to one of SHORTFALLS, or beyond."""

    criterion: str
    unit: str
    up_to: int | None


class Single(NamedTuple):
    """A fact that alone turns a denial. Entries are named by their list: `applied(therapy,…)`."""

    criterion: str
    fact: str


class Summary:
    """Counts of verdicts. Each denial counts once in each row."""

    def __init__(self) -> None:
        self.decisions: Counter[str] = Counter()
        self.refused = 0
        self.kinds: Counter[str] = Counter()
        self.no_way = 0
        """Denials that nothing can turn."""
        self.in_the_way: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        """Items that are the one reason of a denial."""
        self.titles: dict[str, str] = {}
        """Of items in the way, where verdicts give them."""
        self.singles: Counter[Single] = Counter()
        self.texts: dict[Single, str] = {}
        """The fact in words; of an entry as an example, in the first denial that it turns."""
        self.shortfalls: Counter[Shortfall] = Counter()
        self.hinges: Counter[tuple[str, str]] = Counter()
        """By reading and decision: verdicts that would turn."""

    def add(self, verdict: Any) -> None:
        """Count a verdict, of the model or as a file has it, whole or brief; or a RecordError as refused."""
        if isinstance(verdict, RecordError):
            self.refused += 1
            return
        self.decisions[verdict.decision] += 1
        if hinges := getattr(verdict, "hinges_on", None):
            self.hinges.update((choice, verdict.decision) for choice in hinges)
        denial = getattr(verdict, "denial", None)
        if denial is None:
            return
        explanation = verdict.explanation
        self.kinds[denial.kind] += 1
        self.in_the_way.update(denial.reasons)
        if len(denial.reasons) == 1:
            self.alone.update(denial.reasons)
        if any(item not in self.titles for item in denial.reasons):
            titles = dict(_titles(verdict.criteria or ()))
            self.titles.update({item: titles.get(item, "") for item in denial.reasons if not self.titles.get(item)})
        if explanation is not None:
            if explanation.approvable:
                self._add_singles([one.facts[0] for one in explanation.minimal_sets if len(one.facts) == 1])
            else:
                self.no_way += 1
            self._add_shortfalls(facts_needed(explanation))

    def _add_singles(self, facts: Sequence[_Fact]) -> None:
        found = {Single(fact.criterion, _ENTRY.sub(r"\1", fact.fact)): fact for fact in reversed(facts)}
        self.singles.update(found.keys())
        for single, fact in found.items():
            example = "" if single.fact == fact.fact else "e.g. "
            self.texts.setdefault(single, example + fact.text.partition("; ")[0])

    def _add_shortfalls(self, facts: Iterator[_Fact]) -> None:
        least: dict[tuple[str, str], float] = {}
        for fact in facts:
            if fact.near is not None and (known := shortfall(fact.near)) is not None:
                number, unit = known
                key = fact.criterion, unit
                least[key] = min(number, least.get(key, number))
        for (criterion, unit), number in least.items():
            self.shortfalls[Shortfall(criterion, unit, _class(number))] += 1

    def merge(self, other: Summary) -> None:
        """Add the counts of what comes after."""
        self.refused += other.refused
        self.no_way += other.no_way
        self.decisions.update(other.decisions)
        self.kinds.update(other.kinds)
        self.in_the_way.update(other.in_the_way)
        self.alone.update(other.alone)
        self.singles.update(other.singles)
        self.shortfalls.update(other.shortfalls)
        self.hinges.update(other.hinges)
        self.texts = {**other.texts, **self.texts}
        self.titles = {**other.titles, **{item: title for item, title in self.titles.items() if title}}

    @property
    def judged(self) -> int:
        """How many verdicts were counted."""
        return self.decisions.total()

    @property
    def records(self) -> int:
        """How many were judged or refused."""
        return self.judged + self.refused

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON data: the same for the same verdicts, in whatever blocks they were counted."""
        shortfalls = sorted(self.shortfalls.items(), key=lambda row: (row[0][:2], row[0].up_to or float("inf")))
        return {
            "judged": self.judged,
            "refused": self.refused,
            "decisions": dict(sorted(self.decisions.items())),
            "kinds": dict(sorted(self.kinds.items())),
            "no_way_to_an_approval": self.no_way,
            "items": [
                {"id": item, "title": self.titles.get(item, ""), "in_the_way": count, "alone": self.alone[item]}
                for item, count in ranked(self.in_the_way)
            ],
            "single_facts": [
                {"criterion": single.criterion, "fact": single.fact, "denials": count, "text": self.texts[single]}
                for single, count in ranked(self.singles)
            ],
            "shortfalls": [{**key._asdict(), "denials": count} for key, count in shortfalls],
            "hinges_on": [
                {"choice": choice, "decision": decision, "verdicts": count}
                for (choice, decision), count in sorted(self.hinges.items())
            ],
        }

    @classmethod
    def of_dict(cls, data: dict[str, Any]) -> Summary:
        """The counts that `as_dict` gave."""
        found = cls()
        found.refused, found.no_way = data["refused"], data["no_way_to_an_approval"]
        found.decisions.update(data["decisions"])
        found.kinds.update(data["kinds"])
        for row in data["items"]:
            found.in_the_way[row["id"]], found.titles[row["id"]] = row["in_the_way"], row["title"]
            if row["alone"]:
                found.alone[row["id"]] = row["alone"]
        for row in data["single_facts"]:
            single = Single(row["criterion"], row["fact"])
            found.singles[single], found.texts[single] = row["denials"], row["text"]
        for row in data["shortfalls"]:
            found.shortfalls[Shortfall(row["criterion"], row["unit"], row["up_to"])] = row["denials"]
        for row in data["hinges_on"]:
            found.hinges[row["choice"], row["decision"]] = row["verdicts"]
        return found


def ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """The most frequent first; of equal ones in the order of their names."""
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


@lru_cache(maxsize=10_000)
def shortfall(near: str) -> tuple[float, str] | None:
    """How far a number falls short, or goes beyond, and its unit; None where the near miss is one of dates."""
    if found := _BEYOND.fullmatch(near):
        return round(float(found[1]) - float(found[3]), 6), found[2]
    if found := _SHORT.fullmatch(near):
        return round(float(found[2]) - float(found[1]), 6), found[3]
    return None


def _class(number: float) -> int | None:
    at = bisect_left(SHORTFALLS, number)
    return SHORTFALLS[at] if at < len(SHORTFALLS) else None


def _titles(items: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        yield item.id, item.title
        yield from _titles(item.children)


def facts_needed(explanation: Any) -> Iterator[_Fact]:
    """The facts of all ways to an approval: of the needs, or where they do not factor of the sets listed."""
    if explanation.needs is not None:
        for need in explanation.needs:
            for alternative in need.alternatives:
                yield from alternative
    else:
        for found in explanation.minimal_sets:
            yield from found.facts
