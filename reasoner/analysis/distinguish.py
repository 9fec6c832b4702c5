"""A shortest record on which two rule folders give different verdicts, or the proof that there is none.

Both programs are ground beside each other over one guessed record; what does not depend on a statement
that differs stands there once. The bound of the proof: entries of the lists, products that the rules can
tell apart, numbers at and beside each one that is compared, and minimal sets that do not put another
covered indication in the place of the recorded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from clingo import Symbol
from clingo.ast import AST

from facts import vocabulary
from facts.load import parse_record
from facts.symbols import Term, symbol, term_of
from reasoner.engine.ground import ENCODINGS, answers
from reasoner.policy.policy import Policy
from reasoner.policy.syntax import Predicate, RuleFile, Statement, parsed, predicates, read, renamed
from reasoner.suites.run import assertable

BOUND = 2
"""Entries of each list of a record that are tried."""
SECONDS = 20.0
"""Time for one search."""
CANDIDATES = 12
"""Records that the solver offers, at most, before none of them is believed to tell two folders apart."""

Turn = tuple[str, str]
"""A decision by the one rules, and by the other."""

_ENGINE_ONLY = ("#external", "#show", "#defined")


@dataclass(frozen=True, slots=True)
class Apart:
    """A record that two rule folders judge differently; None with `proved`: there is none in the bound."""

    record: dict[str, Any] | None
    proved: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    """A statement with what the comparison of programs asks of it."""

    node: AST
    text: str
    heads: frozenset[Predicate]
    uses: frozenset[Predicate]


def apart(one: Policy, other: Policy, bound: int = BOUND, seconds: float = SECONDS, turn: Turn | None = None) -> Apart:
    """A shortest record on which the verdicts differ (or the decision turns so): judged by both to be believed."""
    search = _Search(one, other, bound)
    if not search.can_differ:
        return Apart(None, True)
    left_out: list[list[Symbol]] = []
    for _ in range(CANDIDATES):
        found, finished = search.run(seconds, left_out, turn=turn)
        if found is None:
            return Apart(None, finished)
        data = search.record(found)
        record = parse_record(data)
        if assertable(one.judge(record)) != assertable(other.judge(record)):
            return Apart(data, True)
        left_out.append(found)
    return Apart(None, False)


def can_be_told_apart(one: Policy, other: Policy, bound: int = BOUND, seconds: float = SECONDS) -> bool | None:
    """Whether some record within the bound may tell two rule folders apart; None: not known in this time."""
    search = _Search(one, other, bound)
    if not search.can_differ:
        return False
    found, finished = search.run(seconds, (), shortest=False)
    return True if found is not None else (False if finished else None)


class _Search:
    """Two programs over one guessed record."""

    def __init__(self, one: Policy, other: Policy, bound: int) -> None:
        self.one, self.other, self.bound = one, other, bound
        first, second = ([*_engine(), *_clauses(policy)] for policy in (one, other))
        changed = _affected(first, second)
        compare = _encoding("record.lp")
        compared = {p for clause in compare for p in _predicates(clause)}
        self.can_differ = any(
            (name.removesuffix("'"), arity) in changed for name, arity in compared if name.endswith("'")
        )

        def rival(predicate: Predicate) -> str:
            return predicate[0] + "'" if predicate in changed else predicate[0]

        def unprimed(predicate: Predicate) -> str:
            name, arity = predicate
            plain = name.removesuffix("'")
            return name if (plain, arity) in changed else plain

        self._program = [
            *(clause.node for clause in first),
            *(renamed(c.node, rival) for c in second if not c.heads or c.heads & changed),
            *(renamed(clause.node, unprimed) for clause in compare),
        ]
        self._kinds = vocabulary.kinds(one.catalogue, *self._told())

    def _told(self) -> tuple[set[str], set[str]]:
        """The classes and product families that the rules expect of a therapy."""
        fields = [policy.told() for policy in (self.one, self.other)]
        named = (("class", ("therapy", 1)), ("product", ("therapy", 1)))
        classes, families = ({str(v) for told in fields for v in told.get(key, ())} for key in named)
        return classes, families

    def run(
        self,
        seconds: float,
        left_out: Sequence[Sequence[Symbol]],
        *,
        shortest: bool = True,
        turn: Turn | None = None,
    ) -> tuple[list[Symbol] | None, bool]:
        """What a record says that is not among those left out, and whether the search came to its end."""
        facts = [symbol(row) for row in vocabulary.rows(self.bound, self._kinds)]
        facts += [symbol(("turn_asked", *turn))] if turn is not None else []
        nogoods = [parsed(f":- {', '.join(map(str, found))}.")[0] for found in left_out]
        options = [f"-cslots={self.bound}", *([] if shortest else ["--opt-mode=ignore", "--models=1"])]
        return answers([*self._program, *nogoods], facts, options, seconds)

    def record(self, found: Sequence[Symbol]) -> dict[str, Any]:
        """The record that says so."""
        says: dict[Term, list[Term]] = {}
        numbers: dict[Term, int] = {}
        entries: list[Term] = []
        chosen: dict[Term, vocabulary.Kind] = {}
        for atom in found:
            first, *rest = (term_of(part) for part in atom.arguments)
            if atom.name == "says":
                says.setdefault(first, []).append(rest[0])
            elif atom.name == "entry":
                entries.append(first)
            elif isinstance(rest[0], int):
                if atom.name == "number":
                    numbers[first] = rest[0]
                else:
                    chosen[first] = self._kinds[rest[0]]
        return vocabulary.record(says, numbers, entries, chosen)


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


@lru_cache(maxsize=40)  # the files as they are stay in it; those of one mutant go
def _of_file(file: RuleFile) -> tuple[_Clause, ...]:
    return tuple(_clause(s.node) for s in file.statements if s.is_rule)


def _clauses(policy: Policy) -> Iterable[_Clause]:
    return (clause for file in read(policy.files) for clause in _of_file(file))


@lru_cache
def _encoding(name: str) -> tuple[_Clause, ...]:
    return tuple(map(_clause, parsed((ENCODINGS / name).read_text("utf-8"))))


def _engine() -> Iterable[_Clause]:
    for name in ("decide.lp", "told.lp"):
        yield from (clause for clause in _encoding(name) if not clause.text.startswith(_ENGINE_ONLY))


def _clause(node: AST) -> _Clause:
    statement = Statement(RuleFile(ENCODINGS, ""), node, 0, 0)
    return _Clause(node, str(node), statement.heads, statement.uses)


def _predicates(clause: _Clause) -> frozenset[Predicate]:
    return frozenset(predicates(clause.node))
