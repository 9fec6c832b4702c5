"""A verdict as text: a sign and a word for each status, colour on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping

from reasoner.verdict.model import Criterion, Fact, Verdict, all_items

SIGNS = {
    "met": ("✓", 32), "clear": ("✓", 32), "established": ("✓", 32), "missing": ("?", 33),
    "contradicted": ("✗", 31), "excludes": ("✗", 31),
}  # fmt: skip
"""By status, its sign, and its colour on a terminal."""
SHOWN = 5
"""Minimal sets that are shown unless more are asked for."""


EntryTitles = Mapping[str, str]
"""What an entry of each list of the record is called, by the name of the list."""


def summary(verdict: Verdict, entries: EntryTitles) -> str:
    """The decision, what stands in the way, and the best way on, if there is one."""
    return "\n".join(_summary(verdict, entries))


def explanation(verdict: Verdict, entries: EntryTitles, most: int = SHOWN) -> str:
    """The decision with all its items, what is needed, near misses, and the best minimal sets."""
    parts = (_summary(verdict, entries, brief=True), _needs(verdict), _near_misses(verdict), _sets(verdict, most))
    return "\n".join(line for part in parts for line in part)


def folded(text: str) -> str:
    """The text with long lines folded under themselves, on a terminal alone."""
    if not sys.stdout.isatty():
        return text
    from shutil import get_terminal_size

    width = max(60, get_terminal_size().columns)
    lines = (_folded(line, width) if len(line) > width else line for line in text.split("\n"))
    return "\n".join(lines)


def _folded(line: str, width: int) -> str:
    from textwrap import fill

    hanging = " " * (len(line) - len(line.lstrip()) + 4)
    return fill(line, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


def no_way_to_an_approval(verdict: Verdict) -> str | None:
    """That there is no way to an approval, and because of which items; None where there is one."""
    if verdict.explanation is None or verdict.explanation.approvable:
        return None
    titles = {criterion.id: criterion.title for criterion in all_items(verdict.criteria)}
    for found in verdict.explanation.minimal_sets:  # of an item that is no criterion, what it asks for
        for fact in found.facts:
            titles.setdefault(fact.criterion, fact.text.partition(";")[0])
    items = (f"{item} ({titles[item]})" if item in titles else item for item in verdict.explanation.because)
    return f"No way to an approval on these facts, because of {', '.join(items)}"


def _summary(verdict: Verdict, entries: EntryTitles, *, brief: bool = False) -> Iterator[str]:
    title = verdict.decision.replace("_", " ").upper()
    yield f"{verdict.case_id}: {paint(title, 32 if verdict.decision == 'approved' else 31)}"
    policy = verdict.policy.id + (f", version {verdict.policy.version}" if verdict.policy.version is not None else "")
    if verdict.decided_by is not None:
        yield f"  by the {verdict.decided_by.replace('_', ' ')}; {policy}"
    else:
        yield f"  {policy}: does not apply to this request"
    if verdict.denial is not None:
        kind = verdict.denial.kind.replace("_", " ")
        yield f"  {kind}: {', '.join(verdict.denial.reasons) or 'the terms'}"
    no_way = no_way_to_an_approval(verdict)
    if no_way is not None:
        yield f"  {no_way}"
    if verdict.authorization is not None:
        yield f"  from {verdict.authorization.start} through {verdict.authorization.through}"
    if verdict.earliest_approval is not None:
        yield f"  time alone cures it: approved from a request on {verdict.earliest_approval}"
    if verdict.hinges_on:
        yield f"  hinges on the reading of: {', '.join(verdict.hinges_on)}"
    yield ""
    for item in verdict.criteria:
        yield from _tree(item, entries, 1)
    remarks = [f"  note: {advisory.text} ({advisory.citation})" for advisory in verdict.advisories]
    remarks += [f"  warning: {warning}" for warning in verdict.warnings]
    if remarks and verdict.criteria:
        yield ""
    yield from remarks
    if not brief and verdict.explanation is not None and verdict.explanation.minimal_sets:
        yield "\nThe shortest way to an approval:" if no_way is None else f"\n{_OTHERWISE}:"
        for fact in verdict.explanation.minimal_sets[0].facts:
            yield f"  {_fact(fact)}"
        if verdict.explanation.total > 1:
            yield f"  ({_total(verdict)} minimal sets in all: reasoner explain)"


_OTHERWISE = "What would have had to be otherwise"
"""The heading of minimal sets that are no way to an approval."""


def _tree(item: Criterion, entries: EntryTitles, depth: int) -> Iterator[str]:
    sign, colour = SIGNS[item.status]
    indent = "  " * depth
    yield f"{indent}{paint(sign, colour)} {item.id} {item.title} · {item.status}"
    if item.status not in ("met", "clear"):
        absent = [entries.get(fact.record[0]) if _is_evidence_to_come(fact) else None for fact in item.facts]
        if absent and all(absent):
            titles = " or ".join(dict.fromkeys(filter(None, absent)))
            yield f"{indent}    {paint(*SIGNS['missing'])} no {titles} of this kind on record [missing]"
        else:
            shown = _what_excludes(item.facts) if item.status == "excludes" else map(_fact, item.facts)
            yield from (f"{indent}    {line}" for line in shown)
    for child in item.children:
        yield from _tree(child, entries, depth + 1)


def _what_excludes(facts: Iterable[Fact]) -> Iterator[str]:
    """What the record says that excludes, once; where a fact has no such words, the fact."""
    shown: dict[str, None] = {}
    for fact in facts:
        _, _, recorded = fact.text.partition("; ")
        if recorded and fact.status == "contradicted" and fact.unchangeable:
            shown[f"{paint(*SIGNS['excludes'])} {recorded}, and that cannot be changed"] = None
        else:
            shown[_fact(fact)] = None
    yield from shown


def _is_evidence_to_come(fact: Fact) -> bool:
    """Whether the fact is an entry to add to a list of the record."""
    return fact.status != "established" and any(
        fact.record and str(edit["path"]) == f"/{fact.record[0]}/-" for edit in fact.edits
    )


def _fact(fact: Fact) -> str:
    sign, colour = SIGNS[fact.status]
    fixed = ", cannot be changed" if fact.unchangeable and fact.status != "established" else ""
    return f"{paint(sign, colour)} {fact.text} [{fact.status}{fixed}]"


def _needs(verdict: Verdict) -> Iterator[str]:
    if verdict.explanation is None or verdict.explanation.needs is None:
        return
    heading = "Needed" if verdict.explanation.approvable else _OTHERWISE
    yield f"\n{heading}: all of these, each in one of its ways"
    for need in verdict.explanation.needs:
        yield f"  {need.criterion}"
        for place, alternative in enumerate(need.alternatives):
            word = "    " if place == 0 else " or "
            yield f"  {word}{' and '.join(_fact(fact) for fact in alternative)}"


def _near_misses(verdict: Verdict) -> Iterator[str]:
    """Numbers on the record that fall short of what an item asks for."""
    listed = verdict.explanation.minimal_sets if verdict.explanation is not None else ()
    near = {fact.fact: fact for found in listed for fact in found.facts if fact.near is not None}
    if near:
        yield "\nNear misses"
        yield from (f"  {fact.criterion}: {fact.near} ({fact.text.partition(';')[0]})" for fact in near.values())


def _sets(verdict: Verdict, most: int) -> Iterator[str]:
    if verdict.explanation is None or not verdict.explanation.minimal_sets:
        return
    heading = "Minimal sets" if verdict.explanation.approvable else f"{_OTHERWISE}, as minimal sets"
    yield f"\n{heading}: {_total(verdict)} in all, best first"
    shown = verdict.explanation.minimal_sets[:most]
    for number, found in enumerate(shown, start=1):
        for place, fact in enumerate(found.facts):
            yield f"  {f'{number}.' if place == 0 else '':<4}{fact.criterion}: {_fact(fact)}"
    if len(shown) < verdict.explanation.total:
        yield f"  … and {verdict.explanation.total - len(shown)} more (--limit)"


def _total(verdict: Verdict) -> str:
    assert verdict.explanation is not None
    least = "" if verdict.explanation.exact else "at least "
    return f"{least}{verdict.explanation.total}"


def sign(status: str | None) -> str:
    """The sign of a status, in its colour on a terminal; of none: a dash."""
    if status is None:
        return "–"
    return paint(*SIGNS[status])


def paint(text: str, colour: int) -> str:
    """The text in an ANSI colour, where a terminal shows it."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"
