"""What would make verdicts wrong without a word from the solver: found before any record is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import chain, islice, product
from string import Formatter
from typing import TYPE_CHECKING

from facts.declaration import DeclarationError
from facts.faults import close_to
from facts.periods import day_of_number, number_of_day
from facts.terms import Between, Given, Term
from reasoner.engine.messages import UNBOUND
from reasoner.engine.solver import Solver
from reasoner.errors import RulesError
from reasoner.policy.conditions import IDENTITIES, name_of
from reasoner.policy.record_facts import number_range
from reasoner.policy.request import DATE, USE
from reasoner.policy.source import SourceFile

if TYPE_CHECKING:
    from facts.words import Vocabulary
    from reasoner.policy.dependencies import Literal, Rule
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
_BOUNDS = ("at_least", "below", "at_most", "above")
"""Predicates by which rules compare a number."""
_LINES_OF_RULE = 12
"""Lines below the first one of a rule in which a literal of it is looked for."""
_FIRST_DAY = "#inf"
"""The first day of a version that is in force from the beginning."""
_MOST_COMBINATIONS = 500
"""Combinations of values that are tried of the fields that decide whose terms count."""


class Hint(str):
    """A text that the line of a fault has, if any line has it: it tells lines from each other."""

    __slots__ = ()


Fault = tuple[tuple[str, ...] | str, str]
"""Texts that stand together in the line where a fault is, or file and line; and the fault in words."""


def faults(folder: RuleFolder, solver: Solver) -> list[str]:
    """Every fault of a ground rule folder, in words, with file and line; none: it can be trusted so far."""
    if too_large := list(_too_large(folder.sources)):
        return too_large
    solver.answer_set()
    found = [fault for check in (_tables, _rows, _ids) for fault in check(solver)]
    of_folder = (_items, _versions, _day, _months, _fields, _conditions, _values, _texts)
    found += [fault for check in of_folder for fault in check(folder, solver)]
    lines = list(_code([*folder.rule_sources, *folder.sources])) if found else []
    placed = [f"{at if isinstance(at, str) else _location(lines, at)}{message}" for at, message in found]
    messages = [
        *placed,
        *_numbers_given(folder),
        *_repeated_choices(folder),
        *_in_files(folder, solver, placed),
        *(_for_every_record(folder, solver) if not found else ()),
    ]
    return list(dict.fromkeys(messages))


_NOT_WHOLE = re.compile(
    r"(?P<field>.+) is compared with (?P<quote>['\"])(?P<value>.*)(?P=quote), which is no whole number"
)


_NOT_ACCEPTED = re.compile(r'.*: no rule and no fact gives accepted\("?(?P<item>.*?)"?,(?P<field>.*),Value_\)')


def located(sources: Sequence[SourceFile], error: RulesError) -> RulesError:
    """The error of a program, which speaks of what is derived from the rules, with file, line and remedy."""
    lines = list(_code(sources))
    return RulesError("\n".join(_located(lines, message) for message in str(error).splitlines()))


def _located(lines: Sequence[tuple[str, int, str]], message: str) -> str:
    if found := _NOT_ACCEPTED.match(message):
        term = ("among", found["field"], found["item"])
        at = _location(lines, ("among(", *_parts(found["field"].partition("(")[0]), Hint(found["item"])))
        return f"{at}holds({name_of(term)}): no such condition{_instead(term)}"
    found = _NOT_WHOLE.fullmatch(message)
    if found is None:
        return message
    field, written = found["field"].partition("(")[0], (f'"{found["value"]}"', found["value"])
    for value in written if field == DATE else ():
        of_version = re.compile(rf"\bversion\(.*,\s*{re.escape(value)}\s*\)")
        for file, number, line in lines:
            if of_version.search(line):
                wanted = f"the first day of a version is a whole number, YYYYMMDD, or {_FIRST_DAY}"
                return f"{file}:{number}: {wanted}; {found['value']} is none"
    at = next((at for value in written if (at := _location(lines, (value, Hint(field))))), "")
    return f"{at}{message}; numbers are written without quotes, dates as YYYYMMDD"


_UNBOUND = re.compile(rf"(?P<at>.*?:(?P<line>\d+)):\d+: {UNBOUND} (?P<name>_*[A-Z]\w*):")


def unbound_in_declaration(source: SourceFile, error: RulesError) -> RulesError:
    """The error of a declaration in which nothing binds a variable, with what would bind it, or stand in its place."""
    lines = source.program.splitlines()
    return RulesError("\n".join(_unbound_in(lines, message) for message in str(error).splitlines()))


def _unbound_in(lines: Sequence[str], message: str) -> str:
    found = _UNBOUND.match(message)
    if found is None:
        return message
    name, line = found["name"], lines[int(found["line"]) - 1]
    if re.search(rf"\bfield\(\s*\"[^\"]*\"\s*,\s*{name}\b", line):
        hint = f"the name of a field is written in small letters, {name.lower()}; {name} is a variable"
    elif listed := re.search(r'"(\w+)\[\]\.', line):
        hint = f'a field of each entry ends with :- list("{listed[1]}", {name}, _)'
    else:
        hint = (
            f'only fields of entries ("list[].key") are of an entry {name}; others have a plain name in small letters'
        )
    return f"{found['at']}: {UNBOUND} {name}: {hint}"


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
    """File and line of the line with all the texts, each as a whole name; of several, of the first with most hints.

    Where no line has them all, the last ones are left out; of one alone, nothing is said.
    """
    hints = [needle for needle in needles if isinstance(needle, Hint)]
    needed = [needle for needle in needles if not isinstance(needle, Hint)]
    best, most = "", -1
    while needed:
        for file, number, line in lines:
            if all(_whole(needle).search(line) for needle in needed):
                count = sum(_whole(hint).search(line) is not None for hint in hints)
                if count > most:
                    best, most = f"{file}:{number}: ", count
        if best or len(needed) == 1:
            return best
        needed.pop()
    return ""


@lru_cache(maxsize=1000)
def _whole(needle: str) -> re.Pattern[str]:
    """A text that is no part of a longer name, such as 1.C of 1.C.i."""
    before = r"(?<!\w)(?<!\w\.)" if re.match(r"\w", needle) else ""
    after = r"(?!\.?\w)" if re.search(r"\w\Z", needle) else ""
    return re.compile(f"{before}{re.escape(needle)}{after}")


def _literals(folder: RuleFolder) -> Iterator[tuple[Rule, Literal]]:
    """The literals of the folder's rules, those within aggregates and conditions as well."""
    for rule in folder.dependencies.rules:
        for literal in rule.body:
            yield rule, literal
            yield from ((rule, inner.literal) for inner in literal.inner)


