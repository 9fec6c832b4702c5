"""The text of a rule file before the solver's parser reads it: comments taken out, directives and odd signs refused."""

from __future__ import annotations

import re
from typing import NamedTuple

from reasoner.errors import RulesError

MAX_STATEMENT_LENGTH = 20_000
"""Signs of a rule, blanks and comments left out; the solver's joins of far longer ones take for ever."""
MAX_NESTING = 50
"""Brackets inside of brackets; tens of thousands of them end the process in the solver's parser."""
MAX_OPERATORS = 200
"""Signs of arithmetic and comparison in a rule: each one nests its syntax tree."""
MAX_FAULTS = 20
"""Faults that one error lists."""
MAX_POOLED = 10_000
"""Statements for which a rule with pools stands, `a(1;2)` for two: they are all made before the grounding."""

# What is looked for in odd texts alone is compiled when it is needed: compiling takes longer than looking.
_QUOTED = r'"(?:[^"\\\n]++|\\["\\n])*+"'
_TEXT = re.compile(rf"{_QUOTED[:-1]}(\"?)")
"""A quoted text, or what stands after a quote that is not closed: the latter is not looked at again and again."""
_CODE = re.compile(rf'(?:[^%"#]++|{_QUOTED}|#(?!!))*+')
"""Up to a comment, or to a quote that is not closed."""
_BLOCK = r"%\*|\*%|%[^\n]*"
"""What opens and closes a comment over lines, which nest, and a comment to the end of a line inside of one."""
_CONTROLS = bytes(n for n in range(256) if n < 32 and n not in b"\t\n" or n == 127)
_HIDDEN = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
_DECEPTIVE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)"
"""Signs at which the parser ends the text, or that show a text otherwise than it is read."""
_FOREIGN = r"[^\x00-\x7f]"
_WORD = r"#[A-Za-z0-9_]*"
_DIGITS = re.compile(r"[0-9][0-9A-Fa-fxob]{8}")
_LONG_NUMBER = r"(?<![\w'])(?:0x[0-9A-Fa-f]{8,}|0o[0-7]{11,}|0b[01]{32,}|[0-9]{10,})"
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_MANY_UNDERSCORES = r"[_']{101}"
"""For each of them the solver's parser looks through all that follow."""
_STOP = r"(?<!\.)\.(?!\.)"
_FEW_POOLED = MAX_POOLED.bit_length() - 1
"""As many semicolons make no more than MAX_POOLED statements."""
_OPERATOR = r"\.\.|[-+*/\\&?^~|<>=!]"
_PLAIN = re.compile(
    r"\s*+(?:[_']*[a-z][\w']*\s*+(?:\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)\s*+)?(?::-|$)|$)", re.ASCII
)
"""How a statement with one plain atom as head begins."""
_MINUS = re.compile(r"-\s*+[_']*[a-z]")

_NO_CHOICE = "which answer is best is the engine's part; write a rule with a condition"
_NO_OUTPUT = "what is read of an answer is the engine's part; leave it out"
_NO_PROGRAM = "a rule folder runs no program; write a rule or a fact"
_INSTEAD = {
    "#include": "each file of the folder is read; put the rules into one of them",
    "#script": _NO_PROGRAM,
    "#end": _NO_PROGRAM,
    "#const": "it has no citation and no date; write the number as a fact",
    "#external": "what a record can say is declared by facts, which the engine reads",
    "#heuristic": "how to search is the engine's part; leave it out",
    "#theory": "write a rule or a fact",
    "#defined": "give the predicate a fact or a rule, or leave out what uses it",
    "#show": _NO_OUTPUT,
    "#project": _NO_OUTPUT,
    "#edge": "write a rule or a fact",
    "#minimize": _NO_CHOICE,
    "#minimise": _NO_CHOICE,
    "#maximize": _NO_CHOICE,
    "#maximise": _NO_CHOICE,
    "#program": "all rules of a folder stand in one part; leave it out",
}
_OF_LITERALS = frozenset({
    "#true", "#false", "#inf", "#infimum", "#sup", "#supremum", "#count", "#sum", "#min", "#max",
})  # fmt: skip


class RuleText(NamedTuple):
    """A text that may go to the parser: no comment, no directive, nothing that it could not bear."""

    program: str
    """The text without comments; its lines, and its columns in bytes, are those of the file."""
    statements: int
    """Rules and facts, at most."""
    plain: bool
    """Whether each head is one plain atom, and nowhere is a function of Python, a theory atom, a classical
    negation or an interval. Where it is false, only the syntax tree can say."""


def rule_text(text: str, name: str) -> RuleText:
    """A text without its comments. Raises RulesError, with place, for what is not of rules, facts and comments."""
    _refuse_deceptive(text, name)
    program = _without_comments(text, name)
    bare = _TEXT.sub(r"$\1", program)
    if bare.count("$") != bare.count('"') or not bare.isascii() or "#" in bare or _DIGITS.search(bare):
        _refuse_signs(program, name)
    if program.startswith("asp ") and program[4:5].isdigit():
        raise RulesError(f"{name}:1:1: a ground program; give the rules that it was made from")
    statements = re.split(_STOP, bare) if ".." in bare else bare.split(".")
    start = 0
    for statement in statements:
        if (len(statement) > MAX_OPERATORS or statement.count(";") > _FEW_POOLED) and (
            fault := _too_complex(statement)
        ):
            line = bare.count("\n", 0, start + len(statement) - len(statement.lstrip())) + 1
            raise RulesError(f"{name}:{line}: {fault}")
        start += len(statement) + 1
    unusual = "@" in bare or "&" in bare or ".." in bare or _MINUS.search(bare.replace(":-", ":"))
    return RuleText(program, len(statements), not unusual and all(map(_PLAIN.match, statements)))


