"""The shipped rules before and after a change, and a population that it concerns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from population import records

from reasoner import RULES

EDITS = (
    ("1_atopic_dermatitis.lp", '"1.B", bsa_percent, 20', '"1.B", bsa_percent, 5'),
    ("1_atopic_dermatitis.lp", '"1.A", age_years, 12', '"1.A", age_years, 6'),
    ("1_atopic_dermatitis.lp", '"1.D", consecutive_days, 42', '"1.D", consecutive_days, 1'),
    ("2_nonsegmental_vitiligo.lp", '"2.D", days, 84', '"2.D", days, 1'),
    ("record.lp", 'bounds("disease.bsa_percent", 0, 100)', 'bounds("disease.bsa_percent", 0, 50)'),
)
"""File, what stands in it, and what takes its place: each way of a decision turns, and some records are refused."""


def change(folder: Path) -> Path:
    """The changed rules, in a folder that is made."""
    shutil.copytree(RULES, folder)
    for name, old, new in EDITS:
        file = folder / "ip0369" / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
    return folder


def people() -> list[dict[str, Any]]:
    """A few records of which many are judged otherwise, and some are refused by the changed rules alone."""
    approved = json.loads((RULES.parent / "facts/examples/ad-approved.json").read_text("utf-8"))
    found = [record for record in records(32, seed=3) if record["case_id"] is not None]
    for number, (surface, age) in enumerate([(6, 30), (4, 30), (19, 40), (4, 8), (20, 50), (7, 12), (3, 7), (60, 30)]):
        record = approved | {
            "case_id": f"made{number}",
            "disease": approved["disease"] | {"bsa_percent": surface},
            "patient": {"age_years": age},
        }
        found.insert(number * 4, record)
    return found
