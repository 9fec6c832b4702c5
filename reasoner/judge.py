"""The pipeline on one screen: a case becomes facts, the solver derives, a verdict comes out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast

from reasoner import wording
from reasoner.explain import Alternative, Key, Routes, find
from reasoner.facts import edits, fields
from reasoner.facts.normalize import Case
from reasoner.facts.symbols import Term, facts_of
from reasoner.policy import Policy
from reasoner.solver import World
from reasoner.verdict import (
    Advisory,
    Authority,
    Authorization,
    Criterion,
    Decision,
    Denial,
    Explanation,
    Fact,
    FactStatus,
    ItemStatus,
    Kind,
    MinimalSet,
    Need,
    PolicyVersion,
    Verdict,
)  # fmt: skip


def judge(policy: Policy, case: Case, limit: int) -> Verdict:
    """The whole verdict of a case, with at most `limit` minimal sets listed."""
    decider = policy.decider(case)
    facts = facts_of(case)
    decider.tell(facts)
    world = decider.world()
    version = next((str(args[0]) for args in world["in_force"]), None)
    head = (case.record.case_id, PolicyVersion(policy.id, version))
    if not world["in_scope"]:
        return Verdict(*head, "out_of_scope", None, None, None, None, (), None, (), case.warnings, ())
    hopeful = decider.hopeful()
    decision: Decision = "approved" if world["approved"] else "denied"
    hinges = tuple(c for c in policy.choices if decider.decision(c) != decision)
    case_words = _Words(policy, case, world)
    denial = explanation = authorization = None
    if decision == "denied":
        denial, explanation = _explain(policy, case, world, case_words, limit)
    else:
        authorization = _authorize(policy, case, world)
    return Verdict(
        *head,
        decision,
        cast(Authority, next(str(args[0]) for args in world["decided_by"])),
        bool(world["medically_necessary"]),
        denial,
        authorization,
        _criteria(policy, case, world, hopeful, case_words),
        explanation,
        tuple(_advisory(policy, str(args[0])) for args in world["advisory"]),
        case.warnings,
        hinges,
    )


class _Words:
    """The facts of one case, made when they are first asked for."""

    def __init__(self, policy: Policy, case: Case, world: World) -> None:
        decider = policy.decider(case)
        self._case = case
        self._facts = facts_of(case)
        self._words = policy.words(decider)
        self._asks = policy.asks(decider)
        self._entries = policy.entries(decider)
        self._unchangeable = policy.unchangeable
        self._distance = policy.distance
        self._order = policy.item_order
        self._established = {args[0] for args in world["established"]}
        self._contradicted = {args[0] for args in world["contradicted"]}
        self._concerned: dict[Term, list[str]] = {}
        for item, term in world["concerns"]:
            self._concerned.setdefault(term, []).append(str(item))
        self._made: dict[tuple[Term, str], Fact] = {}

    def status(self, term: Term) -> FactStatus:
        """Whether the record establishes or contradicts the condition, or leaves it open."""
        if term in self._established:
            return "established"
        return "contradicted" if term in self._contradicted else "missing"

    def key(self, alternative: Alternative) -> Key:
        """What orders sets: facts, then contradicted ones, then the distance from the record."""
        contradicted = sum(term in self._contradicted for term in alternative)
        return len(alternative), contradicted, sum(map(self._far, alternative))

    def _far(self, term: Term) -> int:
        _, far = wording.shortfall(self._asks.get(term, ()), self._facts, self._case)
        return 1000 * self._distance.get(term, 1) + far

    def fact(self, term: Term, item: str) -> Fact:
        """The condition in words, for the need of an item: its criterion is that item or below it."""
        if (term, item) not in self._made:
            self._made[term, item] = self._make(term, item)
        return self._made[term, item]

    def ordered(self, terms: Iterable[Term], item: str) -> tuple[Fact, ...]:
        """The facts of a set in the policy's order."""
        facts = [self.fact(term, item) for term in terms]
        return tuple(sorted(facts, key=lambda f: (self._order.get(f.criterion, 0), f.record, f.fact)))

    def _make(self, term: Term, item: str) -> Fact:
        case, asks = self._case, self._asks.get(term, [])
        section, content = self._entries.get(term, ("", {}))
        status = self.status(term)
        items = self._concerned.get(term, [item])
        criterion = next((i for i in items if i == item or i.startswith(item + ".")), items[0])
        text = wording.condition(self._words[term], term, asks, content, case)
        near, _ = wording.shortfall(asks, self._facts, case)
        places = dict.fromkeys(p for ask in asks for p in fields.paths(ask.field, case.full))
        said = wording.recorded(tuple(places), case)
        if status != "established":
            if near is not None:
                text += f"; the record says: {near}"
            elif said is not None and asks:
                text += f"; the record says: {said}"
            elif asks:
                text += "; the record does not say"
        return Fact(
            fact=_term(term),
            criterion=criterion,
            status=status,
            text=text,
            record=tuple(places) or (section,),
            edits=() if status == "established" else tuple(self._edits(term, criterion)),
            unchangeable=term in self._unchangeable,
            near=near if status != "established" else None,
        )

    def _edits(self, term: Term, criterion: str) -> list[dict[str, Any]]:
        if term in self._entries:
            section, content = self._entries[term]
            return edits.append(self._case, section, content, criterion)
        asks = self._asks[term]
        silent = [a for a in asks if _silent(a.field, self._case)]
        field = (silent or asks)[0].field
        asks = [ask for ask in asks if ask.field == field]
        if asks[0].relation == "one_of":
            return edits.set_value(self._case, field, [ask.value for ask in asks])
        if asks[0].relation == "at_least":
            return edits.raise_to(self._case, field, int(str(asks[0].value)))
        return edits.lower_to(self._case, field, int(str(asks[0].value)))


