"""The blocks of rules/README.md: files to write, commands to run, and what is tried in, or refused by, its policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

GUIDE = Path(__file__).parents[1] / "rules" / "README.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"[%#] (?:(tried): )?(\S+?)(?:, (continued|instead))?\n")
_ROW = re.compile(r"^\| `(oxygen/\S+)` \| `(.+?)` \| (.+?) \|$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line in which it begins."""

    language: str
    text: str
    line: int

    @property
    def name(self) -> tuple[bool, str, str] | None:
        """Of a block that is a file: whether it is only tried, the path, and `continued` or `instead`, if it is there."""
        found = _NAME.match(self.text)
        return (bool(found[1]), found[2], found[3] or "") if found else None


class Refusal(NamedTuple):
    """A row of the table of what is refused: to which file what is added, and what the message says."""

    file: str
    added: str
    message: str


def blocks() -> list[Block]:
    """The blocks of the guide, in order."""
    text = GUIDE.read_text("utf-8")
    return [Block(one[1], one[2], text.count("\n", 0, one.start()) + 1) for one in _FENCE.finditer(text)]


def refusals() -> list[Refusal]:
    """The rows of the table of what is refused."""
    found = _ROW.findall(GUIDE.read_text("utf-8"))
    return [Refusal(file, added.replace("⏎", "\n"), message.strip("`")) for file, added, message in found]


def parts(block: Block) -> Iterator[tuple[str, str]]:
    """The files of a block that is tried, with what is added to each."""
    begins = [found.start() for found in re.finditer(r"^[%#] tried: ", block.text, re.MULTILINE)]
    for begin, end in zip(begins, [*begins[1:], len(block.text)], strict=True):
        head, _, added = block.text[begin:end].partition("\n")
        yield head.partition("tried: ")[2], added


def add(file: Path, text: str) -> None:
    """Write a text into a file, after what stands in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text("utf-8") + "\n" if file.exists() else ""
    file.write_text(before + text, "utf-8")


def commands(block: Block) -> Iterator[tuple[list[str], list[str]]]:
    """The commands of a block, each with the lines that it prints."""
    shown: list[str] = []
    command: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:].split(), []
        else:
            shown.append(line.rstrip())
    yield command, shown


def is_as_shown(printed: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether a command printed what is shown; an ellipsis stands for any lines."""
    pattern = "".join("(?:.*\n)*" if line.strip() == "…" else re.escape(line) + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed)) is not None
