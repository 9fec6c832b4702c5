"""What a change of rules does to a population, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from reasoner.batch.impact import Impact, Reason, Tally, ranked
from reasoner.render.population import DECISIONS, MOST, page_width, printed, share, table


def impact(found: Impact, titles: Mapping[str, str]) -> str:
    """How many verdicts change, in which direction and by which items, each with examples."""
    return f"{_headline(found)}\n\n{printed(_tables(found, titles), page_width())}".rstrip()


def _headline(found: Impact) -> str:
    cases = "1 case" if found.cases == 1 else f"{found.cases:,} cases"
    turning = sum(tally.cases for tally in found.decisions.values())
    changed = f"the verdict of {found.changed:,} changes{_in_parentheses(found.changed, found.cases)}"
    return f"{cases}; {changed}, the decision of {turning:,}{_in_parentheses(turning, found.cases)}"


def _in_parentheses(number: int, whole: int) -> str:
    return f" ({share(number, whole)})" if number else ""


def _tables(found: Impact, titles: Mapping[str, str]) -> Iterator[Table]:
    whole = found.cases
    if found.changed or found.refused:
        yield table("The population before and after", ("", "before", "after", "change"), [*_totals(found)])
    if found.decisions:
        yield _counted("Decisions that turn", found.decisions, whole)
    rows = ranked(found.reasons)
    turning = [(reason, tally) for reason, tally in rows if reason.decision in found.decisions]
    others = [(reason, tally) for reason, tally in rows if reason.decision not in found.decisions]
    yield from _reasons("Why they turn: what comes to stand in the way, or no longer does", found, turning)
    yield from _reasons("Denials for other reasons than before", found, others)
    if in_the_way := _in_the_way(found):
        yield table(
            "What stands in the way of denials",
            ("item", "before", "alone", "after", "alone", "change", ""),
            [(*row, titles.get(row[0], "")) for row in in_the_way[:MOST]],
            len(in_the_way),
        )
    if found.kinds:
        yield _counted("Kinds of denial", found.kinds, whole)
    if found.items:
        yield _counted("Items with another status", found.items, whole)
    if found.asked:
        yield _facts(found)
    if found.others:
        yield _others(found)


def _totals(found: Impact) -> Iterator[tuple[str, ...]]:
    before, after = found.before, found.after
    kinds = sorted({*before.kinds, *after.kinds}, key=lambda kind: (-max(before.kinds[kind], after.kinds[kind]), kind))
    for decision in DECISIONS:
        yield decision, *_beside(before.decisions[decision], after.decisions[decision])
        if decision == "denied":
            yield from ((f"  {kind}", *_beside(before.kinds[kind], after.kinds[kind])) for kind in kinds)
    if found.refused:
        yield "refused", *_beside(before.refused, after.refused)


def _beside(before: int, after: int) -> tuple[str, str, str]:
    return f"{before:,}", f"{after:,}", _signed(after - before)


def _signed(number: int) -> str:
    return f"{number:+,}" if number else ""


def _counted(title: str, tallies: Mapping[str, Tally], whole: int) -> Table:
    rows = ranked(tallies)
    return table(
        title,
        ("", "cases", "share", "such as"),
        [(name, f"{tally.cases:,}", share(tally.cases, whole), _examples(tally)) for name, tally in rows[:MOST]],
        len(rows),
    )


def _examples(tally: Tally) -> str:
    return ", ".join(tally.examples)


def _reasons(title: str, found: Impact, rows: Sequence[tuple[Reason, Tally]]) -> Iterator[Table]:
    if rows:
        yield table(
            title,
            ("", "item", "status", "cases", "only reason", "such as"),
            [
                (
                    one.decision,
                    one.item,
                    one.status,
                    f"{tally.cases:,}",
                    f"{found.only_reason[one]:,}",
                    _examples(tally),
                )
                for one, tally in rows[:MOST]
            ],
            len(rows),
        )


def _in_the_way(found: Impact) -> list[tuple[str, ...]]:
    """Items that stand in the way of more denials or fewer, or alone of others: before, after, and by how much."""
    before, after = found.before, found.after
    changes = {
        item: after.in_the_way[item] - before.in_the_way[item]
        for item in before.in_the_way.keys() | after.in_the_way.keys()
        if (before.in_the_way[item], before.alone[item]) != (after.in_the_way[item], after.alone[item])
    }
    return [
        (
            item,
            *(f"{counts[item]:,}" for counts in (before.in_the_way, before.alone, after.in_the_way, after.alone)),
            _signed(change),
        )
        for item, change in sorted(changes.items(), key=lambda row: (-abs(row[1]), row[0]))
    ]


def _others(found: Impact) -> Table:
    rows = ranked(found.others)
    return table(
        "What else of verdicts changes, by its name in suites",
        ("", "cases", "nothing else", "such as"),
        [(name, f"{tally.cases:,}", f"{found.nothing_else[name]:,}", _examples(tally)) for name, tally in rows[:MOST]],
        len(rows),
    )


def _facts(found: Impact) -> Table:
    rows = ranked(found.asked)
    return table(
        "What minimal sets ask, by item",
        ("item", "facts", "cases", "such as"),
        [(asked.item, asked.change, f"{tally.cases:,}", _examples(tally)) for asked, tally in rows[:MOST]],
        len(rows),
    )
