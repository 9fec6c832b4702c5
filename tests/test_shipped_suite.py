"""The shipped suite of IP0369: every rule and literal hangs on a case, and hardly a mutant goes unnoticed."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

SUITES = Path(__file__).parent / "suites"
UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
"""These run for minutes: their lines are measured elsewhere (test_rule_tools.py)."""


OPEN = 20
"""Mutants that no case catches and that are not proven equivalent, at most: a known gap, to be brought to none."""


def run(*arguments: str | Path, statuses: tuple[int, ...] = (0,)) -> str:
    command = [sys.executable, "-m", "reasoner", *map(str, arguments), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=UNTRACED)
    assert done.returncode in statuses, done.stdout[-3000:] + done.stderr
    return done.stdout


def test_hardly_a_mutant_goes_unnoticed() -> None:
    outcomes = json.loads(run("mutate", SUITES, "--json", statuses=(0, 1)))
    fates = Counter(outcome["fate"] for outcome in outcomes)
    unnoticed = [outcome for outcome in outcomes if outcome["fate"] in ("survived", "undecided")]
    assert len(unnoticed) <= OPEN, unnoticed
    assert fates["caught"] > 500


def test_hardly_a_rule_or_literal_is_uncovered() -> None:
    """All but one were covered when this was last measured: a known gap, to be brought to none."""
    last = run("coverage", SUITES, statuses=(0, 1)).splitlines()[-1]
    (percent,) = re.findall(r"(\d+\.\d) %", last)[:1]
    assert float(percent) >= 99.0, last
