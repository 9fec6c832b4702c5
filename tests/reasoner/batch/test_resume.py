"""Batches that are killed, and gone on with: nothing is lost, nothing judged twice, the bytes are those of one run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from io import FileIO
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from population import batch, command, lines, records

from reasoner import RULES, Policy
from reasoner.batch.errors import BatchError
from reasoner.batch.identity import content_key
from reasoner.batch.run import Batch, run
from reasoner.batch.summary import Summary

pytestmark = pytest.mark.usefixtures("small_blocks")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def of(source: Path, name: str, **options: Any) -> Batch:
    suffix = ".gz" if name.endswith((".gz", ".parquet")) else ""
    return Batch(str(source), str(source.with_name(name)), str(source.with_name(f"refused{suffix}")), **options)


def written(batch: Batch) -> tuple[bytes, bytes]:
    assert batch.errors is not None
    return Path(batch.out).read_bytes(), Path(batch.errors).read_bytes()


# ── Killed at each step ──────────────────────────────────────────────────────


def killed_after(steps: int, work: Callable[[], object]) -> bool:
    """Do work in a process of its own that is killed in the midst of a step of its writing; whether it was."""
    child = os.fork()
    if not child:
        left = count(steps, -1)

        def step(method: Callable[..., Any], torn: bool = False) -> Callable[..., Any]:
            def stepped(self: Any, *arguments: Any) -> Any:
                if next(left) == 0:
                    if torn:
                        method(self, bytes(arguments[0])[: len(arguments[0]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return method(self, *arguments)

            return stepped

        class Killed(FileIO):
            write = step(FileIO.write, torn=True)
            truncate = step(FileIO.truncate)

        with pytest.MonkeyPatch.context() as patch:
            for module in ("partial", "journal"):
                patch.setattr(f"reasoner.batch.{module}.FileIO", Killed)
            for name in ("replace", "unlink"):
                patch.setattr(Path, name, step(getattr(Path, name)))
            try:
                work()
            finally:
                os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("name", ["out", "out.gz", "out.zst", "out.parquet"])
def test_killed_at_each_step_of_its_writing(policy: Policy, source: Path, name: str) -> None:
    unbroken = of(source, name, explain="none" if name in ("out.gz", "out.zst") else "all")
    counts = run(policy, unbroken).as_dict()
    wanted, left = written(unbroken), names(source.parent)
    judged: list[int] = []
    for steps in count():
        for file in (unbroken.out, unbroken.errors or ""):
            Path(file).unlink()
        if not killed_after(steps, lambda: run(policy, unbroken)):
            break
        again = unbroken._replace(resume=True)
        killed_after(Random(steps).randrange(8), partial(run, policy, again))
        if Path(f"{unbroken.out}.partial.journal").exists() or not Path(unbroken.out).exists():
            found = run(policy, again)
            assert found.as_dict() == counts, steps
            judged.append(found.judged)
        assert written(unbroken) == wanted, steps
        assert names(source.parent) == left, steps
    assert len(judged) > 15


def test_what_was_judged_is_not_judged_again(policy: Policy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    todo = of(source, "out")
    assert killed_after(9, lambda: run(policy, todo))
    before = Path(f"{todo.out}.partial.journal").read_bytes().count(b"\n") - 1
    assert before == 3
    asked: list[str] = []
    judge_all = policy.judge_all

    def asking(cases: Any, limit: int) -> Any:
        asked.extend(case.case_id for case in cases)
        return judge_all(cases, limit)

    monkeypatch.setattr(policy, "judge_all", asking)
    run(policy, todo._replace(resume=True))
    assert asked == [record["case_id"] for record in records()[4 * before :] if record["case_id"] is not None]


def test_a_killed_command_is_gone_on_with(policy: Policy, tmp_path: Path) -> None:
    """Killed from outside when so many blocks are judged; its workers end too."""
    (tmp_path / "in").write_bytes(lines(records(60)))
    unbroken = of(tmp_path / "in", "out")
    counts = run(policy, unbroken).as_dict()
    wanted = written(unbroken)
    for path in (unbroken.out, unbroken.errors or ""):
        Path(path).unlink()
    options: list[str | Path] = [
        tmp_path / "in",
        "--out",
        unbroken.out,
        "--errors",
        unbroken.errors or "",
        "--jobs",
        "2",
    ]
    journal, blocks = Path(f"{unbroken.out}.partial.journal"), Random(9).randrange(1, 14)
    with subprocess.Popen(command(*options), stderr=subprocess.PIPE) as going:
        while going.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > blocks):
            pass
        going.kill()
        going.communicate(timeout=60)  # ends when the workers, which hold standard error too, have ended
    if journal.exists():  # or it was quicker
        batch(*options, "--summary", tmp_path / "summary", "--resume")
        assert json.loads((tmp_path / "summary").read_text()) == counts
    assert written(unbroken) == wanted


# ── What cannot be gone on with ──────────────────────────────────────────────


@pytest.fixture
def killed(policy: Policy, source: Path) -> Batch:
    todo = of(source, "out")
    assert killed_after(9, lambda: run(policy, todo))
    return todo._replace(resume=True)


def refused(policy: Policy, batch: Batch) -> str:
    """Why a batch is refused; what was judged stays as it was."""
    partial = Path(f"{batch.out}.partial")
    before = partial.read_bytes() if partial.exists() else None
    with pytest.raises(BatchError) as error:
        run(policy, batch)
    assert (partial.read_bytes() if partial.exists() else None) == before
    return str(error.value)


def test_without_resume_nothing_is_written_over(policy: Policy, killed: Batch) -> None:
    message = refused(policy, killed._replace(resume=False))
    assert "out.partial is there" in message and "--resume" in message


def test_another_policy(policy: Policy, killed: Batch) -> None:
    folder = Path(__file__).parents[2] / "policies" / "glp1"
    assert "by other rules: give the same policy, or remove it and out.partial to begin anew" in refused(
        Policy.load(folder), killed
    )


def test_other_rules_of_the_same_policy(policy: Policy, killed: Batch, tmp_path: Path) -> None:
    copy = tmp_path / "rules"
    shutil.copytree(RULES, copy)
    assert content_key(Policy.load(copy)) == content_key(policy)
    for changed in ("ip0369/policy.lp", "catalogue/words.lp", "vocabulary/sites.lp"):
        (copy / changed).write_text((copy / changed).read_text("utf-8") + "\n% changed\n", "utf-8")
        assert "by other rules" in refused(Policy.load(copy), killed)
        shutil.copy(RULES / changed, copy / changed)


def test_other_options(policy: Policy, killed: Batch) -> None:
    for other in (killed._replace(limit=3), killed._replace(explain="none"), killed._replace(errors=None)):
        assert "with other options: give the same options, or remove it and out.partial" in refused(policy, other)


def test_other_records(policy: Policy, killed: Batch) -> None:
    text = Path(killed.source).read_bytes()
    for changed in (text.replace(b"2", b"3", 1), text[: len(text) // 9], b""):
        Path(killed.source).write_bytes(changed)
        with pytest.raises(BatchError, match="not the records that were begun with"):
            run(policy, killed)
    Path(killed.source).write_bytes(text)
    assert run(policy, killed).judged == 19


def test_an_output_that_is_whole_or_of_another_batch(policy: Policy, source: Path) -> None:
    todo = of(source, "out", resume=True)
    run(policy, todo)
    assert "remove it to begin anew" in refused(policy, todo)


def test_a_batch_that_is_still_going_on(policy: Policy, killed: Batch) -> None:
    import fcntl

    with open(f"{killed.out}.partial.journal", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another batch is writing it" in refused(policy, killed)


def test_a_journal_that_is_none_and_verdicts_that_are_gone(policy: Policy, killed: Batch) -> None:
    journal, partial = Path(f"{killed.out}.partial.journal"), Path(f"{killed.out}.partial")
    text = journal.read_bytes()
    journal.write_bytes(text.replace(b'"digest"', b'"tsegid"', 1))
    assert "line 2 is not that of a journal" in refused(policy, killed)
    journal.write_bytes(text)
    whole = partial.read_bytes()
    partial.write_bytes(whole[:100])
    assert "shorter than its journal" in refused(policy, killed)
    partial.unlink()
    assert "shorter than its journal" in refused(policy, killed)
    partial.write_bytes(whole.replace(b"denied", b"Denied", 1))
    assert "out.partial was changed since it was written: remove it" in refused(policy, killed)
    partial.write_bytes(whole)
    assert "name the same files" in refused(policy, killed._replace(errors=f"{killed.errors}2"))
    journal.unlink()
    assert "its journal is not: remove it" in refused(policy, killed)


def test_what_cannot_be_gone_on_with_is_said(policy: Policy, source: Path) -> None:
    assert "--resume goes on with a file" in refused(policy, Batch(str(source), "/dev/null", resume=True))


def test_counts_are_added_in_any_blocks(policy: Policy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [run(policy, of(source, "out")).as_dict()]
    monkeypatch.setattr("reasoner.batch.run.BLOCK", 512)
    found.append(run(policy, of(source, "out")).as_dict())
    assert found[0] == found[1] == Summary.of_dict(found[0]).as_dict()
