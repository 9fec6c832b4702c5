"""`reasoner batch`: many records, each judged on its own."""

from __future__ import annotations

import json
import os
import sys
from itertools import combinations
from pathlib import Path

from facts.errors import printable
from facts.files import replace_whole, same_file
from reasoner.batch.errors import BatchError
from reasoner.batch.run import Batch, run
from reasoner.batch.summary import Summary
from reasoner.batch.workers import collect_seldom
from reasoner.cli.decide import report, report_solver
from reasoner.render.population import lines
from reasoner.render.progress import records_done


def judge_population(batch: Batch, summary: Path | None) -> int:
    """Judge a batch, print its counts, write them to `summary`; the exit status. Raises RulesError."""
    written = [str(name) for name in (batch.out, batch.errors, summary) if name is not None and name != "-"]
    if any(same_file(one, other) for one, other in combinations((batch.source, *written), 2)):
        return _refused("the records, --out and --errors are three different files; --summary is a fourth")
    policy = batch.policy()
    report_solver(policy)
    collect_seldom()

    def write_summary(counts: Summary) -> None:
        if summary is not None:
            replace_whole(summary, json.dumps(counts.as_dict(), ensure_ascii=False, indent=2) + "\n")

    try:
        counts = run(policy, batch, records_done, write_summary)
    except (BatchError, ValueError) as error:
        return _refused(str(error), error)
    except OSError as error:
        return _refused(f"{error.filename}: {error.strerror or error}", error)
    except KeyboardInterrupt as error:
        return _refused("interrupted", error, 130)
    print("\n".join(lines(counts)), file=sys.stderr)
    return 0


def _refused(message: str, error: BaseException | None = None, status: int = 2) -> int:
    report(printable("; ".join((message, *getattr(error, "__notes__", ())))))
    return status


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
