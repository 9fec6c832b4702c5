"""What is odd in a rule folder although it loads: nothing uses it, it cannot hold, or it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.analysis.distinguish import BOUND, can_be_told_apart
from reasoner.policy.policy import Policy
from reasoner.policy.predicate_names import unused
from reasoner.policy.syntax import Predicate, RuleFile, Statement, read
from reasoner.suites.suite import SuiteCase

_PREDICATE = re.compile(r"([a-z_][A-Za-z0-9_]*)/(\d+)")
_SAYS = re.compile(r"^%\s*(?:Uses|Gives)\s", re.MULTILINE)
_BANNER = re.compile(r"%\s*[═─]{2,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd: where, and what would mend it."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def findings(policy: Policy, cases: Sequence[SuiteCase] | None = None) -> Iterator[Finding]:
    """All that is odd; with the cases of suites also the items that none of them speaks of."""
    files = read(policy.files)
    yield from (Finding(place, message) for place, message in unused(files))
    yield from _banners(files)
    yield from _dead_rules(policy, files)
    yield from _settled_items(policy, files)
    yield from _idle_choices(policy, files)
    if cases is not None:
        yield from _untried_items(policy, files, cases)


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
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(lines) + 1
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
                        _at(file, block.line),
                        f"the block {_VERB[word]} {name}/{arity}; its banner does not say so",
                    )
                for name, arity in sorted((named or set()) - real):
                    yield Finding(
                        _at(file, block.line),
                        f"the banner names {name}/{arity}, which the block does not {word[:-1].lower()}",
                    )


_VERB = {"Uses": "uses", "Gives": "gives"}


def _at(file: RuleFile, line: int) -> str:
    return f"{file.path.name}:{line}"


# ── What the solver finds ────────────────────────────────────────────────────────────────────────


def _dead_rules(policy: Policy, files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Rules whose body holds for no record."""
    rules = [s for file in files for s in file.statements if s.is_rule and s.body]
    watching = [f"can_hold({n}) :- {'; '.join(map(str, s.body))}." for n, s in enumerate(rules)]
    for number in _impossible(policy, files, watching, "can_hold", len(rules)):
        rule = rules[number]
        yield Finding(rule.place, f"no record makes its body hold: {' '.join(str(rule).split())}")


def _settled_items(policy: Policy, files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Items that are always met."""
    items = [item for item in policy.items if item not in (*policy.exclusions, *policy.authorities)]
    watching = [f'can_hold({n}) :- not met("{item}").' for n, item in enumerate(items)]
    for number in _impossible(policy, files, watching, "can_hold", len(items)):
        yield Finding(_place_of(policy, items[number]), f"item {items[number]} is met by every record")


def _impossible(
    policy: Policy, files: Sequence[RuleFile], watching: Iterable[str], name: str, most: int
) -> Iterator[int]:
    with TemporaryDirectory() as folder:
        for file in files:
            (Path(folder) / file.path.name).write_text(file.text, "utf-8")
        (Path(folder) / "watching.lp").write_text("\n".join(watching), "utf-8")
        possible = Policy(Path(folder).glob("*.lp"), policy.catalogue).can_be(name)
    yield from (number for number in range(most) if number not in possible)


def _place_of(policy: Policy, item: str) -> str:
    return next(iter(policy.places(item)), item)


def _idle_choices(policy: Policy, files: Sequence[RuleFile]) -> Iterator[Finding]:
    """Choices of interpretation that turn no verdict within the bound."""
    for file in files:
        for statement in file.statements:
            if ("choice", 3) not in statement.heads:
                continue
            name, default, other = statement.node.head.atom.symbol.arguments
            turned = f"choice({name}, {other}, {default})."
            with TemporaryDirectory() as folder:
                for each in files:
                    text = each.text
                    if each is file:
                        text = text[: statement.start] + turned + text[statement.end :]
                    (Path(folder) / each.path.name).write_text(text, "utf-8")
                rules = Policy(Path(folder).glob("*.lp"), policy.catalogue)
                if can_be_told_apart(policy, rules) is False:
                    message = f"the choice {name} turns no verdict of a record with up to {BOUND} entries a list"
                    yield Finding(statement.place, message)


def _untried_items(policy: Policy, files: Sequence[RuleFile], cases: Sequence[SuiteCase]) -> Iterator[Finding]:
    """Items of which no case of the suites expects a status or a reason."""
    spoken: set[str] = set()
    for case in cases:
        spoken |= {*(case.expect.statuses or {}), *(case.expect.reasons or ())}
        spoken |= {policy_item for policy_item in policy.scopes if case.expect.decision == "out_of_scope"}
    for item in policy.items:
        if item not in spoken:
            yield Finding(_place_of(policy, item), f"item {item}: no case of the suites speaks of it")
