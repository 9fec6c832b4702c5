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

from facts.terms import Term
from reasoner.engine.solver import Solver
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.groups import Alternative, Group
from reasoner.verdict.standing import Key

MOST_ALTERNATIVES = 2_000
"""Alternatives of one group of items that are searched for, at most: a limit that any machine meets alike."""

MOST_AT_ONCE = 100
"""Alternatives of all items together up to which one search for all of them is worth while."""


_Choice = tuple[tuple[int, ...], int, tuple[int, ...]]
"""What orders choices of alternatives: their keys together, the number of the route, the alternative of each group."""


class Needed(NamedTuple):
    """Items with their alternatives, best first, and what orders these."""

    items: tuple[Term, ...]
    alternatives: tuple[Alternative, ...]
    keys: tuple[Key, ...]


class Route(NamedTuple):
    """One pathway to an approval: groups that share no target, in the policy's order."""

    groups: tuple[Needed, ...]

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
        merged = heapq.merge(*(_products(route, number) for number, route in enumerate(self.routes)))
        return [
            (choice, tuple(group.items for group in self.routes[entry[1]].groups))
            for entry, choice in islice(merged, limit)
        ]


class Search:
    """The search for the minimal sets of one case."""

    def __init__(self, solver: Solver, conditions: CaseConditions, met: Mapping[Term, frozenset[str]]) -> None:
        """The solver has the facts of the case; `met` are the items of each pathway that are met."""
        self._solver = solver
        self._conditions = conditions
        self._interference = conditions.variant.interference
        self._met = met
        self._found: dict[tuple[frozenset[Term], frozenset[Term]], tuple[Alternative, ...]] = {}
        self._exact = True
        self._unreachable: list[Term] = []

    def routes(self, pathways: Sequence[tuple[Term, tuple[Term, ...]]]) -> Routes:
        """The best routes; `pathways` has each pathway with its unmet items."""
        best: int | None = None
        routes: list[Route] = []
        seen: set[tuple[tuple[Term, ...], ...]] = set()
        for pathway, items in pathways:
            if best is None:  # then no item of it can be left out: ask for all of them at once
                self._find_each(items, pathway)
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

    def _find_each(self, items: tuple[Term, ...], pathway: Term) -> None:
        """Find the minimal sets of each of the items."""
        kept = {item: self._kept(frozenset((item,)), pathway) for item in items}
        every = frozenset().union(*kept.values())
        each = self._solver.minimal_sets_of_each(items, every, self._conditions.can_be_supposed, MOST_AT_ONCE) or {}
        for item, sets in each.items():
            self._found[frozenset((item,)), kept[item]] = sets

    def _kept(self, items: frozenset[Term], pathway: Term) -> frozenset[Term]:
        return self._interference.kept(items, self._met.get(pathway, frozenset()))

    def _group(self, items: frozenset[Term], pathway: Term) -> Group:
        kept = self._kept(items, pathway)
        sets = self._found.get((items, kept))
        if sets is None:
            found = self._solver.minimal_sets(items, kept, self._conditions.can_be_supposed, MOST_ALTERNATIVES)
            self._exact = self._exact and found.complete
            sets = self._found[items, kept] = found.found
        return self._conditions.group(items, kept, sets)

    def _route(self, pathway: Term, items: tuple[Term, ...], best: int | None) -> Route | None:
        groups: list[Group] = []
        cost = 0
        for item in items:
            group = self._group(frozenset((item,)), pathway)
            if not group.alternatives:
                each = ((other, self._group(frozenset((other,)), pathway)) for other in items)
                self._unreachable += (other for other, own in each if not own.alternatives)
                return None
            groups.append(group)
            cost += group.unchangeable
            if best is not None and cost > best and _are_independent(groups):
                return None
        made = []
        for group in (part for joined in self._joined(pathway, groups) for part in self._factored(joined, pathway)):
            ranked = self._conditions.ranked(group.alternatives, group.items | group.kept)
            if not ranked.alternatives:
                self._unreachable += group.items
                return None
            made.append(Needed(tuple(item for item in items if item in group.items), *ranked))
        return Route(tuple(sorted(made, key=lambda group: items.index(group.items[0]))))

    def _joined(self, pathway: Term, groups: list[Group]) -> list[Group]:
        """Join groups until no two share a target, or an item that has to stay met."""
        for group in groups:
            together = [other for other in groups if other is group or group.shares_with(other)]
            if len(together) > 1:
                joined = self._group(frozenset().union(*(other.items for other in together)), pathway)
                first = groups.index(together[0])
                rest = [other for other in groups if other not in together]
                return self._joined(pathway, [*rest[:first], joined, *rest[first:]])
        return groups

    def _factored(self, group: Group, pathway: Term) -> list[Group]:
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
            each = ((item, self._group(frozenset((item,)), pathway)) for item in concerned)
            concerned = frozenset(item for item, own in each if any(term in one for one in own.alternatives))
        return next(iter(concerned)) if len(concerned) == 1 else None

    def _share_a_target(self, own: Mapping[Term, Collection[Alternative]]) -> bool:
        """Whether alternatives of two items write the same: then they are one fact."""
        written = [{self._conditions.standing(t).target for t in frozenset().union(*parts)} for parts in own.values()]
        return sum(map(len, written)) > len(set().union(*written))


def _are_independent(groups: Sequence[Group]) -> bool:
    return not any(one.shares_with(other) for i, one in enumerate(groups) for other in groups[i + 1 :])


def _products(route: Route, number: int) -> Iterator[tuple[_Choice, tuple[Alternative, ...]]]:
    """The choices of one alternative from each group, best first."""
    groups = route.groups

    def entry(choice: tuple[int, ...]) -> _Choice:
        keys = [group.keys[index] for group, index in zip(groups, choice, strict=True)]
        return tuple(map(sum, zip(*keys, strict=True))), number, choice

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
