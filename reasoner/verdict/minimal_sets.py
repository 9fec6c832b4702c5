"""From a denial to all its minimal sets: item by item, then their products, lazily and in order.

Independent items multiply, so their sets are never all built: each group of items that share no
target with another is enumerated by the solver on its own, and the minimal sets of the whole
are the choices of one alternative from each group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from operator import add
from typing import NamedTuple

from facts.terms import Term
from reasoner.engine.bits import single, union
from reasoner.engine.solver import Solver
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.groups import Alternative, Group, are_independent, group_of, ranked
from reasoner.verdict.standing import Key

MOST_ALTERNATIVES = 2_000
"""Alternatives of one group of items that are searched for, at most: a limit that any machine meets alike."""

MOST_AT_ONCE = 100
"""Alternatives of all items together up to which one search for all of them is worth while."""


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
        first = [
            (key, number, choice) for number, route in enumerate(self.routes) for key, choice in _first(route, limit)
        ]
        found = []
        for _, number, choice in sorted(first)[:limit]:
            groups = self.routes[number].groups
            alternatives = tuple([group.alternatives[at] for group, at in zip(groups, choice, strict=True)])
            found.append((alternatives, tuple([group.items for group in groups])))
        return found


class Search:
    """The search for the minimal sets of one case; items and conditions are bits, as interference.py has them."""

    def __init__(self, solver: Solver, conditions: CaseConditions, met: Mapping[Term, int]) -> None:
        """The solver has the facts of the case; `met` are the items of each pathway that are met."""
        self._solver = solver
        self._conditions = conditions
        self._interference = conditions.variant.interference
        self._met = met
        self._found: dict[tuple[int, int], tuple[int, ...]] = {}
        self._groups: dict[tuple[int, int], Group] = {}
        self._exact = True
        self._unreachable: list[Term] = []

    def routes(self, pathways: Sequence[tuple[Term, tuple[Term, ...]]]) -> Routes:
        """The best routes; `pathways` has each pathway with its unmet items."""
        best: int | None = None
        routes: list[Route] = []
        seen: set[tuple[tuple[Term, ...], ...]] = set()
        for pathway, items in pathways:
            if best is None and not self._solver.has_labels:  # no item of it can be left out: search for all at once
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
        """Search for the minimal sets of each of the items."""
        bits = self._interference.items
        kept = {item: self._kept(bits[item], pathway) for item in items}
        every = self._interference.names(union(kept.values()))
        supposable = self._conditions.can_be_supposed
        for item, sets in self._solver.minimal_sets_of_each(items, every, supposable, MOST_AT_ONCE).items():
            self._found[bits[item], kept[item]] = sets

    def _kept(self, items: int, pathway: Term) -> int:
        return self._interference.kept(items, self._met.get(pathway, 0))

    def _group(self, items: int, pathway: Term) -> Group:
        kept = self._kept(items, pathway)
        group = self._groups.get((items, kept))
        if group is None:
            sets = self._found.get((items, kept))
            if sets is None:
                names, supposable = self._interference.names, self._conditions.can_be_supposed
                found = self._solver.minimal_sets(names(items), names(kept), supposable, MOST_ALTERNATIVES)
                self._exact = self._exact and found.complete
                sets = found.found
            group = self._groups[items, kept] = group_of(self._conditions, items, kept, sets)
        return group

    def _route(self, pathway: Term, items: tuple[Term, ...], best: int | None) -> Route | None:
        bits = self._interference.items
        groups: list[Group] = []
        cost = 0
        for item in items:
            group = self._group(bits[item], pathway)
            if not group.sets:
                self._unreachable += (other for other in items if not self._group(bits[other], pathway).sets)
                return None
            groups.append(group)
            cost += group.unchangeable
            if best is not None and cost > best and are_independent(groups):
                return None
        made = []
        for group in (part for joined in self._joined(pathway, groups) for part in self._factored(joined, pathway)):
            own = tuple([item for item in items if bits[item] & group.items])
            found = ranked(self._interference, self._conditions.standings, group.sets, group.items | group.kept)
            if not found.sets:
                self._unreachable += own
                return None
            made.append(Needed(own, tuple(map(self._interference.terms, found.sets)), found.keys))
        return Route(tuple(sorted(made, key=lambda group: items.index(group.items[0]))))

    def _joined(self, pathway: Term, groups: list[Group]) -> list[Group]:
        """Join groups until no two share a target, or an item that has to stay met."""
        if are_independent(groups):
            return groups
        for group in groups:
            together = [other for other in groups if other is group or group.shares_with(other)]
            if len(together) > 1:
                joined = self._group(union(other.items for other in together), pathway)
                first = groups.index(together[0])
                rest = [other for other in groups if other not in together]
                return self._joined(pathway, [*rest[:first], joined, *rest[first:]])
        return groups

    def _factored(self, group: Group, pathway: Term) -> list[Group]:
        """The items of a group one by one, where its alternatives are all the combinations of theirs."""
        items = sorted(single(group.items), key=self._interference.name)
        if len(items) < 2:
            return [group]
        serving = {own: self._serving(own, group.items, pathway) for own in single(union(group.sets))}
        if not all(serving.values()):
            return [group]
        serves = {item: union(own for own, served in serving.items() if served == item) for item in items}
        parts = {item: {alternative & own for alternative in group.sets} for item, own in serves.items()}
        if prod(map(len, parts.values())) != len(group.sets) or self._share_a_target(serves.values()):
            return [group]
        kept = group.kept | group.items
        return [group._replace(items=item, kept=kept, sets=tuple(found)) for item, found in parts.items()]

    def _serving(self, condition: int, items: int, pathway: Term) -> int:
        """The one of the items that a condition serves; 0 where it serves several, or none."""
        concerned = self._interference.items_of(condition) & items
        if concerned & (concerned - 1):
            each = ((item, self._group(item, pathway)) for item in single(concerned))
            concerned = union(item for item, own in each if any(condition & one for one in own.sets))
        return 0 if concerned & (concerned - 1) else concerned

    def _share_a_target(self, served: Iterable[int]) -> bool:
        """Whether alternatives of two items write the same: then they are one fact."""
        written = 0
        for conditions in served:
            targets = self._conditions.standings.targets(conditions)
            if targets & written:
                return True
            written |= targets
        return False


def _first(route: Route, limit: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The choices of one alternative from each group that can be among the first ones, each after its key.

    Group by group: with the second of the best choices so far, only half as many alternatives can be among the first
    ones, as with the first choice each of them is better still; with the third a third of them, and so on.
    """
    found: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((0,) * len(Key._fields), ())]
    for group in route.groups:
        found = sorted(
            (tuple(map(add, total, key)), (*choice, at))
            for rank, (total, choice) in enumerate(found[:limit], start=1)
            for at, key in enumerate(group.keys[: limit // rank])
        )
    return found
