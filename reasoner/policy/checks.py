"""What would make verdicts wrong without a word from the solver: found before any record is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice, product
from string import Formatter
from typing import TYPE_CHECKING

from facts.declaration import DeclarationError
from facts.faults import close_to
from facts.periods import day_of_number, number_of_day
from facts.terms import Between, Given, Term
from reasoner.engine.solver import Solver
from reasoner.policy.conditions import name_of
from reasoner.policy.record_facts import number_range
from reasoner.policy.request import DATE
from reasoner.policy.source import SourceFile

if TYPE_CHECKING:
    from reasoner.policy.folder import RuleFolder

_HELD = re.compile(r"\b(?:holds|supposed)\(([a-z_]\w*)")
_READING = re.compile(r"\breading\(\s*([a-z_]\w*)\s*,\s*([a-z_]\w*)?")
_DIGITS = re.compile(r'\b\d{10,}\b(?=[^"]*(?:"[^"]*"[^"]*)*$)')
_ID = re.compile(r'"([^"\s]*\.[^"\s]*)"')
_OF_ITEMS = (
    ("requires", 1), ("citation", 0), ("exclusion", 0), ("authority", 0), ("scope", 0), ("sums_up", 0),
    ("threshold", 0), ("revised", 1), ("met", 0), ("excludes", 0), ("trial_of", 0),
)  # fmt: skip
_OF_EVERY_RECORD = (
    "policy", "version", "pathway", "item", "citation", "exclusion", "authority", "scope", "sums_up",
    "threshold", "revised", "choice", "choice_text", "advisory_text", "condition", "adds", "words",
)  # fmt: skip
_OF_PATHWAYS = (("requires", 0), ("approval_months", 0))
_OF_VERSIONS = (("revised", 0), ("in_force", 0), ("applies_to", 0))
_RELATIONS = {"one_of": 1, "at_least": 1, "at_most": 1, "within": 2}
_COMPARED = ("number", "date")
_MOST_COMBINATIONS = 500
"""Combinations of values that are tried of the fields that decide whose terms count."""

Fault = tuple[tuple[str, ...], str]
"""Texts that stand together in the line where a fault is, and the fault in words."""


def faults(folder: RuleFolder, solver: Solver) -> list[str]:
    """Every fault of a ground rule folder, in words, with file and line; none: it can be trusted so far."""
    if too_large := list(_too_large(folder.sources)):
        return too_large
    solver.answer_set()
    found = [fault for check in (_tables, _items, _rows, _ids) for fault in check(solver)]
    of_folder = (_day, _months, _fields, _conditions, _values, _texts)
    found += [fault for check in of_folder for fault in check(folder, solver)]
    lines = list(_code(folder.sources)) if found else []
    messages = [
        *(f"{_location(lines, needles)}{message}" for needles, message in found),
        *_numbers_given(folder),
        *_in_files(folder, solver),
        *(_for_every_record(folder, solver) if not found else ()),
    ]
    return list(dict.fromkeys(messages))


_DECLARED = {
    "section": 2, "list": 3, "field": 3, "title": 2, "unit": 2, "phrase": 3, "bounds": 3, "decimals": 2, "derived": 2,
    "required": 1, "default": 2, "allowed": 2, "not_above": 2, "any_of": 2, "complete": 1, "slips_refused": 1,
    "as_of": 1, "unchangeable": 1, "settled": 1, "fixed": 1, "slot": 1,
}  # fmt: skip
"""The tables of a declaration, with their numbers of values."""


def unknown_tables(source: SourceFile, rows: Mapping[str, Sequence[Sequence[Term]]]) -> list[str]:
    """What a declaration gives that is no table of one, and that none of its rules uses, with file and line."""
    odd = [(name, len(row)) for name, found in rows.items() for row in found if _DECLARED.get(name) != len(row)]
    if not odd:
        return []
    from reasoner.policy.syntax import predicates_of

    used = set().union(*(predicates_of(node)[1] for node in source.nodes))
    lines, found = list(_code([source])), []
    for name, arity in dict.fromkeys(odd):
        near = close_to(name, _DECLARED)
        hint = f"; {name}/{_DECLARED[name]} is" if name in _DECLARED else f"; did you mean {near[0]}?" if near else ""
        if (name, arity) not in used:
            at = _location(lines, (f"{name}(",)) or f"{source.path}: "
            found.append(f"{at}{name}/{arity} is no table of a declaration{hint}")
    return found


def declaration_faults(source: SourceFile, error: DeclarationError) -> list[str]:
    """The faults of a declaration, each with file and line."""
    lines = list(_code([source]))
    return [f"{_location(lines, fault.needles) or f'{source.path}: '}{fault.message}" for fault in error.faults]


def impossible_entries(folder: RuleFolder) -> list[str]:
    """Entries that conditions add to a list of the record, and that no record can have, with file and line."""
    lines, found = list(_code(folder.sources)), []
    for condition in folder.conditions().values():
        for name, fault in folder.model.entry_faults(condition.list, condition.content) if condition.list else ():
            functor = condition.name.partition("(")[0]
            at = _location(lines, ("adds(", functor, name)) or _location(lines, ("adds(", functor))
            found.append(f"{at}{condition.name}: no entry of {condition.list} has {fault}")
    return list(dict.fromkeys(found))


def _location(lines: Sequence[tuple[str, int, str]], needles: tuple[str, ...]) -> str:
    """File and line of the first line with all the texts."""
    for file, number, line in lines:
        if all(needle in line for needle in needles):
            return f"{file}:{number}: "
    return ""


def _code(sources: Sequence[SourceFile]) -> Iterator[tuple[str, int, str]]:
    """The lines of the files without their comments."""
    for source in sources:
        for number, line in enumerate(source.program.splitlines(), start=1):
            yield str(source.path), number, line


def _too_large(sources: Sequence[SourceFile]) -> Iterator[str]:
    """Numbers that the solver would read as others, without a word."""
    for source in sources:
        if not re.search(r"\d{10}", source.program):
            continue
        for file, number, code in _code([source]):
            for digits in _DIGITS.findall(code):
                if int(digits) >= 2**31:
                    yield f"{file}:{number}: {digits} is larger than any number that the solver can compute with"


def _column(solver: Solver, table: str, column: int) -> dict[Term, None]:
    return dict.fromkeys(row[column] for row in solver.rows(table) if len(row) > column)


def _tables(solver: Solver) -> Iterator[Fault]:
    """Rows that hold for some records only, of tables that are read once for all of them."""
    for table in _OF_EVERY_RECORD:
        for row in solver.varying(table):
            shown = ", ".join(map(name_of, row))
            message = f"{table}({shown}) depends on the record; let what uses this row depend on it instead"
            yield (f"{table}(", _functor(row[0]) if row else ""), message


def _items(solver: Solver) -> Iterator[Fault]:
    items = {str(item): (str(parent), title) for item, parent, title in solver.rows("item")}
    pathways = _column(solver, "pathway", 0)
    cited = [str(row[0]) for row in solver.rows("citation")]
    excluded = {row[0] for row in solver.possible("excludes")}
    derived = {row[0] for row in solver.possible("met")} | excluded
    names = [str(row[0]) for row in solver.rows("item")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ("item(", f'"{name}"'), f"the item {name} is declared twice; give one of them another id"
    if not items or not pathways:
        yield ("item(",), "item/3 and pathway/2 (or pathway/1) need a row each"
    for item in items:
        above = [item]
        while above[-1] in items and len(above) <= len(items) + 1:
            above.append(items[above[-1]][0])
        if len(above) > len(items) + 1:
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
    barring = {*_column(solver, "exclusion", 0), *_column(solver, "authority", 0)}
    for barred in barring:
        if barred not in excluded:
            yield (f'"{barred}"',), f"{barred} is declared to exclude, and no rule makes it so (excludes/1)"
    scopes = _column(solver, "scope", 0)
    for pathway, required in solver.rows("requires"):
        if required in barring or required in scopes:
            is_such = "is a scope" if required in scopes else "excludes"
            message = f"{name_of(required)} {is_such}, and the pathway {name_of(pathway)} requires that it is met"
            yield ("item(", f'"{required}"'), message
    for excluding in _column(solver, "excludes", 0):
        if excluding in items and excluding not in barring:
            yield (
                (f'excludes("{excluding}"',),
                f"{excluding} excludes, and is no exclusion/1 or authority/1: it would bar nothing",
            )
    for pathway in pathways:
        if pathway not in items:
            yield ("pathway(", f'"{pathway}"'), f"the pathway {pathway} is no item"


def _rows(solver: Solver) -> Iterator[Fault]:
    """Tables in which one row for each key is needed."""
    for table, width in (("threshold", 2), ("revised", 3), ("choice", 1), ("version", 1)):
        keys = [row[:width] for row in solver.rows(table)]
        for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
            shown = ", ".join(map(name_of, key))
            yield (
                (f"{table}(", name_of(key[0])),
                f"{table}/{width + 1}: several values for {shown}; one is needed",
            )
    items = {row[:2] for row in solver.rows("threshold")}
    for version, item, unit, *_ in solver.rows("revised"):
        if (item, unit) not in items:
            shown = f"the version {name_of(version)} revises {name_of(unit)} of {name_of(item)}"
            message = f"{shown}, which has no such threshold/3"
            yield ("revised(", f'"{item}"'), message


def _ids(solver: Solver) -> Iterator[Fault]:
    advisories = set(_column(solver, "advisory_text", 0))
    for known, places, noun in (
        ({*_column(solver, "item", 0), *advisories}, _OF_ITEMS, "item"),
        (set(_column(solver, "pathway", 0)), _OF_PATHWAYS, "pathway"),
        (set(_column(solver, "version", 0)), _OF_VERSIONS, "version"),
    ):
        for table, column in places:
            for name in _column(solver, table, column):
                if name not in known:
                    yield (f"{table}(", name_of(name)), f"{table}: {name_of(name)} is no {noun}"
    for advisory in _column(solver, "advisory", 0):
        if advisory not in advisories or advisory not in _column(solver, "citation", 0):
            yield (f"advisory({name_of(advisory)}",), f"{name_of(advisory)}: no advisory_text/2 or no citation/2"
    for choice, default, other in solver.rows("choice"):
        if default == other or choice not in _column(solver, "choice_text", 0):
            yield (f"choice({name_of(choice)}",), f"{name_of(choice)}: two readings and a choice_text/2 are needed"


def _months(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """The months that an approval of each pathway and kind of request is for."""
    rows, varying = solver.rows("approval_months"), solver.varying("approval_months")
    for pathway in folder.pathways:
        for key in _approvals(folder, pathway):
            spans = [row[-1] for row in rows if row[:-1] in (key, key[:1])]
            single = len(spans) == 1 or set(spans) & {row[-1] for row in varying if row[:-1] in (key, key[:1])}
            if not single or not all(isinstance(months, int) and months > 0 for months in spans):
                shown = ", ".join(map(name_of, spans)) or "none"
                wanted = ", ".join(map(name_of, key))
                message = f"one whole number of months above 0 is needed for {wanted}; there is: {shown}"
                yield ("approval_months(", f'"{pathway}"', *map(name_of, key[1:])), message


def _approvals(folder: RuleFolder, pathway: str) -> list[tuple[Term, ...]]:
    """A pathway with each kind of request, where the record has kinds."""
    kinds = folder.declaration.values("request_type") if folder.declaration.field("request_type") else None
    return [(pathway, kind) for kind in kinds] if kinds else [(pathway,)]


def _day(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """The date on which a record is judged, which the engine knows by its name."""
    day = folder.declaration.day
    if day is None:
        yield (f'"{DATE}"',), f"a record is judged on a day: it needs a required date that rules call {DATE}"
    elif day.name != DATE:
        message = f"{day.place} is the day on which a record is judged: rules call it {DATE}, not {name_of(day.name)}"
        yield ("field(", f'"{day.place}"'), message


def _fields(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """Fields that rules read, and that the record does not have or that hold something else."""
    declaration = folder.declaration
    known = sorted({_functor(field.name) for field in declaration.fields})
    for table, number in (("expected", False), ("compares", True), ("caps", True)):
        for term in _column(solver, table, 0):
            field, name = declaration.field(term), _functor(term)
            if field is None:
                near = close_to(name, known)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
                at = f"({name}{'(' if isinstance(term, tuple) else ','}"
                yield (at,), f"{name_of(term)}: no such field is declared in record.lp; {hint}"
            elif number and field.kind not in _COMPARED:
                yield (name,), f"{name_of(term)} holds no number, and is compared with one"
            elif not number and field.kind in _COMPARED:
                yield (name,), f"{name_of(term)} is a number: compare it with at_least or at_most"


def _numbers_given(folder: RuleFolder) -> Iterator[str]:
    """Numbers that rules read as values: of a number nothing is given, it is only compared."""
    kinds: dict[str, set[bool]] = {}
    for field in folder.declaration.fields:
        kinds.setdefault(_functor(field.name), set()).add(field.kind in _COMPARED)
    for functor, location in folder.dependencies.given_in_rules():
        if kinds.get(functor) == {True}:
            yield f"{location}: {functor} is a number: compare it with at_least or at_most"


def _conditions(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    declaration = folder.declaration
    concerned = {_functor(condition) for condition in _column(solver, "concerns", 1)}
    functors = dict.fromkeys(map(_functor, _column(solver, "condition", 0)))
    for functor in functors:
        if functor not in concerned and functor != "product_is":
            message = f"no rule of an item reads the condition {functor}: it would be in no explanation"
            yield ("asks(", functor), message
    known = _column(solver, "condition", 0)
    for condition in _column(solver, "concerns", 1):
        if condition not in known:
            yield ("holds(", _functor(condition)), f"holds({name_of(condition)}): no such condition (asks/3, adds/3)"
    rows = [(row[0], row[1], row[2][1]) for row in solver.rows("adds") if isinstance(row[2], tuple)]
    for condition, name, key in dict.fromkeys(row for row in rows if rows.count(row) > 1):
        message = f"{name_of(condition)}: an entry of {name_of(name)} has one {name_of(key)}, and is given several"
        yield ("adds(", _functor(condition)), message
    for condition, name, *_ in solver.rows("adds"):
        if str(name) not in declaration.entry_lists:
            yield ("adds(", _functor(condition)), f"{name_of(condition)}: {name_of(name)} is no list of a record"
    in_words = _column(solver, "words", 0)
    for condition in _column(solver, "adds", 0):
        if condition not in in_words:
            yield ("adds(", _functor(condition)), f"{name_of(condition)}: an entry that could be added needs words/2"
    worded = [name for name in _column(solver, "words", 0) if _functor(name) not in functors]
    for name in worded:
        yield ("words(", _functor(name)), f"words: {name_of(name)} is no condition (asks/3, adds/3)"
    for condition, field, wanted in solver.rows("asks"):
        relation = str(wanted[0]) if isinstance(wanted, tuple) else ""
        declared = declaration.field(field)
        if _RELATIONS.get(relation) != len(wanted) - 1 if isinstance(wanted, tuple) else True:
            message = f"{name_of(condition)}: {name_of(wanted)} is nothing to ask; there are: {', '.join(_RELATIONS)}"
            yield ("asks(", _functor(condition)), message
        elif declared is not None and (relation == "one_of") == (declared.kind in _COMPARED):
            message = f"{name_of(condition)}: of {name_of(field)} no {name_of(wanted)} can be asked"
            yield ("asks(", _functor(condition)), message
    yield from _read_past(folder, solver)


def _read_past(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """What rules of items read past the conditions: a value that one asks for among others, and numbers."""
    asked: dict[Term, dict[Term, list[Term]]] = {}
    for condition, field, wanted in solver.rows("asks"):
        if isinstance(wanted, tuple):
            asked.setdefault(field, {}).setdefault(condition, []).append(wanted[1])
    for field, value in solver.rows("reads_value"):
        for condition, values in asked.get(field, {}).items():
            if value in values and len(set(values)) > 1:
                message = (
                    f"{name_of(field)} is read past the condition {name_of(condition)}, which asks for "
                    f"{name_of(value)} among other values; ask for it by a condition of its own"
                )
                yield ("given(", _functor(field)), message
    for field, number in solver.rows("reads_number"):
        if field in asked:
            message = f"{name_of(field)} is compared with {name_of(number)} past its conditions; write holds(…) instead"
            yield (_functor(field), "("), message


def _values(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """Values that no record can have in a field."""
    declaration = folder.declaration
    for term in sorted(solver.ground.expected, key=name_of):
        known, name = declaration.values(term), _functor(term)
        for value in solver.ground.expected[term] if known else ():
            if value not in (known or ()):
                shown = ", ".join(map(name_of, known or ()))
                yield (name_of(value),), f"{name}: no record can say {name_of(value)}; there are: {shown}"
        vocabulary = folder.vocabulary_of(term)
        if vocabulary is None or known:
            continue
        for value in map(str, solver.ground.expected[term]):
            if value not in vocabulary.terms:
                near = vocabulary.nearest(value.replace("_", " "))
                hint = f"; did you mean {near}?" if near else ""
                yield (value,), f"{name}: {value} is no term of the vocabulary {vocabulary.name}{hint}"
    for term, numbers in solver.compared.items():
        field, name = declaration.field(term), _functor(term)
        if field is None:
            continue
        if field.type == "date":
            yield from (((str(n),), f"{n} is no date (YYYYMMDD)") for n in numbers if day_of_number(n) is None)
            continue
        low, high = number_range(field)
        for number in numbers:
            if not low <= number <= high:
                message = f"{name}: no record can say {number}, or anything beyond it; there are: {low:g} to {high:g}"
                yield (name, str(number)), message


def _texts(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    named = _named(folder, solver)
    for subject, text in solver.rows("words"):
        arguments = map(str, range(len(subject) - 1)) if isinstance(subject, tuple) else ()
        yield from _placeholders("words", subject, str(text), {*named.get(subject, ()), *arguments})
    for subject, text in solver.rows("advisory_text"):
        yield from _placeholders("advisory_text", subject, str(text), {"n"})
    keys = {field.key for field in folder.declaration.fields if field.list}
    for place, texts in folder.phrases.items():
        for text in texts.values():
            yield from _placeholders("phrase", place, text, {"values", "entry", "n", "m", *keys})


def _named(folder: RuleFolder, solver: Solver) -> dict[Term, set[str]]:
    """What the words of each condition can name: what it asks, the entry that it is of, and what it adds."""
    found: dict[Term, set[str]] = {}
    for condition, field, wanted in solver.rows("asks"):
        own = found.setdefault(condition, set())
        own |= {"values"} if isinstance(wanted, tuple) and wanted[0] == "one_of" else {"n", "m"}
        entry = folder.declaration.entry_of(field)
        declared = folder.declaration.list_of(entry) if entry is not None else None
        own |= {"entry", *(one.key for one in declared.fields if one.required)} if declared is not None else set()
    for condition, _, content in solver.rows("adds"):
        if isinstance(content, tuple):
            found.setdefault(condition, set()).add(str(content[1]))
    return found


def _placeholders(table: str, subject: Term, text: str, names: set[str]) -> Iterator[Fault]:
    """What a text has in braces, and nothing can be put in place of."""
    functor = _functor(subject)
    try:
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        yield (f"{table}(", functor), f"the text of {name_of(subject)}: {error}"
        return
    for name in sorted(used - names):
        yield (f"{table}(", functor), f"the text of {name_of(subject)}: nothing to put in place of {{{name}}}"


def _functor(term: Term) -> str:
    return str(term[0]) if isinstance(term, tuple) else str(term)


def _in_files(folder: RuleFolder, solver: Solver) -> Iterator[str]:
    """What the ground program no longer shows: names in rules that can never apply."""
    functors = {_functor(condition) for condition in _column(solver, "condition", 0)}
    readings = {choice: (default, other) for choice, default, other in solver.rows("choice")}
    ids = {*_column(solver, "item", 0), *_column(solver, "version", 0)}
    for file, number, code in _code(folder.rule_sources):
        for name in _HELD.findall(code):
            if name not in functors:
                yield f"{file}:{number}: holds({name}…): no such condition (asks/3, adds/3)"
        for choice, value in _READING.findall(code):
            if choice not in readings:
                yield f"{file}:{number}: reading({choice}, …): no such choice (choice/3)"
            elif value and value not in readings[choice]:
                shown = " and ".join(map(name_of, readings[choice]))
                yield f"{file}:{number}: reading({choice}, {value}): no such reading; there are: {shown}"
        for name in _ID.findall(code):
            if name not in ids:
                yield f'{file}:{number}: "{name}" is no item'


def _for_every_record(folder: RuleFolder, solver: Solver) -> Iterator[str]:
    """One row of months on every day, and one document that decides, whatever the fields say that tell which."""
    firsts = filter(None, map(day_of_number, folder.first_days))
    for day in sorted({near for first in firsts for near in (first - timedelta(days=1), first)}):
        number = number_of_day(day)
        solver.assume([Between("request_date", number, number)])
        spans = [row[:-1] for row in solver.derives("approval_months")]
        for pathway in folder.pathways:
            for key in _approvals(folder, pathway):
                count = spans.count(key) + (spans.count(key[:1]) if len(key) > 1 else 0)
                if count != 1:
                    shown = ", ".join(map(name_of, key))
                    yield f"approval_months: on {day} {count} rows for {shown}, where one is needed"
    fields = folder.dependencies.fields_read_by("decided_by")
    choices = [[Given(field, value) for value in folder.declaration.values(field) or ()] for field in fields]
    for given in islice(product(*choices), _MOST_COMBINATIONS) if choices and all(choices) else ():
        solver.assume(given)
        found = [name_of(authority) for (authority,) in solver.derives("decided_by")]
        if len(found) != 1:
            shown = ", ".join(f"{name_of(fact.field)} {name_of(fact.value)}" for fact in given)
            yield f"decided_by/1: {len(found)} decide ({', '.join(found)}) with {shown}, where one is needed"
    solver.assume([])
