"""From a denial to all its minimal sets: item by item, then their products, lazily and in order.

Independent items multiply, so their sets are never all built: each group of items that share no
target with another is enumerated by the solver on its own, and the minimal sets of the whole
are the choices of one alternative from each group.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from typing import NamedTuple

from facts.arithmetic import NumberOf, OfTwo, SumOf
from facts.terms import Term
from reasoner.engine.solver import Solver
from reasoner.verdict.case_conditions import CaseConditions, Key
from reasoner.verdict.interference import Interference

MOST_ALTERNATIVES = 2_000
"""Alternatives of one group of items that are searched for, at most: a limit that any machine meets alike."""

MOST_AT_ONCE = 100
"""Alternatives of all items together up to which one search for all of them is worth while."""

Alternative = frozenset[Term]


class Group(NamedTuple):
    """Items that share targets, with their alternatives, best first."""

    items: tuple[Term, ...]
    alternatives: tuple[Alternative, ...]
    keys: tuple[Key, ...]


class _Group(NamedTuple):
    """Items that are searched for together: what their alternatives write, what they read, what has to stay met."""

    items: frozenset[Term]
    alternatives: tuple[Alternative, ...]
    targets: frozenset[Term]
    writes: frozenset[Term]
    reads: frozenset[Term]
    kept: frozenset[Term]
    at_stake: frozenset[Term]
    """Those of the items kept that ask of what is written."""

    def shares_with(self, other: _Group) -> bool:
        """Whether an alternative of the one can touch what one of the other does."""
        return not (
            self.targets.isdisjoint(other.targets)
            and self.writes.isdisjoint(other.reads)
            and self.reads.isdisjoint(other.writes)
            and self.at_stake.isdisjoint(other.at_stake)
        )


def _are_independent(groups: Sequence[_Group]) -> bool:
    return not any(one.shares_with(other) for i, one in enumerate(groups) for other in groups[i + 1 :])


class Route(NamedTuple):
    """One pathway to an approval: groups that share no target, in the policy's order."""

    groups: tuple[Group, ...]

    @property
    def total(self) -> int:
        """How many minimal sets it has."""
        return prod(len(group.alternatives) for group in self.groups)


class Routes(NamedTuple):
    """The routes that contradict the fewest unchangeable facts; `exact`: no limit cut the search."""

    routes: tuple[Route, ...]
    exact: bool
    unreachable: tuple[Term, ...]
    """The items that nothing could meet, or keep from excluding, where there is no route."""

    @property
    def total(self) -> int:
        """How many minimal sets there are."""
        return sum(route.total for route in self.routes)

    def sets(self, limit: int) -> list[tuple[tuple[Alternative, ...], tuple[tuple[Term, ...], ...]]]:
        """The first minimal sets, best first: an alternative of every group, and the groups' items."""
        merged = heapq.merge(
            *(_products(route, number) for number, route in enumerate(self.routes)),
            key=lambda entry: entry[0],
        )
        return [
            (choice, tuple(group.items for group in self.routes[entry[1]].groups))
            for entry, choice in islice(merged, limit)
        ]


