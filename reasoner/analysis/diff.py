"""Two versions of rules: what changed in their text, and a shortest record that they judge otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

from facts.periods import FIRST_DAY, number_of_day
from facts.statements import facts_of
from facts.terms import shown
from reasoner.analysis.distinguish import BOUND, find_witness
from reasoner.analysis.edited import with_files
from reasoner.analysis.minimal import Minimal
from reasoner.engine.solver import SHOWN
from reasoner.errors import RulesError
from reasoner.policy.folder import RuleFolder
from reasoner.policy.source import SourceFile, read_rule_files
from reasoner.policy.syntax import RuleFile, Statement, rule_files
from reasoner.verdict.policy import Policy
from reasoner.whatif.scenario import Comparison, comparison


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that is another, new (`before` is None) or gone (`after` is None).

    `kind` is item, constant (a fact) or rule; a location is file and line.
    """

    kind: str
    before: str | None
    after: str | None
    location_before: str | None
    location_after: str | None


class Revision(NamedTuple):
    """A change of rules: from one folder to another, or between two versions of the first."""

    before: Path
    after: Path | None = None
    versions: tuple[str, str] | None = None
    cache: bool = True
    """Whether what is kept of rules is used."""

    def policies(self) -> tuple[Policy, Policy]:
        """Load the rules before and after. Raises RulesError."""
        policy = Policy.load(self.before, cache=self.cache)
        if self.versions is None:
            return policy, Policy.load(self.after, cache=self.cache)
        return at_version(policy, self.versions[0]), at_version(policy, self.versions[1])

    def changes(self, policies: tuple[Policy, Policy]) -> list[Change]:
        """What differs between the rules before and after."""
        return changes(*policies) if self.versions is None else version_changes(*policies)


def changes(one: RuleFolder, other: RuleFolder) -> list[Change]:
    """The statements that differ, a changed one beside what it was, in the order of the files.

    Those of the vocabularies and of the catalogue are among them, where each folder has its own.
    """
    shared = _shared(one, other)
    first, second = (_statements(rule_files([*folder.sources, *_tables(folder, shared)])) for folder in (one, other))
    gone = [s for s in first.values() if str(s) not in second]
    new = [s for s in second.values() if str(s) not in first]
    found = []
    for statement in gone:
        partner = _partner(statement, new)
        if partner is not None:
            new.remove(partner)
        found.append(_change(statement, partner))
    found += [_change(None, statement) for statement in new]
    return sorted(found, key=lambda c: _order(c.location_after or c.location_before or ""))


def _shared(one: RuleFolder, other: RuleFolder) -> frozenset[Path | None]:
    """The folders of words and of products that both have."""
    return frozenset(one.folders) & frozenset(other.folders)


def _tables(folder: RuleFolder, shared: Collection[Path | None]) -> list[SourceFile]:
    """The files of words and of products, but for the folders of these that are shared."""
    places = (place for place in folder.folders if place is not None and place not in shared)
    return [source for place in places for source in read_rule_files(place.glob("*.lp"))]


def _statements(files: Sequence[RuleFile]) -> dict[str, Statement]:
    return {str(s): s for file in files for s in file.statements}


def _order(location: str) -> tuple[str, int]:
    name, _, line = location.rpartition(":")
    return name, int(line)


def _partner(statement: Statement, others: Sequence[Statement]) -> Statement | None:
    """The statement that it most likely became: of the same predicates, and alike."""
    alike = [o for o in others if o.heads == statement.heads and bool(o.body) == bool(statement.body)]
    rated = [(SequenceMatcher(None, str(statement), str(other)).ratio(), other) for other in alike]
    best = max(rated, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] > 0.6 else None


