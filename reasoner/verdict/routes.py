"""The routes to an approval of a case: the items that fail, and the search for the sets that would meet them."""

from __future__ import annotations

from facts.terms import Term
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.criteria import pathways_of
from reasoner.verdict.minimal_sets import Routes, Search

Unmet = dict[str, tuple[str, ...]]
"""The items that fail, of each pathway, in the policy's order."""


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


def routes_of(
    folder: RuleFolder, conditions: CaseConditions, answer_set: AnswerSet, solver: Solver, unmet: Unmet
) -> Routes:  # fmt: skip
    """The best routes of a denied case, of which the solver has the facts."""
    asked = pathways_of(folder, conditions.case, answer_set)
    met: dict[Term, int] = {}
    bits = conditions.variant.interference.items
    for pathway, item in answer_set["required"]:
        if item not in unmet[str(pathway)]:
            met[pathway] = met.get(pathway, 0) | bits[item]
    search = Search(solver, conditions, met)
    pathways = sorted(unmet, key=lambda pathway: (pathway not in asked, len(unmet[pathway])))
    return search.routes([(pathway, unmet[pathway]) for pathway in pathways])
