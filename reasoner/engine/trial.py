"""Rules of others are ground on trial, in a process that ends at a limit: grounding itself cannot be interrupted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from clingo.ast import AST

from reasoner.engine.limits import Limits
from reasoner.engine.messages import plain
from reasoner.engine.texts import Text, head_of, in_place, parsed, place
from reasoner.engine.trial_process import MAX_ATOM, MAX_DEPTH, Outcome, Request
from reasoner.errors import RulesError

_START = (
    "import json, sys; request = json.load(sys.stdin.buffer); sys.path[:] = request['path'];"
    "from reasoner.engine.trial_process import ground; ground(request)"
)
_STARTING = 15.0
"""Seconds for the start of the process, beside its limit."""


def trial_grounding(texts: Sequence[Text], limits: Limits | None = None, options: Sequence[str] = ()) -> None:
    """Ground texts (name, text) in another process. Raises RulesError, with the rules that grew beyond a limit.

    The texts must have been looked through. `options` are those of the Control for which they are meant. Of messages
    only those on errors are raised.
    """
    limits = limits or Limits()
    outcome = _outcome(texts, limits, options)
    if outcome["end"] == "messages":
        raise RulesError("\n".join(plain(in_place(message, texts) for message in outcome["messages"])))
    if outcome["end"] != "done":
        raise RulesError(_words(outcome, texts, limits))


def _outcome(texts: Sequence[Text], limits: Limits, options: Sequence[str]) -> Outcome:
    request = Request(
        path=[entry or os.getcwd() for entry in sys.path],
        texts=list(texts),
        options=list(options),
        seconds=limits.seconds,
        megabytes=limits.megabytes,
        ground_rules=limits.ground_rules,
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-P", "-c", _START]  # -P: nothing of the working folder is imported
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        try:
            printed, errors = child.communicate(json.dumps(request).encode(), limits.seconds + _STARTING)
            end = f"ended the solver (status {child.returncode})"
        except subprocess.TimeoutExpired:
            child.kill()
            printed, errors = child.communicate()
            end = "seconds"
        finally:
            child.kill()
    lines = printed.decode().splitlines()
    if not lines:
        raise RuntimeError(f"the trial grounding did not begin: {errors.decode(errors='replace')[-500:]}")
    if lines[-1].startswith("{"):
        outcome: Outcome = json.loads(lines[-1])
        return outcome
    return Outcome(end=end, at_work=[int(lines[-1])] if lines[1:] else [], messages=[])


def _words(outcome: Outcome, texts: Sequence[Text], limits: Limits) -> str:
    """Which rules grew beyond which limit."""
    beyond = {
        "seconds": f"took more than {limits.seconds:g} s",
        "memory": f"took more than {limits.megabytes:,} MB of memory",
        "rules": f"gave more than {limits.ground_rules:,} ground rules",
        "terms": f"gave an atom of more than {MAX_ATOM:,} signs, or more than {MAX_DEPTH} terms inside of each other",
    }.get(outcome["end"], outcome["end"])
    nodes = parsed(texts, [])
    rules = [nodes[number] for number in outcome["at_work"]]
    if not rules:
        return f"{texts[-1][0]}: grounding {beyond}"
    first, *others = [place(rule.location.begin.line, texts) for rule in rules]
    with_others = f", with {' and '.join(others)}" if others else ""
    shown = " and ".join(f"`{_short(rule)}`" for rule in rules)
    if outcome["end"] == "terms":
        remedy = f"{shown} puts terms into terms again and again: bound how often"
    elif others:
        remedy = f"the rules {shown} make each other grow, without end or too large: bound their variables"
    else:
        remedy = f"the rule {shown} grows without end, or too large: bound its variables"
    return f"{first}: grounding {head_of(rules[0])} {beyond}{with_others}; {remedy}"


def _short(rule: AST) -> str:
    shown = " ".join(str(rule).split())
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
