"""What the verdicts of a population have in common, as a picture (SVG): the same bytes for the same counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from textwrap import shorten, wrap
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facts.errors import printable
from reasoner.batch.summary import SHORTFALLS, Summary, ranked
from reasoner.render.population import share, shortfalls

_WIDTH, _ROW, _HEAD = 11.0, 0.4, 1.25
"""In inches: the width of the picture, the height of a bar, and that of a panel beside its bars."""
_FOOT = 0.45
"""Of that, what is below the bars."""
_ITEMS, _FACTS, _NEAR = 12, 8, 8
"""Rows of a panel, at most."""
_LABEL = 62
"""Characters of a label's line; a label has two of them at most."""
_TITLE, _NOTE = 90, 130
"""Characters of the two lines over a panel."""
_SMALL = 8.5
"""The size of numbers."""
_ACCENT, _PLAIN, _LINE, _INK, _FAINT = "#b5473c", "#c9ced6", "#eceef1", "#1f2430", "#6b7280"
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "reasoner",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "ytick.color": _INK,
    "xtick.color": _FAINT,
    "text.parse_math": False,
}


class _Panel(NamedTuple):
    """A part of the picture: what is seen, what the colours are, its height in rows, and what draws it."""

    title: str
    note: str
    rows: int
    draw: Callable[[Axes], None]


class _Bar(NamedTuple):
    label: str
    number: int
    accent: int
    """The part of it that is drawn in the accent colour."""
    shown: str


def picture(counts: Summary) -> str:
    """The counts as panels below each other; one that there is nothing for is left out."""
    panels = [panel for make in _PANELS if (panel := make(counts)) is not None]
    heights = [_HEAD + _ROW * panel.rows for panel in panels]
    with style.context(["default", _STYLE]), catch_warnings():  # whatever the user has set
        simplefilter("ignore", UserWarning)  # a sign that the font lacks is drawn as a box
        figure = Figure((_WIDTH, sum(heights)), facecolor="white")
        top = sum(heights)
        for panel, height in zip(panels, heights, strict=True):
            bottom = (top - height + _FOOT) / sum(heights)
            axes = figure.add_axes((0.44, bottom, 0.5, _ROW * panel.rows / sum(heights)))
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0)
            panel.draw(axes)
            figure.text(0.03, (top - 0.32) / sum(heights), _line(panel.title, _TITLE), size=12.5, weight="bold")
            figure.text(0.03, (top - 0.55) / sum(heights), _line(panel.note, _NOTE), color=_FAINT)
            top -= height
        text = StringIO()
        figure.savefig(
            text, format="svg", metadata={"Date": None, "Creator": None, "Title": _line(panels[0].title, _TITLE)}
        )
    return text.getvalue()


# ── The panels ───────────────────────────────────────────────────────────────


def _decisions(counts: Summary) -> _Panel:
    whole, denied = counts.judged, counts.decisions["denied"]
    bars = [_Bar("approved", number := counts.decisions["approved"], 0, _of(number, whole))]
    kinds = ranked(counts.kinds) if counts.kinds else [("", denied)]
    bars += [_Bar(f"denied: {_words(kind)}".rstrip(": "), number, number, _of(number, whole)) for kind, number in kinds]
    bars.append(_Bar("out of scope", number := counts.decisions["out_of_scope"], 0, _of(number, whole)))
    if counts.refused:
        bars.append(_Bar("refused", counts.refused, 0, f"{counts.refused:,}"))
    title = f"{denied:,} of {whole:,} requests are denied"
    if counts.kinds:
        title += f", most for: {_words(kinds[0][0])}"
    return _Panel(title, "verdicts by decision; denials in red", len(bars), _drawn(bars))


def _items(counts: Summary) -> _Panel | None:
    found = ranked(counts.in_the_way)
    if not found:
        return None
    bars = [
        _Bar(
            f"{item}  {counts.titles.get(item, '')}",
            number,
            alone := counts.alone[item],
            f"{number:,}, alone {alone:,}",
        )
        for item, number in found[:_ITEMS]
    ]
    title = f"{found[0][0]} stands in the way most, of {share(found[0][1], counts.decisions['denied'])} of all denials"
    return _Panel(title, f"denials by item{_cut(found, bars)}; red: no other item", len(bars), _drawn(bars))


