"""Where the values of a YAML text stand: line, and the span of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

Location = tuple[str | int, ...]
"""The steps to a value, such as ("cases", 0, "expect")."""


class SourceLocations:
    """The nodes of a YAML text by their locations."""

    def __init__(self, text: str) -> None:
        """Compose the text. Raises YAMLError, or RecursionError where it is nested too deep."""
        self.text = text
        self._root: Any = YAML(typ="safe", pure=True).compose(text)

    def line(self, location: Sequence[str | int]) -> int:
        """The line, from 1, of the value at a location, or of the nearest value above it."""
        return int(self._walk(location)[1].start_mark.line) + 1

    def node(self, location: Sequence[str | int]) -> tuple[Any, Any] | None:
        """The key, if it has one, and the node of the value at exactly this location, if there is one."""
        key, node, steps = self._walk(location)
        return (key, node) if steps == len(location) else None

    def span(self, node: Any) -> tuple[int, int]:
        """The characters of a node, without comments and blank lines after it."""
        start, end = node.start_mark.index, node.end_mark.index
        lines = self.text[start:end].splitlines(keepends=True)
        while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return start, start + len("".join(lines).rstrip())

    def duplicate(self) -> tuple[str, int] | None:
        """A name that stands twice in one mapping, and in which line: 1 and "1" are one name in a record."""
        nodes = [self._root]
        seen = set()
        while nodes:
            node = nodes.pop()
            if id(node) in seen:  # an alias, which a suite is refused for elsewhere
                continue
            seen.add(id(node))
            if isinstance(node, MappingNode):
                keys = set()
                for key, value in node.value:
                    if isinstance(key, ScalarNode) and key.value in keys:
                        return str(key.value), int(key.start_mark.line) + 1
                    keys.add(key.value if isinstance(key, ScalarNode) else None)
                    nodes.append(value)
            elif isinstance(node, SequenceNode):
                nodes += node.value
        return None

    def _walk(self, location: Sequence[str | int]) -> tuple[Any, Any, int]:
        """The key and the node at a location, or as near to it as there is one, and how many steps that are."""
        key, node = None, self._root
        for number, step in enumerate(location):
            found: tuple[Any, Any] | None = None
            if isinstance(node, MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = None, node.value[step]
            if found is None:
                return key, node, number
            key, node = found
        return key, node, len(location)
