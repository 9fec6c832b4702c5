"""What follows from the rules themselves: which values they read of a record, and which conditions matter to an item.

The rules of a folder are read as text, literal by literal, and further rules are derived from them for the same
program: `expected/2`, `compares/2` and `caps/2` (the values and numbers that are read of each field), `asks/3` of
conditions whose terms say what they ask, `touches/2` (a condition matters to an item of this case, since some rule
below the item reads it and the rest of that rule can hold) and `could_exclude/2` (an exclusion that a value would
bring about which the record leaves open, and the entry or field of which it is).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from clingo.ast import AST, ASTType, parse_string

from reasoner.errors import RulesError
from reasoner.policy.source import SourceFile

_ASKS = 3
"""Arguments of asks/3: a condition, its field, and what it asks of it."""
_ATOM = re.compile(r"(?P<sign>(?:not )*)(?P<name>[a-z_][A-Za-z0-9_]*)(?:\((?P<args>.*)\))?\Z", re.DOTALL)
_VARIABLE = re.compile(r'"(?:[^"\\]|\\.)*"|\b(_*[A-Z]\w*)')
_FUNCTOR = re.compile(r"[a-z_]\w*")
_READS = {
    "given": "expected", "at_least": "compares", "below": "compares", "at_most": "caps", "above": "caps",
    "possible_value": "expected",
}  # fmt: skip
"""Predicates that read a value of a field of the record, and the table of the values that they read."""
_RECORD = frozenset({"given", "at_least", "below", "at_most", "above", "stated"})
_OF_ENGINE = frozenset(
    {"reading", "in_force", "established", "contradicted", "value_in_force", "satisfied", "possible_value"}
)
_ITEMS = frozenset({"met", "excludes"})
_TABLES = frozenset({"asks", "adds", "words", "accepted", "asked_value", "threshold", "item", "citation"})
"""Tables of which rules can give rows for every entry that a record could have."""
_RELATIONS = {
    "at_least": "at_least({1})", "at_most": "at_most({1})", "within": "within({1},{2})", "is": "one_of({1})",
}  # fmt: skip
"""Conditions whose terms say what they ask, such as at_least(age_years, 12)."""


class Literal(NamedTuple):
    """A literal of a body: its text and, where it is an atom, sign, predicate and arguments."""

    text: str
    negated: bool
    name: str
    args: tuple[str, ...]
    inner: tuple[Inner, ...] = ()

    @property
    def atom(self) -> str:
        """The atom without its sign, which serves as a term too."""
        return f"{self.name}({','.join(self.args)})" if self.args else self.name


class Inner(NamedTuple):
    """A literal within an aggregate or a conditional literal, with the literals beside it there."""

    literal: Literal
    beside: tuple[Literal, ...]


class Rule(NamedTuple):
    """A rule of the folder: its head as a literal, its body, and where it stands."""

    head: Literal
    body: tuple[Literal, ...]
    location: str


_PARSED: dict[tuple[str, str], tuple[Rule, ...]] = {}
"""Rules by the name and text of their file: of a folder that is loaded again, few files are others."""
_MOST_PARSED = 300


def rules_of_sources(sources: Sequence[SourceFile]) -> list[Rule]:
    """The rules of some files."""
    found: list[Rule] = []
    for source in sources:
        key = source.path.name, source.text
        if key not in _PARSED:
            if len(_PARSED) >= _MOST_PARSED:
                _PARSED.clear()
            _PARSED[key] = tuple(rules_of(source.nodes, source.path.name))
        found += _PARSED[key]
    return found


def rules_of(nodes: Iterable[AST], file: str) -> list[Rule]:
    """The rules among the statements of a file; facts are left out."""
    return [
        Rule(_literal(node.head), tuple(map(_literal, node.body)), f"{file}:{node.location.begin.line}")
        for node in nodes
        if is_rule(node)
    ]


def conditions_of_facts(nodes: Iterable[AST]) -> list[Literal]:
    """The conditions that facts of a file give, as the heads of these."""
    heads = (node.head for node in nodes if node.ast_type == ASTType.Rule and not len(node.body))
    named = (head for head in heads if _predicate(head) == "asks")
    return [literal for literal in map(_literal, named) if len(literal.args) == _ASKS]


def _predicate(head: AST) -> str:
    """The predicate of a head; empty for one that is no atom."""
    symbol = getattr(getattr(head, "atom", None), "symbol", None)
    return str(getattr(symbol, "name", ""))


def is_rule(node: AST) -> bool:
    """Whether a statement is a rule with a body."""
    return bool(node.ast_type == ASTType.Rule and len(node.body))


def with_literals(node: AST, literals: Sequence[str]) -> AST:
    """A rule with further literals, given as text, in its body."""
    return node.update(body=[*node.body, *_parsed(literals)]) if literals else node


def _parsed(literals: Sequence[str]) -> list[AST]:
    """Literals, given as text."""
    found: list[AST] = []
    parse_string(f":- {'; '.join(literals)}.", found.append)
    return [*found[-1].body]


def _literal(node: AST) -> Literal:
    text = str(node)
    found = _ATOM.match(text)
    if found and _balanced(found["args"]):
        args = tuple(split(found["args"])) if found["args"] else ()
        return Literal(text, bool(found["sign"]), found["name"], args)
    return Literal(text, False, "", (), tuple(_inner(node)) if "(" in text and ("{" in text or ":" in text) else ())


def _balanced(args: str | None) -> bool:
    """Whether the brackets of an atom's arguments close at its end, not before: p(X) : q(Y) is no atom."""
    depth = 0
    for sign in _OUTSIDE.sub("", args or ""):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return True


