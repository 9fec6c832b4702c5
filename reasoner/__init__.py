"""Decide coverage requests from a policy's rules, and explain every denial.

>>> from reasoner import Policy, read_record
>>> policy = Policy.load()
>>> policy.decide(read_record("facts/examples/ad-adult-approved.json"))
'approved'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

#: The rule folders that come with the package; they stand beside it, in a checkout as where it is installed.
RULES: Path = Path(__file__).parents[1] / "rules"

if TYPE_CHECKING:
    from facts.errors import Fault, RecordError
    from facts.load import parse_record, read_record
    from facts.record import Record
    from reasoner.errors import RulesError
    from reasoner.policy.policy import Policy
    from reasoner.verdict.model import Verdict

__all__ = [
    "RULES",
    "Fault",
    "Policy",
    "Record",
    "RecordError",
    "RulesError",
    "Verdict",
    "parse_record",
    "read_record",
]

_PLACES = {
    "Fault": "facts.errors",
    "Policy": "reasoner.policy.policy",
    "Record": "facts.record",
    "RecordError": "facts.errors",
    "RulesError": "reasoner.errors",
    "Verdict": "reasoner.verdict.model",
    "parse_record": "facts.load",
    "read_record": "facts.load",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