def _silent(field: Term, case: Case) -> bool:
    return all(fields.look(case.full, path) is None for path in fields.paths(field, case.full))


def _term(term: Term) -> str:
    if isinstance(term, tuple):
        return f"{term[0]}({','.join(map(_term, term[1:]))})"
    return str(term).lower() if isinstance(term, bool) else str(term)


def _explain(
    policy: Policy, case: Case, world: World, words: _Words, limit: int
) -> tuple[Denial, Explanation]:
    _, explainer = policy.solvers(case)
    explainer.tell(facts_of(case))
    order = policy.item_order
    met, excluding = world["met"], world["excludes"]
    barring = {*policy.exclusions, *policy.authorities}
    unmet: dict[str, list[str]] = {pathway: [] for pathway in policy.pathways}
    for pathway, item in world["required"]:
        fails = (item,) in excluding if item in barring else (item,) not in met
        if fails and item not in unmet[str(pathway)]:
            unmet[str(pathway)].append(str(item))
    ways = [tuple(sorted(items, key=lambda i: order[i])) for items in unmet.values()]
    stated = case.record.request.indication
    first = [p for p, d in policy.pathways.items() if d == stated] or list(policy.pathways)
    ways.sort(key=len)
    open_conditions = [args[0] for args in world["open"]]
    routes = find(explainer, ways, open_conditions, lambda c: c in policy.unchangeable, words.key)
    reasons = sorted({i for p in first for i in unmet[p]}, key=lambda i: order[i])
    explanation = _explanation(routes, words, limit)
    return Denial(_kind(policy, world, routes, words), tuple(reasons)), explanation


def _kind(policy: Policy, world: World, routes: Routes, words: _Words) -> Kind:
    if not any(args == ("coverage_policy",) for args in world["decided_by"]):
        return "plan_exclusion"
    if any((item,) in world["excludes"] for item in policy.exclusions):
        return "not_covered"
    missing_only = any(
        all(any(key[1] == 0 for key in group.keys) for group in route.groups)
        for route in routes.routes
    )
    return "missing_information" if missing_only else "criteria_not_met"


