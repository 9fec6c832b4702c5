"""The intervals of a sweep: as a table, and as a picture (SVG)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil, floor, log10
from xml.etree import ElementTree

from reasoner.render.text import paint
from reasoner.whatif.sweep import Interval, Value

_STYLES = {"approved": ("#2e7d5b", "✓"), "denied": ("#b5473c", "✗"), "out_of_scope": ("#6b7280", "–")}
"""Colour and sign of each decision: the colour is never the only cue."""

_WIDTH, _MARGIN = 900, 40
_BAR, _BAR_HEIGHT, _AXIS, _LABELS, _ROW = 92, 40, 140, 186, 18
"""Where the bar, the axis and the rows of labels are, from the top."""

_MOST_LABELS = 40
"""Intervals that have a label of their own, at most; the rest is in the table."""


def table(intervals: Sequence[Interval]) -> str:
    """A line for each interval: its values, the decision, and the items that change at its beginning."""
    spans = [one.first if one.first == one.last else f"{one.first} to {one.last}" for one in intervals]
    width = max(map(len, spans))
    lines = []
    for span, interval in zip(spans, intervals, strict=True):
        decision = interval.decision.replace("_", " ")
        shown = paint(f"{decision:<12}", 32 if interval.decision == "approved" else 31)
        changed = ", ".join(f"{item} {status}" for item, status in interval.changed)
        lines.append(f"{span:<{width}}  {shown}  {changed}".rstrip())
    return "\n".join(lines)


def step(along: Sequence[Value]) -> str | None:
    """By how much the numbers of a sweep grow, where that is not 1; of dates it is not said."""
    first, second = along[0], along[min(1, len(along) - 1)]
    if isinstance(first, date) or isinstance(second, date) or second - first in (0, 1):
        return None
    return f"{(second - first).normalize():f}"


def svg(case_id: str, path: str, intervals: Sequence[Interval]) -> str:
    """The intervals as a picture: where they lie on an axis, their decisions, and the items that change them."""
    edges = edges_of(intervals)
    low, high = edges[0], edges[-1]
    inside = _WIDTH - 2 * _MARGIN

    def x(position: float) -> float:
        return _MARGIN + (position - low) * inside / (high - low) if high > low else float(_MARGIN)

    root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    ElementTree.SubElement(root, "title").text = f"{_short(case_id, 500)}: the decision along {path}"
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    _text(root, _MARGIN, 26, _short(case_id, 48), 16)
    _text(root, _MARGIN, 48, _short(f"{path}, {intervals[0].first} to {intervals[-1].last}", 90), 13)
    _legend(root, intervals)
    labels = []
    for number, interval in enumerate(intervals):
        left, right = x(edges[number]), x(edges[number + 1]) if high > low else _MARGIN + inside
        shown = _box(root, interval, left, right)
        if number or not shown:
            labels.append((left, _short(_label(interval), 64)))
    axis = {"x1": str(_MARGIN), "x2": str(_WIDTH - _MARGIN), "y1": str(_AXIS), "y2": str(_AXIS)}
    ElementTree.SubElement(root, "line", {**axis, "stroke": "#444"})
    for place, text in _ticks(intervals):
        _tick(root, x(place), text)
    if len(labels) > _MOST_LABELS:
        labels[_MOST_LABELS:] = [(labels[_MOST_LABELS][0], f"{len(labels) - _MOST_LABELS} more: see the table")]
    rows = _rows(labels)
    for (place, text), (start, row) in zip(labels, rows, strict=True):
        y = _LABELS + row * _ROW
        ends = {"x1": f"{place:.1f}", "x2": f"{place:.1f}", "y1": str(_BAR + _BAR_HEIGHT), "y2": str(y + 2)}
        root.insert(2, ElementTree.Element("line", {**ends, "stroke": "#c3c7cd"}))  # below all that is drawn
        _text(root, start, y, text, 12, "#222", "label")
    height = _LABELS + _ROW * max((row for _, row in rows), default=-1) + 20
    root.attrib |= {"width": str(_WIDTH), "height": str(height), "viewBox": f"0 0 {_WIDTH} {height}"}
    root.set("font-family", "sans-serif")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def edges_of(intervals: Sequence[Interval]) -> list[float]:
    """Where the intervals begin and the last one ends: two of them meet half-way between their values."""
    between = [
        (position_of(one.last) + position_of(two.first)) / 2 for one, two in zip(intervals, intervals[1:], strict=False)
    ]
    return [position_of(intervals[0].first), *between, position_of(intervals[-1].last)]


def _legend(root: ElementTree.Element, intervals: Sequence[Interval]) -> None:
    left = float(_MARGIN)
    for decision in dict.fromkeys(interval.decision for interval in intervals):
        colour, _ = _STYLES[decision]
        box = {"x": f"{left:.1f}", "y": "63", "width": "14", "height": "14", "rx": "2", "fill": colour}
        ElementTree.SubElement(root, "rect", box)
        _text(root, left + 20, 75, _word(decision), 13)
        left += 44 + _length(_word(decision), 13)


def _box(root: ElementTree.Element, interval: Interval, left: float, right: float) -> bool:
    """Draw an interval, with its sign and word where there is room; whether there was for the word."""
    colour, sign = _STYLES[interval.decision]
    gap = 1 if right - left > 3 else 0  # a line of white between two intervals
    width = max(right - left - 2 * gap, 1)
    box = {"x": f"{left + gap:.1f}", "y": str(_BAR), "width": f"{width:.1f}", "height": str(_BAR_HEIGHT)}
    drawn = ElementTree.SubElement(root, "rect", {**box, "fill": colour, "class": "interval"})
    ElementTree.SubElement(drawn, "title").text = f"to {interval.last}, from {_label(interval)}"
    word = _word(interval.decision)
    if _length(word, 14) + 12 <= width:
        _text(root, left + 7, _BAR + 25, word, 14, "white")
        return True
    if _length(sign, 14) + 6 <= width:
        _text(root, left + width / 2 - _length(sign, 14) / 2, _BAR + 25, sign, 14, "white")
    return False


def _tick(root: ElementTree.Element, x: float, text: str) -> None:
    ends = {"x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": str(_AXIS), "y2": str(_AXIS + 5)}
    ElementTree.SubElement(root, "line", {**ends, "stroke": "#444"})
    # the first and the last stay inside the picture
    start = min(max(x - _length(text, 11) / 2, 4), _WIDTH - 4 - _length(text, 11))
    _text(root, start, _AXIS + 18, text, 11, "#444", "tick")


def _ticks(intervals: Sequence[Interval]) -> Iterator[tuple[float, str]]:
    """Both ends, and round values between them that are not too near to them."""
    first, last = intervals[0].first, intervals[-1].last
    low, high = position_of(first), position_of(last)
    yield low, first
    if high == low:
        return
    room = (high - low) / 10
    try:
        date.fromisoformat(first)
        between = _days(date.fromordinal(int(low)), date.fromordinal(int(high)))
    except ValueError:
        between = round_numbers(low, high)
    yield from ((place, text) for place, text in between if low + room < place < high - room)
    yield high, last


def round_numbers(low: float, high: float) -> Iterator[tuple[float, str]]:
    """A few round numbers from one to another, with how they are written."""
    power = 10.0 ** floor(log10((high - low) / 5))
    step = next(power * n for n in (1, 2, 5, 10) if (high - low) / (power * n) <= 8)
    for number in range(ceil(low / step), floor(high / step) + 1):
        yield number * step, f"{number * step:.10g}"


def _days(low: date, high: date) -> Iterator[tuple[float, str]]:
    """Firsts of months, so many months apart that few fit; within two months every so many days."""
    days = (high - low).days
    if days < 62:
        step = ceil(days / 7)
        yield from ((n, date.fromordinal(n).isoformat()) for n in range(low.toordinal() + step, high.toordinal(), step))
        return
    step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200) if days / 30.4 / n <= 8)
    for month in range(low.year * 12, high.year * 12 + 12, step):
        first = date(month // 12, month % 12 + 1, 1)
        yield first.toordinal(), first.isoformat()


def _label(interval: Interval) -> str:
    items = ", ".join(f"{item} {status}" for item, status in interval.changed)
    return f"{interval.first} {_word(interval.decision)}" + (f": {items}" if items else "")


def _rows(labels: Sequence[tuple[float, str]]) -> list[tuple[float, int]]:
    """Where each label begins, and its row: the first from above in which it overlaps none.

    From right to left, so that the line down to a label passes those above it on their left.
    """
    free: list[float] = []
    found = []
    for place, text in reversed(labels):
        width = _length(text, 12)
        start = min(place + 4, _WIDTH - 8 - width)
        row = next((row for row, left in enumerate(free) if start + width + 10 <= left), len(free))
        free[row : row + 1] = [min(start, place)]
        found.append((start, row))
    return found[::-1]


def _word(decision: str) -> str:
    return f"{_STYLES[decision][1]} {decision.replace('_', ' ')}"


def _length(text: str, size: int) -> float:
    """Room that a text needs, in any usual font without serifs."""
    return sum(1.0 if ord(character) > 0x2FF else 0.62 for character in text) * size


def _short(text: str, most: int) -> str:
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= most else text[: most - 1] + "…"


def position_of(value: str) -> float:
    """Where a value of a sweep lies: a number, or the number of a day."""
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return float(value)


def _text(
    root: ElementTree.Element, x: float, y: float, text: str, size: int, fill: str = "#222", kind: str = "text"
) -> None:
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "fill": fill, "class": kind}
    if fill != "white":  # a white edge, where a line passes below the text
        attributes |= {"stroke": "white", "stroke-width": "3", "paint-order": "stroke"}
    ElementTree.SubElement(root, "text", attributes).text = text
