"""What is odd in a rule folder although it loads: nothing uses it, it cannot hold, or it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.analysis.distinguish import BOUND, may_differ
from reasoner.analysis.watched import HOLDS, bodies, watching
from reasoner.policy.predicate_names import unused
from reasoner.policy.syntax import Predicate, RuleFile, Statement, rule_files
from reasoner.suites.suite import SuiteCase
from reasoner.verdict.policy import Policy

_PREDICATE = re.compile(r"([a-z_][A-Za-z0-9_]*)/(\d+)")
_SAYS = re.compile(r"^%\s*(?:Uses|Gives)\s", re.MULTILINE)
_BANNER = re.compile(r"%\s*[═─]{2,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd: where, and what would mend it."""

    location: str
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


def findings(policy: Policy, cases: Sequence[SuiteCase] | None = None) -> Iterator[Finding]:
    """All that is odd; with the cases of suites also the items of which none of them expects anything."""
    files = rule_files(policy.rule_sources)
    yield from (Finding(location, message) for location, message in unused(files))
    yield from _banners(rule_files(policy.sources))
    yield from _dead_rules(policy, files)
    yield from _settled_items(policy)
    yield from _idle_choices(policy, files)
    if cases is not None:
        yield from _untried_items(policy, cases)


# ── The banners over the blocks say what a block uses and gives ──────────────────────────────────


@dataclass(slots=True)
class _Block:
    """Statements from a banner that says what they use and give to the next such banner."""

    line: int
    comment: str
    statements: list[Statement]

    def named(self, word: str) -> set[Predicate] | None:
        """The predicates after `Uses` or `Gives` in the banner; None where there is no such line."""
        found = re.search(rf"^%\s*{word}\s+((?:.*\n)(?:%\s{{4,}}.*\n)*)", self.comment, re.MULTILINE)
        return {(n, int(a)) for n, a in _PREDICATE.findall(found[1])} if found else None


def _blocks(file: RuleFile) -> list[_Block]:
    lines = file.text.split("\n")
    starts = [number for number, line in enumerate(lines, start=1) if _BANNER.match(line)]
    blocks: list[_Block] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines) + 1
        comment = "".join(f"{line}\n" for line in takewhile(_is_comment, lines[start - 1 : end - 1]))
        own = [s for s in file.statements if s.is_rule and start <= s.line < end]
        if blocks and _SAYS.search(comment) is None:
            blocks[-1].statements += own
        else:
            blocks.append(_Block(start, comment, own))
    return blocks


def _is_comment(line: str) -> bool:
    return line.startswith("%")


def _banners(files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Banners that do not name what their block uses and gives."""
    for file in files:
        for block in _blocks(file):
            given = {p for s in block.statements for p in s.heads}
            used = {p for s in block.statements for p in s.uses} - given
            for word, real in (("Uses", used), ("Gives", given)):
                named = block.named(word)
                if named is None and not real:
                    continue
                for name, arity in sorted(real - (named or set())):
                    yield Finding(
                        _line(file, block.line),
                        f"the block {_VERB[word]} {name}/{arity}; its banner does not say so",
                    )
                for name, arity in sorted((named or set()) - real):
                    yield Finding(
                        _line(file, block.line),
                        f"the banner names {name}/{arity}, which the block does not {word[:-1].lower()}",
                    )


_VERB = {"Uses": "uses", "Gives": "gives"}


def _line(file: RuleFile, line: int) -> str:
    return f"{file.path.name}:{line}"


# ── What the solver finds ────────────────────────────────────────────────────────────────────────


def _dead_rules(policy: Policy, files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Rules whose body holds for no record."""
    rules = [s for file in files for s in file.statements if s.is_rule and s.body]
    for number in _impossible(policy, bodies(rules), len(rules)):
        rule = rules[number]
        yield Finding(rule.location, f"no record makes its body hold: {' '.join(str(rule).split())}")


def _settled_items(policy: Policy) -> Iterator[Finding]:
    """Items that are always met."""
    items = [item for item in policy.items if item not in (*policy.exclusions, *policy.authorities)]
    watched = (f'{HOLDS}({number}) :- not met("{item}").' for number, item in enumerate(items))
    for number in _impossible(policy, watched, len(items)):
        yield Finding(_location_of(policy, items[number]), f"item {items[number]} is met by every record")


def _impossible(policy: Policy, rules: Iterable[str], count: int) -> Iterator[int]:
    """The numbers of the rules that hold for no record."""
    possible = watching(policy, rules, BOUND).possible(HOLDS)
    yield from (number for number in range(count) if (number,) not in possible)


def _location_of(policy: Policy, item: str) -> str:
    return next(iter(policy.locations(item)), item)


def _idle_choices(policy: Policy, files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Choices of interpretation that change no verdict within the bound."""
    for file in files:
        for statement in file.statements:
            if ("choice", 3) not in statement.heads:
                continue
            name, default, other = statement.node.head.atom.symbol.arguments
            swapped = f"choice({name}, {other}, {default})."
            with TemporaryDirectory() as folder:
                for source in policy.sources:
                    text = source.text
                    if source.path == file.path:
                        text = text[: statement.start] + swapped + text[statement.end :]
                    (Path(folder) / source.path.name).write_text(text, "utf-8")
                rules = Policy(Path(folder).glob("*.lp"), policy.catalogue, policy.vocabularies)
                if may_differ(policy, rules) is False:
                    message = f"the choice {name} changes no verdict of a record with up to {BOUND} entries a list"
                    yield Finding(statement.location, message)


def _untried_items(policy: Policy, cases: Sequence[SuiteCase]) -> Iterator[Finding]:
    """Items of which no case of the suites expects a status or a reason."""
    expected: set[str] = set()
    for case in cases:
        expected |= {*(case.expect.statuses or {}), *(case.expect.reasons or ())}
        expected |= {item for item in policy.scopes if case.expect.decision == "out_of_scope"}
    for item in policy.items:
        if item not in expected:
            yield Finding(_location_of(policy, item), f"item {item}: no case of the suites speaks of it")
