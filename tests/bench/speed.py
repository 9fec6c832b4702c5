"""How fast: decisions and whole verdicts beside the same judgement by hand-written Python.

Medians over the example records and 1,000 random ones, the policy loaded, in one run. Start-up is
the median of whole processes, beside Python that imports clingo and pydantic alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from by_hand import ByHand
from generate import random_record

from reasoner import Policy, RecordError, read_record

EXAMPLES = Path(__file__).parents[2] / "facts" / "examples"
RUNS = 15
T = TypeVar("T")


def main() -> None:
    """Print the figures."""
    policy = Policy.load()
    records = [read_record(path) for path in sorted(EXAMPLES.iterdir())]
    random = [random_record(Random(seed), therapies=2) for seed in range(1000)]
    records += [record for record in random if _judged(policy, record)]
    cases = [policy.case(record) for record in records]
    print(f"{len(records)} records; milliseconds a record, median (middle half)")
    by_hand = _times(lambda case: ByHand(case.full).decision(), cases)
    _row("decision by hand-written Python", by_hand, by_hand)
    _row("decision", _times(policy.decide, records), by_hand)
    _row("whole verdict", _times(policy.judge, records), by_hand)
    texts = [json.dumps(case.written) for case in cases]
    _row("record JSON to verdict JSON", _times(partial(_whole, policy), texts), by_hand)
    print(f"whole processes, {RUNS} runs")
    imports: list[float] = []
    example = str(EXAMPLES / "interface.json")
    commands = {
        "importing clingo and pydantic": [sys.executable, "-c", "import clingo; from pydantic import BaseModel"],
        "(pydantic before it loads anything)": [sys.executable, "-c", "import clingo, pydantic"],
        "reasoner decide of one record": [str(Path(sys.executable).with_name("reasoner")), "decide", example],
    }
    for name, times in _processes(commands).items():
        imports = times if name.startswith("importing") else imports
        _row(name, times, imports)


def _whole(policy: Policy, text: str) -> str:
    return policy.judge(json.loads(text)).to_json(indent=None)


def _judged(policy: Policy, record: dict[str, Any]) -> bool:
    try:
        return policy.judge(record) is not None
    except RecordError:
        return False


def _times(work: Callable[[T], object], inputs: Sequence[T]) -> list[float]:
    found = []
    for one in inputs:
        start = perf_counter()
        work(one)
        found.append((perf_counter() - start) * 1000)
    return found


def _processes(commands: dict[str, list[str]]) -> dict[str, list[float]]:
    """Times of whole processes, one command after the other so that noise meets all of them."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, arguments in commands.items():
            start = perf_counter()
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
            found[name].append((perf_counter() - start) * 1000)
    return found


def _row(name: str, times: list[float], beside: list[float]) -> None:
    low, _, high = quantiles(times, n=4)
    ratio = median(times) / median(beside)
    print(f"  {name:<34} {median(times):8.3f} ({low:.3f} to {high:.3f})  {ratio:6.1f} x")


if __name__ == "__main__":
    main()