def _singles(counts: Summary) -> _Panel | None:
    found = ranked(counts.singles)
    if not found:
        return None
    most = found[0][1]
    bars = [
        _Bar(f"{single.criterion}  {counts.texts[single]}", number, number * (number == most), f"{number:,}")
        for single, number in found[:_FACTS]
    ]
    title = f"One fact alone would turn {most:,} denial{'s' * (most > 1)}"
    return _Panel(title, f"denials by the fact{_cut(found, bars)}; red: the most", len(bars), _drawn(bars))


def _near_misses(counts: Summary) -> _Panel | None:
    """A table of classes, in which the size of a dot is the number."""
    rows = shortfalls(counts)
    if not rows:
        return None
    shown, ends = rows[:_NEAR], [*SHORTFALLS, None]
    ends = ends[: 1 + max(ends.index(up_to) for *_, classes in shown for up_to, _ in classes)]
    most = max(number for *_, classes in shown for _, number in classes)
    item, unit, classes = max(shown, key=lambda row: row[2][0][1])
    (up_to, number), whole = classes[0], sum(number for _, number in classes)
    close = f"at most {up_to}" if up_to is not None else f"more than {SHORTFALLS[-1]}"
    title = f"{number:,} of {whole:,} near misses of {item} are by {close}{f' ({unit})' if unit else ''}"

    def draw(axes: Axes) -> None:
        axes.set_xlim(-0.5, len(ends) - 0.5)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        for y, (*_, classes) in enumerate(shown):
            axes.axhline(y, color=_LINE, zorder=0)
            for up_to, count in classes:
                at, size = (ends.index(up_to), y), 25 + 260 * count / most
                axes.scatter(*at, size, color=_ACCENT if up_to == ends[0] else _PLAIN, linewidths=0)
                axes.annotate(f"{count:,}", at, (11, 0), textcoords="offset points", va="center", size=_SMALL)
        axes.set_xticks(range(len(ends)), [f"≤ {end}" if end is not None else "more" for end in ends])
        labels = [
            f"{item}{f', in {unit}' if unit else ''}: {counts.titles.get(item, '')}".rstrip(": ")
            for item, unit, _ in shown
        ]
        axes.set_yticks(range(len(shown)), list(map(_label, labels)), linespacing=1.05)

    note = f"denials by how much is short, or too much{_cut(rows, shown)}; red: at most {ends[0]}"
    return _Panel(title, note, len(shown), draw)


def _hinges(counts: Summary) -> _Panel | None:
    if not counts.hinges:
        return None
    choices: dict[str, dict[str, int]] = {}
    for (choice, decision), number in sorted(counts.hinges.items()):
        choices.setdefault(choice, {})[decision] = number
    ordered = sorted(choices.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    bars = [
        _Bar(
            _words(choice), sum(numbers.values()), numbers.get("denied", 0),
            ", ".join(f"{number:,} {_words(decision)}" for decision, number in numbers.items()),
        )
        for choice, numbers in ordered
    ]  # fmt: skip
    total = sum(bar.number for bar in bars)
    title = f"{total:,} verdict{'s hinge' if total > 1 else ' hinges'} on a reading, most on: {bars[0].label}"
    return _Panel(title, "verdicts that another reading would turn; red: denials", len(bars), _drawn(bars))


_PANELS = (_decisions, _items, _singles, _near_misses, _hinges)


def _drawn(bars: Sequence[_Bar]) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        at, most = range(len(bars)), max(bar.number for bar in bars) or 1
        axes.barh(at, [bar.number for bar in bars], 0.62, color=_PLAIN)
        axes.barh(at, [bar.accent for bar in bars], 0.62, color=_ACCENT)
        for y, bar in zip(at, bars, strict=True):
            axes.annotate(bar.shown, (bar.number, y), (5, 0), textcoords="offset points", va="center", size=_SMALL)
        axes.set_xlim(0, most * 1.28)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_xticks([])
        axes.set_yticks(at, [_label(bar.label) for bar in bars], linespacing=1.05)

    return draw


def _label(text: str) -> str:
    """A label of two short lines at most."""
    return "\n".join(wrap(_line(text, 2 * _LABEL - 12), _LABEL)[:2])


def _line(text: str, most: int) -> str:
    """Text that can come from anywhere, on one line of so many characters at most."""
    return shorten(printable(text), most, placeholder=" …")


def _words(name: str) -> str:
    return printable(name.replace("_", " "))


def _of(number: int, whole: int) -> str:
    return f"{number:,}, {share(number, whole)}" if whole else f"{number:,}"


def _cut(found: Sequence[object], shown: Sequence[object]) -> str:
    return f" (the first {len(shown)} of {len(found)})" if len(found) > len(shown) else ""