_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*"')


def _inner(node: AST) -> Iterator[Inner]:
    if node.ast_type == ASTType.ConditionalLiteral:
        yield from _among([node.literal], node.condition)
        return
    atom = getattr(node, "atom", node)
    for element in getattr(atom, "elements", ()):
        if element.ast_type == ASTType.ConditionalLiteral:
            yield from _among([element.literal], element.condition)
        else:
            yield from _among([], element.condition)


def _among(first: Sequence[AST], condition: Iterable[AST]) -> Iterator[Inner]:
    literals = [_literal(part) for part in (*first, *condition)]
    for place, literal in enumerate(literals):
        yield Inner(literal, (*literals[:place], *literals[place + 1 :]))


def split(text: str) -> list[str]:
    """The parts of a list at its commas, those within brackets and quotes left alone."""
    parts, depth, start, quoted = [], 0, 0, False
    for place, sign in enumerate(text):
        if sign == '"' and text[place - 1 : place] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (sign in "(") - (sign in ")")
            if sign == "," and not depth:
                parts.append(text[start:place].strip())
                start = place + 1
    return [*parts, text[start:].strip()]


def variables(*texts: str) -> frozenset[str]:
    """The variables of some texts; an anonymous one is none."""
    return frozenset(name for text in texts for name in _VARIABLE.findall(text) if name)


