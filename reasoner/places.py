"""Where the values of a YAML text stand: line, and the span of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode


class Places:
    """The nodes of a YAML text by path, such as ("cases", 0, "expect")."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._root: Any = YAML(typ="safe", pure=True).compose(text)

    def line(self, path: Sequence[str | int]) -> int:
        """The line, from 1, of the value at a path, or of the nearest value above it."""
        return int(self._nearest(path).start_mark.line) + 1

    def span(self, path: Sequence[str | int]) -> tuple[int, int]:
        """The characters of the value at a path, without comments and blank lines after it."""
        node = self._nearest(path)
        start, end = node.start_mark.index, node.end_mark.index
        lines = self.text[start:end].splitlines(keepends=True)
        while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return start, start + len("".join(lines).rstrip())

    def _nearest(self, path: Sequence[str | int]) -> Any:
        node = self._root
        for step in path:
            if isinstance(node, MappingNode):
                found = next((value for key, value in node.value if key.value == str(step)), None)
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node.value[step]
            else:
                found = None
            if found is None:
                return node
            node = found
        return node