def _where_read(folder: RuleFolder, predicates: Sequence[str], functor: str, value: Term) -> str:
    """File and line where a rule of an item reads a field by one of these predicates, and a value if it names one."""
    of_items = {"met", "excludes", *folder.dependencies.of_items}
    read = [
        (rule, literal)
        for rule, literal in _literals(folder)
        if literal.name in predicates and rule.head.name in of_items and literal.args[0].split("(")[0] == functor
    ]
    named = [rule for rule, literal in read if literal.args[-1].strip('"') == name_of(value)]
    for rule in (*named, *(rule for rule, _ in read)):
        return _full(folder, rule.location, *(f"{predicate}({functor}" for predicate in predicates))
    return ""


def _full(folder: RuleFolder, location: str, *texts: str) -> str:
    """The location of a rule with the whole path, in the line of it, or soon below, that has one of the texts."""
    name, _, number = location.rpartition(":")
    source = next(source for source in folder.rule_sources if source.path.name == name)
    lines = source.program.splitlines()
    for place in range(int(number), min(int(number) + _LINES_OF_RULE, len(lines)) + 1):
        if any(_whole(text).search(lines[place - 1]) for text in texts):
            return f"{source.path}:{place}: "
    return f"{source.path}:{number}: "


def _parts(term: Term) -> tuple[Hint, ...]:
    """The names, texts and numbers of a term, which can tell its line from others."""
    if isinstance(term, tuple):
        return tuple(chain.from_iterable(map(_parts, term)))
    return (Hint(name_of(term)),)


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