class Dependencies:
    """The rules of a folder with what depends on what in them."""

    def __init__(
        self,
        rules: Sequence[Rule],
        unclear: Collection[str],
        unknown: Collection[str],
        asked: Sequence[Literal],
    ) -> None:
        """The functors of fields: `unclear`, of which a record can leave open which of several values they have;
        `unknown`, in which a word can stand that is not understood. `asked`: conditions that facts give."""
        self.rules = rules
        self.unclear = unclear
        self._open = frozenset((*unclear, *unknown))
        self.by_name: dict[str, list[Rule]] = {}
        for rule in rules:
            self.by_name.setdefault(rule.head.name, []).append(rule)
        self._of_tables = self._used_for(_TABLES) | _TABLES
        conditions = [*asked, *(rule.head for rule in self.by_name.get("asks", ()))]
        self.changeable = {_functor(condition.args[1]) for condition in conditions}
        self.changeable |= {
            _functor(_field_of(literal.args[0]))
            for rule in rules
            for literal, _ in _every(rule)
            if literal.name == "holds" and _builtin(literal.args[0])
        }
        of_present = frozenset(rule.head.name for rule in rules if self._of_present(rule))
        direct = _RECORD | _OF_ENGINE | {"holds"} | _ITEMS | of_present
        self.dynamic = self._depending(lambda literal: literal.name in direct) | of_present
        self.abductive = (
            self._depending(lambda literal: literal.name == "holds" or self._reads_unclear(literal)) - _ITEMS
        )
        self.reading = self._depending(self._reads_changeable) - _ITEMS
        self.of_items = self._used_for(_ITEMS)
        self.of_exclusions = self._used_for({"excludes"})
        self._asking_open = frozenset(
            _functor(condition.args[0]) for condition in conditions if _functor(condition.args[1]) in self._open
        )
        self._asking_entries = frozenset(
            _functor(condition.args[0]) for condition in conditions if "(" in condition.args[1]
        )
        self._reading_open = self._depending(self._reads_open, positively=True)
        self._favourable = self._favouring()
        denied = (literal for rule in rules for literal in rule.body if self._is_doubtful(rule, literal))
        self._of_doubts = frozenset(
            name for literal in denied for name in (literal.name, *self._used_for({literal.name}))
        )
        self._domains: dict[str, list[str]] = {}
        self._could: dict[str, list[str]] = {}

    def _depending(self, direct: Callable[[Literal], bool], *, positively: bool = False) -> frozenset[str]:
        """The predicates with a rule whose body has such a literal, or one of these predicates."""
        found: set[str] = set()
        uses: dict[str, set[str]] = {}
        for rule in self.rules:
            for literal, _ in _every(rule):
                if positively and literal.negated:
                    continue
                if direct(literal):
                    found.add(rule.head.name)
                uses.setdefault(literal.name, set()).add(rule.head.name)
        todo = list(found)
        while todo:
            name = todo.pop()
            if name in _ITEMS:
                continue
            for user in uses.get(name, ()):
                if user not in found:
                    found.add(user)
                    todo.append(user)
        return frozenset(found)

    def _used_for(self, names: Collection[str]) -> frozenset[str]:
        """The predicates that rules for these ones use, those that other items give left out."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            for rule in self.by_name.get(todo.pop(), ()):
                for literal, _ in _every(rule):
                    if literal.name not in found and literal.name not in _ITEMS:
                        found.add(literal.name)
                        todo.append(literal.name)
        return frozenset(found)

    def _reads_changeable(self, literal: Literal) -> bool:
        if literal.name not in _RECORD or not literal.args:
            return False
        functor = _functor(literal.args[0])
        return functor in self.changeable or "" in self.changeable or functor == ""

    def of_deciding(self) -> list[str]:
        """The rules that a decision needs, as text. Raises RulesError where nothing binds a value that is read."""
        found = [*self._values_read(), *self._could_exclude()]
        return list(dict.fromkeys([*found, *(rule for rules in self._domains.values() for rule in rules)]))

    def of_explaining(self) -> list[str]:
        """The rules that an explanation needs besides, as text."""
        found = [*self._touching()]
        return list(dict.fromkeys([*found, *(rule for rules in self._could.values() for rule in rules)]))

    def fields_read_by(self, predicate: str) -> list[str]:
        """The fields of the record as a whole whose values the rules for a predicate read, in order."""
        read = (
            literal.args[0]
            for rule in self.by_name.get(predicate, ())
            for literal, _ in _every(rule)
            if literal.name == "given" and not variables(literal.args[0]) and "(" not in literal.args[0]
        )
        return sorted(dict.fromkeys(read))

    def given_in_rules(self) -> list[tuple[str, str]]:
        """The functors of fields of which rules read a value by given/2, each with file and line."""
        read = ((literal, rule.location) for rule in self.rules for literal, _ in _every(rule))
        return [
            (_functor(literal.args[0]), place) for literal, place in read if literal.name == "given" and literal.args
        ]

    # ── The values that rules read ───────────────────────────────────────────────────────────────

    def _values_read(self) -> Iterator[str]:
        for rule in self.rules:
            for literal, beside in _every(rule):
                if literal.name in _READS and len(literal.args) == 2:
                    field, value = literal.args
                    value_of = field if _READS[literal.name] == "expected" else ""
                    body = self._domain(rule, beside, literal, (field, value), field, value_of)
                    yield _rule(f"{_READS[literal.name]}({field},{value})", body)
                    if rule.head.name in self.of_items | _ITEMS and self._reads_changeable(literal):
                        past = "reads_value" if literal.name == "given" else "reads_number"
                        yield _rule(f"{past}({field},{value})", body)
                elif literal.name == "stated" and literal.args:
                    body = self._domain(rule, beside, literal, literal.args, literal.args[0])
                    yield _rule(f"asks_whether_stated({literal.args[0]})", body)
                elif literal.name == "holds" and literal.args and (relation := _builtin(literal.args[0])):
                    term = literal.args[0]
                    parts = split(term.partition("(")[2].removesuffix(")"))
                    body = self._domain(rule, beside, literal, parts, parts[0])
                    if relation == "among":
                        listed = f"accepted({parts[1]},{parts[0]},Value_)"
                        yield _rule(f"asks({term},{parts[0]},one_of(Value_))", [*body, listed])
                    else:
                        asked = _RELATIONS[relation].format(*parts)
                        yield _rule(f"asks({term},{parts[0]},{asked})", body)

    def _domain(
        self, rule: Rule, beside: Sequence[Literal], literal: Literal, terms: Sequence[str], field: str = "",
        value_of: str = "",
    ) -> list[str]:  # fmt: skip
        """Literals of tables alone that bind the variables of the terms.

        A term that is a field (`field`) can be bound by those that are declared, its value by its closed values.
        """
        positive = [other for other in beside if not other.negated and other.name]
        body = [other.text for other in positive if self._is_static(other)]
        wanted = variables(*terms) - variables(*body)
        for other in positive:
            if not self._is_static(other) and wanted & variables(other.text) and self._has_domain(other.name):
                body.append(f"domain({other.atom})")
                wanted -= variables(other.text)
        read = [field, *(other.args[0] for other in positive if other.name in _RECORD)]
        held = [other.args[0] for other in positive if other.name == "holds"]
        tables = [f"field({term})" for term in read if term]
        tables += (f"field({_field_of(term)})" if _builtin(term) else f"condition({term})" for term in held)
        for table in tables:
            if wanted & variables(table):
                body.append(table)
                wanted -= variables(table)
        if value_of and wanted:
            body.append(f"value({value_of},{terms[1]})")
            wanted -= variables(terms[1])
        if wanted:
            names = " and ".join(sorted(wanted))
            raise RulesError(
                f"{rule.location}: {literal.text}: no table binds {names}; a value that is read of the record, and "
                "what it is compared with, stand in a table, such as threshold/3"
            )
        bound = variables(*body)
        return body + [other.text for other in beside if _is_comparison(other) and variables(other.text) <= bound]

    def _is_static(self, literal: Literal) -> bool:
        name = literal.name
        return bool(name) and name not in self.dynamic and name not in _RECORD | _OF_ENGINE | {"holds"} | _ITEMS

    def _has_domain(self, name: str) -> bool:
        """Whether all that a predicate can be true of follows from tables; its rules without what the record says."""
        if name in ("value_in_force", "in_force"):
            return True
        if name in _RECORD | _OF_ENGINE | {"holds"} | _ITEMS or name not in self.by_name:
            return False
        if name not in self._domains:
            self._domains[name] = []
            for rule in self.by_name[name]:
                body = self._domain(rule, rule.body, rule.head, rule.head.args)
                self._domains[name].append(_rule(f"domain({rule.head.atom})", body))
        return True

    # ── The conditions that matter to an item ────────────────────────────────────────────────────

    def _touching(self) -> Iterator[str]:
        for rule in self.rules:
            head = rule.head
            if head.name in _ITEMS:
                target = f"touches({head.args[0]},{{}})"
            elif head.name in (self.abductive | self.reading) & self.of_items:
                target = f"matters({head.atom},{{}})"
            else:
                continue
            if head.name == "excludes" or head.name in self.of_exclusions:
                for literal, _ in _every(rule):
                    if literal.name == "holds":
                        yield f"can_exclude({literal.args[0]}) :- condition({literal.args[0]})."
            if head.name == "excludes":  # what makes it exclude matters while it does
                for literal, others in _every(rule):
                    within = [other.text for other in others if other not in rule.body and not other.negated]
                    yield from self._through(target, literal, [*(own.text for own in rule.body), *within])
                continue
            for place, literal in enumerate(rule.body):
                rest = [*rule.body[:place], *rule.body[place + 1 :]]
                yield from self._through(target, literal, self._possible(rest))
                if self._is_doubtful(rule, literal):  # which of its values it is decides
                    known = ["is_of(Field_,Of_)", "identity(Condition_,Field_,_)", "open(Condition_)"]
                    possible = [*self._possible(rest), self._with_candidate(literal, "Of_"), *known]
                    yield _rule(target.format("Condition_"), possible)
                for inner, beside in literal.inner:
                    yield from self._through(target, inner, self._possible([*rest, *beside]))

    def _through(self, target: str, literal: Literal, rest: list[str]) -> Iterator[str]:
        """The rules by which a literal makes conditions matter to what its rule derives."""
        if literal.name == "holds":
            condition = literal.args[0]
            bound = rest if variables(condition) <= variables(*rest) else [*rest, f"condition({condition})"]
            yield _rule(target.format(condition), bound)
        elif literal.name in self.abductive | self.reading:
            yield _rule(target.format("Condition_"), [f"matters({literal.atom},Condition_)", *rest])
        elif self._reads_changeable(literal):
            field, reads = literal.args[0], [literal.text, f"on(Condition_,{literal.args[0]})", *rest]
            if literal.name != "given":
                yield _rule(target.format("Condition_"), reads)
                return
            yield _rule(target.format("Condition_"), [*reads, f"not many({field})"])
            # a list gets a value beside those that it has: only a condition that asks for this one matters
            own = f"only_value(Condition_,{literal.args[1]})"
            yield _rule(target.format("Condition_"), [*reads, f"many({field})", own])

    def _possible(self, literals: Iterable[Literal], bound: frozenset[str] = frozenset()) -> list[str]:
        """A body as it is where everything that is open is supposed; what is negated of it is left out."""
        found, later = [], []
        for literal in literals:
            if literal.name == "holds":
                if not literal.negated:
                    found.append(f"possible({literal.args[0]})")
            elif literal.name in self.abductive:
                if not literal.negated:
                    found.append(f"could({literal.atom})")
                    self._add_could(literal.name)
            elif literal.name == "reading" and not literal.negated:
                found.append(f"by_default({','.join(literal.args)})")
            elif literal.name and not literal.negated:
                found.append(literal.text)
            elif not any(self._is_abductive(inner) for inner, _ in literal.inner):
                later.append(literal)
        bound |= variables(*found)
        assigned = [other.text for other in later if "=" in other.text and not variables(other.text) <= bound]
        return [*found, *(other.text for other in later if other.text in assigned or variables(other.text) <= bound)]

    def _add_could(self, name: str) -> None:
        """The rules that tell of which atoms of a predicate something open could make true."""
        if name not in self._could:
            self._could[name] = []
            for rule in self.by_name[name]:
                bodies = self._possible_bodies(rule.body)
                self._could[name] += [_rule(f"could({rule.head.atom})", body) for body in bodies]

    def _possible_bodies(self, literals: Sequence[Literal]) -> Iterator[list[str]]:
        """The bodies in which what is given of an ambiguous field may be one of its candidates as well."""
        places = [place for place, literal in enumerate(literals) if self._reads_unclear(literal)]
        for size in range(len(places) + 1):
            for chosen in combinations(places, size):
                rest = [literal for place, literal in enumerate(literals) if place not in chosen]
                read = [f"possible_value({','.join(literals[place].args)})" for place in chosen]
                yield [*read, *self._possible(rest, bound=variables(*read))]

    def _is_abductive(self, literal: Literal) -> bool:
        return literal.name == "holds" or literal.name in self.abductive | _ITEMS

    # ── Exclusions that an ambiguous value would bring about ─────────────────────────────────────

    def _could_exclude(self) -> Iterator[str]:
        for rule in self.rules:
            if rule.head.name == "excludes":
                target = f"could_exclude({rule.head.args[0]},{{}})"
            elif rule.head.name in self._reading_open & (self.of_exclusions | self._of_doubts):
                target = f"with_candidates({rule.head.atom},{{}})"
            else:
                continue
            places = [
                place for place, literal in enumerate(rule.body)
                if not literal.negated and (self._reads_open(literal) or literal.name in self._reading_open)
            ]  # fmt: skip
            for size in range(1, len(places) + 1):
                for chosen in combinations(places, size):
                    body = [literal.text for place, literal in enumerate(rule.body) if place not in chosen]
                    body += (self._with_candidate(rule.body[place], f"Of_{place}") for place in chosen)
                    yield from (_rule(target.format(f"Of_{place}"), body) for place in chosen)
        for rule in self.rules:
            for literal in rule.body:
                of_exclusion = rule.head.name == "excludes" or rule.head.name in self.of_exclusions | self._of_doubts
                doubted = self._reads_open(literal) and (of_exclusion or self._is_doubtful(rule, literal))
                if literal.name == "holds":
                    condition = literal.args[0]
                    if doubted:
                        yield f"can_be_meant(Field_) :- on({condition},Field_)."
                        yield f"doubted({condition}) :- condition({condition})."
                    elif self._reads_open(literal) and not literal.negated:
                        yield f"favoured({condition}) :- condition({condition})."
                elif doubted or (literal.name == "possible_value" and _functor(literal.args[0]) in self._open):
                    yield f"can_be_meant({literal.args[0]}) :- field({literal.args[0]})."

    @cached_property
    def counts_entries(self) -> bool:
        """Whether a rule counts, or says of all, what it reads of entries."""
        inner = [literal for rule in self.rules for one in rule.body for literal, _ in one.inner]
        if not inner:
            return False
        reading = self._depending(self._is_of_entries) - _ITEMS
        return any(self._is_of_entries(literal) or literal.name in reading for literal in inner)

    def _is_of_entries(self, literal: Literal) -> bool:
        """Whether a literal is of entries, or of a field of some."""
        if literal.name == "holds":
            condition = literal.args[0]
            return "(" in _field_of(condition) if _builtin(condition) else _functor(condition) in self._asking_entries
        return literal.name == "entry" or (literal.name in _RECORD and "(" in literal.args[0])

    # ── Entries that the record does not have ────────────────────────────────────────────────────

    def with_present_entries(self, rule: Rule, node: AST) -> AST:
        """A rule that holds of entries which the record has, not of every one that it could have."""
        return _with_present(node) if self._of_present(rule) else node

    def _of_present(self, rule: Rule) -> bool:
        """Whether a rule could hold of an entry that the record does not have."""
        return rule.head.name not in self._of_tables and any(
            _is_unguarded(literal, beside) for literal, beside in _every(rule)
        )

    # ── What is open is not taken as absent ──────────────────────────────────────────────────────

    def doubts(self, rule: Rule) -> list[str]:
        """What a rule needs besides, where it counts in favour of an approval: that what it denies cannot be either."""
        return [self._undoubted(literal) for literal in rule.body if self._is_doubtful(rule, literal)]

    def _is_doubtful(self, rule: Rule, literal: Literal) -> bool:
        """Whether a rule in favour of an approval denies what an open value could make true."""
        favours = rule.head.name == "met" or rule.head.name in self._favourable
        return favours and literal.negated and (self._reads_open(literal) or literal.name in self._reading_open)

    @staticmethod
    def _undoubted(literal: Literal) -> str:
        if literal.name in ("given", "holds"):
            return f"not {_possibly(literal)}"
        return f"not with_candidates({literal.atom},_)"

    def _favouring(self) -> frozenset[str]:
        """The predicates that can only help an approval: through an even number of `not` to an item that is met."""
        found: dict[str, set[bool]] = {}
        todo = [("met", True), ("excludes", False)]
        while todo:
            name, favours = todo.pop()
            for rule in self.by_name.get(name, ()):
                signs = [(literal.name, favours != literal.negated) for literal in rule.body]
                signs += ((inner.name, sign) for one in rule.body for inner, _ in one.inner for sign in (True, False))
                for used, sign in signs:
                    if used not in _ITEMS and sign not in found.setdefault(used, set()):
                        found[used].add(sign)
                        todo.append((used, sign))
        return frozenset(name for name, signs in found.items() if signs == {True})

    def _reads_open(self, literal: Literal) -> bool:
        """Whether a literal reads a field of which a record can leave open what it has."""
        if literal.name == "given":
            return _functor(literal.args[0]) in self._open
        if literal.name != "holds":
            return False
        condition = literal.args[0]
        if _builtin(condition):
            return _functor(_field_of(condition)) in self._open
        return _functor(condition) in self._asking_open

    def _reads_unclear(self, literal: Literal) -> bool:
        return literal.name == "given" and not literal.negated and _functor(literal.args[0]) in self.unclear

    @staticmethod
    def _with_candidate(literal: Literal, of: str) -> str:
        """The literal with a value that is possible; `of` is the variable for whose value it is."""
        if literal.name == "given":
            return f"{_possibly(literal)}; is_of({literal.args[0]},{of})"
        if literal.name == "holds":
            return f"{_possibly(literal)}; on({literal.args[0]},Field_{of}); is_of(Field_{of},{of})"
        return f"with_candidates({literal.atom},{of})"


def _every(rule: Rule) -> Iterator[tuple[Literal, list[Literal]]]:
    """The literals of a body, also those within aggregates and conditions, each with the others beside it."""
    for place, literal in enumerate(rule.body):
        rest = [*rule.body[:place], *rule.body[place + 1 :]]
        if literal.name:
            yield literal, rest
        for inner, beside in literal.inner:
            yield inner, [*rest, *beside]


def _is_unguarded(literal: Literal, beside: Iterable[Literal]) -> bool:
    """Whether a literal is of every entry that a record could have, and none beside it asks what is said of it."""
    if literal.name != "entry" or literal.negated or len(literal.args) != 2:
        return False
    asked = [other.text for other in beside if not other.negated and other.name in _RECORD | {"holds"}]
    entry = variables(literal.args[1])
    return not entry or not entry & variables(*asked)


def _with_present(node: AST) -> AST:
    """A rule, aggregate or conditional literal in which each entry that is unguarded is one that the record has."""
    if node.ast_type == ASTType.Rule:
        node = node.update(body=[_with_present(part) for part in node.body])
        return with_literals(node, _present(map(_literal, node.body)))
    if node.ast_type == ASTType.ConditionalLiteral:
        return node.update(
            condition=[*node.condition, *_parsed(_present(map(_literal, (node.literal, *node.condition))))]
        )
    if node.ast_type == ASTType.BodyAggregateElement:
        return node.update(condition=[*node.condition, *_parsed(_present(map(_literal, node.condition)))])
    if node.ast_type == ASTType.Literal and hasattr(node.atom, "elements"):
        return node.update(atom=node.atom.update(elements=[_with_present(part) for part in node.atom.elements]))
    return node


def _present(literals: Iterable[Literal]) -> list[str]:
    """What the literals need besides: that the record has the entries which are unguarded among them."""
    among = list(literals)
    unguarded = (one for place, one in enumerate(among) if _is_unguarded(one, [*among[:place], *among[place + 1 :]]))
    return [f"present({one.args[1]})" for one in unguarded]


def _possibly(literal: Literal) -> str:
    """What a literal says, of what the record leaves open."""
    return f"{'possible_value' if literal.name == 'given' else 'possibly_holds'}({','.join(literal.args)})"


def _field_of(term: str) -> str:
    """The field of a condition whose term says what it asks."""
    return split(term.partition("(")[2].removesuffix(")"))[0]


def _builtin(term: str) -> str:
    """The relation of a condition whose term says what it asks; empty: none."""
    name = term.partition("(")[0]
    return name if "(" in term and (name in _RELATIONS or name == "among") else ""


def _functor(term: str) -> str:
    """The functor of a field; empty where it is a variable."""
    found = _FUNCTOR.match(term)
    return found.group() if found else ""


def _is_comparison(literal: Literal) -> bool:
    return not literal.name and not literal.inner and "{" not in literal.text and ":" not in literal.text


def _rule(head: str, body: Sequence[str]) -> str:
    return f"{head} :- {'; '.join(dict.fromkeys(body))}." if body else f"{head}."
