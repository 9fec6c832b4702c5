"""What the verdicts of a population have in common, for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facts.errors import printable
from reasoner.batch.summary import SHORTFALLS, Shortfall, Single, Summary, ranked

DECISIONS = ("approved", "denied", "out_of_scope")
MOST = 12
"""Rows of a table, at most; all of them are in the JSON."""
_IN_LINE = 5
_WIDTH = 110
"""Characters of a line, where no terminal says otherwise."""
_NUMBERS = ("denials", "verdicts", "cases", "share", "alone", "before", "after", "change")
"""Heads of columns of numbers."""


def lines(counts: Summary) -> Iterator[str]:
    """The counts in a few lines: decisions, kinds of denial, the items that stand in the way most, readings."""
    decisions = {name: counts.decisions[name] for name in DECISIONS}
    yield ", ".join(f"{count} {name}" for name, count in {**decisions, "refused": counts.refused}.items())
    if counts.kinds:
        yield f"denied: {', '.join(f'{count} {kind}' for kind, count in ranked(counts.kinds))}"
        most = (f"{item} {count} ({counts.alone[item]} alone)" for item, count in ranked(counts.in_the_way)[:_IN_LINE])
        yield f"in the way most: {printable(', '.join(most))}"
    if counts.hinges:
        choices = sorted({choice for choice, _ in counts.hinges})
        found = {choice: sum(n for (one, _), n in counts.hinges.items() if one == choice) for choice in choices}
        yield f"hinge on a reading: {printable(', '.join(f'{count} {choice}' for choice, count in found.items()))}"


def tables(counts: Summary, width: int) -> str:
    """The counts as tables, so many characters wide at most."""
    return printed(_tables(counts), width)


def page_width() -> int:
    """How wide tables can be, in characters: as the terminal, if it is one."""
    return Console().width if sys.stdout.isatty() else _WIDTH


def printed(tables: Iterable[Table], width: int) -> str:
    """Tables one below the other, so many characters wide at most."""
    console = Console(file=StringIO(), width=width, no_color=True, highlight=False, markup=False, emoji=False)
    for table in tables:
        console.print(table)
        console.print()
    text = console.file
    assert isinstance(text, StringIO)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip().split("\n"))


def _tables(counts: Summary) -> Iterator[Table]:
    whole, denied = counts.judged, counts.decisions["denied"]
    decisions = [(name, counts.decisions[name]) for name in DECISIONS]
    kinds = [(f"  {kind}", number) for kind, number in ranked(counts.kinds)]
    if counts.no_way:
        kinds.append(("  of these, nothing can turn", counts.no_way))
    yield table(
        f"Decisions: {whole:,} verdicts",
        ("", "verdicts", "share"),
        [(name, f"{number:,}", share(number, whole)) for name, number in [*decisions[:2], *kinds, *decisions[2:]]],
    )
    if counts.in_the_way:
        items = ranked(counts.in_the_way)
        yield table(
            f"What stands in the way of {denied:,} denials",
            ("item", "denials", "share", "alone", ""),
            [
                (item, f"{number:,}", share(number, denied), f"{counts.alone[item]:,}", counts.titles.get(item, ""))
                for item, number in items[:MOST]
            ],
            len(items),
        )
    if counts.singles:
        singles: list[tuple[Single, int]] = ranked(counts.singles)
        yield table(
            "One fact that would turn a denial by itself",
            ("item", "denials", "fact"),
            [(single.criterion, f"{number:,}", counts.texts[single]) for single, number in singles[:MOST]],
            len(singles),
        )
    if rows := shortfalls(counts):
        yield table(
            "Near misses: how much is short, or too much",
            ("item", "denials", "by", "in"),
            [
                (criterion, f"{sum(number for _, number in classes):,}", _spread(classes), unit)
                for criterion, unit, classes in rows[:MOST]
            ],
            len(rows),
        )
    if counts.hinges:
        yield table(
            "What hinges on a reading",
            ("reading", "verdicts", "that are"),
            [
                (choice, f"{number:,}", decision.replace("_", " "))
                for (choice, decision), number in sorted(counts.hinges.items())
            ],
        )


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], number: int = 0) -> Table:
    """A table, of so many rows in all; what its columns are follows from their heads."""
    note = f"and {number - len(rows)} more (--json)" if number > len(rows) else None
    found = Table(title=title, caption=note, box=SIMPLE_HEAD, title_justify="left", caption_justify="left")
    found.title_style = found.caption_style = ""
    for head in heads:
        is_number = head in _NUMBERS
        found.add_column(head, justify="right" if is_number else "left", no_wrap=is_number or head == "item")
    for row in rows:
        found.add_row(*(Text(printable(cell)) for cell in row))
    return found


def share(number: int, whole: int) -> str:
    """A part of a whole, in per cent."""
    return f"{100 * number / whole:.1f} %" if whole else ""


Classes = list[tuple[int | None, int]]
"""The upper ends of classes of shortfalls, with their numbers."""


def shortfalls(counts: Summary) -> list[tuple[str, str, Classes]]:
    """Item, unit and classes of shortfalls with their numbers, those of the most denials first."""
    found: dict[tuple[str, str], list[Shortfall]] = {}
    for key in sorted(counts.shortfalls, key=lambda one: (one[:2], one.up_to or float("inf"))):
        found.setdefault(key[:2], []).append(key)
    rows = [(*named, [(key.up_to, counts.shortfalls[key]) for key in keys]) for named, keys in found.items()]
    return sorted(rows, key=lambda row: (-sum(number for _, number in row[2]), row[:2]))


def class_name(up_to: int | None) -> str:
    """The shortfalls of a class: 6–10, say."""
    if up_to is None:
        return f"> {SHORTFALLS[-1]}"
    at = SHORTFALLS.index(up_to)
    return f"≤ {up_to}" if not at else f"{SHORTFALLS[at - 1]}–{up_to}"


def _spread(classes: Classes) -> str:
    return ", ".join(f"{class_name(up_to)}: {number:,}" for up_to, number in classes)
