"""What would make verdicts wrong without a word from the solver: found before any record is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter

from reasoner.facts import fields
from reasoner.facts.symbols import Term
from reasoner.solver import Decider
from reasoner.wording import term

_HELD = re.compile(r"\b(?:holds|supposed)\(([a-z_]\w*)")
_ID = re.compile(r'"([^"\s]*\.[^"\s]*)"')
_DIRECTIVE = re.compile(r"\s*#(?:show|const|include|program|script)\b")
_OF_ITEMS = (
    ("requires", 1), ("citation", 0), ("exclusion", 0), ("authority", 0), ("scope", 0), ("sums_up", 0),
    ("threshold", 0), ("revised", 1), ("concerns", 0), ("met", 0), ("excludes", 0), ("trial_of", 0),
)  # fmt: skip
_OF_PATHWAYS = (("requires", 0), ("approval_months", 0))
_OF_VERSIONS = (("revised", 0), ("in_force", 0), ("applies_to", 0))


def faults(decider: Decider, files: Sequence[Path]) -> list[str]:
    """Every fault of a ground rule folder, in words; none: the folder can be trusted to this extent."""
    decider.world()
    return [
        *_items(decider),
        *_ids(decider),
        *_conditions(decider),
        *_texts(decider),
        *_in_files(decider, files),
    ]


def _column(decider: Decider, table: str, column: int) -> dict[Term, None]:
    return dict.fromkeys(row[column] for row in decider.rows(table) if len(row) > column)


def _items(decider: Decider) -> Iterator[str]:
    items = {str(item): (str(parent), title) for item, parent, title in decider.rows("item")}
    pathways, cited = _column(decider, "pathway", 0), _column(decider, "citation", 0)
    derived = {row[0] for table in ("met", "excludes") for row in decider.possible(table)}
    required = {(row[0], row[1]) for row in decider.rows("requires")}
    if len(items) < len(decider.rows("item")):
        yield "item/3: an item is declared twice"
    if not items or not pathways or not decider.rows("scope"):
        yield "item/3, pathway/2 and scope/1 need a row each"
    for item, (parent, title) in items.items():
        if parent and parent not in items:
            yield f'item("{item}", …): its parent "{parent}" is no item'
        if not title:
            yield f'item("{item}", …): no title'
        if item not in cited:
            yield f'item("{item}", …): no citation/2'
        if item not in derived:
            yield f'item("{item}", …): no rule can meet it (met/1) or make it exclude (excludes/1)'
        if parent in pathways and (parent, item) not in required:
            yield f'item("{item}", …): its pathway "{parent}" does not require it'
    for barring in (*_column(decider, "exclusion", 0), *_column(decider, "authority", 0)):
        if barring not in derived:
            yield f'"{barring}" is declared to exclude, and no rule makes it so (excludes/1)'
    for pathway in pathways:
        if pathway not in items:
            yield f'pathway("{pathway}", …): no such item'
        for kind in ("initial", "reauthorization"):
            spans = [row for row in decider.rows("approval_months") if row[:2] == (pathway, kind)]
            if len(spans) != 1 or not isinstance(spans[0][2], int):
                yield f'approval_months("{pathway}", {kind}, …): {len(spans)} rows; one number is needed'


def _ids(decider: Decider) -> Iterator[str]:
    advisories = set(_column(decider, "advisory_text", 0))
    for known, places, noun in (
        ({*_column(decider, "item", 0), *advisories}, _OF_ITEMS, "item"),
        (set(_column(decider, "pathway", 0)), _OF_PATHWAYS, "pathway"),
        (set(_column(decider, "version", 0)), _OF_VERSIONS, "version"),
    ):
        for table, column in places:
            for name in _column(decider, table, column):
                if name not in known:
                    yield f"{table}: {term(name)!r} is no {noun}"
    for advisory in _column(decider, "advisory", 0):
        if advisory not in advisories or advisory not in _column(decider, "citation", 0):
            yield f"advisory({term(advisory)}): no advisory_text/2 or no citation/2"
    for choice, default, other in decider.rows("choice"):
        if default == other or choice not in _column(decider, "choice_text", 0):
            yield f"choice({term(choice)}, …): two readings and a choice_text/2 are needed"


def _conditions(decider: Decider) -> Iterator[str]:
    conditions = _column(decider, "condition", 0)
    worded, asked, added = (_column(decider, table, 0) for table in ("words", "asks", "entry"))
    for condition in conditions:
        if condition not in worded:
            yield f"condition {term(condition)}: no words/2"
        if condition not in asked and condition not in added:
            yield f"condition {term(condition)}: nothing says how a record establishes it (asks/3, entry/4)"
    for table in ("words", "asks", "entry", "fixed", "unchangeable", "concerns"):
        for name in _column(decider, table, 1 if table == "concerns" else 0):
            if name not in conditions:
                yield f"{table}: {term(name)} is no condition/1"
    for condition, field, wanted in decider.rows("asks"):
        relation = str(wanted[0]) if isinstance(wanted, tuple) else ""
        if not fields.asked(field, relation):
            yield f"asks({term(condition)}, …): of {term(field)} no {term(wanted)} can be asked"
    for condition, section, *_ in decider.rows("entry"):
        if not fields.holds_entries(str(section)):
            yield f"entry({term(condition)}, …): {term(section)} is no list of a record"


def _texts(decider: Decider) -> Iterator[str]:
    for table, admitted in (("words", {"options", "entry"}), ("advisory_text", {"n"})):
        for subject, text in decider.rows(table):
            arguments = len(subject) - 1 if isinstance(subject, tuple) and table == "words" else 0
            names = {*admitted, *map(str, range(arguments))}
            try:
                used = {name for _, name, _, _ in Formatter().parse(str(text)) if name is not None}
            except ValueError as error:
                yield f"{table}({term(subject)}, …): {error}"
                continue
            for name in sorted(used - names):
                yield f"{table}({term(subject)}, …): nothing to put in place of {{{name}}}"


def _in_files(decider: Decider, files: Sequence[Path]) -> Iterator[str]:
    functors = {c[0] if isinstance(c, tuple) else c for c in _column(decider, "condition", 0)}
    ids = {*_column(decider, "item", 0), *_column(decider, "version", 0)}
    for file in files:
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError as error:
            yield f"{file}: not UTF-8 (byte {error.start})"
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            code = _without_comment(line)
            for name in _HELD.findall(code):
                if name not in functors:
                    yield f"{file}:{number}: holds({name}…): no such condition/1"
            for name in _ID.findall(code):
                if name not in ids:
                    yield f'{file}:{number}: "{name}" is no item'
            if _DIRECTIVE.match(code):
                yield f"{file}:{number}: {code.split()[0]} does not belong into a policy's rules"


def _without_comment(line: str) -> str:
    """The line up to a comment; a % inside of a string is none."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"' and line[place - 1 : place] != "\\":
            quoted = not quoted
        if letter == "%" and not quoted:
            return line[:place]
    return line
