"""Decide coverage requests from a policy's rules, and explain every denial.

>>> from reasoner import Policy, read_record
>>> policy = Policy.load()
>>> policy.decide(read_record("facts/examples/ad-adult-approved.json"))
'approved'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

_HERE = Path(__file__).parent
_BESIDE = not (_HERE / "facts").is_dir()
if _BESIDE:  # a checkout: facts/ and rules/ stand beside this folder; installed, they stand inside
    __path__.append(str(_HERE.parent))

#: The rule folders that come with the package.
RULES: Path = (_HERE.parent if _BESIDE else _HERE) / "rules"

if TYPE_CHECKING:
    from reasoner.errors import RulesError
    from reasoner.facts.errors import Fault, RecordError
    from reasoner.facts.load import parse_record, read_record
    from reasoner.facts.record import Record
    from reasoner.policy import Policy
    from reasoner.verdict import Verdict

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
    "Fault": "reasoner.facts.errors",
    "Policy": "reasoner.policy",
    "Record": "reasoner.facts.record",
    "RecordError": "reasoner.facts.errors",
    "RulesError": "reasoner.errors",
    "Verdict": "reasoner.verdict",
    "parse_record": "reasoner.facts.load",
    "read_record": "reasoner.facts.load",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
