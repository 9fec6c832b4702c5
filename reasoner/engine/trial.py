"""Rules of others are ground on trial, in a process of its own that ends at a limit: grounding cannot be interrupted.

In that process each rule that can grow calls the function `entered` when the grounder begins with it, so at a limit it
is known which rules are at work.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from threading import Timer
from typing import NoReturn, TypedDict

from clingo import Control, MessageCode, Observer, Symbol, SymbolType
from clingo.ast import AST, ASTType, parse_string

from reasoner.engine.limits import Limits
from reasoner.engine.messages import plain
from reasoner.engine.texts import Text, add_to, in_place, parsed, place
from reasoner.errors import RulesError

if sys.platform != "win32":
    import resource

_START = (
    "import json, sys; request = json.load(sys.stdin.buffer); sys.path[:] = request['path'];"
    "from reasoner.engine.trial import ground; ground(request)"
)
_STARTING = 15.0
"""Seconds for the start of the process, beside its limit."""
_GROWING = re.compile(r" :-|\.\.|;")
"""In a statement that can have several instances, or whose instances depend on others."""
_LOOP = 100
"""Entries from which on a rule counts as one of a loop."""
_MOST = 3
"""Rules that a message shows."""
MAX_ATOM = 20_000
"""Signs of an atom as it is written."""
MAX_DEPTH = 50
"""Terms inside of terms, as deep as the brackets of a rule may be."""
_SHOWN = (ASTType.ShowSignature, ASTType.ShowTerm)


class _Request(TypedDict):
    path: list[str]
    texts: list[Text]
    options: list[str]
    seconds: float
    megabytes: int
    ground_rules: int


class _Outcome(TypedDict):
    """How the process came to its end, and the statements at work: their numbers among those that it parsed."""

    end: str
    at_work: list[int]
    messages: list[str]


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


def _outcome(texts: Sequence[Text], limits: Limits, options: Sequence[str]) -> _Outcome:
    request = _Request(
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
        outcome: _Outcome = json.loads(lines[-1])
        return outcome
    return _Outcome(end=end, at_work=[int(lines[-1])] if lines[1:] else [], messages=[])


def _words(outcome: _Outcome, texts: Sequence[Text], limits: Limits) -> str:
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
    return f"{first}: grounding {_subject(rules[0])} {beyond}{with_others}; {remedy}"


def _short(rule: AST) -> str:
    shown = " ".join(str(rule).split())
    return shown if len(shown) <= 200 else f"{shown[:200]}…"


def _subject(node: AST) -> str:
    """The predicate, with its number of arguments, whose atom is the head of a rule; else what may stand for it."""
    head = node.head if node.ast_type == ASTType.Rule else node
    if head.ast_type != ASTType.Literal or head.atom.ast_type != ASTType.SymbolicAtom:
        return "this statement"
    symbol = head.atom.symbol
    while symbol.ast_type in (ASTType.UnaryOperation, ASTType.Pool):
        symbol = symbol.argument if symbol.ast_type == ASTType.UnaryOperation else symbol.arguments[0]
    return f"{symbol.name}/{len(symbol.arguments)}" if symbol.ast_type == ASTType.Function else f"{symbol}/0"


# ── In the process of its own ────────────────────────────────────────────────────────────────────


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
            heads = (n for n, node in enumerate(nodes) if " :-" in str(node) and _subject(node) == predicate)
            return list(heads)[:_MOST]
        if self._last is None:
            return []
        loop = [number for number, times in self._entries.most_common(_MOST) if times >= _LOOP]
        return sorted(loop) if self._last in loop else [self._last]


def ground(request: _Request) -> NoReturn:
    """Ground the texts of a request, print what came of it, and end the process; at a limit before that."""
    os.write(1, b"begun\n")
    grounding = _Grounding(request["ground_rules"])
    messages: list[str] = []
    nodes: list[AST] = []

    def end(how: str) -> NoReturn:
        _release()
        outcome = _Outcome(end=how, at_work=grounding.at_work(nodes), messages=messages)
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
    literals: list[AST] = []
    parse_string("".join(f":- {n} = @entered({n}).\n" for n in range(len(nodes))), literals.append)
    found = []
    for node, literal in zip(nodes, literals[1:], strict=True):
        if node.ast_type not in _SHOWN:
            if _GROWING.search(str(node)) and hasattr(node, "body"):
                node.body.insert(0, literal.body[0])
            found.append(node)
    return found


def _confine(request: _Request) -> None:
    """Limit the memory of this process, and let it open no file."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(resource.RLIMIT_AS, (request["megabytes"] << 20) + _address_space())
        _limit(resource.RLIMIT_CPU, int(request["seconds"] + _STARTING))
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