def _change(before: Statement | None, after: Statement | None) -> Change:
    shown = after or before
    assert shown is not None
    names = {name for name, _ in shown.heads}
    kind = "rule" if shown.body else ("item" if names & {"item", "citation"} else "constant")
    return Change(
        kind,
        str(before) if before is not None else None,
        str(after) if after is not None else None,
        before.location if before is not None else None,
        after.location if after is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A shortest record that two rule folders judge otherwise, with both verdicts beside each other."""

    record: dict[str, Any]
    comparison: Comparison

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON data."""
        return {"record": self.record, "comparison": self.comparison.as_dict()}


@dataclass(frozen=True, slots=True)
class Differences:
    """A shortest record for each way in which a decision tallies, or else for any other difference.

    None at all and `proved`: no record with up to `bound` entries in each list is judged otherwise.
    """

    found: tuple[Difference, ...]
    proved: bool
    bound: int = BOUND

    def as_dict(self) -> dict[str, Any]:
        """The differences as JSON data."""
        return {"found": [one.as_dict() for one in self.found], "proved": self.proved, "bound": self.bound}


def differences(one: Policy, other: Policy) -> Differences:
    """Search for shortest records on which two rule folders differ; of terms, not of what else these are called."""
    shared = _shared(one, other)
    tables = [_statements(rule_files(_tables(folder, shared))).keys() for folder in (one, other)]
    proved, found = True, []
    for change in permutations(("approved", "denied", "out_of_scope"), 2):
        witness = find_witness(one, other, change=change)
        proved = proved and witness.proved
        if witness.record is not None:
            found.append(_difference(witness.record, one, other))
    if not found:
        witness = find_witness(one, other)
        proved = witness.proved
        if witness.record is not None:
            found.append(_difference(witness.record, one, other))
    confirmed = one.edits_have_side_effects or other.edits_have_side_effects  # by what the search does not see
    return Differences(tuple(found), proved and tables[0] == tables[1] and not confirmed)


def _difference(data: dict[str, Any], one: Policy, other: Policy) -> Difference:
    return Difference(data, comparison("the other rules", one.judge(data), other.judge(data)))


def version_changes(one: Policy, other: Policy) -> list[Change]:
    """What else follows from the tables in two versions of one folder (`at_version`)."""
    old, new = ({*_in_force(policy)} for policy in (one, other))
    gone, come = sorted(old - new), sorted(new - old)
    found = []
    for text in gone:
        near = get_close_matches(text, come, 1, 0.6)
        if near:
            come.remove(near[0])
        found.append(Change("constant", text, near[0] if near else None, None, None))
    return [*found, *(Change("constant", None, text, None, None) for text in come)]


def _in_force(policy: Policy) -> Iterator[str]:
    """What follows, of the least record, for the predicates of the rules and the values in force."""
    case = policy.case(Minimal(policy).data())
    decider = policy.decider(case)
    decider.assume(facts_of(case))
    heads = {name for file in rule_files(policy.rule_sources) for s in file.statements for name, _ in s.heads}
    for name in sorted({*heads, "value_in_force"} - {*SHOWN, "version"}):
        yield from (shown((name, *row)) for row in decider.derives(name))


_BEFORE = 17000000
"""Before the first day that a record can have."""


def at_version(policy: Policy, version: str) -> Policy:
    """The policy as if one of its versions were in force on every day.

    That version begins on the first day that a record can have, and the others before it. Raises RulesError for a
    version that the policy does not have.
    """
    if version not in policy.versions:
        raise RulesError(f"no version {version!r}; there are: {', '.join(policy.versions)}")
    texts = {}
    for file in rule_files(policy.sources):
        text = file.text
        for statement in reversed(file.statements):
            if ("version", 2) in statement.heads:
                text = text[: statement.start] + text[statement.end :]
        texts[file.path.name] = text
    others = [name for name in policy.versions if name != version]
    days = ["#inf", *(str(_BEFORE + number) for number in range(1, len(others)))][: len(others)]
    begins = [*zip(others, days, strict=True), (version, str(number_of_day(FIRST_DAY)) if others else "#inf")]
    rows = "".join(f'version("{name}", {day}).\n' for name, day in begins)
    return with_files(policy, {**texts, "versions_in_force.lp": rows})
