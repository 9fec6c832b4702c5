"""A record as text, JSON or YAML, read and written; what is wrong with it stands at its line."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any, NamedTuple

from facts.errors import RecordError, printable
from facts.reading import MAX_YAML, read_json, read_yaml, refuse
from reasoner.serve.text_places import Format, Places


class TextFault(NamedTuple):
    """A fault and where it stands in the text, both from 1; `path` is empty for the text as a whole."""

    line: int
    column: int
    path: str
    message: str


def kind_of(text: str) -> Format:
    """Which of the two a text is, by its content: YAML is what is not JSON, and does not begin like it."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        if not text.lstrip().startswith(("{", "[")):
            return "yaml"
        try:
            read_yaml(text)
        except RecordError:
            return "json"
        return "yaml"
    except (RecursionError, ValueError):
        pass
    return "json"


def parsed(text: str, kind: Format) -> object:
    """The data of a text, not yet checked. Raises RecordError, with the place where the text breaks off."""
    return read_json(text) if kind == "json" else read_yaml(text)


def faults_in(text: str, kind: Format, error: RecordError) -> tuple[TextFault, ...]:
    """The faults of a text, or of the record that it is, from the first line to the last; then those of no line."""
    if error.place is not None:
        return tuple(TextFault(*error.place, fault.path, printable(fault.message)) for fault in error.faults)
    places = Places(text, kind) if any(fault.path for fault in error.faults) else None
    found = [
        TextFault(*(places.of(fault.path) if places else (1, 1)), fault.path, printable(fault.message))
        for fault in error.faults
    ]
    return tuple(sorted(found, key=lambda fault: (not fault.path, fault.line, fault.column)))


def written(data: object, kind: Format) -> str:
    """Data as text that is read as the same data. Raises RecordError for what the format cannot have."""
    return _as_json(data) if kind == "json" else _as_yaml(data)


def _as_json(data: object) -> str:
    try:
        text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates can stand in JSON as an escape only
        text = json.dumps(data, ensure_ascii=True, indent=2, allow_nan=False)
    except ValueError:
        refuse("a number in it is infinite, which JSON cannot say")
    return text + "\n"


def _as_yaml(data: object) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Quoting(SafeRepresenter):
        """Writes what stands twice in the data twice, and with escapes what no line of text can hold as it is."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def represent_str(self, data: str) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if data.isprintable() else '"')

    Quoting.add_representer(str, Quoting.represent_str)
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Representer = Quoting
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = MAX_YAML
    yaml.sort_base_mapping_type_on_output = False
    out = StringIO()
    yaml.dump(data, out)
    text = out.getvalue()
    if len(text) > MAX_YAML:
        refuse(f"larger than {MAX_YAML:,} characters as YAML; keep JSON")
    return text