def _explanation(routes: Routes, words: _Words, limit: int) -> Explanation:
    needs: tuple[Need, ...] | None = None
    if len(routes.routes) == 1 and all(len(g.items) == 1 for g in routes.routes[0].groups):
        needs = tuple(
            Need(str(g.items[0]), tuple(words.ordered(a, str(g.items[0])) for a in g.alternatives))
            for g in routes.routes[0].groups
        )
    listed = []
    for choice, items in routes.sets(limit):
        facts = [words.ordered(part, str(group[0])) for part, group in zip(choice, items, strict=True)]
        listed.append(MinimalSet(tuple(fact for part in facts for fact in part)))
    total = routes.total
    return Explanation(
        needs, total, tuple(listed), routes.exact and len(listed) == total, routes.exact, limit
    )


def _criteria(
    policy: Policy, case: Case, world: World, hopeful: World, words: _Words
) -> tuple[Criterion, ...]:
    met, could, excluding = world["met"], hopeful["met"], world["excludes"]
    concerns: dict[str, list[Term]] = {}
    for item, term in world["concerns"]:
        concerns.setdefault(str(item), []).append(term)

    def status(item: str) -> ItemStatus:
        if item in policy.exclusions:
            return "excludes" if (item,) in excluding else "clear"
        if (item,) in met:
            return "met"
        return "missing" if (item,) in could else "contradicted"

    def criterion(item: str) -> Criterion:
        facts = [words.fact(t, item) for t in concerns.get(item, ()) if not _is_new(t, policy, case)]
        children = [i for i, (parent, _) in policy.items.items() if parent == item]
        return Criterion(
            item,
            policy.items[item][1],
            policy.citations[item],
            status(item),
            tuple(facts),
            tuple(criterion(child) for child in children),
        )

    stated = case.record.request.indication
    asked = [p for p, d in policy.pathways.items() if stated is None or d == stated]
    tops: list[Criterion] = []
    for pathway in asked:
        own = Criterion(
            pathway, policy.items[pathway][1], policy.citations[pathway], status(pathway),
            tuple(words.fact(t, pathway) for t in concerns.get(pathway, ())), (),
        )  # fmt: skip
        tops.append(own)
        tops += [criterion(i) for i, (parent, _) in policy.items.items() if parent == pathway]
    if case.record.request.type == "reauthorization":
        tops += [criterion(item) for item in policy.summaries]
    return (*tops, *(criterion(item) for item in policy.exclusions))


def _is_new(term: Term, policy: Policy, case: Case) -> bool:
    return term in policy.entries(policy.decider(case))


def _authorize(policy: Policy, case: Case, world: World) -> Authorization:
    satisfied = [str(args[0]) for args in world["satisfied"]]
    stated = case.record.request.indication
    asked = [p for p, d in policy.pathways.items() if d == stated]
    pathway = (satisfied or asked or list(policy.pathways))[0]
    months = policy.approval_months[pathway, case.record.request.type]
    day = case.record.request.date
    assert isinstance(months, int)
    return Authorization(day.isoformat(), through(day, months).isoformat(), months)


def through(day: date, months: int) -> date:
    """The last day of a span of calendar months: the day before the same day, `months` later.

    Where that month has no such day, its last day.
    """
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    last = monthrange(year, month)[1]
    if day.day > last:
        return date(year, month, last)
    return date(year, month, day.day) - timedelta(days=1)


def _advisory(policy: Policy, advisory: str) -> Advisory:
    values = {str(unit): n for item, unit, n in policy.thresholds if item == advisory}
    text = policy.advisory_texts[advisory].format(n=next(iter(values.values()), ""))
    return Advisory(advisory, text, policy.citations[advisory])
