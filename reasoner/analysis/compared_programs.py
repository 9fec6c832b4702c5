"""Two rule programs beside each other over one record; what does not depend on a statement that differs stands once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from clingo import Symbol
from clingo.ast import AST, ASTType

from facts.symbols import symbol
from facts.terms import Term
from reasoner.engine.control import Optimum, Shown, every_shown, optimum
from reasoner.engine.program import ENCODINGS
from reasoner.policy.folder import RuleFolder
from reasoner.policy.record_facts import Ambiguity
from reasoner.policy.syntax import Predicate, parsed, predicates, predicates_of, renamed

_SHORTEST = ("--opt-heuristic=sign,model", "--restart-on-model")
"""Options of clasp with which the way from a record to the shortest one does not take long."""

_GUESSED = frozenset({("explaining", 0), ("one_by_one", 0), ("aim", 1), ("bar", 1), ("kept", 1)})
"""What explain.lp guesses; what is left of it says which sets of conditions are feasible."""
KNOWN_ENTRIES = 2
"""Entries of each list for which a folder knows its conditions."""
_INFEASIBLE = parsed("infeasible.")[0].head


@dataclass(frozen=True, slots=True, eq=False)
class _Clause:
    """A statement with what the comparison of programs asks of it."""

    node: AST
    text: str
    heads: frozenset[Predicate]
    uses: frozenset[Predicate]
    predicates: frozenset[Predicate]


class ComparedPrograms:
    """Two programs over one record, which an encoding chooses from facts that it is given."""

    def __init__(self, one: RuleFolder, other: RuleFolder, entries: int, records: str) -> None:
        first, second = ([*_engine(), *_clauses(policy, entries)] for policy in (one, other))
        changed = _affected(first, second)
        compare = _encoding("witness.lp")
        rivals = {p for clause in compare for p in clause.predicates if p[0].endswith("'")}
        unchanged = {(name, arity) for name, arity in rivals if (name.removesuffix("'"), arity) not in changed}
        self.can_differ = rivals != unchanged
        """Whether any part of a verdict can differ, whatever the record."""
        self._serving = [symbol(row) for row in _serving((one, other), entries)]
        self._program = [
            *(clause.node for clause in _encoding(records)),
            *(clause.node for clause in first),
            *(_primed(c, c.predicates & changed) for c in second if not c.heads or c.heads & changed),
            *(_unprimed(c, c.predicates & unchanged) for c in compare),
        ]

    def run(
        self,
        facts: Iterable[Symbol],
        seconds: float,
        left_out: Iterable[Sequence[Symbol]] = (),
        *,
        shortest: bool = True,
    ) -> Optimum:
        """What is chosen for a record on which the programs differ and that is none of those left out."""
        nogoods = [parsed(f":- {', '.join(map(str, found))}.")[0] for found in left_out]
        options = _SHORTEST if shortest else ("--opt-mode=ignore", "--models=1")
        return optimum([*self._program, *nogoods], [*self._serving, *facts], options, seconds)

    def all(self, facts: Iterable[Symbol], seconds: float, most: int = 0) -> Shown:
        """Everything that is chosen for some record on which the programs differ; of `most` records, if it is not 0."""
        return every_shown(self._program, [*self._serving, *facts], seconds, most)


_SERVING: WeakKeyDictionary[RuleFolder, dict[str, frozenset[Term]]] = WeakKeyDictionary()


def _serving(folders: Iterable[RuleFolder], entries: int) -> Iterator[tuple[Term, ...]]:
    """The conditions that can stand in a minimal set for each pathway, where they are known for so many entries."""
    if entries > KNOWN_ENTRIES:
        return
    yield ("serving_is_known",)
    for folder in folders:
        if folder not in _SERVING:
            _SERVING[folder] = folder.can_serve()
        for pathway, conditions in _SERVING[folder].items():
            for condition in sorted(conditions, key=repr):
                yield ("serves", pathway, condition) if pathway else ("serves_terms", condition)


def _affected(one: Sequence[_Clause], other: Sequence[_Clause]) -> set[Predicate]:
    """The predicates whose atoms can differ between two programs: those that a differing statement derives."""
    first, second = {clause.text for clause in one}, {clause.text for clause in other}
    differing = [c for c in one if c.text not in second] + [c for c in other if c.text not in first]
    found = {head for clause in differing for head in clause.heads}
    while True:
        more = {h for clause in (*one, *other) if clause.uses & found for h in clause.heads} - found
        if not more:
            return found
        found |= more


_OF_POLICY: WeakKeyDictionary[RuleFolder, dict[int, tuple[_Clause, ...]]] = WeakKeyDictionary()
_CLAUSES: dict[tuple[str, str, tuple[str, ...]], tuple[_Clause, ...]] = {}
"""The statements of rule files by name and text: of a mutant all files but one are those of the rules."""
_MOST = 300


def _clauses(policy: RuleFolder, entries: int) -> tuple[_Clause, ...]:
    """The statements of a policy's program, beside those of the engine; read once."""
    found = _OF_POLICY.setdefault(policy, {})
    if entries not in found:
        found[entries] = tuple(_read(policy, entries))
    return found[entries]


def _read(policy: RuleFolder, entries: int) -> Iterator[_Clause]:
    for source in policy.rule_sources:
        statements = policy.statements(source)
        completed = tuple(str(node) for node, own in zip(statements, source.nodes, strict=True) if node is not own)
        key = source.path.name, source.text, completed
        if key not in _CLAUSES:
            if len(_CLAUSES) >= _MOST:
                _CLAUSES.clear()
            _CLAUSES[key] = tuple(map(_clause, statements))
        yield from _CLAUSES[key]
    yield from map(_derived, policy.program(entries, ambiguity=Ambiguity.PRODUCTS).text.splitlines())


@lru_cache(maxsize=10_000)
def _derived(line: str) -> _Clause:
    """A statement that follows from the declaration of the record, or from the text of the rules."""
    return _clause(parsed(line)[0])


@lru_cache
def _encoding(name: str) -> tuple[_Clause, ...]:
    return tuple(map(_clause, parsed((ENCODINGS / name).read_text("utf-8"))))


@lru_cache(maxsize=1)
def _engine() -> tuple[_Clause, ...]:
    """The encodings of which there is one for each program."""
    feasible = (_feasible(clause) for clause in _encoding("explain.lp"))
    found = (
        *_encoding("decide.lp"),
        *_encoding("suppose.lp"),
        *filter(None, feasible),
        *_encoding("compared_program.lp"),
    )
    return tuple(clause for clause in found if clause.node.ast_type == ASTType.Rule)


def _feasible(clause: _Clause) -> _Clause | None:
    """A rule of explain.lp without its guesses; a constraint on what is supposed tells what is infeasible."""
    if clause.node.ast_type != ASTType.Rule or (clause.heads | clause.uses) & _GUESSED:
        return None
    return clause if clause.heads else _clause(clause.node.update(head=_INFEASIBLE))


def _clause(node: AST) -> _Clause:
    return _Clause(node, str(node), *predicates_of(node), frozenset(predicates(node)))


@lru_cache(maxsize=10_000)
def _primed(clause: _Clause, changed: frozenset[Predicate]) -> AST:
    """The statement with a prime at the predicates that can differ."""
    return renamed(clause.node, lambda p: p[0] + "'" if p in changed else p[0])


@lru_cache(maxsize=10_000)
def _unprimed(clause: _Clause, unchanged: frozenset[Predicate]) -> AST:
    """A statement about both programs without the prime at the predicates that cannot differ."""
    return renamed(clause.node, lambda p: p[0].removesuffix("'") if p in unchanged else p[0])
