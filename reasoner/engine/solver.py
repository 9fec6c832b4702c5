"""A policy's rules, asked of one record at a time: what follows from it, and what it would take to meet an item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from facts.terms import Fact, Term
from reasoner.engine.bounds import with_upper_bound
from reasoner.engine.compiled import NotCovered
from reasoner.engine.environments import TooLarge
from reasoner.engine.evaluator import Asked, Evaluated, Evaluator, Row
from reasoner.engine.ground_program import GroundProgram, Situation
from reasoner.engine.ground_rules import GroundRule, GroundRules, Simplified
from reasoner.engine.labels import Conjunction, Labels
from reasoner.engine.program import Atom, Atoms, Program
from reasoner.errors import RulesError

if TYPE_CHECKING:
    from clingo import Model, SolveResult

T = TypeVar("T")
DECIDING = ("decide.lp",)
"""The encodings of a program that decides."""
EXPLAINING = (*DECIDING, "suppose.lp", "explain.lp")
"""Those of a program that explains as well."""
SHOWN = (
    "met", "excludes", "unclear", "required", "summary", "satisfied", "outcome", "medically_necessary",
    "decided_by", "in_force", "advisory", "concerns", "established", "contradicted", "open",
    "approval_months",
)  # fmt: skip
_ARITIES = {
    "required": (2,), "concerns": (2,), "approval_months": (2, 3), "medically_necessary": (0,),
}  # fmt: skip
"""The arguments of what is shown, where not one: a policy can have predicates of these names with others."""
_BEST_CASE = ("best_case",)
_AS_IT_STANDS = ("as it stands",)
_DECISION = "decision"
_LATER = "later"
FEW_RECORDS = 8
"""Records that are solved, or interpreted, before the rules are compiled: that takes as long as judging so many."""
_ABDUCTION = ("explaining", "one_by_one", "kept")
_MOST_CONJUNCTIONS = 5_000
"""Items to meet, with those that stay met, whose literals are remembered, at most."""

Arguments = tuple[Term, ...]


class Table(NamedTuple):
    """The atoms of a predicate that can be true: their arguments, and where they stand among all that are shown."""

    rows: Sequence[Arguments]
    place: slice


class AnswerSet:
    """The true atoms by predicate, in the order of the rules; of asks/3 those that are not of every record."""

    def __init__(self, tables: Mapping[str, Table], row: Row) -> None:
        """The row has of each atom of the tables whether it is true."""
        self._tables, self._row = tables, row
        self._true: dict[str, dict[Arguments, None]] = {}

    def __getitem__(self, name: str) -> dict[Arguments, None]:
        found = self._true.get(name)
        if found is None:
            found = self._true[name] = dict.fromkeys(compress(self._tables[name].rows, self.holds(name)))
        return found

    def holds(self, name: str) -> Row:
        """Of each row of a table whether it is true."""
        return self._row[self._tables[name].place]


class Readings(NamedTuple):
    """What follows from a record: as it stands, in the best case, and with a choice read the other way."""

    answer_set: AnswerSet
    best_case: frozenset[Term]
    """The items that would be met, or not exclude, with everything supplied that is missing."""
    hinges: frozenset[str]
    """The choices that would turn the decision if read the other way, one at a time."""


class Statuses(NamedTuple):
    """Which assumptions the record establishes, which it contradicts, and which of them are open, by their bits."""

    established: int
    contradicted: int
    open: int


class MinimalSets(NamedTuple):
    """Subset-minimal sets of assumptions for a goal, by their bits, and whether these are all of them."""

    found: tuple[int, ...]
    complete: bool


class Evaluable(NamedTuple):
    """What of a ground program is evaluated, and not solved."""

    rules: Simplified | None
    labelled: Simplified | None = None
    """The rules of which labels are made, for what explains too."""
    independent: tuple[int, ...] = ()
    """The atoms that labels hang on beside assumptions."""
    not_covered: str = ""
    """What the rules have because of which the solver has to do it."""
    approvable_later: int = 0
    """The atom that holds where an approval on another day is not ruled out, for what explains too."""


class Known(NamedTuple):
    """All that is known of a ground program before the first record."""

    atoms: Atoms
    evaluable: Evaluable


class Decider:
    """Derives what follows from a record. A record is taken by assumptions, and stays until the next one."""

    search: tuple[str, ...] = ("--heuristic=None",)
    """Options of the search."""

    def __init__(
        self, program: Callable[[], Program], solve_seconds: float = 20.0, *, by_solver: bool = False,
        known: Known | None = None, in_time: Callable[[Term], bool] = lambda field: False,
    ) -> None:  # fmt: skip
        """Ground the rules, or take what is `known` already; no solve of them may take longer. Raises RulesError.

        What follows from a record is evaluated by the ground rules, where these are covered, unless it is to
        be derived `by_solver`. What the fields say that are `in_time` changes as days go by.
        """
        self._rules = None if by_solver or known is not None else GroundRules()
        options = (*self.search, "--models=0")
        atoms = known.atoms if known is not None else None
        self.ground = GroundProgram(program, options, solve_seconds, rules=self._rules, atoms=atoms)
        shown = {
            name: [atom for atom in self.ground.atoms(name) if len(atom.args) in _ARITIES.get(name, (1,))]
            for name in SHOWN
        }
        shown["asks"] = [atom for atom in self.ground.atoms("asks") if not atom.is_fact]
        self._shown = [atom.literal for atoms in shown.values() for atom in atoms]
        self.tables = _tables(shown)
        """What an answer set has, by predicate."""
        self._outcomes = [(atom.literal, str(atom.args[0])) for atom in self.ground.atoms("outcome")]
        self._approved = next((literal for literal, outcome in self._outcomes if outcome == "approved"), 0)
        """The atom of an approval; 0, which nothing derives, where there can be none."""
        self._met = [(atom.literal, atom.args[0]) for atom in self.ground.atoms("met")]
        self._items = [item for _, item in self._met]
        switches = self.ground.switches
        self._deciding = tuple(-literal for name, literal in switches.items() if name[0] in _ABDUCTION)
        self._switches = {name: literal for name, literal in switches.items() if name[0] not in _ABDUCTION}
        self._by_default = tuple(-literal for literal in self._switches.values())
        self._in_time = frozenset(self.ground.literals_of(in_time))
        self._asked_for = 0
        self._evaluator: Evaluator | None = None
        self._is_compiled = False
        self._block: Evaluated | None = None
        self._is_solved = False
        """Whether the record taken is for the solver: each question of it is, and it is counted once."""
        self._given: int | None = None
        """What it says of the atoms that labels hang on."""
        self._evaluable: Evaluable | None = None
        if known is not None:
            self._evaluate(known.evaluable)
        self.take(0)

    def rows(self, table: str) -> list[tuple[Term, ...]]:
        """The rows of a table, in the order in which the rules give them."""
        return [atom.args for atom in self.ground.atoms(table)]

    def varying(self, table: str) -> list[tuple[Term, ...]]:
        """The rows of a table that hold for some records only."""
        return [atom.args for atom in self.ground.atoms(table) if not atom.is_fact]

    @cached_property
    def compared(self) -> dict[Term, list[int]]:
        """The numbers that the rules compare with each field."""
        return {
            field: sorted({limit for limits in relations.values() for limit, _ in limits})
            for field, relations in self.ground.bounds.items()
        }

    def assume(self, facts: Iterable[Fact]) -> None:
        """Take the facts of the next record."""
        self.take(self.ground.situation_of(facts))

    def take(self, situation: Situation) -> None:
        """Take what the next record makes true."""
        self._situation = situation
        self._given = None
        self._is_solved = False

    def prepare(self, situations: Sequence[Situation]) -> None:
        """Evaluate records at once that will be asked for one after the other."""
        evaluator = self._prepared(len(situations))
        self._block = None if evaluator is None else Evaluated(evaluator, situations)

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        if (block := self._evaluated()) is not None:
            return _named(self._outcomes, block.row(self._situation, _DECISION))
        return self._of_the_only_model(self._outcome)

    def decisions(self, situations: Sequence[Situation], *, of_taken: bool = False) -> Iterator[str]:
        """The decisions of several records, one after the other; evaluated at once.

        `of_taken`: they are the record that was taken, on other days.
        """
        evaluator = self._prepared(0 if of_taken else len(situations))
        block = None if evaluator is None else Evaluated(evaluator, situations, readings=1)
        for situation in situations:
            if block is None:
                self._situation = situation
                yield self._of_the_only_model(self._outcome)
            else:
                yield _named(self._outcomes, block.row(situation, _DECISION))

    def answer_set(self) -> AnswerSet:
        """Everything that follows from the record as it stands."""
        if (block := self._evaluated()) is not None:
            return AnswerSet(self.tables, block.row(self._situation, _AS_IT_STANDS))
        return self._of_the_only_model(self._atoms_of)

    def readings(self) -> Readings:
        """What follows from the record in every reading."""
        if (block := self._evaluated()) is None:
            return self._solved_readings()
        rows = {name: block.row(self._situation, name) for name in (_AS_IT_STANDS, _DECISION, *self._switches)}
        usual = _named(self._outcomes, rows[_DECISION])
        best_case = frozenset(compress(self._items, rows[_BEST_CASE]))
        others = (name for name in self._switches if name != _BEST_CASE)
        hinges = frozenset(str(name[1]) for name in others if _named(self._outcomes, rows[name]) != usual)
        return Readings(AnswerSet(self.tables, rows[_AS_IT_STANDS]), best_case, hinges)

    def _evaluated(self) -> Evaluated | None:
        """What is evaluated of the record, among others perhaps; None where it is for the solver."""
        if self._block is not None and self._situation in self._block:
            return self._block
        if self._is_solved:
            return None
        self.prepare((self._situation,))
        self._is_solved = self._block is None
        return self._block

    def known(self) -> Known:
        """All that is known of the program, for who wants to keep it."""
        return Known(self.ground.every_atom, self.evaluable())

    def evaluable(self) -> Evaluable:
        """What is evaluated of the program; worked out when it is asked for."""
        if self._evaluable is None:
            rules, self._rules = self._rules, None
            if rules is None:
                return Evaluable(None)
            try:
                self._evaluate(self._evaluable_of(rules.rules))
            except NotCovered as reason:
                self._evaluate(Evaluable(None, not_covered=str(reason)))
        assert self._evaluable is not None
        return self._evaluable

    def _evaluate(self, evaluable: Evaluable) -> None:
        self._evaluable = evaluable
        if evaluable.rules is not None:
            asked = {**self._asked, _LATER: (0, (evaluable.approvable_later,))}
            switches = [*self._switches.values()]
            self._evaluator = Evaluator(evaluable.rules, self.ground.of_record, switches, asked, evaluable.independent)

    def _prepared(self, records: int) -> Evaluator | None:
        """What evaluates so many more records, compiled where that pays off. None: they are for the solver."""
        self._asked_for += records
        if self._asked_for > FEW_RECORDS and not self._is_compiled:
            self._is_compiled = True
            self.evaluable()
            if self._evaluator is not None:
                self._evaluator.compile()
        return self._evaluator

    def _evaluable_of(self, rules: Sequence[GroundRule]) -> Evaluable:
        """What is evaluated of the ground rules. Raises NotCovered."""
        return Evaluable(self._rules_to_decide(rules))

    def _rules_to_decide(self, rules: Sequence[GroundRule], independent: Sequence[int] = ()) -> Simplified:
        switches = [*self._switches.values()]
        return Evaluator.rules_of(rules, self.ground.of_record, switches, self._asked, independent)

    @cached_property
    def _asked(self) -> Mapping[object, Asked]:
        """The atoms that are asked for in each reading."""
        outcomes, met = ([literal for literal, _ in atoms] for atoms in (self._outcomes, self._met))
        asked: dict[object, Asked] = {_AS_IT_STANDS: (0, self._shown), _DECISION: (0, outcomes)}
        for number, name in enumerate(self._switches, start=1):
            asked[name] = number, met if name == _BEST_CASE else outcomes
        return asked

    def _solved_readings(self) -> Readings:
        """What follows from the record in every reading, in one search."""
        as_it_stands: list[AnswerSet] = []
        best_case: list[frozenset[Term]] = []
        outcomes: dict[tuple[Term, ...], str] = {}

        def keep(model: Model) -> bool:
            reading = self._reading(model)
            if reading in outcomes:
                return False
            outcomes[reading] = self._outcome(model)
            if reading == _BEST_CASE:
                best_case.append(frozenset(item for literal, item in self._met if model.is_true(literal)))
            elif reading == _AS_IT_STANDS:
                as_it_stands.append(self._atoms_of(model))
            return True

        result = self._solve((), keep)
        if len(outcomes) <= len(self._switches) or not result.exhausted:
            raise RulesError(_NO_SINGLE)
        usual = outcomes[_AS_IT_STANDS]
        hinges = (str(reading[1]) for reading, outcome in outcomes.items() if len(reading) > 1 and outcome != usual)
        return Readings(as_it_stands[0], best_case[0], frozenset(hinges))

    def derives(self, predicate: str) -> list[tuple[Term, ...]]:
        """The arguments with which a predicate holds for the record as it stands, in any reading of its rules."""
        atoms = self.ground.atoms(predicate)
        found: dict[tuple[Term, ...], None] = {}

        def keep(model: Model) -> None:
            found.update(dict.fromkeys(atom.args for atom in atoms if model.is_true(atom.literal)))

        self._solve(self._by_default, keep)
        return list(found)

    def derived(self, predicate: str) -> frozenset[tuple[Term, ...]]:
        """The arguments with which a predicate holds for the record in some reading."""
        atoms = self.ground.atoms(predicate)
        found: set[tuple[Term, ...]] = set()

        def keep(model: Model) -> None:
            found.update(atom.args for atom in atoms if model.is_true(atom.literal))

        self._solve((), keep)
        return frozenset(found)

    def possible(self, *predicates: str, default: bool = False) -> frozenset[tuple[Term, ...]]:
        """The atoms of these predicates that hold for some record, in some reading (or by default)."""
        wanted = {atom.literal: atom.args for name in predicates for atom in self.ground.atoms(name)}
        found: set[tuple[Term, ...]] = set()

        def keep(model: Model) -> bool:
            found.update(args for literal, args in wanted.items() if model.is_true(literal))
            return False

        signs: Any = self.ground.control.configuration.solver
        signs.sign_def = "pos"  # records that say much: a few of them show most of what is possible
        switches = (*self._deciding, *(self._by_default if default else ()))
        for literal, args in wanted.items():
            if args not in found:
                self._search((literal, *switches), keep)
        signs.sign_def = "asp"
        return frozenset(found)

    def _solve(self, switches: Iterable[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets of the record, nothing supposed, with the switches fixed as given."""
        return self._search((*self._deciding, *switches, *self.ground.assumptions(self._situation)), keep)

    def _search(self, assumptions: Sequence[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        """Take the answer sets under assumptions."""
        return self.ground.solve(assumptions, keep)

    # ── Reading an answer set ────────────────────────────────────────────────────────────────────

    def _of_the_only_model(self, read: Callable[[Model], T]) -> T:
        """What is read of the one answer set of the record as it stands. Raises RulesError."""
        found: list[T] = []

        def keep(model: Model) -> bool:
            found.append(read(model))
            return len(found) < 2

        self._solve(self._by_default, keep)
        if len(found) != 1:
            raise RulesError(_NO_SINGLE)
        return found[0]

    def _reading(self, model: Model) -> tuple[Term, ...]:
        """Which switch is on in an answer set: one at a time."""
        return next((switch for switch, literal in self._switches.items() if model.is_true(literal)), _AS_IT_STANDS)

    def _outcome(self, model: Model) -> str:
        return next((outcome for literal, outcome in self._outcomes if model.is_true(literal)), "")

    def _atoms_of(self, model: Model) -> AnswerSet:
        return AnswerSet(self.tables, [model.is_true(literal) for literal in self._shown])


class Solver(Decider):
    """Decides too, and finds the subset-minimal sets of open conditions that meet a goal (abduction)."""

    search = ("--heuristic=Domain", "--forget-on-step=1")
    """Scores of variables are forgotten after each solve: with those of the last one domRec was seen to miss sets."""

    def __init__(
        self, program: Callable[[], Program], solve_seconds: float = 20.0, *, by_solver: bool = False,
        known: Known | None = None, in_time: Callable[[Term], bool] = lambda field: False,
    ) -> None:  # fmt: skip
        """Ground the rules and the search for sets. Raises RulesError."""
        super().__init__(program, solve_seconds, by_solver=by_solver, known=known, in_time=in_time)
        switches = self.ground.switches
        self._explaining, self._one_by_one = switches[("explaining",)], switches[("one_by_one",)]
        self._kept = {name[1]: literal for name, literal in switches.items() if name[0] == "kept"}
        self._aims = {atom.args[0]: atom.literal for atom in self.ground.atoms("aim")}
        supposed = sorted(self.ground.atoms("supposed"), key=lambda atom: repr(atom.args[0]))
        self.assumptions = tuple(atom.args[0] for atom in supposed)
        """The conditions that can be supposed, in the order of their bits, which is that of their texts."""
        self._supposed = [atom.literal for atom in supposed]
        self._goals = self._literals_of_goals()
        self._conjunctions: dict[tuple[frozenset[Term], frozenset[Term]], Conjunction | None] = {}
        """What is wanted where items are to be met, and others to stay met; None: it cannot be."""
        self._mode = "auto"

    def _literals_of_goals(self) -> dict[Term, tuple[int, ...]]:
        """What holds where an item is met, or does not exclude; an item that nothing can meet is left out."""
        met, excludes, unclear = (
            {atom.args[0]: atom.literal for atom in self.ground.atoms(name)} for name in ("met", "excludes", "unclear")
        )
        barring = {atom.args[0] for atom in self.ground.atoms("bar")}
        found: dict[Term, tuple[int, ...]] = {}
        for item in self._aims:
            if item in barring:
                found[item] = tuple(-own[item] for own in (excludes, unclear) if item in own)
            elif item in met:
                found[item] = (met[item],)
        return found

    def may_be_approved_later(self) -> bool:
        """Whether an approval is not ruled out, whatever changes with time of the record taken."""
        if (block := self._evaluated()) is not None:
            return bool(block.row(self._situation, _LATER)[0])
        found: list[None] = []

        def keep(model: Model) -> bool:
            found.append(None)
            return False

        lasting = (literal for literal in self.ground.assumptions(self._situation) if abs(literal) not in self._in_time)
        if self._approved:
            self._search((self._approved, *self._deciding, *self._by_default, *lasting), keep)
        return bool(found)

    def statuses(self, answer_set: AnswerSet) -> Statuses:
        """How the record that an answer set is of stands to the assumptions."""
        each = (sum(compress(bits, answer_set.holds(name))) for name, bits in self._bits_of_statuses.items())
        return Statuses(*each)

    @cached_property
    def _bits_of_statuses(self) -> dict[str, list[int]]:
        """Of the rows of each status the bits of the assumptions."""
        bits = {term: 1 << place for place, term in enumerate(self.assumptions)}
        return {name: [bits.get(term, 0) for (term,) in self.tables[name].rows] for name in Statuses._fields}

    def minimal_sets(
        self, items: frozenset[Term], kept: frozenset[Term], supposable: int, most: int
    ) -> MinimalSets:  # fmt: skip
        """The subset-minimal sets of assumptions that, supposed, meet all the items; at most `most`.

        The items that are `kept` are met now, and stay so. `supposable` are the assumptions that can be supposed.
        """
        labelled = self._labelled(items, kept)
        if labelled is not None and len(labelled) <= most:
            return MinimalSets(labelled, True)
        if not self._aims.keys() >= items:
            return MinimalSets((), True)
        return self._searched(items, kept, supposable, most)

    def minimal_sets_of_each(
        self, items: Collection[Term], kept: Collection[Term], supposable: int, most: int
    ) -> dict[Term, tuple[int, ...]]:  # fmt: skip
        """The subset-minimal sets for each item alone, in one search; none where they are more than `most` in all."""
        aims = {item: aim for item, aim in self._aims.items() if item in items}
        found: dict[Term, list[int]] = {item: [] for item in items}
        watched = self._watched(supposable)
        number = 0

        def keep(model: Model) -> bool:
            nonlocal number
            number += 1
            item = next(item for item, aim in aims.items() if model.is_true(aim))
            found[item].append(sum(bit for literal, bit in watched if model.is_true(literal)))
            return number <= most

        unwanted = (-aim for item, aim in self._aims.items() if item not in aims)
        self._explain((self._one_by_one, *unwanted), kept, keep)
        return {item: tuple(sets) for item, sets in found.items()} if number <= most else {}

    def _evaluable_of(self, rules: Sequence[GroundRule]) -> Evaluable:
        aims = frozenset(self._aims.values())
        without_aims = (rule for rule in rules if aims.isdisjoint(rule.heads))
        try:
            labelled = Labels.rules_of(without_aims, self.ground.of_record, (self._explaining,))
            independent = self._labels_of(labelled).independent
        except NotCovered as reason:
            decided, later = self._with_later_approval(self._rules_to_decide(rules))
            return Evaluable(decided, not_covered=str(reason), approvable_later=later)
        decided, later = self._with_later_approval(self._rules_to_decide(rules, independent))
        return Evaluable(decided, labelled, tuple(independent), approvable_later=later)

    def _with_later_approval(self, rules: Simplified) -> tuple[Simplified, int]:
        """The rules, and the atom that holds of the record as it stands where an approval is not ruled out."""
        return with_upper_bound(rules, self.ground.of_record, self._in_time, self._approved)

    def _labels_of(self, rules: Simplified) -> Labels:
        return Labels(rules, self._supposed, chain.from_iterable(self._goals.values()))

    @cached_property
    def _labels(self) -> Labels | None:
        rules = self.evaluable().labelled
        return None if rules is None else self._labels_of(rules)

    def _labelled(self, items: frozenset[Term], kept: frozenset[Term]) -> tuple[int, ...] | None:
        """The sets by labels; None where these are not for it."""
        if not self.has_labels or self._labels is None or self._given is None:
            return None
        key = items, kept
        if key not in self._conjunctions:
            if len(self._conjunctions) >= _MOST_CONJUNCTIONS:
                self._conjunctions.clear()
            self._conjunctions[key] = self._conjunction(self._labels, (*items, *kept))
        wanted = self._conjunctions[key]
        if wanted is None:
            return ()
        try:
            return self._labels.minimal_sets(wanted, self._given)
        except TooLarge:
            return None

    @property
    def has_labels(self) -> bool:
        """Whether minimal sets of the record that was taken are found by labels, each as quickly alone."""
        if self._given is None and (block := self._evaluated()) is not None and self._labels is not None:
            self._given = block.independent(self._situation)
        return self._given is not None

    def _conjunction(self, labels: Labels, items: Collection[Term]) -> Conjunction | None:
        if not all(item in self._goals for item in items):
            return None
        return labels.conjunction(dict.fromkeys(literal for item in items for literal in self._goals[item]))

    def _searched(
        self, items: Collection[Term], kept: Collection[Term], supposable: int, most: int
    ) -> MinimalSets:  # fmt: skip
        found: list[int] = []
        watched = self._watched(supposable)

        def keep(model: Model) -> bool:
            if len(found) == most:
                found.append(0)
                return False
            found.append(sum(bit for literal, bit in watched if model.is_true(literal)))
            return True

        chosen = (aim if item in items else -aim for item, aim in self._aims.items())
        self._explain((-self._one_by_one, *chosen), kept, keep)
        return MinimalSets(tuple(found[:most]), len(found) <= most)

    def _watched(self, supposable: int) -> list[tuple[int, int]]:
        """The literals of assumptions, with their bits."""
        bits = ((literal, 1 << place) for place, literal in enumerate(self._supposed))
        return [(literal, bit) for literal, bit in bits if bit & supposable]

    def _explain(self, aims: Iterable[int], kept: Collection[Term], keep: Callable[[Model], bool]) -> None:
        """Take the subset-minimal ways to reach the aims, every choice read by default."""
        self._enumerate("domRec")
        staying = (literal if item in kept else -literal for item, literal in self._kept.items())
        assumptions = (self._explaining, *aims, *staying, *self._by_default, *self.ground.assumptions(self._situation))
        self.ground.solve(assumptions, keep)
        if self.ground.messages:
            raise RulesError("\n".join(self.ground.messages))

    def _search(self, assumptions: Sequence[int], keep: Callable[[Model], bool | None]) -> SolveResult:
        self._enumerate("auto")
        return super()._search(assumptions, keep)

    def _enumerate(self, mode: str) -> None:
        """Enumerate every answer set (auto), or the subset-minimal ones (domRec)."""
        if mode != self._mode:
            configuration: Any = self.ground.control.configuration.solve
            configuration.enum_mode = self._mode = mode


_NO_SINGLE = (
    "the rules have no single answer set for this record, but none or several: look for a loop through `not`, "
    "a choice or disjunction in a head, or a rule without a head"
)


def _tables(shown: Mapping[str, Sequence[Atom]]) -> dict[str, Table]:
    """The atoms as tables, one after the other."""
    found, start = dict[str, Table](), 0
    for name, atoms in shown.items():
        found[name] = Table([atom.args for atom in atoms], slice(start, start + len(atoms)))
        start += len(atoms)
    return found


def _named(outcomes: Sequence[tuple[int, str]], row: Row) -> str:
    """The outcome that holds."""
    return outcomes[row.index(1)][1] if 1 in row else ""
