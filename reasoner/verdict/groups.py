"""Groups of items that are searched for together: their alternatives, what these touch, and which are the best.

Items, conditions and fields are bits, as interference.py has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from facts.terms import Term
from reasoner.engine.bits import single, union
from reasoner.verdict.interference import Interference
from reasoner.verdict.standing import Key, Standings

if TYPE_CHECKING:
    from reasoner.verdict.case_conditions import CaseConditions

Alternative = frozenset[Term]


class Ranked(NamedTuple):
    """Sets of conditions, best first, and what orders them."""

    sets: tuple[int, ...]
    keys: tuple[Key, ...]


class Group(NamedTuple):
    """Items that are searched for together: what their alternatives write, what they read, what has to stay met."""

    items: int
    sets: tuple[int, ...]
    """Its alternatives: each a set of conditions."""
    targets: int
    writes: int
    reads: int
    kept: int
    at_stake: int
    """Those of the items kept that ask of what is written."""
    unchangeable: int
    """How many contradicted conditions that cannot be changed each of the alternatives has at the least."""

    def shares_with(self, other: Group) -> bool:
        """Whether an alternative of the one can touch what one of the other does."""
        return bool(
            self.targets & other.targets
            or self.writes & other.reads
            or self.reads & other.writes
            or self.at_stake & other.at_stake
        )


def are_independent(groups: Sequence[Group]) -> bool:
    """Whether no two of the groups share anything."""
    targets = writes = reads = at_stake = 0
    for group in groups:
        if (
            group.targets & targets
            or group.writes & reads
            or group.reads & writes
            or group.at_stake & at_stake
        ):  # fmt: skip
            return False
        targets |= group.targets
        writes |= group.writes
        reads |= group.reads
        at_stake |= group.at_stake
    return True


def group_of(conditions: CaseConditions, items: int, kept: int, sets: tuple[int, ...]) -> Group:
    """The group of some items; `sets` are the minimal sets of conditions with which they are met."""
    interference, standings = conditions.variant.interference, conditions.standings
    sets = _that_can_be_written(conditions, items, sets)
    supposed = union(sets)
    writes = interference.writes(supposed)
    no_way = standings.no_way
    return Group(
        items,
        sets,
        standings.targets(supposed),
        writes,
        interference.excluding(items) | conditions.contested(items),
        kept,
        interference.at_stake(kept, writes),
        min([(own & no_way).bit_count() for own in sets], default=0) if supposed & no_way else 0,
    )


def _that_can_be_written(conditions: CaseConditions, items: int, sets: tuple[int, ...]) -> tuple[int, ...]:
    """The sets without a condition that no edit of the record can bring about."""
    interference = conditions.variant.interference
    doubtful = interference.need_not_have_edits & union(sets) & ~conditions.standings.established
    if not doubtful:
        return sets
    item = min(map(str, interference.names(items)))
    unwritten = union(own for own in single(doubtful) if not conditions.fact(interference.terms(own), item).edits)
    return tuple(own for own in sets if not own & unwritten) if unwritten else sets


def ranked(interference: Interference, standings: Standings, sets: Sequence[int], items: int) -> Ranked:
    """The sets that contradict the fewest unchangeable facts, best first; without what does not concern these items."""
    shown: dict[int, Key] = {}
    for own in _without_needless(standings, sets):
        facts = standings.facts(own)
        relevant = interference.relevant(facts, items)
        if relevant not in shown:
            shown[relevant] = standings.key(relevant, len(facts))
    if len(shown) == 1:
        return Ranked(tuple(shown), tuple(shown.values()))
    least = min((key.unchangeable for key in shown.values()), default=0)
    best = sorted((key, list(single(own)), own) for own, key in shown.items() if key.unchangeable == least)
    return Ranked(tuple(own for _, _, own in best), tuple(key for key, _, _ in best))


def _without_needless(standings: Standings, sets: Sequence[int]) -> Sequence[int]:
    """The sets but for those with something to supply or correct beyond what another one needs.

    What is established stands in a set where a value in place of the recorded one has to keep to it.
    """
    if not union(sets) & standings.established:
        return sets
    wanted = [own & ~standings.established for own in sets]
    return [
        own
        for own, needs in zip(sets, wanted, strict=True)
        if not any(other != needs and other & needs == other for other in wanted)
    ]
