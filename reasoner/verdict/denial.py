"""A denial: its kind, the items that stand in the way, and every smallest way to an approval."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from facts.terms import Term
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import use_of
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.minimal_sets import Alternative, Routes, Search
from reasoner.verdict.model import Denial, Explanation, Kind, MinimalSet, Need

Unmet = dict[str, tuple[str, ...]]
"""The items that fail, of each pathway, in the policy's order."""


def explain(
    folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, solver: Solver, unmet: Unmet, limit: int
) -> tuple[Denial, Explanation]:
    """Explain a denied case, of which the solver has the facts."""
    order = folder.item_order
    barring = {*folder.exclusions, *folder.authorities}
    asked = folder.asked_pathways(use_of(conditions.case))
    affected = _Affected(folder, conditions, answer_set, unmet)
    search = Search(
        solver,
        affected.can_be_supposed(answer_set),
        conditions.key,
        conditions.target,
        affected.kept,
        affected.reads,
        affected.places,
        affected.relevant,
    )
    pathways = sorted(unmet, key=lambda pathway: (pathway not in asked, len(unmet[pathway])))
    routes = search.routes([(pathway, unmet[pathway]) for pathway in pathways])
    reasons = {item for pathway, items in unmet.items() for item in items if pathway in asked or item in barring}
    ordered = tuple(sorted(reasons, key=order.__getitem__))
    return Denial(_kind(folder, answer_set, routes), ordered), _explanation(routes, conditions, asked, limit)


def unmet_items(folder: RuleFolder, answer_set: AnswerSet) -> Unmet:
    """The items that fail, of each pathway, in the policy's order."""
    met, excluding = answer_set["met"], {*answer_set["excludes"], *answer_set["unclear"]}
    barring = {*folder.exclusions, *folder.authorities}
    failing: dict[str, set[str]] = {pathway: set() for pathway in folder.pathways}
    for pathway, item in answer_set["required"]:
        if (item,) in excluding if item in barring else (item,) not in met:
            failing[str(pathway)].add(str(item))
    order = folder.item_order.__getitem__
    return {pathway: tuple(sorted(items, key=order)) for pathway, items in failing.items()}


class _Affected:
    """What a change of the record touches besides the items that fail."""

    def __init__(self, folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, unmet: Unmet) -> None:
        self._conditions = conditions
        self._relations = folder.relations(conditions.case)
        self._above = folder.required_above
        self._met: dict[Term, set[Term]] = {}
        for pathway, item in answer_set["required"]:
            if item not in unmet[str(pathway)]:
                self._met.setdefault(pathway, set()).add(str(item))
        self._read: dict[str, set[Term]] = {}
        for item, terms in conditions.concerns.items():
            for term in terms:
                if not self._relations.contested.isdisjoint(conditions.conditions[term].fields):
                    self._read.setdefault(self._above(item), set()).add(conditions.target(term))
        self._places: dict[Term, frozenset[Term]] = {}
        self._kept: dict[tuple[frozenset[Term], Term], frozenset[Term]] = {}

    def can_be_supposed(self, answer_set: AnswerSet) -> list[Term]:
        """The open conditions, and those that a value in place of the recorded one has to meet as well."""
        kept = {
            term for field in self._relations.crowded for term in self._relations.by_field[field]
            if (term,) in answer_set["established"]
        }  # fmt: skip
        return [args[0] for args in answer_set["open"]] + sorted(kept, key=repr)

    def kept(self, items: frozenset[Term], pathway: Term) -> frozenset[Term]:
        """The items of a pathway that are met now and ask of a field that these items, or others kept, ask of as well."""
        if (items, pathway) not in self._kept:
            fields, met = self._fields_of(items), self._met.get(pathway, set())
            kept: set[Term] = set()
            while more := {item for item in met - kept if fields & self._fields_of((item,))}:
                kept |= more
                fields |= self._fields_of(more)
            self._kept[items, pathway] = frozenset(kept)
        return self._kept[items, pathway]

    def reads(self, items: frozenset[Term]) -> frozenset[Term]:
        """Where the contested fields stand of which these items ask in this case."""
        return frozenset().union(*(self._read.get(str(item), ()) for item in items))

    def places(self, item: Term) -> frozenset[Term]:
        """Where all stands that an item can ask of."""
        if item not in self._places:
            place = self._conditions.case.places
            self._places[item] = frozenset(place(field)[0] for field in self._fields_of((item,)) if self._exists(field))
        return self._places[item]

    def _exists(self, field: Term) -> bool:
        """Whether the record has the entries that the field is of."""
        return not isinstance(field, tuple) or all(map(self._conditions.case.has_entry, field[1:]))

    def _fields_of(self, items: Iterable[Term]) -> frozenset[Term]:
        return frozenset().union(*(self._relations.fields.get(str(item), ()) for item in items))

    def relevant(self, terms: Alternative, items: frozenset[Term]) -> Alternative:
        """The set without conditions that another one of their target entails, or that do not concern the items."""
        if len(terms) < 2:
            return terms
        kept: set[Term] = set()
        for group in self._conditions.by_target(terms):
            if len(group) > 1:
                group = frozenset(term for term in group if self._items_of(term) & items) or group
                group = frozenset(self._strongest(sorted(group, key=repr)))
            kept |= group
        return frozenset(kept)

    def _items_of(self, term: Term) -> set[Term]:
        return {self._above(item) for item in self._relations.items.get(term, ())}

    def _strongest(self, terms: Sequence[Term]) -> Iterator[Term]:
        """Of conditions that entail each other the first, of the others those that none entails."""
        entails = self._relations.entails
        for position, term in enumerate(terms):
            if not any(
                (other, term) in entails and ((term, other) not in entails or place < position)
                for place, other in enumerate(terms)
            ):
                yield term


