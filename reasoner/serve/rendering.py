"""Templates, and the words and signs that they show."""

from __future__ import annotations

import json
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from facts.declaration import Declaration
from facts.errors import printable
from reasoner.render.results import columns
from reasoner.render.text import SIGNS

_SIGNS = {status: sign for status, (sign, _) in SIGNS.items()} | {"approved": "✓", "denied": "✗", "excludes": "⊘"}
"""By status or decision, the sign that is told apart without its colour."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def page(template: str, **content: Any) -> HTMLResponse:
    """A page, or a part of one."""
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(content))


def field_title(declaration: Declaration, path: str) -> str:
    """What the field at a path is called, with the number of its entry."""
    name, bracket, rest = path.partition("[")
    declared = declaration.entry_lists.get(name)
    if declared is None:
        found = declaration.at_place(path)
        return (found.title or found.key.replace("_", " ")) if found is not None else path
    if not bracket:
        return name.replace("_", " ")
    number, _, key = rest.partition("]")
    place = f"{name}[].{re.split(r'[.[]', key.removeprefix('.'))[0]}"
    found = declaration.at_place(place)
    entry = f"{declared.title} {int(number) + 1}" if number.isdecimal() else declared.title
    return f"{found.title or found.key.replace('_', ' ')} of {entry}" if found is not None else entry


def _words(name: object) -> str:
    """A name of a program as people write it."""
    return str(name).replace("_", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _typed(found: object) -> str:
    """A value as it is typed into a form."""
    if found is None:
        return ""
    return printable(found) if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _is_day(found: object) -> bool:
    return found is None or (isinstance(found, str) and _DAY.match(found) is not None)


_ENVIRONMENT = Environment(
    loader=PackageLoader("reasoner.serve"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
    undefined=StrictUndefined, auto_reload=False,
)  # fmt: skip
_ENVIRONMENT.filters |= {"words": _words, "sentence": _sentence, "typed": _typed, "field_title": field_title}
_ENVIRONMENT.filters["sign"] = lambda status: _SIGNS.get(status, "–")
_ENVIRONMENT.filters["side_by_side"] = columns
_ENVIRONMENT.filters["indented"] = lambda data: json.dumps(data, ensure_ascii=False, indent=2)
_ENVIRONMENT.tests["day"] = _is_day
