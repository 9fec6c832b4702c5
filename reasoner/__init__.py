"""Decide coverage requests from a policy's rules, and explain every denial.

>>> from reasoner import Policy, read_record
>>> policy = Policy.load()
>>> policy.decide(read_record("facts/examples/ad-approved.json"))
'approved'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

#: The rule folders that come with the package; they stand beside it, in a checkout as where it is installed.
RULES: Path = Path(__file__).parents[1] / "rules"

if TYPE_CHECKING:
    from facts.errors import Fault, RecordError
    from facts.model import Record
    from reasoner.errors import RulesError
    from reasoner.verdict.model import Verdict
    from reasoner.verdict.policy import Policy

__all__ = [
    "RULES",
    "Fault",
    "Policy",
    "Record",
    "RecordError",
    "RulesError",
    "Verdict",
    "read_record",
]

_MODULES = {
    "Fault": "facts.errors",
    "Policy": "reasoner.verdict.policy",
    "Record": "facts.model",
    "RecordError": "facts.errors",
    "RulesError": "reasoner.errors",
    "Verdict": "reasoner.verdict.model",
}
"""The module of each public name: each is imported when it is first used."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)


def read_record(path: str | Path) -> dict[str, Any]:
    """The data of a record's file, JSON or YAML, which a policy checks as it judges it. Raises RecordError."""
    from facts.reading import read_data, refuse

    data = read_data(path)
    if not isinstance(data, dict):
        refuse("a record is an object with named fields; see `reasoner schema record`", str(path))
    return data