def _items(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    items = {str(item): (str(parent), title) for item, parent, title in solver.rows("item")}
    pathways = _column(solver, "pathway", 0)
    cited = [str(row[0]) for row in solver.rows("citation")]
    barring = {*_column(solver, "exclusion", 0), *_column(solver, "authority", 0)}
    excluded = {row[0] for row in solver.possible("excludes")}
    if barring - excluded and any(literal.name == "possible_value" for _, literal in _literals(folder)):
        excluded |= {row[0] for row in folder.solver_of_open_values().possible("excludes")}
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
        elif parent and not item.startswith(f"{parent}."):
            yield at, f"the item {item} stands below {parent}; its id is to begin with {parent}., as in {parent}.{item}"
        if not title:
            yield at, f"the item {item} has no title"
        if cited.count(item) != 1:
            yield at, f"the item {item} needs one citation/2, and has {cited.count(item)}"
        if item not in derived and item not in barring:
            yield at, f"no rule can meet the item {item} (met/1) or make it exclude (excludes/1)"
    for barred in sorted(barring - excluded, key=str):
        table = "exclusion(" if barred in _column(solver, "exclusion", 0) else "authority("
        yield (table, f'"{barred}"'), f"{barred} is declared to exclude, and no rule makes it so (excludes/1)"
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


def _versions(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """Versions of which one has to be in force on each day, and not two."""
    rows = solver.rows("version")
    names: dict[Term, list[str]] = {}
    for version, day in rows:
        names.setdefault(day, []).append(name_of(version))
    for day, found in names.items():
        if len(found) > 1:
            message = f"the versions {' and '.join(found)} begin on one day, {day}; one of them is in force on a day"
            yield ("version(", found[-1], Hint(day)), message
    given = "in_force" in folder.dependencies.by_name
    days = sorted((day, name_of(version)) for version, day in rows if isinstance(day, int))
    if days and _FIRST_DAY not in names and not given:
        day, version = days[0]
        message = f"no version is in force before {day}; the first one is in force from {_FIRST_DAY} on"
        yield ("version(", version, Hint(day)), f"{message}: version({version}, {_FIRST_DAY})"


def _repeated_choices(folder: RuleFolder) -> Iterator[str]:
    """A choice that is declared in two lines: a reading is changed in one of them, and stays in the other."""
    first: dict[str, str] = {}
    for source in folder.rule_sources:
        if "choice(" not in source.program:
            continue
        for node in source.nodes:
            text = str(node)
            if text.startswith("choice("):
                at = f"{source.path}:{node.location.begin.line}"
                if first.setdefault(text, at) != at:
                    yield f"{at}: {text.removesuffix('.')} stands in {first[text]} as well; keep one of them"


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
                near = [name_of(one.name) for one in declaration.fields if _functor(one.name) == name]
                near = near or close_to(name, known)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
                read = f"({name}{'(' if isinstance(term, tuple) else ','}"
                yield (read, *_parts(term)), f"{name_of(term)}: no such field is declared in record.lp; {hint}"
            elif number and field.kind not in _COMPARED:
                asked = (f"{relation}({name}" for relation in (*_BOUNDS, "within"))
                hints = map(Hint, (*_BOUNDS, "within", *asked))
                yield (name, *hints), f"{name_of(term)} holds no number, and is compared with one"
            elif not number and field.kind in _COMPARED:
                hints = map(Hint, (f"is({name}", f"among({name}", f"given({name}", "one_of"))
                yield (name, *hints), f"{name_of(term)} is a number: compare it with at_least or at_most"


def _numbers_given(folder: RuleFolder) -> Iterator[str]:
    """Numbers that rules read as values: of a number nothing is given, it is only compared."""
    kinds: dict[str, set[bool]] = {}
    for field in folder.declaration.fields:
        kinds.setdefault(_functor(field.name), set()).add(field.kind in _COMPARED)
    for functor, location in folder.dependencies.given_in_rules():
        if kinds.get(functor) == {True}:
            at = _full(folder, location, f"given({functor}")
            yield f"{at}{functor} is a number: compare it with at_least or at_most"


def _conditions(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    declaration = folder.declaration
    concerned = {_functor(condition) for condition in _column(solver, "concerns", 1)}
    functors = dict.fromkeys(map(_functor, _column(solver, "condition", 0)))
    for functor in functors:
        if functor not in concerned and functor not in IDENTITIES:
            message = f"no rule of an item reads the condition {functor}: it would be in no explanation"
            yield ("asks(", functor), message
    known = _column(solver, "condition", 0)
    for condition in _column(solver, "concerns", 1):
        if condition not in known:
            at = ("holds(", f"{_functor(condition)}(" if isinstance(condition, tuple) else _functor(condition))
            yield (*at, *_parts(condition)), f"holds({name_of(condition)}): no such condition{_instead(condition)}"
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
            yield ("asks(", _functor(condition), *_parts(wanted)), message
        elif (
            declared is not None
            and (relation == "one_of") == (declared.kind in _COMPARED)
            and _functor(condition) not in (*_RELATIONS, "is", "among")  # of which the fields are looked at
        ):
            message = f"{name_of(condition)}: of {name_of(field)} no {name_of(wanted)} can be asked"
            yield ("asks(", _functor(condition), *_parts(wanted)), message
    yield from _reversed_ranges(solver)
    yield from _read_past(folder, solver)


def _instead(condition: Term) -> str:
    """What to write in place of a condition that there is not."""
    functor = _functor(condition)
    if functor in ("below", "above"):
        other, limit = ("at_most", "N-1") if functor == "below" else ("at_least", "N+1")
        return f"; write {other}(F, {limit}), or read {functor}(F, N) without holds(…)"
    if functor == "among" and isinstance(condition, tuple) and len(condition) == 3:
        field, item = map(name_of, condition[1:])
        return f'; accepted/3 has no value of {field} for {item}: accepted("{item}", {field}, …)'
    return " (asks/3, adds/3)"


def _reversed_ranges(solver: Solver) -> Iterator[Fault]:
    """Ranges whose least number is above the greatest: none meets them.

    Numbers of several versions are asked for in each combination: one with the least of a range that is right and
    the greatest of another is none that the rules mean.
    """
    ranges = [
        (field, wanted[1:])
        for _, field, wanted in solver.rows("asks")
        if isinstance(wanted, tuple) and wanted[0] == "within"
    ]
    numbers = [(field, *ends) for field, ends in ranges if len(ends) == 2]
    whole = [(field, low, high) for field, low, high in numbers if isinstance(low, int) and isinstance(high, int)]
    right = [(field, low, high) for field, low, high in whole if low <= high]
    for field, low, high in dict.fromkeys(whole):
        crossed = any((field, low) == row[:2] for row in right) and any((field, high) == row[::2] for row in right)
        if low > high and not crossed:
            message = f"{_functor(field)}: no number is {low} or more and {high} or less; the least comes first"
            at = ("within(", _functor(field), *map(Hint, (low, high)))
            yield at, f"{message}: within(F, {high}, {low})"


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
                yield _where_read(folder, ("given",), _functor(field), value), message
    for field, number in solver.rows("reads_number"):
        if field in asked:
            message = f"{name_of(field)} is compared with {name_of(number)} past its conditions; write holds(…) instead"
            yield _where_read(folder, _BOUNDS, _functor(field), number), message


def _values(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    """Values that no record can have in a field."""
    declaration = folder.declaration
    for term in sorted(solver.ground.expected, key=name_of):
        known, name = declaration.values(term), _functor(term)
        for value in solver.ground.expected[term] if known else ():
            if value not in (known or ()):
                shown = ", ".join(map(name_of, known or ()))
                yield (name_of(value), Hint(name)), f"{name}: no record can say {name_of(value)}; there are: {shown}"
        vocabulary = folder.vocabulary_of(term)
        if vocabulary is None or known:
            continue
        for value in map(str, solver.ground.expected[term]):
            if value not in vocabulary.terms:
                yield (value, Hint(name)), _no_term(name, value, vocabulary)
    vocabulary = folder.vocabulary_of(USE)
    for named in map(name_of, _column(solver, "pathway", 1)):
        if vocabulary is not None and named not in vocabulary.terms:
            yield ("pathway(", named), _no_term("pathway", named, vocabulary)
    for condition, entries, content in solver.rows("adds"):
        if str(entries) in declaration.entry_lists and isinstance(content, tuple):
            key, added = content[1:]
            at = ("adds(", _functor(condition), Hint(name_of(added)))
            yield from ((at, message) for message in _not_to_be_added(folder, str(entries), key, added))
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
                yield (str(number), Hint(name)), message


def _no_term(what: str, value: str, vocabulary: Vocabulary) -> str:
    written = value.replace("_", " ")
    terms = vocabulary.meaning(written) or vocabulary.meaning(vocabulary.nearest(written) or "")
    hint = f"; did you mean {' or '.join(terms)}?" if terms else ""
    return f"{what}: {value} is no term of the vocabulary {vocabulary.name}{hint}"


def _not_to_be_added(folder: RuleFolder, name: str, key: Term, value: Term) -> Iterator[str]:
    """What is wrong with a word of an entry that a condition adds to a list: it is none that rules could read."""
    field = next((one for one in folder.declaration.entry_lists[name].fields if one.key == key), None)
    vocabulary = folder.vocabularies.get(field.vocabulary or "") if field is not None else None
    if vocabulary is not None and value not in vocabulary.terms:
        yield _no_term(f"adds: {name}[].{key}", name_of(value), vocabulary)


def _texts(folder: RuleFolder, solver: Solver) -> Iterator[Fault]:
    named = _named(folder, solver)
    for subject, text in solver.rows("words"):
        arguments = map(str, range(len(subject) - 1)) if isinstance(subject, tuple) else ()
        yield from _placeholders("words", subject, str(text), {*named.get(subject, ()), *arguments})
    for subject, text in solver.rows("advisory_text"):
        yield from _placeholders("advisory_text", subject, str(text), {"n"})
    keys = {field.key for field in folder.declaration.fields if field.list}
    for place, texts in folder.phrases.items():
        for asked, text in texts.items():
            if asked.partition("(")[0] not in _RELATIONS:
                message = f"phrase: {asked} is nothing to ask of {place}; there are: {', '.join(_RELATIONS)}"
                yield ("phrase(", f'"{place}"', asked), message
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


def _in_files(folder: RuleFolder, solver: Solver, placed: Sequence[str]) -> Iterator[str]:
    """What the ground program no longer shows, and what is `placed` does not say: names that lead nowhere."""
    functors = {_functor(condition) for condition in _column(solver, "condition", 0)}
    readings = {choice: (default, other) for choice, default, other in solver.rows("choice")}
    ids = {*_column(solver, "item", 0), *_column(solver, "version", 0)}
    for file, number, code in _code(folder.rule_sources):
        for name in _HELD.findall(code):
            at = f"{file}:{number}: holds({name}"
            if name not in functors and not any(message.startswith(at) for message in placed):
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
