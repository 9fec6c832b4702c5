"""A rule folder as a Policy: loaded and checked once, asked for many records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from clingo import Symbol

from facts.catalogue import Catalogue
from facts.normalize import Case, normalize
from facts.record import Record
from facts.symbols import Term, facts_of
from reasoner import RULES
from reasoner.engine.solver import Decider, Explainer
from reasoner.errors import RulesError
from reasoner.policy.checks import faults
from reasoner.verdict.conditions import Conditions, conditions_of
from reasoner.verdict.model import Verdict

_SLOTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100)
"""Entries of the longest list for which a program is ground; the smallest that fits is used."""
_PAIR = 2
"""Entries of a list that show all that rules can say: of one entry, and of one beside another."""

T = TypeVar("T")


class Item(NamedTuple):
    """An item of the policy: the item above it (or none), and its title."""

    parent: str
    title: str


class Policy:
    """A policy's rules, with their tables and the ground programs that have been needed.

    Not for use by several threads at once: a solver keeps the facts of one record at a time.
    """

    def __init__(self, files: Iterable[Path], catalogue: Path | Catalogue, entries: int = 0) -> None:
        """Load rule files. Raises RulesError, with clingo's places, where they are wrong.

        `catalogue` is its folder, or the catalogue of another policy.
        """
        self.files = tuple(sorted(files))
        if not self.files:
            raise RulesError("no rule files (*.lp) to load")
        self._catalogue = catalogue
        self.catalogue_folder = catalogue if isinstance(catalogue, Path) else catalogue.folder
        self._words: dict[Term, frozenset[str]] = {}
        self._deciders: dict[int, Decider] = {}
        self._explainers: dict[int, Explainer] = {}
        self._conditions: dict[int, Conditions] = {}
        tables = self._tables = self._explainer(_slots(max(entries, _PAIR)))
        self._read_tables(tables)
        found = faults(tables, self.files)
        if found:
            raise RulesError("\n".join(found))

    @classmethod
    def load(cls, folder: Path | str | None = None, *, entries: int = 0) -> Policy:
        """Load a policy folder; without one, the one that comes with the package.

        `entries` prepares for records whose longest list has so many entries; any other record is
        judged just as well, after more grounding. Raises RulesError.

        The catalogue is looked for inside the folder and beside it, else the shipped one is used.
        A folder that holds one policy folder and a catalogue (as `rules/` does) will do as well.
        """
        root = Path(folder) if folder is not None else RULES
        if not root.is_dir():
            raise RulesError(f"{root}: not a folder; give the folder of a policy's rule files")
        if not list(root.glob("*.lp")):
            inside = [p for p in sorted(root.iterdir()) if p.name != "catalogue" and list(p.glob("*.lp"))]
            if len(inside) != 1:
                raise RulesError(f"{root}: holds no rule files (*.lp), nor one folder of them")
            root = inside[0]
        places = (root / "catalogue", root.parent / "catalogue", RULES / "catalogue")
        policy = cls(root.glob("*.lp"), next((p for p in places if p.is_dir()), places[-1]), entries)
        if folder is not None:
            policy.check_names()
        return policy

    def check_names(self) -> None:
        """Look for names that lead nowhere and entries that no record can have. Raises RulesError.

        The shipped rules are looked through in their tests, any other folder when it is loaded.
        """
        from reasoner.policy.checks import wrong_entries
        from reasoner.policy.predicate_names import reserved, unknown_products, unused
        from reasoner.policy.syntax import read

        files = read(self.files)
        named = [(field, values) for field, values in self.told().items() if isinstance(field, tuple)]
        told = (str(value) for field, values in named if field[0] == "product" for value in values)
        known = (product.key for product in self.catalogue.products)
        places = (*reserved(files), *unused(files), *unknown_products(files, told, known))
        found = [f"{place}: {message}" for place, message in places]
        found += wrong_entries(self.conditions().values(), self.files)
        if found:
            raise RulesError("\n".join(found))

    @property
    def catalogue(self) -> Catalogue:
        """The product catalogue, read when it is first needed."""
        if isinstance(self._catalogue, Path):
            try:
                self._catalogue = Catalogue.load(self._catalogue)
            except (ValueError, RuntimeError) as error:
                raise RulesError(str(error)) from None
        return self._catalogue

    def normalize(self, record: Record) -> Case:
        """The record in full form. Raises RecordError for what the catalogue contradicts."""
        return normalize(record, self.catalogue, self.product)

    def decide(self, record: Record) -> str:
        """The decision alone: approved, denied or out_of_scope. Raises RecordError."""
        case = self.normalize(record)
        slots = _slots(case.longest_list)
        if slots not in self._deciders:
            self._deciders[slots] = Decider(self.files, slots)
        decider = self._deciders[slots]
        decider.tell(facts_of(case))
        return decider.decision()

    def judge(self, record: Record, limit: int = 50) -> Verdict:
        """The whole verdict, with at most `limit` minimal sets listed. Raises RecordError."""
        from reasoner.verdict.judge import judge

        case = self.normalize(record)
        return judge(self, case, limit)

    def explainer(self, case: Case) -> Explainer:
        """The ground program that judges the case."""
        return self._explainer(_slots(case.longest_list))

    def conditions(self, case: Case | None = None) -> Conditions:
        """The conditions of the ground program that judges the case (or a short one)."""
        slots = _slots(case.longest_list if case is not None else _PAIR)
        if slots not in self._conditions:
            self._conditions[slots] = conditions_of(self._explainer(slots))
        return self._conditions[slots]

    def told(self) -> dict[Term, tuple[Term, ...]]:
        """The values, by field, that the rules expect of a record."""
        given = self._tables.ground.given
        return {field: tuple(values) for field, values in given.items()}

    def words_of(self, field: Term) -> frozenset[str]:
        """The words that the rules know in a field of the record."""
        if field not in self._words:
            given = self._tables.ground.given
            self._words[field] = frozenset(map(str, given.get(field, ())))
        return self._words[field]

    def fact_symbols(self) -> list[Symbol]:
        """What holds for every record: the tables, and what follows from them alone."""
        return self._tables.ground.facts()

    def can_be(self, predicate: str) -> frozenset[Term]:
        """The first arguments with which a predicate can hold for some record, in some reading."""
        return frozenset(row[0] for row in self._tables.possible(predicate))

    def can_be_open(self) -> frozenset[Term]:
        """The conditions that can stand in a minimal set of some record."""
        return frozenset(row[0] for row in self._tables.possible("open", default=True))

    def asked_pathways(self, indication: str | None) -> tuple[str, ...]:
        """The pathways for an indication; all of them where it is not known."""
        return tuple(p for p, own in self.pathways.items() if indication is None or own == indication)

    def children(self, item: str) -> tuple[str, ...]:
        """The items directly below an item."""
        return self._children.get(item, ())

    def _explainer(self, slots: int) -> Explainer:
        if slots not in self._explainers:
            self._explainers[slots] = Explainer(self.files, slots)
        return self._explainers[slots]

    def _read_tables(self, tables: Decider) -> None:
        rows = tables.rows
        self.id, self.title = map(str, _single("policy", rows("policy")))
        products = [row[1] for row in rows("request_default") if row[0] == "product"]
        self.product = str(_single("request_default(product, …)", products))
        self.items = {str(i): Item(str(parent), str(title)) for i, parent, title in rows("item")}
        self.citations = {str(i): f"{self.id} {place}" for i, place in rows("citation")}
        self.versions = [str(row[0]) for row in rows("version")]
        self.pathways = {str(p): str(indication) for p, indication in rows("pathway")}
        self.exclusions = [str(row[0]) for row in rows("exclusion")]
        self.authorities = [str(row[0]) for row in rows("authority")]
        self.scopes = [str(row[0]) for row in rows("scope")]
        self.summaries = [str(row[0]) for row in rows("sums_up")]
        self.choices = [str(row[0]) for row in rows("choice")]
        self.advisory_texts = {str(a): str(text) for a, text in rows("advisory_text")}
        self.thresholds = rows("threshold")
        self.first_days = tables.compared.get("request_date", [])
        self.item_order = {item: place for place, item in enumerate(self._order())}
        self._children: dict[str, tuple[str, ...]] = {}
        for name, item in self.items.items():
            self._children[item.parent] = (*self._children.get(item.parent, ()), name)

    def _order(self) -> list[str]:
        first = [*self.authorities, *self.exclusions]
        return [*first, *(item for item in sorted(self.items, key=_natural) if item not in first)]

    def places(self, item: str) -> list[str]:
        """File and line of each rule that meets the item or makes it exclude, or declares it."""
        wanted = (f'item("{item}"', f'met("{item}")', f'excludes("{item}")')
        return [
            f"{file.name}:{number}"
            for file in self.files
            for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
            if line.startswith(wanted)
        ]


def _single(table: str, rows: Sequence[T]) -> T:
    if len(rows) != 1:
        raise RulesError(f"{table}: {len(rows)} rows, where one is needed")
    return rows[0]


def _natural(item: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in item.split(".")]


def _slots(entries: int) -> int:
    return next(slots for slots in _SLOTS if slots >= entries)
