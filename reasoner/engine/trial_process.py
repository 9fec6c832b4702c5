"""The process in which a program is ground on trial, within limits; it prints what came of it.

Each rule that can grow calls the function `entered` when the grounder begins with it, so at a limit it is known which
rules are at work.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from threading import Timer
from typing import NoReturn, TypedDict

from clingo import Control, MessageCode, Observer, Symbol, SymbolType
from clingo.ast import AST, ASTType, parse_string

from reasoner.engine.texts import Text, add_to, head_of, parsed

if sys.platform != "win32":
    import resource

MAX_ATOM = 20_000
"""Signs of an atom as it is written."""
MAX_DEPTH = 50
"""Terms inside of terms, as deep as the brackets of a rule may be."""
_GRACE = 15
"""Seconds of computing after which the system ends the process, should nothing else have done so."""
_GROWING = re.compile(r" :-|\.\.|;")
"""In a statement that can have several instances, or whose instances depend on others."""
_LOOP = 100
"""Entries from which on a rule counts as one of a loop."""
_MOST = 3
"""Statements that are at work at once, at most."""
_SHOWN = (ASTType.ShowSignature, ASTType.ShowTerm)


class Request(TypedDict):
    """What is to be ground, within which limits, and where Python finds its modules."""

    path: list[str]
    texts: list[Text]
    options: list[str]
    seconds: float
    megabytes: int
    ground_rules: int


class Outcome(TypedDict):
    """How the process came to its end, and the statements at work: their numbers among those that it parsed."""

    end: str
    at_work: list[int]
    messages: list[str]


class _TooMany(Exception):
    """More ground rules than the limit."""


class _TooLarge(Exception):
    """An atom that nobody could read or write."""


class _Grounding(Observer):
    """Counts ground rules, and notes which statements are at work."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rules = 0
        self._entries: Counter[int] = Counter()
        self._last: int | None = None
        self.written: Symbol | None = None
        """The atom that was written out last, once all rules are ground."""

    def entered(self, number: Symbol) -> Symbol:
        """Called by a statement that can grow, when the grounder begins with it."""
        self._last = number.number
        if self._last not in self._entries:
            os.write(1, b"%d\n" % self._last)  # where the process ends without a word, this is what is known
        self._entries[self._last] += 1
        return number

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        """A ground rule. Raises _TooMany, which ends the grounding."""
        self._rules += 1
        if self._rules > self._most:
            raise _TooMany

    def weight_rule(self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]) -> None:
        """A ground rule with a sum. Raises _TooMany."""
        self.rule(choice, head, ())

    def output_atom(self, symbol: Symbol, atom: int) -> None:
        """An atom that is written out. Raises _TooLarge."""
        self.written = symbol
        shown = str(symbol)
        if len(shown) > MAX_ATOM or (shown.count("(") > MAX_DEPTH and _is_deep(symbol)):
            raise _TooLarge

    def at_work(self, nodes: Sequence[AST]) -> list[int]:
        """The statements at work: the one that was entered last, and those that take turns with it.

        While atoms are written out, the rules for the predicate of the last one.
        """
        if self.written is not None:
            predicate = f"{self.written.name}/{len(self.written.arguments)}"
            heads = (n for n, node in enumerate(nodes) if " :-" in str(node) and head_of(node) == predicate)
            return list(heads)[:_MOST]
        if self._last is None:
            return []
        loop = [number for number, times in self._entries.most_common(_MOST) if times >= _LOOP]
        return sorted(loop) if self._last in loop else [self._last]


def ground(request: Request) -> NoReturn:
    """Ground the texts of a request, print what came of it, and end the process; at a limit before that."""
    os.write(1, b"begun\n")
    grounding = _Grounding(request["ground_rules"])
    messages: list[str] = []
    nodes: list[AST] = []

    def end(how: str) -> NoReturn:
        _release()
        outcome = Outcome(end=how, at_work=grounding.at_work(nodes), messages=messages)
        os.write(1, f"{json.dumps(outcome)}\n".encode())
        os._exit(0)

    def at_limit(limit: str) -> NoReturn:
        end(limit if grounding.written is None else "terms")

    def log(code: MessageCode, message: str) -> None:
        if code == MessageCode.RuntimeError:
            messages.append(message)

    timer = Timer(request["seconds"], at_limit, ("seconds",))
    timer.daemon = True
    timer.start()
    _confine(request)
    try:
        nodes += parsed(request["texts"], messages)
        control = Control(request["options"], logger=log, message_limit=50)
        control.register_observer(grounding)
        add_to(control, _noted(nodes))
        control.ground([("base", [])], context=grounding)
    except _TooMany:
        end("rules")
    except _TooLarge:
        end("terms")
    except MemoryError:
        at_limit("memory")
    except RuntimeError as error:
        messages = messages or [str(error)]
        end("messages")
    end("done")


def _is_deep(symbol: Symbol) -> bool:
    parts = [(symbol, 0)]
    while parts:
        part, depth = parts.pop()
        if depth > MAX_DEPTH:
            return True
        if part.type == SymbolType.Function:
            parts += [(argument, depth + 1) for argument in part.arguments]
    return False


def _noted(nodes: Sequence[AST]) -> list[AST]:
    """The statements, those that can grow with a literal that notes when the grounder begins with them.

    No atom is hidden: all of them are written out, so that terms that double again and again are met.
    """
    shown = [node.ast_type in _SHOWN for node in nodes]
    growing = [
        n for n, node in enumerate(nodes) if not shown[n] and _GROWING.search(str(node)) and hasattr(node, "body")
    ]
    notes: list[AST] = []
    parse_string("".join(f":- {n} = @entered({n}).\n" for n in growing), notes.append)
    for n, note in zip(growing, notes[1:], strict=True):
        nodes[n].body.insert(0, note.body[0])
    return [node for node, is_shown in zip(nodes, shown, strict=True) if not is_shown]


def _confine(request: Request) -> None:
    """Limit the memory of this process, and let it open no file."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(resource.RLIMIT_AS, (request["megabytes"] << 20) + _address_space())
        _limit(resource.RLIMIT_CPU, int(request["seconds"] + _GRACE))
        _limit(resource.RLIMIT_NOFILE, 3)


def _release() -> None:
    """Have memory to print the outcome."""
    if sys.platform != "win32":
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (hard, hard))


def _limit(kind: int, most: int) -> None:
    if sys.platform != "win32":
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _address_space() -> int:
    """Bytes that this process has before the grounding, where the system says so."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
