"""What would make verdicts wrong without a word from the solver: found before any record is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from facts import fields
from facts.load import entry_faults
from facts.record import RANGES
from facts.symbols import Between, Given, Term
from reasoner.engine.solver import Decider
from reasoner.verdict.wording import term

if TYPE_CHECKING:
    from reasoner.verdict.conditions import Condition

_HELD = re.compile(r"\b(?:holds|supposed)\(([a-z_]\w*)")
_GIVEN = re.compile(r"\bgiven\(([a-z_]\w*)(\(?)[^,]*, *(?:([a-z_]\w*|\"[^\"]*\") *\))?")
_DIGITS = re.compile(r'\b\d{10,}\b(?=[^"]*(?:"[^"]*"[^"]*)*$)')
_ID = re.compile(r'"([^"\s]*\.[^"\s]*)"')
_DIRECTIVE = re.compile(r"\s*#(?:show|const|include|program|script)\b")
_OF_ITEMS = (
    ("requires", 1), ("citation", 0), ("exclusion", 0), ("authority", 0), ("scope", 0), ("sums_up", 0),
    ("threshold", 0), ("revised", 1), ("concerns", 0), ("met", 0), ("excludes", 0), ("trial_of", 0),
)  # fmt: skip
_OF_EVERY_RECORD = (
    "policy", "request_default", "version", "pathway", "item", "citation", "exclusion", "authority", "scope", "sums_up",
    "threshold", "revised", "choice", "choice_text", "advisory_text", "condition", "entry", "words",
    "unchangeable",
)  # fmt: skip
_OF_PATHWAYS = (("requires", 0), ("approval_months", 0))
_OF_VERSIONS = (("revised", 0), ("in_force", 0), ("applies_to", 0))

Fault = tuple[tuple[str, ...], str]
"""Texts that stand together in the line where a fault is, and the fault in words."""


def faults(decider: Decider, files: Sequence[Path]) -> list[str]:
    """Every fault of a ground rule folder, in words, with file and line; none: it can be trusted so far."""
    if too_large := list(_too_large(files)):
        return too_large
    decider.world()
    looks = (_tables, _items, _rows, _ids, _conditions, _values, _texts)
    found = [fault for look in looks for fault in look(decider)]
    lines = list(_code(files)) if found else []
    told = [
        *(f"{_place(lines, needles)}{message}" for needles, message in found),
        *_in_files(decider, files),
        *(_for_every_record(decider) if not found else ()),
    ]
    return list(dict.fromkeys(told))


def wrong_entries(conditions: Iterable[Condition], files: Sequence[Path]) -> list[str]:
    """Entries that conditions add to a list of the record, and that no record can have, with file and line."""
    lines, found = list(_code(files)), []
    for condition in conditions:
        for name, fault in entry_faults(condition.section, condition.content) if condition.section else ():
            functor = condition.name.partition("(")[0]
            at = _place(lines, ("entry(", functor, name)) or _place(lines, ("entry(", functor))
            found.append(f"{at}{condition.name}: no entry of {condition.section} has {fault}")
    return list(dict.fromkeys(found))


def _place(lines: Sequence[tuple[Path, int, str]], needles: tuple[str, ...]) -> str:
    """File and line of the first line with all the texts."""
    for file, number, line in lines:
        if all(needle in line for needle in needles):
            return f"{file}:{number}: "
    return ""


def _code(files: Sequence[Path]) -> Iterator[tuple[Path, int, str]]:
    """The lines of the files without their comments."""
    for file in files:
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), start=1):
            yield file, number, _without_comment(line)


def _too_large(files: Sequence[Path]) -> Iterator[str]:
    """Numbers that the solver would read as others, without a word."""
    for file in files:
        if not re.search(r"\d{10}", file.read_text("utf-8", errors="replace")):
            continue
        for _, number, code in _code([file]):
            for digits in _DIGITS.findall(code):
                if int(digits) >= 2**31:
                    yield f"{file}:{number}: {digits} is larger than any number that the solver can compute with"


def _column(decider: Decider, table: str, column: int) -> dict[Term, None]:
    return dict.fromkeys(row[column] for row in decider.rows(table) if len(row) > column)


def _tables(decider: Decider) -> Iterator[Fault]:
    """Rows that hold for some records only, of tables that are read once for all of them."""
    for table in _OF_EVERY_RECORD:
        for row in decider.varying(table):
            shown = ", ".join(map(term, row))
            message = f"{table}({shown}) depends on the record; let what uses this row depend on it instead"
            yield (f"{table}(", _name(row[0]) if row else ""), message


def _items(decider: Decider) -> Iterator[Fault]:
    items = {str(item): (str(parent), title) for item, parent, title in decider.rows("item")}
    pathways = _column(decider, "pathway", 0)
    cited = [str(row[0]) for row in decider.rows("citation")]
    derived = {row[0] for row in decider.possible("met", "excludes")}
    required = {(row[0], row[1]) for row in decider.rows("requires")}
    names = [str(row[0]) for row in decider.rows("item")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ("item(", f'"{name}"'), f"the item {name} is declared twice; give one of them another id"
    if not items or not pathways or not decider.rows("scope"):
        yield ("item(",), "item/3, pathway/2 and scope/1 need a row each"
    for item in items:
        above = [item]
        while above[-1] in items and len(above) <= len(items) + 1:
            above.append(items[above[-1]][0])
        if len(above) > len(items):
            yield ("item(", f'"{item}"'), f"the item {item} stands below itself"
    for item, (parent, title) in items.items():
        at = ("item(", f'"{item}"')
        if parent and parent not in items:
            yield at, f"the item {item} stands below {parent}, which is no item"
        if not title:
            yield at, f"the item {item} has no title"
        if cited.count(item) != 1:
            yield at, f"the item {item} needs one citation/2, and has {cited.count(item)}"
        if item not in derived:
            yield at, f"no rule can meet the item {item} (met/1) or make it exclude (excludes/1)"
        if parent in pathways and (parent, item) not in required:
            yield (
                at,
                f"the item {item} stands below {parent}, which does not require it; add it to requires/2",
            )
    barring = {*_column(decider, "exclusion", 0), *_column(decider, "authority", 0)}
    for barred in barring:
        if barred not in derived:
            yield (f'"{barred}"',), f"{barred} is declared to exclude, and no rule makes it so (excludes/1)"
    for excluding in _column(decider, "excludes", 0):
        if excluding in items and excluding not in barring:
            yield (
                (f'excludes("{excluding}"',),
                f"{excluding} excludes, and is no exclusion/1 or authority/1: it would bar nothing",
            )
    for pathway in pathways:
        if pathway not in items:
            yield ("pathway(", f'"{pathway}"'), f"the pathway {pathway} is no item"
        elif (pathway, pathway) not in required:
            yield (
                ("requires(", f'"{pathway}"'),
                f"the pathway {pathway} does not require itself; add it to requires/2",
            )


def _rows(decider: Decider) -> Iterator[Fault]:
    """Tables in which one row for each key is needed."""
    varying = decider.varying("approval_months")  # with the version, say: each day has one
    for pathway in _column(decider, "pathway", 0):
        for kind in ("initial", "reauthorization"):
            spans = [row[2] for row in decider.rows("approval_months") if row[:2] == (pathway, kind)]
            single = len(spans) == 1 or set(spans) & {row[2] for row in varying if row[:2] == (pathway, kind)}
            if not single or not all(isinstance(months, int) and months > 0 for months in spans):
                shown = ", ".join(map(term, spans)) or "none"
                message = f"one whole number of months above 0 is needed for {pathway}, {kind}; there is: {shown}"
                yield ("approval_months(", f'"{pathway}"', kind), message
    for table, width in (("threshold", 2), ("revised", 3), ("choice", 1), ("revision_date", 1)):
        keys = [row[:width] for row in decider.rows(table)]
        for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
            shown = ", ".join(map(term, key))
            yield (
                (f"{table}(", term(key[0])),
                f"{table}/{width + 1}: several values for {shown}; one is needed",
            )
    items = {row[:2] for row in decider.rows("threshold")}
    for version, item, unit, *_ in decider.rows("revised"):
        if (item, unit) not in items:
            message = f"the version {term(version)} revises {term(unit)} of {term(item)}, which has no such threshold/3"
            yield ("revised(", f'"{item}"'), message


def _ids(decider: Decider) -> Iterator[Fault]:
    advisories = set(_column(decider, "advisory_text", 0))
    for known, places, noun in (
        ({*_column(decider, "item", 0), *advisories}, _OF_ITEMS, "item"),
        (set(_column(decider, "pathway", 0)), _OF_PATHWAYS, "pathway"),
        (set(_column(decider, "version", 0)), _OF_VERSIONS, "version"),
    ):
        for table, column in places:
            for name in _column(decider, table, column):
                if name not in known:
                    yield (f"{table}(", term(name)), f"{table}: {term(name)} is no {noun}"
    for advisory in _column(decider, "advisory", 0):
        if advisory not in advisories or advisory not in _column(decider, "citation", 0):
            yield (f"advisory({term(advisory)}",), f"{term(advisory)}: no advisory_text/2 or no citation/2"
    for choice, default, other in decider.rows("choice"):
        if default == other or choice not in _column(decider, "choice_text", 0):
            yield (f"choice({term(choice)}",), f"{term(choice)}: two readings and a choice_text/2 are needed"


def _values(decider: Decider) -> Iterator[Fault]:
    """Values that no record can have in a field."""
    for field in sorted(decider.ground.given, key=term):
        name = str(field[0]) if isinstance(field, tuple) else str(field)
        known = fields.values(field)
        for value in decider.ground.given[field] if known else ():
            if value not in (known or ()):
                shown = ", ".join(map(term, known or ()))
                yield (term(value),), f"{name}: no record can say {term(value)}; there are: {shown}"
    for field, numbers in decider.compared.items():
        name = _name(field)
        low, high = RANGES.get(name, (min(numbers), max(numbers)))
        for number in numbers if name != "request_date" else ():
            if not low <= number <= high:
                message = f"{name}: no record can say {number}, or anything beyond it; there are: {low} to {high}"
                yield (name, str(number)), message
        for number in numbers if field == "request_date" else ():
            if fields.day(number) is None:
                yield (str(number),), f"{number} is no date (YYYYMMDD)"


def _for_every_record(decider: Decider) -> Iterator[str]:
    """One version in force on every day, and one document that decides, whatever plan and mandate say."""
    firsts = filter(None, map(fields.day, decider.compared.get("request_date", ())))
    for day in sorted({near for first in firsts for near in (first - timedelta(days=1), first)}):
        number = day.year * 10_000 + day.month * 100 + day.day
        decider.tell([Between("request_date", number, number)])
        found = [term(version) for (version,) in decider.derives("in_force")]
        if len(found) != 1:
            yield f"in_force/1: on {day} {len(found)} versions are in force ({', '.join(found)}), where one is needed"
        spans = [row[:2] for row in decider.derives("approval_months")]
        for pathway, kind in product(_column(decider, "pathway", 0), ("initial", "reauthorization")):
            number = spans.count((pathway, kind))
            if number != 1:
                yield f"approval_months/3: on {day} {number} rows for {term(pathway)}, {kind}, where one is needed"
    for document, mandate in product(fields.values("document") or (), fields.values("mandate") or ()):
        decider.tell([Given("document", document), Given("mandate", mandate)])
        found = [term(authority) for (authority,) in decider.derives("decided_by")]
        if len(found) != 1:
            given = f"document {document}, mandate {mandate}"
            yield f"decided_by/1: {len(found)} decide ({', '.join(found)}) with {given}, where one is needed"
    decider.tell([])


def _conditions(decider: Decider) -> Iterator[Fault]:
    conditions = _column(decider, "condition", 0)
    worded, asked, added = (_column(decider, table, 0) for table in ("words", "asks", "entry"))
    for condition in conditions:
        if condition not in worded:
            yield (_name(condition),), f"the condition {term(condition)} has no words/2"
        if condition not in asked and condition not in added:
            message = f"nothing says how a record establishes {term(condition)} (asks/3, entry/4)"
            yield (_name(condition),), message
    concerned = {_name(condition) for condition in _column(decider, "concerns", 1)}
    for functor in dict.fromkeys(map(_name, conditions)):
        if functor not in concerned:
            message = f"no concerns/2 says to which item {functor} belongs: it would be in no explanation"
            yield ("condition(", functor), message
    rows = [row[:3] for row in decider.rows("entry")]
    for condition, section, name in dict.fromkeys(row for row in rows if rows.count(row) > 1):
        message = f"{term(condition)}: an entry of {term(section)} has one {term(name)}, and is given several"
        yield ("entry(", _name(condition)), message
    for table in ("words", "asks", "entry", "fixed", "unchangeable", "concerns"):
        for name in _column(decider, table, 1 if table == "concerns" else 0):
            if name not in conditions:
                yield (_name(name),), f"{table}: {term(name)} is no condition/1"
    for condition, field, wanted in decider.rows("asks"):
        relation = str(wanted[0]) if isinstance(wanted, tuple) else ""
        if not fields.asked(field, relation):
            message = f"{term(condition)}: of {term(field)} no {term(wanted)} can be asked"
            yield ("asks(", _name(condition)), message
    for condition, section, *_ in decider.rows("entry"):
        if not fields.holds_entries(str(section)):
            yield ("entry(", _name(condition)), f"{term(condition)}: {term(section)} is no list of a record"


def _texts(decider: Decider) -> Iterator[Fault]:
    for table, admitted in (("words", {"options", "entry"}), ("advisory_text", {"n"})):
        for subject, text in decider.rows(table):
            arguments = len(subject) - 1 if isinstance(subject, tuple) and table == "words" else 0
            names = {*admitted, *map(str, range(arguments))}
            try:
                used = {name for _, name, _, _ in Formatter().parse(str(text)) if name is not None}
            except ValueError as error:
                yield (f"{table}(", _name(subject)), f"the text of {term(subject)}: {error}"
                continue
            for name in sorted(used - names):
                message = f"the text of {term(subject)}: nothing to put in place of {{{name}}}"
                yield (f"{table}(", _name(subject)), message


def _name(condition: Term) -> str:
    return str(condition[0]) if isinstance(condition, tuple) else str(condition)


def _in_files(decider: Decider, files: Sequence[Path]) -> Iterator[str]:
    """What the ground program no longer shows: names in rules that can never apply."""
    functors = {_name(c) for c in _column(decider, "condition", 0)}
    ids = {*_column(decider, "item", 0), *_column(decider, "version", 0)}
    said: dict[str, set[str]] = {}
    for field, values in decider.ground.given.items():
        said.setdefault(_name(field), set()).update(map(term, values))
    for file, number, code in _code(files):
        at = f"{file}:{number}"
        for name in _HELD.findall(code):
            if name not in functors:
                yield f"{at}: holds({name}…): no such condition/1"
        for field, entry, value in _GIVEN.findall(code):
            if field not in said:
                yield f"{at}: given({field}…): no such field; there are: {', '.join(sorted(said))}"
            elif value and not entry and value.strip('"') not in said[field]:
                known = ", ".join(sorted(said[field]))
                yield f"{at}: given({field}, {value}): not expected of a record; there are: {known}"
        for name in _ID.findall(code):
            if name not in ids:
                yield f'{at}: "{name}" is no item'
        if _DIRECTIVE.match(code):
            yield f"{at}: {code.split()[0]} does not belong into a policy's rules"
        if "\ufffd" in code:
            yield f"{at}: not UTF-8"


def _without_comment(line: str) -> str:
    """The line up to a comment; a % inside of a string is none."""
    if "%" not in line:
        return line
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"' and line[place - 1 : place] != "\\":
            quoted = not quoted
        if letter == "%" and not quoted:
            return line[:place]
    return line
