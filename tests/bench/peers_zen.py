"""IP0369 as a GoRules decision graph: expressions for the items, and a decision table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import zen
from inputs import Inputs


def decider() -> Callable[[Inputs], str]:
    """What decides."""
    graph = (Path(__file__).parent / "peers" / "ip0369.zen.json").read_text("utf-8")
    decision = zen.ZenEngine().create_decision(graph)
    return lambda given: str(decision.evaluate({**given})["result"]["decision"])
