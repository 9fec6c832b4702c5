"""Coverage of rules: as text, and as a page of the rule files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import count

from reasoner.analysis.coverage import Unit, by_file, percent
from reasoner.policy.syntax import RuleFile
from reasoner.render.source import Mark, Piece, lines_of
from reasoner.render.text import paint

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; color: #1c2430; background: #fff; }
pre { font: 13px/1.55 ui-monospace, monospace; background: #f6f7f9; border: 1px solid #dfe3e8; }
pre { padding: .6rem 0; overflow-x: auto; }
pre i { display: inline-block; width: 3.2rem; padding-right: .8rem; text-align: right; color: #8a94a3; }
pre i { font-style: normal; user-select: none; }
table { border-collapse: collapse; }
td, th { padding: .15rem .9rem .15rem 0; text-align: left; }
td.n { text-align: right; }
p span { padding: 0 .3rem; }
.covered { background: #e3f4e8; }
.redundant { background: #e8edf7; }
.unheld { background: #fbe3e1; text-decoration: underline wavy #b5473c; }
.idle { background: #fdf0d3; text-decoration: underline dotted #9a6a00; }
summary { cursor: pointer; font-weight: 600; margin: 1rem 0 .3rem; }
@media (prefers-color-scheme: dark) {
  body { color: #e3e8ef; background: #14181d; }
  pre { background: #1b2027; border-color: #323a45; }
  .covered { background: #1d3a28; }
  .redundant { background: #26324a; }
  .unheld { background: #4a2422; }
  .idle { background: #463812; }
}
"""
LEGEND = (
    ("covered", "held in some case, and some case hangs on it"),
    ("redundant", "held, and proved redundant: without it no record within the bound is judged otherwise"),
    ("idle", "held, and no case hangs on it"),
    ("unheld", "held in no case"),
)
"""The kinds of marks, and what they mean."""


def text(units: Sequence[Unit]) -> str:
    """The units that are not covered, by file and line, and the share that is, by file."""
    return "\n".join(_text(units))


def _text(units: Sequence[Unit]) -> Iterator[str]:
    for unit in units:
        if not unit.covered:
            why = "held in no case" if not unit.held else "no case hangs on it"
            what = "rule" if unit.literal is None else "literal"
            yield f"{paint('✗', 31)} {unit.statement.location} {what}: {' '.join(unit.text.split())}"
            yield f"    {why}"
    rows = by_file(units)
    width = max((len(file.path.name) for file in rows), default=0)
    for file, own in rows.items():
        yield f"{file.path.name:<{width}}  {_share(own)}"
    yield f"{'in all':<{width}}  {_share(units)}"


def _share(units: Sequence[Unit]) -> str:
    covered = sum(unit.covered for unit in units)
    redundant = sum(unit.covered and unit.outcome.fate == "equivalent" for unit in units)
    return f"{percent(units):5.1f} %  {covered} of {len(units)} rules and literals, {redundant} of them redundant"


def html(units: Sequence[Unit]) -> str:
    """A page of the rule files; each rule and literal with what hangs on it."""
    return "".join(_html(units))


def _html(units: Sequence[Unit]) -> Iterator[str]:
    yield "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
    yield "<meta name='viewport' content='width=device-width'><title>Coverage of rules</title>"
    yield f"<style>{_STYLE}</style></head><body>\n<h1>Coverage of rules: {percent(units):.1f} %</h1>\n<p>"
    yield " · ".join(f"<span class='{name}'>{escape(means)}</span>" for name, means in LEGEND)
    yield "</p>\n<table><tr><th>file</th><th>covered</th><th>of</th><th></th></tr>\n"
    rows = by_file(units)
    for file, own in rows.items():
        covered = sum(unit.covered for unit in own)
        name = escape(file.path.name)
        yield f"<tr><td><a href='#{name}'>{name}</a></td><td class='n'>{covered}</td><td class='n'>{len(own)}</td>"
        yield f"<td class='n'>{percent(own):.1f} %</td></tr>\n"
    yield "</table>\n"
    for file, own in rows.items():
        name = escape(file.path.name)
        shown = "\n".join(map(_line, count(1), lines_of(file.text, marks(file, own))))
        yield f"<details open id='{name}'><summary>{name}</summary><pre>{shown}</pre></details>\n"
    yield "</body></html>\n"


def _line(number: int, pieces: Sequence[Piece]) -> str:
    return f"<i>{number}</i>{''.join(map(_piece, pieces))}"


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    return f"<span class='{piece.kind}' title='{escape(piece.title)}'>{text}</span>" if piece.kind else text


def marks(file: RuleFile, units: Sequence[Unit]) -> list[Mark]:
    """A mark for each unit of a file; literals lie within their rules."""
    return [Mark(*_span(file, unit), _kind(unit), _title(unit)) for unit in units]


def _span(file: RuleFile, unit: Unit) -> tuple[int, int]:
    if unit.literal is None:
        return unit.statement.start, unit.statement.end
    location = unit.statement.body[unit.literal].location
    return file.offset(location, "begin"), file.offset(location, "end")


def _kind(unit: Unit) -> str:
    if not unit.held:
        return "unheld"
    if not unit.hangs:
        return "idle"
    return "redundant" if unit.outcome.fate == "equivalent" else "covered"


def _title(unit: Unit) -> str:
    what = "rule" if unit.literal is None else "literal"
    fate, by = unit.outcome.fate, unit.outcome.by
    hangs = {
        "caught": f"hangs on it: {by}", "refused": f"the load refuses the rules without it: {by}",
        "unsafe": "binds a variable", "equivalent": "redundant", "survived": "no case hangs on it",
        "undecided": "no case hangs on it",
    }[fate]  # fmt: skip
    return f"{what}: {hangs if unit.held else 'held in no case'}"
