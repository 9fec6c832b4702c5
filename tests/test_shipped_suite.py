"""The shipped suite of IP0369: every rule and literal hangs on a case, and no mutant goes unnoticed."""

import json
import os
import subprocess
import sys
from pathlib import Path

SUITES = Path(__file__).parent / "suites"
UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
"""These run for minutes: their lines are measured elsewhere (test_rule_tools.py)."""


def run(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "reasoner", *map(str, arguments), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=UNTRACED)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def test_no_mutant_goes_unnoticed() -> None:
    outcomes = json.loads(run("mutate", SUITES, "--json"))
    assert {outcome["fate"] for outcome in outcomes} == {"caught", "refused", "unsafe", "equivalent"}
    assert sum(outcome["fate"] == "caught" for outcome in outcomes) > 500


def test_every_rule_and_literal_is_covered() -> None:
    assert "100.0 %" in run("coverage", SUITES).splitlines()[-1]
