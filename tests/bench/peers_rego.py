"""IP0369 in Rego, compiled once to a bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inputs import Inputs
from regopy import Input, Interpreter

_ENTRY = "ip0369/decision"


def decider() -> Callable[[Inputs], str]:
    """What decides."""
    policy = Path(__file__).parent / "peers" / "ip0369.rego"
    compiler, interpreter = Interpreter(), Interpreter()
    compiler.add_module(policy.name, policy.read_text("utf-8"))
    bundle = compiler.build(None, [_ENTRY])

    def decide(given: Inputs) -> str:
        interpreter.set_input(Input(given))
        return str(interpreter.query_bundle_entrypoint(bundle, _ENTRY)[0].expressions[0])

    return decide