class Search:
    """The search for the minimal sets of one case."""

    def __init__(self, solver: Solver, conditions: CaseConditions, interference: Interference) -> None:
        """The solver has the facts of the case."""
        self._solver = solver
        self._conditions = conditions
        self._interference = interference
        self._open = interference.can_be_supposed
        self._found: dict[tuple[frozenset[Term], frozenset[Term]], tuple[Alternative, ...]] = {}
        self._written: dict[Term, bool] = {}
        self._exact = True
        self._unreachable: list[Term] = []

    def routes(self, pathways: Sequence[tuple[Term, tuple[Term, ...]]]) -> Routes:
        """The best routes; `pathways` has each pathway with its unmet items."""
        best: int | None = None
        routes: list[Route] = []
        seen: set[tuple[tuple[Term, ...], ...]] = set()
        for pathway, items in pathways:
            if best is None:  # then no item of it can be left out: ask for all of them at once
                kept = {item: self._interference.kept(frozenset((item,)), pathway) for item in items}
                every = frozenset().union(*kept.values())
                each = self._solver.minimal_sets_of_each(items, every, self._open, MOST_AT_ONCE) or {}
                for item, found in each.items():
                    self._found[frozenset((item,)), kept[item]] = self._that_can_be_written(found, str(item))
            route = self._route(pathway, items, best)
            if route is None:
                continue
            cost = sum(group.keys[0].unchangeable for group in route.groups)
            if best is None or cost < best:
                best, routes, seen = cost, [], set()
            name = tuple(group.items for group in route.groups)
            if cost == best and name not in seen:
                seen.add(name)
                routes.append(route)
        return Routes(tuple(routes), self._exact, () if routes else tuple(dict.fromkeys(self._unreachable)))

    def _alternatives(self, items: frozenset[Term], pathway: Term) -> tuple[Alternative, ...]:
        kept = self._interference.kept(items, pathway)
        if (items, kept) not in self._found:
            sets = self._solver.minimal_sets(items, kept, self._open, MOST_ALTERNATIVES)
            self._exact = self._exact and sets.complete
            self._found[items, kept] = self._that_can_be_written(sets.found, min(map(str, items)))
        return self._found[items, kept]

    def _that_can_be_written(self, sets: tuple[Alternative, ...], item: str) -> tuple[Alternative, ...]:
        """The sets without a condition that no edit of the record can bring about."""
        for term in frozenset().union(*sets) - self._written.keys():
            self._written[term] = not self._can_fail(term) or bool(
                self._conditions.fact(frozenset((term,)), item).edits
            )
        return tuple(terms for terms in sets if all(self._written[term] for term in terms))

    def _can_fail(self, term: Term) -> bool:
        """Whether a condition need not have edits: what it asks of follows from others, or keeps to them, or stands."""
        if self._conditions.status(term) == "established":
            return False
        declaration, asked = self._conditions.case.declaration, self._conditions.conditions[term].fields
        return any(
            field.required
            or field.type == "computed"
            or isinstance(field.derived, (OfTwo, SumOf, NumberOf))
            or any(field in pair for pair in declaration.in_order)
            for field in map(declaration.field, asked)
            if field is not None
        )

    def _route(self, pathway: Term, items: tuple[Term, ...], best: int | None) -> Route | None:
        groups: list[_Group] = []
        cost = 0
        for item in items:
            group = self._group(frozenset((item,)), pathway)
            if not group.alternatives:
                each = ((other, self._alternatives(frozenset((other,)), pathway)) for other in items)
                self._unreachable += (other for other, alternatives in each if not alternatives)
                return None
            groups.append(group)
            cost += min(self._conditions.key(terms).unchangeable for terms in group.alternatives)
            if best is not None and cost > best and _are_independent(groups):
                return None
        made = []
        for group in (part for joined in self._joined(pathway, groups) for part in self._factored(joined, pathway)):
            ranked = self._ranked(group.alternatives, group.items | group.kept)
            if not ranked:
                self._unreachable += group.items
                return None
            listed = tuple(item for item in items if item in group.items)
            made.append(Group(listed, tuple(a for _, _, a in ranked), tuple(k for k, _, _ in ranked)))
        return Route(tuple(sorted(made, key=lambda group: items.index(group.items[0]))))

    def _group(self, items: frozenset[Term], pathway: Term) -> _Group:
        alternatives = self._alternatives(items, pathway)
        supposed = frozenset().union(*alternatives)
        kept, writes = self._interference.kept(items, pathway), self._interference.writes(supposed)
        return _Group(
            items,
            alternatives,
            frozenset(map(self._conditions.target, supposed)),
            writes,
            self._interference.reads(items),
            kept,
            self._interference.at_stake(kept, writes),
        )

    def _ranked(
        self, sets: tuple[Alternative, ...], items: frozenset[Term]
    ) -> list[tuple[Key, list[str], Alternative]]:  # fmt: skip
        """The sets that contradict the fewest unchangeable facts, best first."""
        needed = self._without_needless(sets)
        shown = dict.fromkeys(self._interference.relevant(terms, items) for terms in needed)
        keys = {terms: self._conditions.key(terms) for terms in shown}
        least = min((key.unchangeable for key in keys.values()), default=0)
        return sorted(
            (key, sorted(map(repr, terms)), terms) for terms, key in keys.items() if key.unchangeable == least
        )  # fmt: skip

    def _without_needless(self, sets: Sequence[Alternative]) -> Sequence[Alternative]:
        """The sets but for those with something to supply or correct beyond what another one needs.

        What is established stands in a set where a value in place of the recorded one has to keep to it.
        """
        wanted = [frozenset(term for term in terms if self._conditions.status(term) != "established") for terms in sets]
        if wanted == list(sets):
            return sets
        return [terms for terms, own in zip(sets, wanted, strict=True) if not any(other < own for other in wanted)]

    def _joined(self, pathway: Term, groups: list[_Group]) -> list[_Group]:
        """Join groups until no two share a target, or an item that has to stay met."""
        for group in groups:
            together = [other for other in groups if other is group or group.shares_with(other)]
            if len(together) > 1:
                joined = self._group(frozenset().union(*(other.items for other in together)), pathway)
                first = groups.index(together[0])
                rest = [other for other in groups if other not in together]
                return self._joined(pathway, [*rest[:first], joined, *rest[first:]])
        return groups

    def _factored(self, group: _Group, pathway: Term) -> list[_Group]:
        """The items of a group one by one, where its alternatives are all the combinations of theirs."""
        items = sorted(group.items, key=repr)
        if len(items) < 2:
            return [group]
        own: dict[Term, set[Alternative]] = {item: set() for item in items}
        for alternative in group.alternatives:
            parts: dict[Term, set[Term]] = {item: set() for item in items}
            for term in alternative:
                item = self._serving(term, group.items, pathway)
                if item is None:
                    return [group]
                parts[item].add(term)
            for item, part in parts.items():
                own[item].add(frozenset(part))
        if prod(map(len, own.values())) != len(group.alternatives) or self._share_a_target(own):
            return [group]
        kept = group.kept | group.items
        return [
            group._replace(items=frozenset((item,)), kept=kept, alternatives=tuple(sorted(found, key=repr)))
            for item, found in own.items()
        ]

    def _serving(self, term: Term, items: frozenset[Term], pathway: Term) -> Term | None:
        """The one of the items that a condition serves; None where it serves several."""
        concerned = self._interference.items_of(term) & items
        if len(concerned) > 1:
            each = ((item, self._alternatives(frozenset((item,)), pathway)) for item in concerned)
            concerned = {item for item, alternatives in each if any(term in one for one in alternatives)}
        return next(iter(concerned)) if len(concerned) == 1 else None

    def _share_a_target(self, own: Mapping[Term, Collection[Alternative]]) -> bool:
        """Whether alternatives of two items write the same: then they are one fact."""
        written = [set(map(self._conditions.target, frozenset().union(*parts))) for parts in own.values()]
        return sum(map(len, written)) > len(set().union(*written))


def _products(route: Route, number: int) -> Iterator[tuple[tuple[Key, int, tuple[int, ...]], tuple[Alternative, ...]]]:
    """The choices of one alternative from each group, best first."""
    groups = route.groups

    def entry(choice: tuple[int, ...]) -> tuple[Key, int, tuple[int, ...]]:
        keys = [group.keys[index] for group, index in zip(groups, choice, strict=True)]
        return (_sum(keys), number, choice)

    start = (0,) * len(groups)
    heap = [entry(start)]
    while heap:
        best = heapq.heappop(heap)
        choice = best[2]
        yield best, tuple(g.alternatives[i] for g, i in zip(groups, choice, strict=True))
        last = max((position for position, index in enumerate(choice) if index), default=0)
        for position in range(last, len(groups)):
            if choice[position] + 1 < len(groups[position].alternatives):
                changed = (*choice[:position], choice[position] + 1, *choice[position + 1 :])
                heapq.heappush(heap, entry(changed))


def _sum(keys: Sequence[Key]) -> Key:
    return Key(*(sum(parts) for parts in zip(*keys, strict=True)))
