"""The figures as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil, floor, log10
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import matplotlib
from curves import Curve
from matplotlib.ticker import FuncFormatter, NullFormatter
from measure import spread
from report import Report

_COLOURS = {"by hand": "#6b6b6b", "this project": "#0b62a4", "peer": "#c4601d"}
_CURVES = ("#0b62a4", "#c4601d")
_PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")
_PEN = {"linestyle": "none", "marker": "o", "markersize": 6, "elinewidth": 1.6, "capsize": 0}


class _Row(NamedTuple):
    name: str
    kind: str
    ratios: Sequence[float]


def draw(report: Report, file: Path) -> None:
    """Draw the ratios on a logarithmic axis, and the curves below them. Raises OSError."""
    matplotlib.use("svg")
    from matplotlib import pyplot

    sections = list(_sections(report))
    curves = [list(own) for _, own in groupby(report.curves, lambda curve: curve.sizes)]
    height = 0.28 * sum(len(rows) + 1.6 for _, rows in sections)
    with pyplot.rc_context({"font.size": 9, "font.family": "DejaVu Sans", "svg.fonttype": "none"}):
        figure = pyplot.figure(figsize=(9, height + 1.3 + (2.9 if curves else 0)), layout="constrained")
        upper: Any = figure
        if curves:
            parts: Any = figure.subfigures(2, 1, height_ratios=(height + 1.3, 2.9))
            upper, lower = parts
            for axes, own in zip(lower.subplots(1, len(curves), squeeze=False)[0], curves, strict=True):
                _draw_curves(axes, own)
        _draw_ratios(upper.subplots(), sections)
        about = report.machine
        figure.suptitle(
            f"IP0369 beside hand-written Python · {about['processor']}, {about['cores']} cores, {about['python']}",
            x=0.01, ha="left", fontsize=10,
        )  # fmt: skip
        figure.savefig(file, metadata={"Date": None})
        pyplot.close(figure)


def _sections(report: Report) -> Iterator[tuple[str, list[_Row]]]:
    for section, members in groupby(report.measured, lambda one: one.section):
        yield section, [_Row(one.name, one.kind, one.ratios) for one in members]
    if report.batches:
        kinds = ["by hand", *["this project"] * (len(report.batches) - 1)]
        yield (
            "batch, NDJSON to NDJSON",
            [_Row(one.name, kind, one.ratios) for one, kind in zip(report.batches, kinds, strict=True)],
        )


def _draw_ratios(axes: Any, sections: Sequence[tuple[str, Sequence[_Row]]]) -> None:
    place, ticks, names = 0.0, [], []
    for title, rows in sections:
        ticks.append(place)
        names.append(title)
        for row in rows:
            place += 1
            (low, high), middle = spread(row.ratios), median(row.ratios)
            error = [[max(0.0, middle - low)], [max(0.0, high - middle)]]
            axes.errorbar(middle, place, xerr=error, color=_COLOURS[row.kind], **_PEN)
            axes.annotate(
                f"{middle:,.0f}" if middle >= 100 else f"{middle:.2g}",
                (max(high, middle), place), (5, 0), textcoords="offset points", va="center", color=_COLOURS[row.kind],
            )  # fmt: skip
            ticks.append(place)
            names.append(row.name)
        place += 1.6
    titles = {title for title, _ in sections}
    axes.set_yticks(ticks, names)
    for label in axes.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in titles else "normal")
    axes.set_ylim(place - 0.9, -0.8)
    axes.set_xscale("log")
    axes.set_xlim(right=3 * max(spread(row.ratios)[1] for _, rows in sections for row in rows))
    axes.xaxis.set_major_formatter(_PLAIN)
    axes.axvline(1, color="#6b6b6b", linewidth=0.8)
    axes.grid(axis="x", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("times as long as by hand: median, 5th to 95th percentile of the rounds")
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    handles = [axes.plot([], [], "o", color=colour, label=kind)[0] for kind, colour in _COLOURS.items()]
    axes.legend(handles=handles, loc="upper right", frameon=False, ncols=3, bbox_to_anchor=(1, 1.06))


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around all values."""
    return 10.0 ** floor(log10(min(values))), 10.0 ** ceil(log10(max(values)) + 0.01)


def _short(size: int) -> str:
    """A size in few letters: 10k, 1M."""
    for unit, letter in ((10**6, "M"), (10**3, "k")):
        if size >= unit:
            return f"{size // unit}{letter}"
    return str(size)


def _draw_curves(axes: Any, curves: Sequence[Curve]) -> None:
    """The curves over one kind of size; one of another unit has an axis of its own."""
    first, lines = curves[0], list[Any]()
    for curve, colour in zip(curves, _CURVES, strict=True):
        own = axes if curve.unit == first.unit else axes.twinx()
        values = [point.value for point in curve.points]
        own.plot(
            [point.size for point in curve.points],
            values,
            "o-",
            color=colour,
            markersize=4,
            linewidth=1.3,
            label=curve.name,
        )
        own.set_ylabel(curve.unit, color=colour if own is not axes else "black")
        if curve.unit == "MB":
            own.set_ylim(0, 1.3 * max(values))
        else:
            own.set_yscale("log")
            own.set_ylim(
                *_decades([point.value for each in curves if each.unit == curve.unit for point in each.points])
            )
            own.yaxis.set_major_formatter(_PLAIN)
            own.yaxis.set_minor_formatter(NullFormatter())
        own.spines["top"].set_visible(False)
        own.spines["left"].set_visible(own is axes)
        lines += own.get_lines()[-1:]
    axes.set_xscale("log" if first.points[0].size else "symlog")
    sizes = [point.size for point in first.points]
    axes.set_xticks(sizes, map(_short, sizes), minor=False)
    axes.minorticks_off()
    axes.spines["right"].set_visible(False)
    axes.legend(handles=lines, frameon=False, loc="lower left", bbox_to_anchor=(-0.05, 1), fontsize=8)
    axes.set_xlabel(first.sizes)
    axes.grid(color="#e4e4e4", linewidth=0.6)
