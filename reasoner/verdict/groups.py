"""Groups of items that are searched for together: their alternatives, what these touch, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facts.terms import Term
from reasoner.verdict.interference import Interference
from reasoner.verdict.standing import Key, key_of
from reasoner.verdict.state import CaseState

Alternative = frozenset[Term]


class Ranked(NamedTuple):
    """Alternatives, best first, and what orders them."""

    alternatives: tuple[Alternative, ...]
    keys: tuple[Key, ...]


class Group(NamedTuple):
    """Items that are searched for together: what their alternatives write, what they read, what has to stay met."""

    items: frozenset[Term]
    alternatives: tuple[Alternative, ...]
    targets: frozenset[Term]
    writes: frozenset[Term]
    reads: frozenset[Term]
    kept: frozenset[Term]
    at_stake: frozenset[Term]
    """Those of the items kept that ask of what is written."""
    unchangeable: int
    """How many contradicted conditions that cannot be changed each of the alternatives has at the least."""

    def shares_with(self, other: Group) -> bool:
        """Whether an alternative of the one can touch what one of the other does."""
        return not (
            self.targets.isdisjoint(other.targets)
            and self.writes.isdisjoint(other.reads)
            and self.reads.isdisjoint(other.writes)
            and self.at_stake.isdisjoint(other.at_stake)
        )


def group_of(
    interference: Interference, state: CaseState, items: frozenset[Term], kept: frozenset[Term],
    sets: tuple[Alternative, ...],
) -> Group:  # fmt: skip
    """The group of some items; `sets` are the minimal sets of conditions with which they are met."""
    alternatives = _that_can_be_written(interference, state, sets, min(map(str, items)))
    supposed = frozenset().union(*alternatives)
    writes = interference.writes(supposed)
    return Group(
        items,
        alternatives,
        frozenset(state.standing(term).target for term in supposed),
        writes,
        interference.excluding(items).union(*(state.contested(str(item)) for item in items)),
        kept,
        interference.at_stake(kept, writes),
        min((sum(state.standing(term).no_way for term in terms) for terms in alternatives), default=0),
    )


def _that_can_be_written(
    interference: Interference, state: CaseState, sets: tuple[Alternative, ...], item: str
) -> tuple[Alternative, ...]:  # fmt: skip
    """The sets without a condition that no edit of the record can bring about."""
    doubtful = interference.need_not_have_edits & frozenset().union(*sets)
    unwritten = {
        term for term in doubtful if state.standing(term).status != "established" and not state.has_edits(term, item)
    }
    return tuple(one for one in sets if unwritten.isdisjoint(one)) if unwritten else sets


def ranked(
    interference: Interference, state: CaseState, sets: tuple[Alternative, ...], items: frozenset[Term]
) -> Ranked:  # fmt: skip
    """The sets that contradict the fewest unchangeable facts, best first; without what does not concern these items."""
    needed = _without_needless(state, sets)
    shown = dict.fromkeys(interference.relevant(state, terms, items) for terms in needed)
    keys = {terms: key_of(state, terms) for terms in shown}
    least = min((key.unchangeable for key in keys.values()), default=0)
    best = sorted((key, sorted(map(repr, terms)), terms) for terms, key in keys.items() if key.unchangeable == least)
    return Ranked(tuple(terms for _, _, terms in best), tuple(key for key, _, _ in best))


def _without_needless(state: CaseState, sets: Sequence[Alternative]) -> Sequence[Alternative]:
    """The sets but for those with something to supply or correct beyond what another one needs.

    What is established stands in a set where a value in place of the recorded one has to keep to it.
    """
    wanted = [frozenset(term for term in terms if state.standing(term).status != "established") for terms in sets]
    if wanted == list(sets):
        return sets
    return [terms for terms, own in zip(sets, wanted, strict=True) if not any(other < own for other in wanted)]
