"""From a denial to all its minimal sets: item by item, then their products, lazily and in order.

Independent items multiply, so their sets are never all built: each group of items that share no
condition with another is enumerated by the solver on its own, and the minimal sets of the whole
are the choices of one alternative from each group.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import prod
from typing import NamedTuple

from facts.symbols import Term
from reasoner.engine.solver import Explainer
from reasoner.verdict.conditions import Key

MOST_ALTERNATIVES = 2_000
"""Alternatives of one group of items that are searched for, at most: a limit that any machine meets alike."""

MOST_AT_ONCE = 100
"""Alternatives of all items together up to which one search for all of them is worth while."""

Alternative = frozenset[Term]


class Group(NamedTuple):
    """Items that share conditions, with their alternatives, best first."""

    items: tuple[Term, ...]
    alternatives: tuple[Alternative, ...]
    keys: tuple[Key, ...]


class Route(NamedTuple):
    """One pathway to an approval: groups that share no condition, in the policy's order."""

    groups: tuple[Group, ...]

    @property
    def total(self) -> int:
        """How many minimal sets it has."""
        return prod(len(group.alternatives) for group in self.groups)


class Routes(NamedTuple):
    """The routes with the fewest unchangeable facts; `exact`: no limit cut the search."""

    routes: tuple[Route, ...]
    exact: bool

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


def find(
    explainer: Explainer,
    ways: Sequence[tuple[Term, ...]],
    open_conditions: Sequence[Term],
    unchangeable: Callable[[Term], bool],
    key: Callable[[Alternative], Key],
) -> Routes:
    """The best routes over the pathways; `ways` has the unmet items of each pathway."""
    memory: dict[tuple[Term, ...], tuple[Alternative, ...]] = {}
    exact = True

    def alternatives(items: tuple[Term, ...]) -> tuple[Alternative, ...]:
        nonlocal exact
        if items not in memory:
            sets = explainer.sets(items, open_conditions, MOST_ALTERNATIVES)
            exact = exact and sets.complete
            memory[items] = sets.found
        return memory[items]

    best: int | None = None
    routes: list[Route] = []
    seen: set[tuple[tuple[Term, ...], ...]] = set()
    for way in ways:
        if best is None:  # then no item of it can be left out: ask for all of them at once
            each = explainer.sets_of_each(way, open_conditions, MOST_AT_ONCE) or {}
            memory.update(((item,), found) for item, found in each.items())
        route = _route(way, alternatives, unchangeable, key, best)
        if route is None:
            continue
        cost = sum(_cost(group.alternatives[0], unchangeable) for group in route.groups)
        if best is None or cost < best:
            best, routes, seen = cost, [], set()
        name = tuple(group.items for group in route.groups)
        if cost == best and name not in seen:
            seen.add(name)
            routes.append(route)
    return Routes(tuple(routes), exact)


def _route(
    items: tuple[Term, ...],
    alternatives: Callable[[tuple[Term, ...]], tuple[Alternative, ...]],
    unchangeable: Callable[[Term], bool],
    key: Callable[[Alternative], Key],
    best: int | None,
) -> Route | None:
    groups: list[tuple[Term, ...]] = []
    found: dict[tuple[Term, ...], tuple[Alternative, ...]] = {}
    cost = 0
    for item in items:
        groups.append((item,))
        found[(item,)] = alternatives((item,))
        if not found[(item,)]:
            return None
        cost += min(_cost(terms, unchangeable) for terms in found[(item,)])
        if best is not None and cost > best and _apart(groups, found):
            return None
    groups = _join(items, groups, found, alternatives)
    if any(not found[group] for group in groups):
        return None
    made = []
    for group in groups:
        least = _fewest(found[group], unchangeable)
        ranked = sorted((key(terms), sorted(map(repr, terms)), terms) for terms in least)
        made.append(Group(group, tuple(a for _, _, a in ranked), tuple(k for k, _, _ in ranked)))
    return Route(tuple(made))


def _apart(groups: list[tuple[Term, ...]], found: dict[tuple[Term, ...], tuple[Alternative, ...]]) -> bool:
    supports = [frozenset().union(*found[group]) for group in groups]
    return all(
        not (a & b) for i, a in enumerate(supports) for b in supports[i + 1 :]
    )  # fmt: skip


def _join(
    items: tuple[Term, ...],
    groups: list[tuple[Term, ...]],
    found: dict[tuple[Term, ...], tuple[Alternative, ...]],
    alternatives: Callable[[tuple[Term, ...]], tuple[Alternative, ...]],
) -> list[tuple[Term, ...]]:
    """Join groups until no two share a condition: of all their alternatives, not of the best ones alone."""
    while True:
        for i, left in enumerate(groups):
            support = frozenset().union(*found[left])
            right = next((g for g in groups[i + 1 :] if support & frozenset().union(*found[g])), None)
            if right is not None:
                joined = tuple(item for item in items if item in left or item in right)
                found[joined] = alternatives(joined)
                groups = [joined if g == left else g for g in groups if g != right]
                break
        else:
            return groups


def _cost(alternative: Alternative, unchangeable: Callable[[Term], bool]) -> int:
    return sum(map(unchangeable, alternative))


def _fewest(sets: tuple[Alternative, ...], unchangeable: Callable[[Term], bool]) -> tuple[Alternative, ...]:
    if not sets:
        return ()
    least = min(_cost(found, unchangeable) for found in sets)
    return tuple(found for found in sets if _cost(found, unchangeable) == least)


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
    return (sum(k[0] for k in keys), sum(k[1] for k in keys), sum(k[2] for k in keys))
