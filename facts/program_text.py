"""The text of a program file before the solver reads it: what it would stumble over without a word."""

from __future__ import annotations

import re
from pathlib import Path

_ASIDE = re.compile(r'%\*.*?\*%|%[^\n]*|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
"""Comments and quoted texts, in which any sign can stand."""
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def foreign_sign(file: Path) -> str | None:
    """The first sign outside of comments and quotes that no program has, with its place; None: there is none."""
    text = file.read_text("utf-8", errors="replace")
    if all(line.isascii() or line.startswith("%") for line in text.splitlines()):  # as nearly every file is
        return None
    code = _ASIDE.sub(lambda aside: re.sub(r"[^\n]", " ", aside.group()), text)
    found = _FOREIGN.search(code)
    if found is None:
        return None
    line = code.count("\n", 0, found.start()) + 1
    place = f"{file}:{line}:{found.start() - code.rfind(chr(10), 0, found.start())}"
    if found.group() == "\ufeff":
        return f"{place}: the file begins with a byte order mark; save it as UTF-8 without one"
    if found.group() == "\ufffd":
        return f"{place}: not UTF-8"
    return f"{place}: {found.group()} is no sign of a rule; are plain quotes, hyphens and spaces meant?"
