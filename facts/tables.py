"""Files of facts, read as tables.

People write the files, in the notation of answer set programming. They are read here and not by a solver: its
parser opens what a file includes before anything can be refused, ends the process at some signs, and wraps large
numbers around. What is accepted here means the same to a solver.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, TypeAlias, Union

from msgspec import DecodeError
from msgspec.json import Decoder

from facts.errors import printable

Value: TypeAlias = Union[str, int, bool, "tuple[Value, ...]"]
"""A constant or a text (str), a number, true or false, or a tuple; f(a) is the tuple ("f", "a")."""
Row: TypeAlias = tuple[Value, ...]

MAX_BYTES = 1_000_000
"""Bytes of one file, at most."""
MAX_ROWS = 100_000
"""Rows of all files together, at most, with all that the pools in them stand for."""
MAX_DEPTH = 20
"""Brackets within each other, at most."""
MAX_FAULTS = 50
"""Faults that are listed; of the others only how many they are."""
MAX_NUMBER = 2**31 - 1
"""The largest number that a solver computes with."""

_TEXT = r'"[^"\\\x00-\x1f\x7f]*+(?:\\["\\n][^"\\\x00-\x1f\x7f]*+)*+"?+'  # or the beginning of one without an end
_TOKEN = re.compile(  # after spaces and a comment; the end of the file is an empty one
    rf"[ \t\r]*+(?:%[^\n]*)?+([(),;\n]|{_TEXT}|[A-Za-z0-9_][A-Za-z0-9_']*|\.\.?|-[0-9]\w*|#[a-z]*|:[-~]|<-|.|\Z)",
    re.ASCII,
)
_BEFORE_BLOCK = re.compile(rf"%\*|%[^\n]*|{_TEXT}")
_IN_BLOCK = re.compile(r"%\*|\*%|%[^\n]*")
_NAME = re.compile(r"(?!not\Z)[a-z][A-Za-z0-9_]*\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_CONSTANTS: dict[str, Value] = {"true": True, "false": False}
_NO_FACT = (
    (r"#[a-z]*", "a directive ({})"),
    (r":~", "a weak constraint ({})"),
    (r":-|<-", "a rule with a body ({})"),
    (r"[{}]", "a choice ({})"),
    (r"&", "a theory atom ({})"),
    (r"@", "a function of a script ({})"),
    (r"not", "a negation ({})"),
    (r":", "a condition ({})"),
    (r"\|", "a disjunction ({})"),
    (r"\.\.", "a range ({})"),
    (r"[-+*/\\^?~]", "a sign of arithmetic or negation ({})"),
    (r"[<>=!$]", "a comparison ({})"),
    (r"_*[A-Z][A-Za-z0-9_']*|_+", "a variable ({})"),
)
"""What stands in statements that are no facts, the most telling first."""
_ENOUGH = 1_000
"""Faults of a file after which it is not read on; tokens of a statement that are searched for what it is."""

_decode = Decoder(list[Any]).decode


class TablesError(ValueError):
    """Files of facts that are refused, with the faults that were found: each with file, line, reason and remedy."""

    def __init__(self, faults: Iterable[str]) -> None:
        found = [printable(fault) for fault in dict.fromkeys(faults)]
        if len(found) > MAX_FAULTS + 1:  # one more takes no more room than the line that would stand for it
            found[MAX_FAULTS:] = [f"and {len(found) - MAX_FAULTS:,} more faults"]
        self.faults = tuple(found)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(self.faults)


class Tables:
    """The rows of each table, in the order of the files' names and then of their lines, each row once."""

    def __init__(self, given: Mapping[str, Sequence[tuple[Row, Path, int]]]) -> None:
        """Of each table every row, with the file and the line of its fact."""
        self._given = given
        self._rows: dict[str, tuple[Row, ...]] = {}
        for name, facts in given.items():
            rows = [row for row, _, _ in facts]
            if len(set(rows)) < len(rows):  # or 1 and true, which are equal in Python
                rows = list({repr(row): row for row in rows}.values())
            self._rows[name] = tuple(rows)

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        """The rows of a table, of whatever number of values. Raises KeyError for a table that was not asked for."""
        return self._rows[table]

    def location(self, table: str, *values: Value) -> str:
        """File and line of the first fact that gives the row; empty where none does."""
        return next(iter(self._locations[table].get(repr(values), ())), "")

    def repeated(self, table: str) -> tuple[tuple[Row, tuple[str, ...]], ...]:
        """The rows that more than one fact gives, with file and line of each."""
        if len(self._rows[table]) == len(self._given[table]):
            return ()
        given = ((row, tuple(self._locations[table][repr(row)])) for row in self._rows[table])
        return tuple((row, found) for row, found in given if len(found) > 1)

    @cached_property
    def _locations(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {name: {} for name in self._given}
        for name, facts in self._given.items():
            for row, file, line in facts:
                found[name].setdefault(repr(row), []).append(f"{file}:{line}")
        return found


def read_tables(files: Iterable[Path], tables: Collection[tuple[str, int]]) -> Tables:
    """The facts of some files; `tables` are the names that they can have, each with its number of values.

    Raises TablesError for whatever else stands in a file, and for one that is no plain file of UTF-8, up to
    MAX_BYTES. Nothing that a file names is opened.
    """
    known = frozenset(tables)
    given: dict[str, list[tuple[Row, Path, int]]] = {name: [] for name, _ in sorted(known)}
    faults: list[str] = []
    json = _Json({"(": "[", ")": "]", ",": ",", "\n": "\n"})
    left = MAX_ROWS
    for file in sorted(set(files)):
        try:
            text = _text(file)
        except ValueError as error:
            faults.append(str(error))
            continue
        for line, statement in _statements(text):
            row = _plain_row(statement, json) if left else None
            if row is not None and (statement[0], len(row)) in known:
                given[statement[0]].append((row, file, line))
                left -= 1
                continue
            try:
                name, rows, cost = _fact(statement, left)
            except _Refused as refused:
                faults.append(f"{file}:{line + refused.line}: {refused.reason}")
                if refused.ends_reading or len(faults) > _ENOUGH:
                    break
                continue
            left -= cost
            for row in rows:
                if (name, len(row)) not in known:
                    faults.append(f"{file}:{line}: {_no_table(name, len(row), known)}")
                    break
                given[name].append((row, file, line))
    if faults:
        raise TablesError(faults)
    return Tables(given)


def _text(file: Path) -> str:
    """The text of a file without its comments of several lines. Raises ValueError."""
    other = f"{file}: no plain file but a link, a folder, a pipe or a device; put the file itself there"
    try:
        if not stat.S_ISREG(os.lstat(file).st_mode):
            raise ValueError(other)
        # It can have become another since: no link is followed, no pipe waited for.
        flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
        with open(os.open(file, os.O_RDONLY | sum(flags)), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise ValueError(other)
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError(other) from None
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ValueError(f"{file}: larger than {MAX_BYTES:,} bytes; split it")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{file}:{line}: not UTF-8; save it as UTF-8") from None
    if text.startswith("\ufeff"):
        raise ValueError(f"{file}:1: begins with a byte order mark; save it as UTF-8 without one")
    return _without_blocks(text, file) if "%*" in text else text


def _without_blocks(text: str, file: Path) -> str:
    kept: list[str] = []
    place = begin = depth = 0
    while found := (_IN_BLOCK if depth else _BEFORE_BLOCK).search(text, place):
        sign, end = found.group(), found.end()
        if depth == 0:
            begin = found.start() if sign == "%*" else end
            kept.append(text[place:begin])
        depth += (sign == "%*") - (sign == "*%")
        if sign == "*%" and depth == 0:
            kept.append(" " + "\n" * text.count("\n", begin, end))  # the lines after it keep their numbers
        place = end
    if depth:
        line = text.count("\n", 0, begin) + 1
        raise ValueError(f"{file}:{line}: the comment that begins with %* does not end; close it with *%")
    return "".join((*kept, text[place:]))


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """The line in which each statement begins, and its tokens up to the full stop."""
    tokens = _TOKEN.findall(text)
    start, line = 0, 1
    while True:
        while tokens[start] == "\n":
            start, line = start + 1, line + 1
        if not tokens[start]:
            return
        try:
            stop = tokens.index(".", start)
        except ValueError:
            yield line, tokens[start:]
            return
        statement = tokens[start:stop]
        yield line, statement
        line += statement.count("\n")
        start = stop + 1


class _Json(dict[str, str]):
    """Tokens as JSON has them; what it has not becomes a sign that it refuses."""

    def __missing__(self, token: str) -> str:
        if token[:1] == '"':
            made = token if _is_text(token) else "?"
        elif _NAME.match(token):
            made = token if token in _CONSTANTS else f'"{token}"'
        else:
            made = token if _NUMBER.match(token) and len(token) < 10 else "?"
        self[token] = made
        return made


def _is_text(token: str) -> bool:
    """Whether a token is a text, from its quote to the other one, which is not escaped."""
    inside = token[1:-1]
    return len(token) > 1 and token[-1] == '"' and (len(inside) - len(inside.rstrip("\\"))) % 2 == 0


class _NoTuple(Exception):
    """Brackets around nothing or one value."""


def _plain_row(statement: Sequence[str], json: _Json) -> Row | None:
    """The row of a fact, for a fraction of what parsing costs; None where it has pools, functions or faults."""
    if statement.count("(") > MAX_DEPTH:
        return None
    try:
        return _row(_decode("".join([json[token] for token in statement[1:]])))
    except (DecodeError, _NoTuple):
        return None


def _row(values: list[Any]) -> Row:
    row: list[Value] = []
    for value in values:
        if type(value) is list:
            if len(value) < 2:
                raise _NoTuple
            value = _row(value)
        row.append(value)
    return tuple(row)


class _Refused(Exception):
    """Why a statement is refused, and on which of its lines, counted from 0."""

    def __init__(self, reason: str, line: int, ends_reading: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.line, self.ends_reading = reason, line, ends_reading


def _fact(statement: Sequence[str], limit: int) -> tuple[str, list[Row], int]:
    """Name and rows of a fact, and how many rows its pools stand for. Raises _Refused."""
    try:
        return _Parser(statement, limit).fact()
    except _Refused:
        open_text = any(token[:1] == '"' and not _is_text(token) for token in statement[:_ENOUGH])
        for pattern, kind in () if open_text and "#script" not in statement else _NO_FACT:
            for place, token in enumerate(statement[:_ENOUGH]):
                if re.fullmatch(pattern, token):
                    reason = f"{kind.format(token)}: only facts may stand in this file"
                    raise _Refused(reason, statement[:place].count("\n"), token == "#script") from None
        raise


class _Parser:
    """One fact, read from left to right; every term is read as all the values that it stands for."""

    def __init__(self, statement: Sequence[str], limit: int) -> None:
        self.tokens = [*statement, ""]
        self.place = self.line = self.depth = self.cost = 0
        self.limit = limit

    def fact(self) -> tuple[str, list[Row], int]:
        name = self.peek()
        if not _NAME.match(name):
            raise self.misplaced(name)
        self.place += 1
        made = self.bracket(name) if self.peek() == "(" else [(name,)]
        rows = [row[1:] for row in made if isinstance(row, tuple)]
        token = self.peek()
        if self.place < len(self.tokens) - 1:
            raise self.misplaced(token)
        self.spend(1)
        return name, rows, self.cost

    def peek(self) -> str:
        """The next token, which stays."""
        while self.tokens[self.place] == "\n":
            self.place, self.line = self.place + 1, self.line + 1
        return self.tokens[self.place]

    def term(self) -> list[Value]:
        if self.peek() == "(":
            return self.bracket(None)
        token = self.peek()
        value = self.value(token)
        self.place += 1
        if _NAME.match(token) and self.peek() == "(":
            return self.bracket(token)
        return [value]

    def bracket(self, name: str | None) -> list[Value]:
        self.place += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refused(f"more than {MAX_DEPTH} brackets within each other")
        if name is None and self.peek() == ")":
            self.place += 1
            self.depth -= 1
            return [()]
        found: list[Value] = []
        while True:
            values, comma = self.part(name is None)
            if name is None and len(values) == 1 and not comma:
                self.spend(len(values[0]))
                found += values[0]
            else:
                self.spend(prod(map(len, values)))
                found += product(*values) if name is None else product((name,), *values)
            self.place += 1
            if self.tokens[self.place - 1] == ")":
                self.depth -= 1
                return found

    def part(self, nameless: bool) -> tuple[list[list[Value]], bool]:
        """What stands up to a semicolon or the end of a bracket, and whether a comma is the last of it, as in (a,)."""
        values = [self.term()]
        while (token := self.peek()) == ",":
            self.place += 1
            if nameless and len(values) == 1 and self.peek() in (")", ";"):
                return values, True
            values.append(self.term())
        if token not in (")", ";"):
            raise self.misplaced(token)
        return values, False

    def spend(self, rows: int) -> None:
        self.cost += rows
        if self.cost > self.limit:
            raise self.refused(f"with this, the files hold more than {MAX_ROWS:,} rows")

    def value(self, token: str) -> Value:
        """A token as a value. Raises _Refused."""
        if _NAME.match(token):
            return _CONSTANTS.get(token, token)
        if _is_text(token):
            return re.sub(r"\\(.)", lambda found: found[1].replace("n", "\n"), token[1:-1])
        if not _NUMBER.match(token):
            raise self.misplaced(token)
        if len(token) > 11 or abs(int(token)) > MAX_NUMBER:
            raise self.refused(f"{token} is larger than any number that a solver computes with")
        return int(token)

    def misplaced(self, token: str) -> _Refused:
        if not token:
            return self.refused(
                "a bracket is not closed (numbers are whole)" if self.depth else "a full stop is missing"
            )
        if token in ("(", ",", ";", ")"):
            return self.refused(f"{token} is not expected here: a value, or the name of a table, is missing before it")
        if token[0] == '"' and not _is_text(token):
            return self.refused(r'a text does not end on its line, or has a backslash not before " or \ or n')
        if not token.isascii() and token[0] != '"':
            return self.refused(f"{token} is no sign of a fact; are plain quotes, hyphens and spaces meant?")
        if not (token[0] == '"' or _NAME.match(token) or _NUMBER.match(token)):
            return self.refused(f"{token} is no value: names are in small letters, numbers whole, texts in quotes")
        if token[0] == "-":
            return self.refused(f"arithmetic ({token}): only facts may stand in this file")
        if self.depth == 0 and self.place == 0:
            return self.refused(f"{token} is no name of a table: one is in small letters, without quotes")
        return self.refused(f"{token} is not expected here; is a full stop or a comma missing before it?")

    def refused(self, reason: str) -> _Refused:
        return _Refused(reason, self.line)


def _no_table(name: str, size: int, known: frozenset[tuple[str, int]]) -> str:
    sizes = sorted(own for table, own in known if table == name)
    if sizes:
        return f"{name} has {' or '.join(map(str, sizes))} values, not {size}"
    from difflib import get_close_matches

    names = sorted({table for table, _ in known})
    near = get_close_matches(name, names, 1, 0.5)
    remedy = f"did you mean {near[0]}?" if near else f"the tables are {', '.join(names)}"
    return f"{name}/{size} is no table of these files; {remedy}"
