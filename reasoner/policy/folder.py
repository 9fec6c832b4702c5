"""A rule folder: loaded and checked once, with its tables, its record's declaration, and the programs ground so far."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from facts.case import Case, normalize
from facts.catalogue import Catalogue
from facts.coupled import Coupled, coupled
from facts.declaration import Declaration, DeclarationError, Field, places_in
from facts.declaration_rows import read_declaration
from facts.model import Record, RecordModel
from facts.tables import TablesError
from facts.terms import Term
from facts.words import Vocabulary, load_vocabularies
from reasoner import RULES
from reasoner.engine.limits import Limits
from reasoner.engine.program import Program
from reasoner.engine.solver import DECIDING, EXPLAINING, Decider, Solver
from reasoner.errors import RulesError
from reasoner.policy.conditions import Conditions, Relations, conditions_of, name_of, relations_of
from reasoner.policy.record_facts import Ambiguity, can_be_unknown, coupled_facts, record_facts
from reasoner.policy.source import SourceFile, read_rule_files

if TYPE_CHECKING:
    from clingo.ast import AST

    from reasoner.policy.cache import Cache, KnownFolder
    from reasoner.policy.dependencies import Dependencies, Rule

DECLARATION = "record.lp"
"""The file of a rule folder that declares what a record may say."""
_ENTRIES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100)
"""Entries of the longest list for which a program is ground; the smallest that fits is used."""
_KEPT = 24
"""Entries, at most, of a program that is kept: to work out what is known of larger ones takes long."""
_CONDITION = (r"\b(?:asks|adds)\(([a-z]\w*)", r"\bholds\(([a-z]\w*)")
_PAIR = 2
"""Entries of a list that show all that rules can say: of one entry, and of one beside another."""
_COUNTED = (8, 24)
"""Entries with which rules are looked at that count them, where they seem to be wrong with fewer."""

T = TypeVar("T")
D = TypeVar("D", bound=Decider)


class Item(NamedTuple):
    """An item of the policy: the item above it (or none), and its title."""

    parent: str
    title: str


class Choice(NamedTuple):
    """Where the policy can be read in two ways: what it is about, and the two readings, the default first."""

    text: str
    default: str
    other: str


class RuleFolder:
    """A policy's rules, with their tables and the ground programs that have been needed.

    Not for use by several threads at once: a solver keeps the facts of one record at a time.
    """

    def __init__(
        self, files: Iterable[Path], catalogue: Path | Catalogue, vocabulary: Path | Mapping[str, Vocabulary],
        entries: int = 0, limits: Limits | None = None, *, by_solver: bool = False, cache: bool = False,
    ) -> None:  # fmt: skip
        """Load rule files. Raises RulesError, with places, where they are wrong.

        `catalogue` and `vocabulary` are folders, or what another policy has read of them. Rules that come from
        others are ground on trial, in a process of its own and within `limits`; without limits they are trusted.
        `by_solver`: nothing is evaluated by compiled rules. `cache`: what is kept of an earlier load is used.
        """
        self._limits = limits
        self.by_solver = by_solver
        self.remembered: dict[Any, Any] = {}
        """What others have worked out of the rules."""
        self.files = tuple(sorted(files))
        if not self.files:
            raise RulesError("no rule files (*.lp) to load")
        self.folders = (
            catalogue if isinstance(catalogue, Path) else catalogue.folder,
            vocabulary if isinstance(vocabulary, Path) else None,
        )
        self._cache = self._cache_of_user(catalogue, vocabulary) if cache else None
        self._known = self._cache.folder() if self._cache is not None else None
        self.is_known = self._known is not None
        """Whether it was loaded before, and found right."""
        self._deciders: dict[tuple[int, Ambiguity], Decider] = {}
        self._solvers: dict[tuple[int, Ambiguity], Solver] = {}
        self._conditions: dict[tuple[int, Ambiguity], Conditions] = {}
        self._relations: dict[tuple[int, Ambiguity], Relations] = {}
        if self._known is None:
            self._load(catalogue, vocabulary, entries)
        else:
            self._take(self._known, entries)

    def _load(self, catalogue: Path | Catalogue, vocabulary: Path | Mapping[str, Vocabulary], entries: int) -> None:
        """Read the files, and look for faults. Raises RulesError."""
        from reasoner.policy.checks import faults, located

        sources = self.sources
        try:
            self.catalogue = Catalogue.load(catalogue) if isinstance(catalogue, Path) else catalogue
            self.vocabularies = (
                load_vocabularies(sorted(vocabulary.glob("*.lp"))) if isinstance(vocabulary, Path) else vocabulary
            )
        except (TablesError, ValueError, RuntimeError) as error:
            raise RulesError(str(error)) from None
        self._declared_rows, self._declared_places = self._rows_of_declaration()
        self.declaration = self._declaration()
        for short in (_PAIR, *(_COUNTED if self.dependencies.counts_entries else ())):
            self._short = short
            try:
                self._tables = self._solver(_size(max(entries, short)))
            except RulesError as error:
                raise located(sources, error) from None
            self._read_tables(self._tables)
            found = faults(self, self._tables)
            if not found:
                break
        else:
            raise RulesError("\n".join(found))

    def _take(self, known: KnownFolder, entries: int) -> None:
        """Take what is known of the folder, which was found right."""
        self.catalogue = Catalogue(known.catalogue, self.folders[0])
        self.vocabularies = {content.name: Vocabulary(content) for content in known.vocabularies}
        self._declared_rows, self._declared_places = known.declared, tuple(known.places)
        self.declaration = self._declaration()
        self._short = known.short
        self._tables = self._solver(_size(max(entries, self._short)))
        self._read_tables(self._tables)

    def _cache_of_user(self, catalogue: Path | Catalogue, vocabulary: Path | Mapping[str, Vocabulary]) -> Cache | None:
        from reasoner.policy.cache import Cache

        if not isinstance(catalogue, Path) or not isinstance(vocabulary, Path):
            return None
        tables = {"catalogue": catalogue, "vocabulary": vocabulary}
        files = {"rules": self.files, **{kind: sorted(folder.glob("*.lp")) for kind, folder in tables.items()}}
        return Cache.of_user(files, self._limits)

    def keep(self) -> None:
        """Keep what was derived of a folder that is right, for the next time that it is loaded."""
        if self._cache is None or self._known is not None:
            return
        from reasoner.policy.cache import KnownFolder

        self._known = KnownFolder(
            {table: list(rows) for table, rows in self._declared_rows.items()},
            list(self._declared_places),
            self._condition_names,
            self._short,
            self.catalogue.content,
            [vocabulary.content for vocabulary in self.vocabularies.values()],
            self.edits_have_side_effects,
            self._compared_when_coupled,
        )
        programs = {_name(Solver, key): own.known() for key, own in self._solvers.items() if key[0] <= _KEPT}
        self._cache.keep(self._known, programs)

    @cached_property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files, parsed. Raises RulesError."""
        contents = self._cache.contents if self._cache is not None else {}
        return read_rule_files(self.files, {path: content for (_, path), content in contents.items()})

    @cached_property
    def rule_sources(self) -> tuple[SourceFile, ...]:
        """The files but for the declaration."""
        return tuple(source for source in self.sources if source.path.name != DECLARATION)

    @cached_property
    def dependencies(self) -> Dependencies:
        """What depends on what in the rules."""
        from reasoner.policy.dependencies import Dependencies, conditions_of_facts, rules_of_sources

        return Dependencies(
            rules_of_sources(self.rule_sources),
            self._unclear_functors(),
            self._unknown_functors(),
            [condition for source in self.rule_sources for condition in conditions_of_facts(source.nodes)],
        )

    @cached_property
    def _statements(self) -> list[AST]:
        return [node for source in self.rule_sources for node in self.statements(source)]

    @cached_property
    def _of_deciding(self) -> str:
        return "\n".join(self.dependencies.of_deciding())

    @classmethod
    def find(cls, folder: Path | str | None) -> tuple[list[Path], Path, Path]:
        """The rule files, the catalogue and the vocabulary of a policy folder; without one, of the shipped one.

        Catalogue and vocabulary are looked for inside the folder and beside it, else the shipped ones are used. A
        folder that holds one policy folder beside these two (as `rules/` does) will do as well. Raises RulesError.
        """
        root = Path(folder) if folder is not None else RULES
        if not root.is_dir():
            raise RulesError(f"{root}: not a folder; give the folder of a policy's rule files")
        shared = ("catalogue", "vocabulary")
        if not list(root.glob("*.lp")):
            inside = [p for p in sorted(root.iterdir()) if p.name not in shared and list(p.glob("*.lp"))]
            if len(inside) != 1:
                raise RulesError(f"{root}: holds no rule files (*.lp), nor one folder of them")
            root = inside[0]
        catalogue, vocabulary = (
            next(place for place in (root / name, root.parent / name, RULES / name) if place.is_dir())
            for name in shared
        )
        return sorted(root.glob("*.lp")), catalogue, vocabulary

    def check_names(self) -> None:
        """Look for names that lead nowhere and entries that no record can have. Raises RulesError.

        The shipped rules are looked through in their tests, any other folder when it is loaded.
        """
        from reasoner.policy.checks import impossible_entries
        from reasoner.policy.predicate_names import reserved, unknown_products, unused
        from reasoner.policy.syntax import rule_files

        files = rule_files(self.rule_sources)
        expected = self.expected_values()
        products = {
            field.name[0]
            for field in self.declaration.fields
            if field.type == "product"
            if isinstance(field.name, tuple)
        }
        named = (values for field, values in expected.items() if isinstance(field, tuple) and field[0] in products)
        known = (product.key for product in self.catalogue.products)
        faulty = (
            *reserved(files),
            *unused(files),
            *unknown_products(files, (str(v) for vs in named for v in vs), known),
        )
        found = [f"{place}: {message}" for place, message in faulty]
        found += impossible_entries(self)
        if found:
            raise RulesError("\n".join(found))

    @cached_property
    def _condition_names(self) -> list[str]:
        """The functors of conditions: as they are declared one after the other, then as rules first ask them."""
        if self._known is not None:
            return self._known.functors
        programs = [source.program for source in self.rule_sources]
        named = (re.findall(pattern, program) for pattern in _CONDITION for program in programs)
        return list(dict.fromkeys(name for names in named for name in names))

    @cached_property
    def model(self) -> RecordModel:
        """The record that the folder declares."""
        return RecordModel(self.declaration, self.vocabularies, self.id)

    def record(self, data: object, source: str | None = None) -> Record:
        """A record from JSON data, checked. Raises RecordError with every fault."""
        return self.model.validate(data, source)

    def normalize(self, record: Record) -> Case:
        """The record in full form. Raises RecordError for what the catalogue contradicts."""
        return normalize(record, self.declaration, self.vocabularies, self.catalogue)

    def case(self, record: Record | Mapping[str, object]) -> Case:
        """A record, checked already or as JSON data, in full form. Raises RecordError."""
        return self.normalize(record if isinstance(record, Record) else self.record(record))

    def decider(self, case: Case) -> Decider:
        """The ground program that decides the case."""
        key = self.program_of(case)
        if key not in self._deciders:
            self._deciders[key] = self._ground(Decider, key, lambda: self.deciding_program(*key))
        return self._deciders[key]

    def solver(self, case: Case) -> Solver:
        """The ground program that judges the case."""
        return self._solver(*self.program_of(case))

    def solver_of_open_values(self) -> Solver:
        """The ground program for records that leave open what a word or the name of a product means."""
        return self._solver(_size(self._short), Ambiguity.PRODUCTS)

    @cached_property
    def not_covered(self) -> str:
        """What the rules have that is not compiled, so that the solver judges: a loop, say; empty: nothing."""
        return "" if self.by_solver else self._tables.evaluable().not_covered

    def conditions(self, case: Case | None = None) -> Conditions:
        """The conditions of the ground program that judges the case (or a short one)."""
        program = self.program_of(case)
        if program not in self._conditions:
            self._conditions[program] = conditions_of(
                self._solver(*program), self.declaration, self.phrases, self._condition_names
            )
        return self._conditions[program]

    def program_of(self, case: Case | None) -> tuple[int, Ambiguity]:
        """Which program judges a case: for how many entries, and for what the case leaves open."""
        if case is None:
            return _size(self._short), Ambiguity.NONE
        ambiguity = Ambiguity.NONE
        if case.is_ambiguous:
            several = any(match is not None and len(match.candidates) > 1 for match in case.matches.values())
            ambiguity = Ambiguity.PRODUCTS if several else Ambiguity.VALUES
        return _size(case.longest_list), ambiguity

    def vocabulary_of(self, term: Term) -> Vocabulary | None:
        """The vocabulary of a field, if it holds words of one."""
        field = self.declaration.field(term)
        return self.vocabularies.get(field.vocabulary or "") if field is not None else None

    def expected_values(self) -> dict[Term, tuple[Term, ...]]:
        """The values, by field, that the rules read of a record."""
        return {field: tuple(values) for field, values in self._tables.ground.expected.items()}

    def compared_numbers(self) -> dict[Term, list[int]]:
        """The numbers, by field, with which the rules compare those of a record."""
        return self._tables.compared

    def program(self, entries: int, *, ambiguity: Ambiguity = Ambiguity.NONE) -> Program:
        """What is ground to explain records with up to so many entries in each list."""
        deciding = self.deciding_program(entries, ambiguity)
        of_explaining = "\n".join(self.dependencies.of_explaining())
        together = coupled_facts(self.coupled, self._compared_of_coupled, entries) if self.coupled else ""
        return deciding._replace(encodings=EXPLAINING, text=f"{deciding.text}\n{of_explaining}\n{together}")

    @cached_property
    def coupled(self) -> tuple[Coupled, ...]:
        """The numbers of the record that are changed together."""
        return coupled(self.declaration)

    def coupled_with(self, term: Term) -> tuple[Coupled, Mapping[Field, list[int]]]:
        """The numbers that are changed together with that of a field, and those with which rules compare them."""
        field = self.declaration.field(term)
        return next(group for group in self.coupled if field in group.fields), self._compared_of_coupled

    @cached_property
    def _compared_of_coupled(self) -> dict[Field, list[int]]:
        """The numbers with which rules compare the fields that are changed together."""
        found: dict[Field, list[int]] = {}
        for term, numbers in self._compared_when_coupled:
            field = self.declaration.field(term)
            assert field is not None
            found[field] = sorted({*found.get(field, ()), *numbers})
        return found

    @cached_property
    def _compared_when_coupled(self) -> list[tuple[Term, list[int]]]:
        if self._known is not None:
            return self._known.compared
        if not self.coupled:
            return []
        program = self.deciding_program()
        self._try(program)
        fields = {field for group in self.coupled for field in group.fields}
        compared = Decider(lambda: program, *self._solve_seconds, by_solver=True).compared
        return [(term, numbers) for term, numbers in compared.items() if self.declaration.field(term) in fields]

    def can_be_open(self) -> frozenset[Term]:
        """The conditions that can stand in a minimal set of some record."""
        return frozenset(row[1] for row in self._tables.possible("concerns", default=True))

    def can_serve(self) -> dict[str, frozenset[Term]]:
        """By pathway the conditions that can stand in a minimal set of some record; by "" those of its terms."""
        concerned: dict[str, set[Term]] = {}
        for item, condition in self._tables.possible("concerns", default=True):
            concerned.setdefault(str(item), set()).add(condition)
        always = {*self.authorities, *self.scopes}
        needed = {pathway: {*always, *self.exclusions} for pathway in self.pathways}
        for pathway, item in self._tables.rows("requires"):
            needed[str(pathway)] |= {str(item), *self.below(str(item))}
        needed[""] = always
        return {
            pathway: frozenset(condition for item in items for condition in concerned.get(item, ()))
            for pathway, items in needed.items()
        }

    def below(self, item: str) -> Iterator[str]:
        """All the items below an item."""
        for child in self.children(item):
            yield child
            yield from self.below(child)

    def asked_pathways(self, use: str | None) -> tuple[str, ...]:
        """The pathways for a use, such as an indication; all of them where it is not known, or none is named."""
        return tuple(p for p, own in self.pathways.items() if use is None or own is None or own == use)

    def children(self, item: str) -> tuple[str, ...]:
        """The items directly below an item."""
        return self._children.get(item, ())

    def pathway_of(self, item: str) -> str | None:
        """The pathway that an item is, or stands below; None where it is of every pathway."""
        while item and item not in self.pathways:
            item = self.items[item].parent if item in self.items else ""
        return item or None

    def relations(self, case: Case | None = None) -> Relations:
        """How the conditions of the program that judges the case (or a short one) stand to each other, and to items."""
        program = self.program_of(case)
        if program not in self._relations:
            self._relations[program] = relations_of(self._solver(*program), self.conditions(case), self.required_above)
        return self._relations[program]

    @cached_property
    def edits_have_side_effects(self) -> bool:
        """Whether the edits for some fact can do more, or less, than the fact says.

        Of rules that are trusted their tests say that it is not so.
        """
        if self._known is not None:
            return self._known.side_effects
        if self._limits is None:
            return False
        from reasoner.policy.side_effects import of_additions, of_counts, of_order

        return of_order(self) or of_counts(self) or of_additions(self)

    def required_above(self, item: str) -> str:
        """The item itself, or that above it which stands right below a pathway."""
        while item in self.items and (parent := self.items[item].parent) and parent not in self.pathways:
            if parent in self.summaries:
                break
            item = parent
        return item

    def locations(self, item: str) -> list[str]:
        """File and line of each rule that meets the item or makes it exclude, or declares it."""
        wanted = (f'item("{item}"', f'met("{item}")', f'excludes("{item}")')
        return [
            f"{source.path.name}:{number}"
            for source in self.rule_sources
            for number, line in enumerate(source.text.splitlines(), start=1)
            if line.startswith(wanted)
        ]

    def outline(self) -> list[dict[str, Any]]:
        """The items with titles, citations and the places of their rules, as JSON data."""
        return [
            {"id": item, "title": title, "citation": self.citations[item], "rules": self.locations(item)}
            for item, (_, title) in self.items.items()
        ]

    # ── Loading ──────────────────────────────────────────────────────────────────────────────────

    def _rows_of_declaration(self) -> tuple[dict[str, list[tuple[Term, ...]]], tuple[str, ...]]:
        """The rows of the declaration by their tables, and what it declares in the order of its file."""
        from reasoner.engine.control import rows_of
        from reasoner.policy.checks import unbound_in_declaration, unknown_tables

        source = self._declaring
        program = Program((), source.nodes, ((str(source.path), source.program),), f"slot(1..{_PAIR}).")
        self._try(program)
        try:
            rows = rows_of(program)
        except RulesError as error:
            raise unbound_in_declaration(source, error) from None
        if unknown := unknown_tables(source, rows):
            raise RulesError("\n".join(unknown))
        return rows, places_in(source.program)

    @property
    def _declaring(self) -> SourceFile:
        source = next((source for source in self.sources if source.path.name == DECLARATION), None)
        if source is None:
            folder = self.files[0].parent
            raise RulesError(f"{folder / DECLARATION}: missing; it declares what a record may say (rules/README.md)")
        return source

    def _declaration(self) -> Declaration:
        rows = self._declared_rows
        self.phrases: dict[str, dict[str, str]] = {}
        for place, relation, text in rows.get("phrase", ()):
            self.phrases.setdefault(str(place), {})[name_of(relation)] = str(text)
        try:
            return read_declaration(lambda table: rows.get(table, ()), self.vocabularies, self._declared_places)
        except DeclarationError as error:
            from reasoner.policy.checks import declaration_faults

            raise RulesError("\n".join(declaration_faults(self._declaring, error))) from None

    def _unclear_functors(self) -> frozenset[str]:
        """The functors of fields of which a record can leave open which of several values they have."""
        found: set[str] = set()
        for field in self.declaration.fields:
            several = field.vocabulary and self.vocabularies[field.vocabulary].ambiguous
            if several or field.type == "product":
                found.add(_functor(field.name))
            if field.type == "product":
                found |= {_functor(follower.name) for follower, _ in self.declaration.of_product(field.place)}
        return frozenset(found)

    def _unknown_functors(self) -> frozenset[str]:
        """The functors of fields in which a word can stand that is not understood, and leaves open what it is."""
        return frozenset(_functor(field.name) for field in self.declaration.fields if can_be_unknown(field))

    def statements(self, source: SourceFile) -> list[AST]:
        """The statements of a rule file, with what keeps their rules from what is in doubt, and from absent entries."""
        from reasoner.policy.dependencies import is_rule, rules_of_sources

        rules = iter(rules_of_sources((source,)))
        return [self._completed(next(rules), node) if is_rule(node) else node for node in source.nodes]

    def _completed(self, rule: Rule, node: AST) -> AST:
        from reasoner.policy.dependencies import with_literals

        return with_literals(self.dependencies.with_present_entries(rule, node), self.dependencies.doubts(rule))

    def _solver(self, size: int, ambiguity: Ambiguity = Ambiguity.NONE) -> Solver:
        key = size, ambiguity
        if key not in self._solvers:
            self._solvers[key] = self._ground(Solver, key, lambda: self.program(size, ambiguity=ambiguity))
        return self._solvers[key]

    def _ground(self, kind: type[D], key: tuple[int, Ambiguity], program: Callable[[], Program]) -> D:
        """A ground program; or what is kept of it, which is ground only where it is to be solved."""
        cache = self._cache if self._known is not None and key[0] <= _KEPT else None
        if cache is not None and (known := cache.program(_name(kind, key))) is not None:
            return kind(program, *self._solve_seconds, known=known, in_time=self.declaration.in_time)
        made = program()
        self._try(made)
        own = self.declaration.in_time
        ground = kind(lambda: made, *self._solve_seconds, by_solver=self.by_solver, in_time=own)
        if cache is not None:
            cache.keep_program(_name(kind, key), ground.known())
        return ground

    def deciding_program(self, size: int = _PAIR, ambiguity: Ambiguity = Ambiguity.NONE) -> Program:
        """What is ground to decide records with up to so many entries in each list."""
        declared = record_facts(self.declaration, self.vocabularies, self.catalogue, size, self._of_deciding, ambiguity)
        files = tuple((str(source.path), source.program) for source in self.rule_sources)
        return Program(DECIDING, self._statements, files, f"{declared}\n{self._of_deciding}")

    def _try(self, program: Program) -> None:
        """Ground a program of others on trial. Raises RulesError where it grows beyond the limits."""
        if self._limits is not None:
            from reasoner.engine.trial import trial_grounding

            trial_grounding(program.texts, self._limits)

    @property
    def _solve_seconds(self) -> tuple[float, ...]:
        return () if self._limits is None else (self._limits.solve_seconds,)

    def _read_tables(self, tables: Solver) -> None:
        rows = tables.rows
        self.id, self.title = map(str, _single("policy", rows("policy")))
        self.items = {str(i): Item(str(parent), str(title)) for i, parent, title in rows("item")}
        self.citations = {str(i): f"{self.id} {place}" for i, place in rows("citation")}
        self.versions = [str(row[0]) for row in rows("version")]
        named = sorted(rows("pathway"), key=len, reverse=True)  # pathway/2 before what follows from it
        self.pathways: dict[str, str | None] = {}
        for pathway, *use in named:
            self.pathways.setdefault(str(pathway), str(use[0]) if use else None)
        self.exclusions = [str(row[0]) for row in rows("exclusion")]
        self.authorities = [str(row[0]) for row in rows("authority")]
        self.scopes = [str(row[0]) for row in rows("scope")]
        self.summaries = [str(row[0]) for row in rows("sums_up")]
        texts = {choice: str(text) for choice, text in rows("choice_text")}
        self.choices = {
            str(choice): Choice(texts.get(choice, ""), str(default), str(other))
            for choice, default, other in rows("choice")
        }
        self.advisory_texts = {str(a): str(text) for a, text in rows("advisory_text")}
        self.thresholds = rows("threshold")
        self.first_days = tables.compared.get("request_date", [])
        self.item_order = {item: position for position, item in enumerate(self._order())}
        self._children: dict[str, tuple[str, ...]] = {}
        for name, item in self.items.items():
            self._children[item.parent] = (*self._children.get(item.parent, ()), name)

    def _order(self) -> list[str]:
        first = [*self.authorities, *self.exclusions]
        return [*first, *(item for item in sorted(self.items, key=_natural) if item not in first)]


def _name(kind: type[Decider], key: tuple[int, Ambiguity]) -> str:
    """What a ground program is called among those that are kept."""
    size, ambiguity = key
    return f"{kind.__name__}-{size}-{ambiguity.name}".lower()


def _functor(name: Term) -> str:
    return str(name[0]) if isinstance(name, tuple) else str(name)


def _single(table: str, rows: Sequence[T]) -> T:
    if len(rows) != 1:
        raise RulesError(f"{table}: {len(rows)} rows, where one is needed")
    return rows[0]


def _natural(item: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in item.split(".")]


def _size(entries: int) -> int:
    return _ENTRIES[bisect_left(_ENTRIES, entries)]
