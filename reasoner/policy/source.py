"""The files of a rule folder: each read once, looked through before the solver's parser sees it, and parsed once.

A folder may come from anybody. The parser follows `#include` while it parses, so directives are found in the
text, and what reaches the parser holds no comment and no directive.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reasoner.errors import RulesError
from reasoner.policy.rule_text import MAX_FAULTS, RuleText, rule_text

MAX_FILES = 200
MAX_FILE_BYTES = 1_000_000
MAX_FOLDER_BYTES = 8_000_000
MAX_STATEMENTS = 20_000
"""Rules and facts of a folder."""

if TYPE_CHECKING:
    from clingo import MessageCode
    from clingo.ast import AST

OPEN_AS_IT_IS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
"""Flags to open a file with: no link is followed, and nothing is waited for."""
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class SourceFile(NamedTuple):
    """A rule file: its text, and the statements that the parser found in it."""

    path: Path
    text: str
    program: str
    """The text without its comments; lines, and columns in bytes, are those of the text."""
    nodes: tuple[AST, ...]
    """The syntax trees of its rules and facts, in order."""


def read_rule_files(files: Iterable[Path], contents: Mapping[Path, bytes] | None = None) -> tuple[SourceFile, ...]:
    """The rule files, by path. Raises RulesError for what is no plain file of rules, facts and comments.

    Those with known `contents` are not read once more.
    """
    paths = sorted(islice(files, MAX_FILES + 1))
    if len(paths) > MAX_FILES:
        raise RulesError(f"{paths[0].parent}: more than {MAX_FILES} rule files; join those of one section")
    found: list[SourceFile] = []
    faults: list[str] = []
    total = statements = 0
    for path in paths:
        try:
            content = contents[path] if contents and path in contents else _content(path)
            total += len(content)
            if total > MAX_FOLDER_BYTES:
                raise RulesError(f"{path}: the rule files up to this one have more than {MAX_FOLDER_BYTES:,} bytes")
            text = _decoded(path, content)
            checked = rule_text(text, str(path))
            statements += checked.statements
            if statements > MAX_STATEMENTS:
                message = "the rule files up to this one have more than"
                raise RulesError(f"{path}: {message} {MAX_STATEMENTS:,} rules and facts; leave out what nothing uses")
            found.append(SourceFile(path, text, checked.program, _parsed(checked, str(path))))
        except RulesError as error:
            faults += str(error).splitlines()
        if len(faults) >= MAX_FAULTS or total > MAX_FOLDER_BYTES or statements > MAX_STATEMENTS:
            break
    if faults:
        raise RulesError("\n".join(faults[:MAX_FAULTS]))
    return tuple(found)


def _content(path: Path) -> bytes:
    """The bytes of a regular file; a pipe or device is never opened. Raises RulesError."""
    if not path.name.isprintable():
        raise RulesError(f"{path.parent}: a file has signs in its name that cannot be shown: {ascii(path.name)}")
    name = os.fspath(path)
    try:
        _refuse_unless_regular(path, os.lstat(name).st_mode)
        descriptor = os.open(name, OPEN_AS_IT_IS)
        try:
            _refuse_unless_regular(path, os.fstat(descriptor).st_mode)
            content = b""
            while len(content) <= MAX_FILE_BYTES and (piece := os.read(descriptor, MAX_FILE_BYTES + 1)):
                content += piece
        finally:
            os.close(descriptor)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_FILE_BYTES:
        raise RulesError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes; split it by the sections of the policy")
    return content


def _refuse_unless_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "a device")
        raise RulesError(f"{path}: {kind}, where a regular file is needed; put the file itself into the folder")


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        raise RulesError(f"{path}:{line}:{column}: {message}") from None


def _parsed(checked: RuleText, name: str) -> tuple[AST, ...]:
    """The statements of a text. Raises RulesError for faulty syntax and for what is no rule or fact."""
    from clingo.ast import parse_string

    from reasoner.engine.messages import plain

    messages: list[str] = []

    def log(code: MessageCode, message: str) -> None:
        messages.append(re.sub(r"^<string>(?=:\d)", lambda _: name, message.strip()))

    nodes: list[AST] = []
    try:
        parse_string(checked.program, nodes.append, logger=log)
    except RuntimeError as error:
        raise RulesError("\n".join(plain(messages)) or f"{name}: {error}") from None
    del nodes[0]  # the parser's own: every text begins in the base part
    if not checked.plain:
        from reasoner.policy.vetting import refused

        faults = list(islice(refused(nodes, name), MAX_FAULTS))
        if faults:
            raise RulesError("\n".join(faults))
    return tuple(nodes)