def _place(text: str, offset: int, name: str) -> str:
    return f"{name}:{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


def _refuse_deceptive(text: str, name: str) -> None:
    if text.startswith("\ufeff"):
        raise RulesError(f"{name}:1:1: the file begins with a byte order mark; save it as UTF-8 without one")
    content = text.encode()
    if len(content.translate(None, _CONTROLS)) == len(content) and not _HIDDEN.search(content):
        return
    if found := re.search(_DECEPTIVE, text):  # a carriage return before a line feed is none
        sign = f"U+{ord(found.group()):04X}"
        raise RulesError(f"{_place(text, found.start(), name)}: {sign} is a sign that cannot be seen; take it out")


def _without_comments(text: str, name: str) -> str:
    """The code and the quoted texts, each in its line and column. Raises RulesError for one that is not closed."""
    if "%*" not in text and "#!" not in text:
        return "\n".join([_before_comment(line) if "%" in line else line for line in text.split("\n")])
    pieces: list[str] = []
    start = 0
    while start < len(text):
        code = _CODE.match(text, start)
        end = code.end() if code else start
        pieces.append(text[start:end])
        if text.startswith('"', end):
            return "".join((*pieces, text[end:]))  # it is refused with its place
        if text.startswith("%*", end):
            start = _end_of_block(text, end, name)
            lines = text[end:start].split("\n")
            pieces.append("\n" * (len(lines) - 1) + " " * len(lines[-1].encode()))
        else:
            start = text.find("\n", end)
            start = len(text) if start < 0 else start
    return "".join(pieces)


def _before_comment(line: str) -> str:
    code = _CODE.match(line)
    return code.group() if code and line.startswith("%", code.end()) else line


def _end_of_block(text: str, start: int, name: str) -> int:
    depth = 0
    for found in re.compile(_BLOCK).finditer(text, start):
        depth += {"%*": 1, "*%": -1}.get(found.group(), 0)
        if depth == 0:
            return found.end()
    raise RulesError(f"{_place(text, start, name)}: a comment that is not closed: *% is missing")


def _refuse_signs(program: str, name: str) -> None:
    """Raises RulesError for signs outside of comments and quotes that no rule has."""
    for text in _TEXT.finditer(program):
        if not text.group(1):
            message = "a text in quotes ends in its line, and a backslash in it stands before n, a backslash or a quote"
            raise RulesError(f"{_place(program, text.start(), name)}: {message}")
    code = _TEXT.sub(lambda text: " " * len(text.group()), program)
    if found := re.search(_FOREIGN, code):
        message = f"{found.group()} is no sign of a rule; are plain quotes, hyphens and spaces meant?"
        raise RulesError(f"{_place(code, found.start(), name)}: {message}")
    if "$" in code:
        raise RulesError(f"{_place(code, code.index('$'), name)}: $ is no sign of a rule")
    faults = []
    for word in re.finditer(_WORD, code):
        if word.group() not in _OF_LITERALS:
            faults.append(f"{_place(code, word.start(), name)}: {_refusal(word.group())}")
        if word.group() == "#script" or len(faults) == MAX_FAULTS:  # what follows a script is of another language
            break
    if faults:
        raise RulesError("\n".join(faults))
    for found in re.finditer(_LONG_NUMBER, code):
        if _too_large(found.group()):
            message = f"{found.group():.40} is larger than any number that the solver can compute with"
            raise RulesError(f"{_place(code, found.start(), name)}: {message}")


def _refusal(word: str) -> str:
    return f"{word} does not belong into a policy's rules: {_INSTEAD.get(word, 'write a rule or a fact')}"


def _too_large(number: str) -> bool:
    digits = number.removeprefix(number[:2] if number[:2] in _BASES else "").lstrip("0")
    return len(digits) > 32 or int(digits or "0", _BASES.get(number[:2], 10)) >= 2**31


def _too_complex(statement: str) -> str | None:
    """What would take the solver's parser or grounder too long, or too deep."""
    if len("".join(statement.split())) > MAX_STATEMENT_LENGTH:
        return f"a rule of more than {MAX_STATEMENT_LENGTH:,} signs; split it"
    if len(re.findall(_OPERATOR, statement)) > MAX_OPERATORS:
        return f"a rule with more than {MAX_OPERATORS} signs of arithmetic and comparison; split it"
    if re.search(_MANY_UNDERSCORES, statement):
        return "a name of more than 100 underscores; give it another one"
    alternatives = [1]  # of each bracket that is open
    pooled = 1
    for sign in re.findall(r"[({\[)}\];]", statement):
        if sign == ";":
            alternatives[-1] += 1
        elif sign in "({[":
            alternatives.append(1)
        elif len(alternatives) > 1:
            pooled *= alternatives.pop() if sign == ")" else 1
        if len(alternatives) > MAX_NESTING + 1:
            return f"more than {MAX_NESTING} brackets inside of each other; name a part by a rule of its own"
    if pooled > MAX_POOLED:
        return f"a rule whose pools stand for {pooled:,} rules; write what is in them as facts"
    return None
