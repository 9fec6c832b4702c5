"""The items of the policy in one case: a tree of statuses with the facts that made them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from facts.case import Case
from facts.terms import Term
from reasoner.engine.solver import AnswerSet
from reasoner.policy.folder import RuleFolder
from reasoner.policy.request import use_of
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.model import Criterion, ItemStatus


def pathways_of(folder: RuleFolder, case: Case, answer_set: AnswerSet) -> tuple[str, ...]:
    """The pathways for the use asked for; where it is missing, or neither covered nor excluded, every one."""
    asked = folder.asked_pathways(use_of(case))
    barred = any((item,) in answer_set["excludes"] for item in (*folder.exclusions, *folder.authorities))
    return asked if asked or barred else tuple(folder.pathways)


class _Outline(NamedTuple):
    """An item as it is in each verdict."""

    id: str
    title: str
    citation: str
    is_exclusion: bool
    children: tuple[_Outline, ...]


class _Outlines(NamedTuple):
    """The items of a policy: each with those below it, and the pathways each without."""

    items: dict[str, _Outline]
    pathways: dict[str, _Outline]


def _outlines(folder: RuleFolder) -> _Outlines:
    """The outlines, which are remembered."""
    found: _Outlines | None = folder.remembered.get(_Outlines)
    if found is None:

        def outline(item: str, children: Iterable[str]) -> _Outline:
            below = tuple(outline(child, folder.children(child)) for child in children)
            return _Outline(item, folder.items[item].title, folder.citations[item], item in folder.exclusions, below)

        found = folder.remembered[_Outlines] = _Outlines(
            {item: outline(item, folder.children(item)) for item in folder.items},
            {pathway: outline(pathway, ()) for pathway in folder.pathways},
        )
    return found


def criteria(
    folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, best_case: frozenset[Term]
) -> tuple[Criterion, ...]:
    """The items of the use asked for (of every one, when it is missing or no pathway's) and the exclusions.

    `best_case` are the items met with everything supplied that is missing: any other item that is not
    met is contradicted.
    """
    names = ("met", "excludes", "unclear")
    found = _Found(conditions, best_case, *({str(item) for (item,) in answer_set[name]} for name in names))
    items, pathways = _outlines(folder)
    tops: list[_Outline] = []
    for pathway in pathways_of(folder, conditions.case, answer_set):
        tops += (pathways[pathway], *(items[item] for item in folder.children(pathway)))
    summaries = (str(item) for (item,) in answer_set["summary"])
    tops += (items[item] for item in (*sorted(summaries, key=folder.item_order.__getitem__), *folder.exclusions))
    return tuple(map(found.criterion, tops))


class _Found(NamedTuple):
    """What follows of the items in one case."""

    conditions: CaseConditions
    best_case: frozenset[Term]
    met: set[str]
    excludes: set[str]
    unclear: set[str]

    def criterion(self, item: _Outline) -> Criterion:
        """An item, with those below it."""
        children = tuple(map(self.criterion, item.children))
        return Criterion(item.id, item.title, item.citation, self._status(item), self.conditions.of(item.id), children)

    def _status(self, item: _Outline) -> ItemStatus:
        if item.is_exclusion:
            return "excludes" if item.id in self.excludes else "missing" if item.id in self.unclear else "clear"
        return "met" if item.id in self.met else "missing" if item.id in self.best_case else "contradicted"
