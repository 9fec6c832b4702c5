"""Records judged both ways, by compiled rules and by the solver: the same bytes, or the record is named.

python tests/both_ways.py RECORDS [RULES]: so many random records, on all cores (100,000 take a quarter of an hour on two).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from generate import worded_record
from random_records import Records

import reasoner.engine.solver
from facts.errors import RecordError
from reasoner import Policy

Data = dict[str, Any]
_BLOCK = 500


def records_of(policy: Policy, seed: object) -> Iterator[Data]:
    """Random records of a policy; of the shipped one in people's words, too, and with up to six therapies."""
    of_declaration, random = Records(policy, seed), Random(f"both ways/{seed}")
    while True:
        yield of_declaration.record()
        yield of_declaration.near_approval()
        if policy.id == "IP0369":
            yield from (worded_record(random, therapies) for therapies in (2, 4, 6))


def differences(compiled: Policy, by_solver: Policy, records: Iterator[Data]) -> Iterator[str]:
    """What the one way says, and the other, of records that are judged otherwise."""
    for record in records:
        one, other = judged(compiled, record), judged(by_solver, record)
        if one != other:
            yield f"{record}\ncompiled:  {one}\nby solver: {other}"


def judged(policy: Policy, record: Data) -> str:
    """A verdict, or the faults of the record, and the decision."""
    try:
        return f"{policy.judge(record).to_json(indent=None)} {policy.decide(record)}"
    except RecordError as error:
        return str(error)


def compile_at_once() -> None:
    """Let the first records be judged by compiled rules, too."""
    reasoner.engine.solver.FEW_RECORDS = 0


@cache
def both_ways(rules: Path | None) -> tuple[Policy, Policy]:
    """A policy that is compiled, and the same by the solver."""
    return Policy.load(rules), Policy.load(rules, by_solver=True)


def _block(rules: Path | None, number: int) -> list[str]:
    compiled, by_solver = both_ways(rules)
    return list(differences(compiled, by_solver, islice(records_of(by_solver, number), _BLOCK)))


def main(count: int, rules: Path | None) -> int:
    """Judge so many records; the number of those that differ."""
    found = 0
    with ProcessPoolExecutor(initializer=compile_at_once) as pool:
        for number, block in enumerate(pool.map(partial(_block, rules), range(-(-count // _BLOCK))), start=1):
            found += len(block)
            print(*block, f"{number * _BLOCK:,} records, {found} judged otherwise", sep="\n", flush=True)
    return found


if __name__ == "__main__":
    raise SystemExit(bool(main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)))
