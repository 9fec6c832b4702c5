"""Batches: no file is destroyed, no record takes the others with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest

from facts import reading
from facts.files import replace_whole
from reasoner import Policy
from reasoner.batch.blocks import Explain
from reasoner.batch.run import Batch, run

GOOD = b'{"case_id": "c", "request": {"date": "2025-03-01", "type": "initial"}}'


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    (tmp_path / "cases").write_bytes(GOOD + b"\n" + b"{}\n" + GOOD)
    return tmp_path / "cases"


def batch(*arguments: str | Path, stdin: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reasoner", "batch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=stdin)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_that_have_nothing_to_do_with_it_stay(policy: Policy, cases: Path) -> None:
    part = cases.rename(cases.with_name("cases.part"))
    (cases.parent / "errors.part").write_text("mine")
    counts = run(policy, Batch(str(part), str(cases), str(cases.with_name("errors")), limit=1))
    assert (dict(counts.decisions), counts.refused) == ({"denied": 2}, 1)
    assert part.read_bytes().count(b"\n") == 2 and (cases.parent / "errors.part").read_text() == "mine"
    assert names(cases.parent) == {"cases.part", "cases", "errors.part", "errors"}


def test_a_link_stays_and_its_target_keeps_its_permissions(policy: Policy, cases: Path) -> None:
    target, link = cases.with_name("target"), cases.with_name("link")
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to("target")
    run(policy, Batch(str(cases), str(link), str(cases.with_name("new")), limit=1))
    assert link.is_symlink() and target.read_text().count("\n") == 2 and target.stat().st_mode & 0o777 == 0o640
    mask = os.umask(0o027)
    try:
        replace_whole(cases.with_name("newer"), "text")
    finally:
        os.umask(mask)
    assert cases.with_name("newer").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("other", ["hard", "soft", "same", "-"])
def test_the_records_are_not_overwritten(cases: Path, other: str) -> None:
    before = cases.read_bytes()
    os.link(cases, cases.with_name("hard"))
    cases.with_name("soft").symlink_to(cases)
    if other == "-":
        with open(cases, "rb") as file:
            done = batch("-", "--out", cases, stdin=file.fileno())
    else:
        done = batch(cases, "--out", cases.parent / other.replace("same", "cases"))
    assert done.returncode == 2 and "three different files" in done.stderr
    assert cases.read_bytes() == before


def test_what_cannot_be_written_is_reported_before_anything_is_replaced(cases: Path) -> None:
    out = cases.with_name("out")
    out.write_text("old")
    for wrong in (cases.parent, "/dev/full", cases / "below", cases.parent / "nowhere" / "x"):
        done = batch(cases, "--out", out, "--errors", wrong)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith(f"reasoner: {wrong}: ")
        assert len(done.stderr.splitlines()) == 1 and out.read_text() == "old"
    assert names(cases.parent) == {"cases", "out"}


def test_pipes_and_devices_are_written_as_they_stand(cases: Path) -> None:
    fifo = cases.with_name("fifo")
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE) as reader:
        assert batch(cases, "--out", fifo, "--errors", "/dev/null").returncode == 0
        assert reader.communicate()[0].count(b"\n") == 2
    assert fifo.is_fifo()
    kept = cases.with_name("kept")
    kept.write_text("first\n")
    command = f"'{sys.executable}' -m reasoner batch '{cases}' --out /dev/stdout >> '{kept}'"
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert kept.read_text().startswith("first\n{") and kept.read_text().count("\n") == 3


def test_each_record_is_judged_or_refused(policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reasoner.batch.records.MAX_BYTES", 1000)
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    odd = ["", "...", "[", "]", "\\ud800", "\\u001b[2J", "\\u202e"]
    lines = [GOOD[:-1] + b', "%s": 1}' % name.encode() for name in odd]
    lines += [b'{"case_id": "\xe9"}', b'"' + b"x" * 5000 + b'"', b'{"case_id": NaN}', b"[" * 400 + b"]" * 400, GOOD]
    (tmp_path / "in").write_bytes(b"\n".join(lines))
    counts = run(policy, Batch(str(tmp_path / "in"), str(tmp_path / "out"), str(tmp_path / "errors"), limit=1))
    assert (counts.decisions["denied"], counts.refused) == (1, len(lines) - 1)
    text = (tmp_path / "errors").read_text()
    assert text.isascii()
    reported = {entry["line"]: entry["faults"][0]["message"] for entry in map(json.loads, text.splitlines())}
    assert list(reported) == list(range(1, len(lines)))
    assert [reported[number] for number in range(8, 12)] == [
        "not UTF-8 (byte 13)",
        "larger than 1,000 bytes",
        "NaN is not a number that JSON knows (line 1, column 13)",
        "nested deeper than 50 levels",
    ]


def test_what_is_too_deep_for_python_is_refused(
    policy: Policy, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.write_bytes(GOOD.replace(b'"c"', b'"deep"') + b"\n" + cases.read_bytes())
    judge_all, decide_all = Policy.judge_all, Policy.decide_all

    def too_deep(records: Iterable[Any]) -> list[Any]:
        found = [*records]
        if any(case.case_id == "deep" for case in found):
            raise RecursionError
        return found

    monkeypatch.setattr(Policy, "judge_all", lambda own, records, limit: judge_all(own, too_deep(records), limit))
    monkeypatch.setattr(Policy, "decide_all", lambda own, records: decide_all(own, too_deep(records)))
    for explain in get_args(Explain):
        out, errors = tmp_path / f"out {explain}", tmp_path / f"errors {explain}"
        counts = run(policy, Batch(str(cases), str(out), str(errors), limit=1, explain=explain))
        assert (counts.refused, out.read_text().count("denied")) == (2, 2)
        assert json.loads(errors.read_text().splitlines()[0])["faults"][0]["message"] == "too large, or nested too deep"
