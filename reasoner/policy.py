"""A rule folder as a Policy: loaded and checked once, asked for many records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reasoner import RULES
from reasoner.errors import RulesError
from reasoner.facts.catalogue import Catalogue
from reasoner.facts.normalize import Case, normalize
from reasoner.facts.record import Record
from reasoner.facts.symbols import facts_of
from reasoner.solver import Ask, Decider, Explainer, Tables, Term
from reasoner.verdict import Verdict

_SLOTS = (2, 4, 8, 16, 32, 64, 100)
"""Entries of the longest list for which a program is ground; the smallest that fits is used."""


class Policy:
    """A policy's rules, with their tables and the ground programs that have been needed.

    Not for use by several threads at once: a solver keeps the facts of one record at a time.
    """

    def __init__(self, files: Iterable[Path], catalogue: Path) -> None:
        """Load rule files. Raises RulesError, with clingo's places, where they are wrong."""
        self.files = tuple(sorted(files))
        if not self.files:
            raise RulesError("no rule files (*.lp) to load")
        self._catalogue_folder = catalogue
        self._catalogue: Catalogue | None = None
        self._deciders: dict[int, Decider] = {}
        self._explainers: dict[int, Explainer] = {}
        self._read_tables(Tables(self._decider(_SLOTS[0])))
        self._check()

    @classmethod
    def load(cls, folder: Path | str | None = None) -> Policy:
        """Load a policy folder; without one, IP0369 as it comes with the package.

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
        return cls(root.glob("*.lp"), next((p for p in places if p.is_dir()), places[-1]))

    @property
    def catalogue(self) -> Catalogue:
        """The product catalogue, read when it is first needed."""
        if self._catalogue is None:
            try:
                self._catalogue = Catalogue.load(self._catalogue_folder)
            except (ValueError, RuntimeError) as error:
                raise RulesError(str(error)) from None
        return self._catalogue

    def normalize(self, record: Record) -> Case:
        """The record in full form. Raises RecordError for what the catalogue contradicts."""
        return normalize(record, self.catalogue, self.product)

    def decide(self, record: Record) -> str:
        """The decision alone: approved, denied or out_of_scope. Raises RecordError."""
        case = self.normalize(record)
        decider = self._decider(_slots(case))
        decider.tell(facts_of(case))
        return decider.decision()

    def judge(self, record: Record, limit: int = 50) -> Verdict:
        """The whole verdict, with at most `limit` minimal sets listed. Raises RecordError."""
        from reasoner.judge import judge

        case = self.normalize(record)
        return judge(self, case, limit)

    def solvers(self, case: Case) -> tuple[Decider, Explainer]:
        """The ground programs that the case fits into."""
        slots = _slots(case)
        if slots not in self._explainers:
            self._explainers[slots] = Explainer(self.files, slots)
        return self._decider(slots), self._explainers[slots]

    def decider(self, case: Case) -> Decider:
        """The ground program that decides the case."""
        return self._decider(_slots(case))

    def _decider(self, slots: int) -> Decider:
        if slots not in self._deciders:
            self._deciders[slots] = Decider(self.files, slots)
        return self._deciders[slots]

    def _read_tables(self, tables: Tables) -> None:
        def single(table: str) -> tuple[Term, ...]:
            rows = tables.rows(table)
            if len(rows) != 1:
                raise RulesError(f"the rules give {len(rows)} rows of {table}/…, where one is needed")
            return rows[0]

        self.id, self.title = map(str, single("policy"))
        defaults = dict(row[:2] for row in tables.rows("request_default") if len(row) == 2)
        if "product" not in defaults:
            raise RulesError('the rules give no request_default(product, "…")')
        self.product = str(defaults["product"])
        self.items = {str(i): (str(parent), str(title)) for i, parent, title in tables.rows("item")}
        self.citations = {str(i): f"{self.id} {place}" for i, place in tables.rows("citation")}
        self.pathways = {str(p): str(d) for p, d in tables.rows("pathway")}
        self.exclusions = [str(row[0]) for row in tables.rows("exclusion")]
        self.authorities = [str(row[0]) for row in tables.rows("authority")]
        self.summaries = [str(row[0]) for row in tables.rows("sums_up")]
        self.choices = [str(row[0]) for row in tables.rows("choice")]
        self.choice_texts = {str(c): str(t) for c, t in tables.rows("choice_text")}
        self.approval_months = {(str(p), str(t)): m for p, t, m in tables.rows("approval_months")}
        self.advisory_texts = {str(a): str(t) for a, t in tables.rows("advisory_text")}
        self.thresholds = [row for row in tables.rows("threshold") if len(row) == 3]
        self.unchangeable = {row[0] for row in tables.rows("unchangeable")}
        self.distance = {row[0]: int(str(row[1])) for row in tables.rows("distance")}
        self.item_order = {item: place for place, item in enumerate(self._order())}
        self._tables = {0: tables}
        self._words: dict[int, dict[Term, str]] = {}
        self._asks: dict[int, dict[Term, list[Ask]]] = {}
        self._entries: dict[int, dict[Term, tuple[str, dict[str, Any]]]] = {}

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

    def words(self, decider: Decider) -> dict[Term, str]:
        """The template of each condition of a ground program."""
        key = id(decider)
        if key not in self._words:
            self._words[key] = {c: str(text) for c, text in Tables(decider).rows("words")}
        return self._words[key]

    def asks(self, decider: Decider) -> dict[Term, list[Ask]]:
        """What each condition of a ground program asks, in the order of the rules."""
        key = id(decider)
        if key not in self._asks:
            found: dict[Term, list[Ask]] = {}
            for term, field, wanted in Tables(decider).rows("asks"):
                assert isinstance(wanted, tuple)
                found.setdefault(term, []).append(Ask(field, str(wanted[0]), wanted[1]))
            self._asks[key] = found
        return self._asks[key]

    def entries(self, decider: Decider) -> dict[Term, tuple[str, dict[str, Any]]]:
        """The record entry that establishes a condition: its list and its content."""
        key = id(decider)
        if key not in self._entries:
            found: dict[Term, tuple[str, dict[str, Any]]] = {}
            for term, section, name, value in Tables(decider).rows("entry"):
                found.setdefault(term, (str(section), {}))[1][str(name)] = value
            self._entries[key] = found
        return self._entries[key]

    def _check(self) -> None:
        """What would make verdicts wrong without a word from the solver. Raises RulesError."""
        tables = Tables(self._decider(_SLOTS[0]))
        faults = []
        for item, (parent, title) in self.items.items():
            if parent and parent not in self.items:
                faults.append(f'item("{item}", …): its parent "{parent}" is no item')
            if not title or item not in self.citations:
                faults.append(f'item("{item}", …): no title or no citation')
        derived = {row[0] for name in ("met", "excludes") for row in tables.rows(name)}
        required = tables.rows("requires")
        for pathway, item in required:
            if pathway not in self.pathways:
                faults.append(f'requires("{pathway}", …): no such pathway')
            if item not in self.items:
                faults.append(f'requires("{pathway}", "{item}"): no such item')
        for item, (parent, _) in self.items.items():
            if item not in derived:
                faults.append(f'item "{item}": no rule can meet it (met/1) or make it exclude (excludes/1)')
            if parent in self.pathways and (parent, item) not in required:
                faults.append(f'item "{item}": pathway "{parent}" does not require it')
        conditions = {row[0] for row in tables.rows("condition")}
        worded = {row[0] for row in tables.rows("words")}
        supplied = {row[0] for name in ("asks", "entry") for row in tables.rows(name)}
        for term in sorted(map(repr, conditions - worded)):
            faults.append(f"condition {term} has no words")
        for term in sorted(map(repr, conditions - supplied)):
            faults.append(f"condition {term}: nothing says how a record establishes it")
        if faults:
            raise RulesError("\n".join(faults))


def _natural(item: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in item.split(".")]


def _slots(case: Case) -> int:
    longest = max(len(case.therapies), len(case.record.intolerances), len(case.record.response))
    return next(slots for slots in _SLOTS if slots >= longest)
