"""The pipeline on one screen: a case becomes facts, the solver derives, a verdict comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from facts.case import Case
from facts.terms import Fact as RecordFact
from reasoner.engine.ground_program import Situation
from reasoner.engine.solver import AnswerSet, Solver
from reasoner.errors import RulesError
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.authorization import authorize
from reasoner.verdict.case_conditions import CaseConditions
from reasoner.verdict.criteria import criteria
from reasoner.verdict.denial import explain
from reasoner.verdict.earliest import earliest_approval
from reasoner.verdict.model import Advisory, Authority, Decision, PolicyVersion, Verdict
from reasoner.verdict.routes import routes_of, unmet_items
from reasoner.verdict.wording import shown_number


def judge(folder: RuleFolder, case: Case, limit: int, facts_instead: Sequence[RecordFact] | None = None) -> Verdict:
    """The whole verdict of a case, with at most `limit` minimal sets listed.

    `facts_instead` are judged in place of the case's own; no date then cures a denial.
    """
    solver = folder.solver(case)
    ground = solver.ground
    situation = ground.situation(case) if facts_instead is None else ground.situation_of(facts_instead)
    return _judged(folder, solver, case, situation, limit, facts_instead)


def judge_together(folder: RuleFolder, solver: Solver, cases: Iterable[Case], limit: int) -> list[Verdict]:
    """The whole verdicts of cases of one solver, with at most `limit` minimal sets listed in each."""
    recorded = [(case, solver.ground.situation(case)) for case in cases]
    solver.prepare([situation for _, situation in recorded])
    return [_judged(folder, solver, *own, limit) for own in recorded]


def _judged(
    folder: RuleFolder, solver: Solver, case: Case, situation: Situation, limit: int,
    facts_instead: Sequence[RecordFact] | None = None,
) -> Verdict:  # fmt: skip
    """The verdict of a case, of its own facts or of others in their place."""
    solver.take(situation)
    is_recorded = facts_instead is None
    answer_set, best_case, hinges = solver.readings()
    version = only(answer_set, "in_force") if folder.versions else None
    head = (case.case_id, PolicyVersion(folder.id, version))
    decision = cast(Decision, only(answer_set, "outcome"))
    if decision == "out_of_scope":
        return Verdict(*head, "out_of_scope", None, None, None, None, (), None, (), case.warnings, (), None)
    conditions = CaseConditions(folder, case, answer_set, solver, facts_instead)
    items = criteria(folder, conditions, answer_set, best_case)
    denial = explanation = authorization = None
    unmet = unmet_items(folder, answer_set)
    if decision == "approved":
        authorization = authorize(folder, case, answer_set)
    else:
        routes = routes_of(folder, conditions, answer_set, solver, unmet)
        if is_recorded and folder.edits_have_side_effects:
            from reasoner.verdict.confirmation import confirmed

            routes = confirmed(folder, conditions, routes, unmet, limit)
        denial, explanation = explain(folder, conditions, answer_set, routes, unmet, limit)
    earliest = None
    if denial is not None and is_recorded and solver.may_be_approved_later():
        earliest = earliest_approval(solver, case)
    return Verdict(
        *head,
        decision,
        cast(Authority, only(answer_set, "decided_by")),
        bool(answer_set["medically_necessary"]),
        denial,
        authorization,
        items,
        explanation,
        tuple(_advisory(folder, name) for name in folder.advisory_texts if (name,) in answer_set["advisory"]),
        case.warnings,
        tuple(choice for choice in folder.choices if choice in hinges),
        earliest.isoformat() if earliest is not None else None,
    )


def only(answer_set: AnswerSet, table: str) -> str:
    """The one value that the rules derive for every case. Raises RulesError."""
    found = [str(args[0]) for args in answer_set[table]]
    if len(found) != 1:
        shown = " and ".join(found) or "nothing"
        raise RulesError(f"{table}/1: {shown} is derived for this case, where one value is needed")
    return found[0]


def _advisory(folder: RuleFolder, advisory: str) -> Advisory:
    rows = [(unit, limit) for item, unit, limit in folder.thresholds if item == advisory and isinstance(limit, int)]
    limits = (shown_number(folder.declaration, unit, limit) for unit, limit in rows)
    text = folder.advisory_texts[advisory].format(n=", ".join(limits))
    return Advisory(advisory, text, folder.citations[advisory])