def _kind(folder: RuleFolder, answer_set: AnswerSet, routes: Routes) -> Kind:
    if ("coverage_policy",) not in answer_set["decided_by"]:
        return "plan_exclusion"
    if any((item,) in answer_set["excludes"] for item in folder.exclusions):
        return "not_covered"
    missing_only = any(
        all(any(key.contradicted == 0 for key in group.keys) for group in route.groups) for route in routes.routes
    )
    return "missing_information" if missing_only else "criteria_not_met"


def _explanation(routes: Routes, conditions: CaseConditions, asked: Collection[str], limit: int) -> Explanation:
    needs: tuple[Need, ...] | None = None
    if len(routes.routes) == 1 and all(len(group.items) == 1 for group in routes.routes[0].groups):
        needs = tuple(
            Need(
                str(group.items[0]),
                tuple(conditions.ordered(terms, str(group.items[0])) for terms in group.alternatives),
            )
            for group in routes.routes[0].groups
        )
    listed = []
    for choice, groups in routes.sets(limit):
        found = [conditions.ordered(terms, str(items[0])) for terms, items in zip(choice, groups, strict=True)]
        listed.append(MinimalSet(tuple(fact for part in found for fact in part)))
    total, exact = routes.total, routes.exact
    because = _because(routes, conditions, asked)
    return Explanation(
        not because, because, needs, total, tuple(listed), exact and len(listed) == total, exact, limit
    )  # fmt: skip


def _because(routes: Routes, conditions: CaseConditions, asked: Collection[str]) -> tuple[str, ...]:
    """The items for which every minimal set contradicts something that cannot be changed; none: there is a way.

    Of several pathways those that were asked for tell why.
    """
    found: set[str] = set()
    for route in routes.routes:
        standing = {
            conditions.fact(frozenset((term,)), str(group.items[0])).criterion
            for group in route.groups
            for terms in group.alternatives
            for term in terms
            if conditions.no_way(term)
        }
        if not standing:
            return ()
        found |= standing
    ordered = sorted(found, key=lambda item: conditions.order.get(item, 0))
    return tuple(item for item in ordered if conditions.pathway_of(item) in (None, *asked)) or tuple(ordered)
