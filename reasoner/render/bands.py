"""The bands of a sweep: as a table, and as a picture (SVG)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree import ElementTree

from reasoner.render.text import paint
from reasoner.sweep import Band

_COLOURS = {"approved": "#2e7d5b", "denied": "#b5473c", "out_of_scope": "#8a8f98"}
_WIDTH, _HEIGHT, _MARGIN = 900, 150, 40


def table(bands: Sequence[Band]) -> str:
    """A line for each band: its values, the decision, and the items that turn at its beginning."""
    spans = [band.first if band.first == band.last else f"{band.first} to {band.last}" for band in bands]
    width = max(map(len, spans))
    lines = []
    for span, band in zip(spans, bands, strict=True):
        decision = band.decision.replace("_", " ")
        shown = paint(f"{decision:<12}", 32 if band.decision == "approved" else 31)
        turned = ", ".join(f"{item} {status}" for item, status in band.turned)
        lines.append(f"{span:<{width}}  {shown}  {turned}".rstrip())
    return "\n".join(lines)


def svg(path: str, bands: Sequence[Band]) -> str:
    """The bands as a picture: colour and a word for each decision, and the items where they turn."""
    low, high = _place(bands[0].first), _place(bands[-1].last)
    scale = (_WIDTH - 2 * _MARGIN) / (high - low or 1)
    size = {"width": str(_WIDTH), "height": str(_HEIGHT), "viewBox": f"0 0 {_WIDTH} {_HEIGHT}"}
    root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "font-family": "sans-serif"})
    _text(root, _MARGIN, 24, f"{path}, {bands[0].first} to {bands[-1].last}", 15)
    for number, band in enumerate(bands):
        left = _MARGIN + (_place(band.first) - low) * scale
        end = _place(bands[number + 1].first) if number + 1 < len(bands) else high
        right = max(_MARGIN + (end - low) * scale, left + 1)
        box = {"x": f"{left:.1f}", "y": "44", "width": f"{right - left:.1f}", "height": "40"}
        rectangle = ElementTree.SubElement(root, "rect", {**box, "fill": _COLOURS[band.decision]})
        words = f"{band.first} to {band.last}: {band.decision.replace('_', ' ')}"
        ElementTree.SubElement(rectangle, "title").text = words
        if right - left > 70:
            _text(root, left + 6, 69, band.decision.replace("_", " "), 13, "white")
        if number:
            _text(root, left, 102 + 14 * (number % 3), f"{band.first}: {_turned(band)}", 11)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _turned(band: Band) -> str:
    return ", ".join(f"{item} {status}" for item, status in band.turned)


def _place(value: str) -> float:
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return float(value)


def _text(root: ElementTree.Element, x: float, y: float, text: str, size: int, fill: str = "#222") -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "fill": fill}
    ElementTree.SubElement(root, "text", place).text = text
