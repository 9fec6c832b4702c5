"""`reasoner diff`: what a change of rules is, and whom it concerns."""

from __future__ import annotations

from dataclasses import asdict

from facts.errors import RecordError, printable
from reasoner.analysis.diff import Change, Revision, differences
from reasoner.batch.compare import Policies, compare
from reasoner.batch.errors import BatchError
from reasoner.batch.impact import Impact, ranked
from reasoner.batch.workers import collect_seldom
from reasoner.cli.decide import report, report_solver
from reasoner.cli.records import print_json
from reasoner.render import differences as render
from reasoner.render.progress import records_done

_BY = {"both": "both rules", "before": "the rules before alone", "after": "the rules after alone"}


def show_changes(revision: Revision, *, as_json: bool) -> None:
    """Print what changed, and a shortest record that is judged otherwise. Raises RulesError."""
    policies = revision.policies()
    found = differences(*policies)
    _print(revision.changes(policies), {"impact": None, "differences": found.as_dict()}, as_json)
    if not as_json:
        print(render.differences(found))


def show_impact(revision: Revision, cases: str, *, jobs: int, as_json: bool) -> int:
    """Print what changed, and what that does to a population; the exit status. Raises RulesError.

    Where the records cannot be read to their end, or the work is interrupted, what was judged by then is printed.
    """
    from reasoner.render import impact as render_impact

    policies = revision.policies()
    for policy in policies:
        report_solver(policy)
    changed = revision.changes(policies)
    collect_seldom()
    found = Impact()
    status = _judge(policies, revision, cases, found, jobs)
    _report_refused(found, cases)
    if status and not found.records:
        return status
    if "both" in found.refused and found.refused["both"].cases == found.records:
        report(printable(f"{cases}: none of its {found.records:,} records can be judged"))
        return 2
    _print(changed, {"impact": found.as_dict() | {"complete": not status}, "differences": None}, as_json)
    if not as_json:
        titles = {item: title for policy in policies for item, (_, title) in policy.items.items()}
        print(render_impact.impact(found, titles))
    return status


def _judge(policies: Policies, revision: Revision, cases: str, found: Impact, jobs: int) -> int:
    """Judge a population as far as that goes; the exit status."""
    try:
        compare(policies, revision, cases, found, jobs, records_done)
    except RecordError as error:
        report(error)
    except (BatchError, ValueError) as error:
        _report_end(str(error), found)
    except OSError as error:
        _report_end(f"{error.filename or cases}: cannot be read: {error.strerror or error}", found)
    except KeyboardInterrupt:
        _report_end("interrupted", found)
        return 130
    else:
        return 0
    return 2


def _report_end(message: str, found: Impact) -> None:
    so_far = f"; what follows is of the {found.records:,} records that were judged by then" if found.records else ""
    report(printable(message + so_far))


def _report_refused(found: Impact, cases: str) -> None:
    for name, tally in ranked(found.refused):
        number = "1 record is" if tally.cases == 1 else f"{tally.cases:,} records are"
        more = ["…"] if tally.cases > len(tally.examples) else []
        lines = [f"{cases}: {number} refused by {_BY[name]}, and not compared:", *tally.examples, *more]
        report("\n  ".join(map(printable, lines)))


def _print(changed: list[Change], found: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json({"changes": [asdict(change) for change in changed], **found})
    else:
        print(render.changes(changed) + "\n")
