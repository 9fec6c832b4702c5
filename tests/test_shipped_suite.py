"""The shipped suite of IP0369: it passes, every rule and literal hangs on a case, and no mutant goes unnoticed."""

import json
from pathlib import Path

from test_cli import run

SUITES = Path(__file__).parent / "suites"


def test_every_rule_and_literal_is_covered() -> None:
    assert "100.0 %" in run("coverage", SUITES, "--workers", "1").stdout.splitlines()[-1]


def test_no_mutant_goes_unnoticed() -> None:
    outcomes = json.loads(run("mutate", SUITES, "--workers", "1", "--json").stdout)
    assert {outcome["fate"] for outcome in outcomes} == {"caught", "refused", "unsafe", "equivalent"}
    assert sum(outcome["fate"] == "caught" for outcome in outcomes) > 500
