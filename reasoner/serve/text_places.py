"""Where the values of a text stand, by their paths: of a member of an object the place of its name."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Literal

from facts.errors import Place
from facts.faults import path_below

Format = Literal["json", "yaml"]
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class Places:
    """The places of a text that was read without a fault."""

    def __init__(self, text: str, kind: Format) -> None:
        self._starts = [0, *(line.end() for line in re.finditer("\n", text))]
        self._at: dict[str, int] = {}
        for path, at in _in_json(text) if kind == "json" else _in_yaml(text):
            self._at.setdefault(path, at)

    def of(self, path: str) -> Place:
        """Where a path stands, or the nearest above it that does; the text as a whole where none does."""
        while path and path not in self._at:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        at = self._at.get(path, 0)
        line = bisect_right(self._starts, at)
        return Place(line, at - self._starts[line - 1] + 1)


def _in_json(text: str) -> Iterator[tuple[str, int]]:
    """The paths of a JSON text, with the characters before each."""
    above: list[str] = []  # the paths of what is open
    next_at: list[int | None] = []  # of each list the position of its next value; of an object None
    path, is_name = "", False
    for token in _TOKEN.finditer(text):
        found = token.group()
        if found in ("}", "]"):
            above.pop()
            next_at.pop()
        elif found == ",":
            is_name = next_at[-1] is None
        elif found != ":":
            position = next_at[-1] if next_at else None
            if is_name:
                path = path_below(above[-1], json.loads(found))
            elif position is not None:
                path = path_below(above[-1], position)
                next_at[-1] = position + 1
            if is_name or position is not None or not above:
                yield path, token.start()
            is_name = False
            if found in ("{", "["):
                above.append(path)
                next_at.append(None if found == "{" else 0)
                is_name = found == "{"


def _in_yaml(text: str) -> Iterator[tuple[str, int]]:
    """The paths of a YAML text, of which the reader has seen that it has no aliases and is not too large."""
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    yaml: Any = YAML(typ="safe", pure=True)
    nodes = [("", yaml.compose(text))]
    while nodes:
        path, node = nodes.pop()
        if isinstance(node, MappingNode):
            below = [(path_below(path, str(key.value)), key, value) for key, value in node.value]
        elif isinstance(node, SequenceNode):
            below = [(path_below(path, at), value, value) for at, value in enumerate(node.value)]
        else:
            continue
        for own, named, value in below:
            yield own, named.start_mark.index
            nodes.append((own, value))
