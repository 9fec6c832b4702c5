"""The figures as tables, as JSON and as a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from contenders import PEERS
from curves import Curve
from goals import Goal
from measure import Measured, spread
from processes import Batches
from rich.console import Console
from rich.table import Table

_PACKAGES = ("reasoner", "clingo", "pydantic", "msgspec", *PEERS.values())


class Report(NamedTuple):
    """All that was measured in one run."""

    machine: Mapping[str, Any]
    left_out: Sequence[str]
    measured: Sequence[Measured]
    batches: Sequence[Batches]
    starts: Mapping[str, Sequence[float]]
    curves: Sequence[Curve]
    goals: Sequence[Goal]


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": python,
        "packages": versions,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────


def show(report: Report, console: Console) -> None:
    """Print the tables."""
    about = report.machine
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    console.print(f"{about['processor']}, {about['cores']} cores, {about['system']}\n{about['python']}; {packages}")
    if report.left_out:
        console.print(f"left out, as it is not installed: {', '.join(report.left_out)}")
    console.print(
        "\nMedian (5th to 95th percentile) of rounds in turn; × is the ratio to the policy by hand in the same round"
    )
    for section, members in groupby(report.measured, lambda one: one.section):
        table = _table(section, "", "records", "µs a record", "× by hand")
        for one in members:
            who = one.name if one.kind != "this project" else f"[bold]{one.name}[/]"
            table.add_row(who, f"{one.records:,}", _shown(one.micros), _shown(one.ratios))
        console.print(table)
    if report.batches:
        table = _table("batch, NDJSON to NDJSON, whole processes", "", "records", "µs a further record", "× by hand")
        for batch in report.batches:
            table.add_row(batch.name, f"{batch.records:,}", _shown(batch.micros), _shown(batch.ratios))
        console.print(table)
    if report.starts:
        table = _table("whole processes", "", "ms")
        for name, seconds in report.starts.items():
            table.add_row(name, _shown([one * 1000 for one in seconds]))
        console.print(table)
    for sizes, curves in groupby(report.curves, lambda curve: curve.sizes):
        own = list(curves)
        table = _table(f"growth with {sizes}", sizes, *(f"{curve.name}, {curve.unit}" for curve in own))
        for at, point in enumerate(own[0].points):
            table.add_row(f"{point.size:,}", *(f"{curve.points[at].value:.3g}" for curve in own))
        console.print(table)
    table = _table("goals, as ratios", "", "goal", "measured", "")
    for goal in report.goals:
        if not goal.ratios:
            table.add_row(goal.work, goal.shown, "not measured", "")
        elif goal.is_reached:
            table.add_row(goal.work, goal.shown, _shown(goal.ratios), "reached")
        else:
            table.add_row(
                goal.work,
                goal.shown,
                _shown(goal.ratios),
                f"missed: {_short(median(goal.ratios) / goal.limit)} times the goal",
            )
    console.print(table)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table


def _shown(values: Sequence[float]) -> str:
    low, high = spread(values)
    return f"{_short(median(values))} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


def write_json(report: Report, file: Path) -> None:
    """Write every figure. Raises OSError."""
    data = {
        "machine": report.machine,
        "left_out": report.left_out,
        "measured": [one._asdict() for one in report.measured],
        "batches": [one._asdict() for one in report.batches],
        "starts_seconds": report.starts,
        "curves": [
            curve._asdict() | {"points": [point._asdict() for point in curve.points]} for curve in report.curves
        ],
        "goals": [goal._asdict() for goal in report.goals],
    }
    file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
