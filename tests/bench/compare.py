"""How fast: the same records judged by hand-written Python, by this project and by other engines, in one run.

All must agree on every decision before a time counts. What stands in the timed part: of a checked record, all that
comes after the check of its types and bounds, with its words and products; of the table of inputs (inputs.py),
in which words, products and dates are worked out, handing it over and deciding. What is prepared once is not timed.
"""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from contenders import THERAPIES, left_out, samples, sections
from curves import Curve, of_policies, of_records, of_therapies
from goals import goals
from measure import Disagreement, measure
from processes import batches, starts
from report import Report, machine, show, write_json
from rich.console import Console

from reasoner import Policy

_WARM = 200
"""Records that are asked about before, at most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables; returns the exit status."""
    parser = _options()
    options = parser.parse_args(arguments)
    if options.rounds > options.records:
        parser.error("--rounds: no more than --records, as each round has records of its own")
    if options.svg and find_spec("matplotlib") is None:
        print('--svg takes matplotlib: pip install ".[bench]"', file=sys.stderr)
        return 2
    try:
        report = _measured(options)
    except Disagreement as error:
        print(f"no time counts, as not all agree: {error}", file=sys.stderr)
        return 1
    except CalledProcessError as error:
        print(f"{shlex.join(error.cmd)} failed:\n{error.stderr}", file=sys.stderr)
        return 1
    show(report, Console(width=max(130, Console().width), highlight=False))
    try:
        _write(report, options)
    except OSError as error:
        print(f"{error.filename}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _write(report: Report, options: Namespace) -> None:
    if options.json:
        write_json(report, options.json)
    if options.svg:
        from plot import draw

        draw(report, options.svg)


def _measured(options: Namespace) -> Report:
    policy = Policy.load()
    warm = samples(policy, "warm", min(_WARM, options.records))
    drawn = samples(policy, "drawn", options.records)
    rounds = [drawn[number :: options.rounds] for number in range(options.rounds)]
    measured = measure(sections(), warm, rounds)
    with TemporaryDirectory() as name:
        folder = Path(name)
        of_batches = batches(folder, options.batch, THERAPIES, options.runs)
        of_starts = starts(3 * options.runs)
        curves = list(_curves(folder, options.most)) if options.curves else []
    rows = goals(measured, of_batches, of_starts, curves)
    return Report(machine(), left_out(), measured, of_batches, of_starts, curves, rows)


def _curves(folder: Path, most: int) -> Iterator[Curve]:
    yield from of_records(folder, most, THERAPIES)
    yield from of_therapies(Policy.load())
    yield from of_policies(THERAPIES)


def _options() -> ArgumentParser:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=_number(1), default=3000, help="random records, of 0 to 6 therapies (3000)")
    parser.add_argument("--rounds", type=_number(1), default=15, help="rounds in which contenders take turns (15)")
    parser.add_argument("--batch", type=_number(10), default=4096, help="records of a batch (4096)")
    parser.add_argument(
        "--runs", type=_number(1), default=3, help="runs of each batch; three times as many of a start (3)"
    )
    parser.add_argument("--curves", action="store_true", help="how the cost grows with records, therapies, policies")
    parser.add_argument(
        "--most", type=_number(100), default=10_000, help="records of the largest batch of a curve (10000)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the ratios and the curves")
    return parser


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"a whole number of {least} or more, not {text!r}")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
