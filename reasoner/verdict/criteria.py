"""The items of the policy in one case: a tree of statuses with the facts that made them."""

from __future__ import annotations

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


def criteria(
    folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, best_case: frozenset[Term]
) -> tuple[Criterion, ...]:
    """The items of the use asked for (of every one, when it is missing or no pathway's) and the exclusions.

    `best_case` are the items met with everything supplied that is missing: any other item that is not
    met is contradicted.
    """
    statuses = _Statuses(folder, answer_set, best_case)

    def criterion(item: str, *, with_children: bool = True) -> Criterion:
        children = folder.children(item) if with_children else ()
        return Criterion(
            item,
            folder.items[item].title,
            folder.citations[item],
            statuses.of(item),
            conditions.of(item),
            tuple(criterion(child) for child in children),
        )

    tops: list[Criterion] = []
    for pathway in pathways_of(folder, conditions.case, answer_set):
        tops.append(criterion(pathway, with_children=False))
        tops += [criterion(item) for item in folder.children(pathway)]
    tops += [criterion(item) for item in folder.item_order if (item,) in answer_set["summary"]]
    tops += [criterion(item) for item in folder.exclusions]
    return tuple(tops)


class _Statuses:
    def __init__(self, folder: RuleFolder, answer_set: AnswerSet, best_case: frozenset[Term]) -> None:
        self._exclusions = folder.exclusions
        self._answer_set = answer_set
        self._best_case = best_case

    def of(self, item: str) -> ItemStatus:
        """The status of an item."""
        if item in self._exclusions:
            if (item,) in self._answer_set["excludes"]:
                return "excludes"
            return "missing" if (item,) in self._answer_set["unclear"] else "clear"
        if (item,) in self._answer_set["met"]:
            return "met"
        return "missing" if item in self._best_case else "contradicted"
