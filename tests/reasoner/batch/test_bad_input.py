"""What goes wrong with a batch: one clear error, exit status 2, and what was judged is kept."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from population import command, lines, records, table
from pyarrow import parquet

from reasoner import Policy
from reasoner.batch.errors import BatchError
from reasoner.batch.records import Block
from reasoner.batch.run import Batch, run
from reasoner.batch.workers import _without_interrupts, results
from reasoner.verdict.model import Verdict

pytestmark = pytest.mark.usefixtures("small_blocks")


def failing(policy: Policy, source: Path) -> tuple[str, bytes]:
    """The error of a batch, and the verdicts that are kept."""
    target = source.with_name("out")
    with pytest.raises(BatchError) as error:
        run(policy, Batch(str(source), str(target), str(source.with_name("refused"))))
    kept = Path(f"{target}.partial")
    assert not target.exists()
    return "; ".join(
        (str(error.value), *getattr(error.value, "__notes__", ()))
    ), kept.read_bytes() if kept.exists() else b""


def verdicts(policy: Policy, source: Path) -> bytes:
    run(policy, Batch(str(source), str(source.with_name("whole")), "/dev/null"))
    return source.with_name("whole").read_bytes()


# ── Input ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_an_input_that_is_cut_off(policy: Policy, source: Path, suffix: str) -> None:
    """All that can be read is judged; mended, it is gone on with."""
    source.write_bytes(text := lines(found := records(40)))
    wanted = verdicts(policy, source)
    ends = text.index(b"\n", len(text) * 2 // 3) + 1
    parts = [text[:ends], text[ends:]]
    coded = [gzip.compress(part) if suffix == "gz" else pa.Codec("zstd").compress(part, asbytes=True) for part in parts]
    cut = source.with_name(f"in.{suffix}")
    cut.write_bytes(coded[0] + coded[1][: len(coded[1]) // 2])
    message, kept = failing(policy, cut)
    assert message.startswith(f"{cut}: cannot be read further than line ") and "--resume" in message
    good = sum(record["case_id"] is not None for record in found[: text[:ends].count(b"\n") - 8])
    assert wanted.startswith(kept) and kept.count(b"\n") >= good > 8
    cut.write_bytes(b"".join(coded))
    run(policy, Batch(str(cut), str(source.with_name("out")), str(source.with_name("refused")), resume=True))
    assert source.with_name("out").read_bytes() == wanted


def test_of_an_input_that_is_mended_by_leaving_out_its_end(policy: Policy, source: Path) -> None:
    """What was judged of the end goes too."""
    text = source.read_bytes().splitlines(keepends=True)
    cut = source.with_name("in.gz")
    cut.write_bytes(gzip.compress(b"".join(text[:11]))[:-4])
    _, kept = failing(policy, cut)
    cut.write_bytes(gzip.compress(b"".join(text[:8])))
    run(policy, Batch(str(cut), str(source.with_name("out")), str(source.with_name("refused")), resume=True))
    written = source.with_name("out").read_bytes()
    assert kept.startswith(written) and written.count(b"\n") == 7 < kept.count(b"\n")


@pytest.mark.parametrize("name", ["in.gz", "in.zst", "in.parquet"])
def test_an_empty_file_is_no_compressed_one(policy: Policy, source: Path, name: str) -> None:
    source.with_name(name).write_bytes(b"")
    message, kept = failing(policy, source.with_name(name))
    assert name in message and "\n" not in message and not kept


@pytest.mark.parametrize("name", ["in.gz", "in.zst", "in.parquet"])
def test_an_input_that_is_not_what_its_name_promises(policy: Policy, source: Path, name: str) -> None:
    source.rename(source.with_name(name))
    message, kept = failing(policy, source.with_name(name))
    assert message.startswith(f"{source.with_name(name)}: cannot be read") and "\n" not in message and not kept
    assert {path.name for path in source.parent.iterdir()} == {name}


def test_a_parquet_file_that_is_broken(policy: Policy, source: Path) -> None:
    whole = source.with_name("whole.parquet")
    parquet.write_table(table(policy, records()), whole, row_group_size=8, compression="zstd")
    for part in (whole.read_bytes()[:-20], whole.read_bytes()[:8], b""):
        source.with_name("in.parquet").write_bytes(part)
        message, kept = failing(policy, source.with_name("in.parquet"))
        assert "in.parquet: cannot be read as Parquet: " in message and not kept
    raw = bytearray(whole.read_bytes())
    start = parquet.read_metadata(whole).row_group(1).column(0).data_page_offset
    raw[start - 40 : start + 40] = bytes(80)
    source.with_name("in.parquet").write_bytes(raw)
    message, kept = failing(policy, source.with_name("in.parquet"))
    assert "in.parquet: cannot be read further than row 8: " in message and kept
    assert verdicts(policy, source).startswith(kept)


def test_a_parquet_file_without_the_columns(policy: Policy, source: Path) -> None:
    parquet.write_table(pa.table({"case": ["a"], "patient": [30]}), source.with_name("in.parquet"))
    message, _ = failing(policy, source.with_name("in.parquet"))
    assert message.endswith(
        "in.parquet: its columns are not those of a record: case_id is missing; request is missing; "
        "case is no field of a record; patient is int64, where struct is needed"
    )


# ── Output ───────────────────────────────────────────────────────────────────


def test_a_disk_that_is_full(policy: Policy, source: Path) -> None:
    wanted = verdicts(policy, source)
    options = (source, "--out", source.with_name("out"), "--errors", source.with_name("refused"))

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(wanted) // 2, len(wanted) // 2))

    # without coverage, which would find no room for its own file
    measured_by_none = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        command(*options), capture_output=True, text=True, preexec_fn=little_room, env=measured_by_none
    )  # fmt: skip
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"reasoner: {source.with_name('out')}: File too large; ")
    assert done.stderr.endswith("; --resume goes on from there, with the same records\n")
    todo = Batch(str(source), str(source.with_name("out")), str(source.with_name("refused")), resume=True)
    assert run(policy, todo).refused == 3 and source.with_name("out").read_bytes() == wanted


@pytest.mark.parametrize(
    ("option", "name", "reason"),
    [
        ("--out", "/dev/full", "No space left on device"),
        ("--errors", "/dev/full", "No space left on device"),
        ("--out", "in/out", "Not a directory"),
        ("--out", "nowhere/out", "No such file or directory"),
        ("--summary", "nowhere/summary", "No such file or directory"),
    ],
)
def test_what_cannot_be_written(
    policy: Policy, source: Path, option: str, name: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reasoner.cli.batch import judge_population

    monkeypatch.chdir(source.parent)
    given = {"--out": "out", "--errors": "refused", option: name}
    summary = Path(given["--summary"]) if "--summary" in given else None
    reported: list[str] = []
    monkeypatch.setattr("reasoner.cli.batch.report", reported.append)
    monkeypatch.setattr(Batch, "policy", lambda batch: policy)
    assert judge_population(Batch("in", given["--out"], given["--errors"]), summary) == 2
    (message,) = reported
    assert name in message and reason in message
    assert ("kept in" in message) == (option != "--out")


def test_a_reader_that_closes_its_pipe(source: Path) -> None:
    with subprocess.Popen(
        command(source, "--out", "-", "--errors", source.with_name("refused")),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as going:  # fmt: skip
        assert going.stdout is not None and going.stderr is not None
        going.stdout.close()
        message = going.stderr.read().decode()
    assert going.returncode == 2 and message.startswith("reasoner: standard output: Broken pipe")
    assert len(message.splitlines()) == 1


def test_an_interruption_keeps_what_was_judged(policy: Policy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reasoner.cli.batch import judge_population

    wanted = verdicts(policy, source)
    judge_all, calls = policy.judge_all, iter(range(100))

    def interrupted(cases: Any, limit: int) -> list[Verdict]:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return judge_all(cases, limit)

    reported: list[str] = []
    monkeypatch.setattr("reasoner.cli.batch.report", reported.append)
    monkeypatch.setattr(Batch, "policy", lambda batch: policy)
    todo = Batch(str(source), str(source.with_name("out")), "/dev/null")
    with monkeypatch.context() as patch:
        patch.setattr(policy, "judge_all", interrupted)
        assert judge_population(todo, None) == 130
    assert reported[0].startswith("interrupted; 8 records are judged and kept in ")
    run(policy, todo._replace(resume=True))
    assert source.with_name("out").read_bytes() == wanted


# ── Workers ──────────────────────────────────────────────────────────────────


def test_workers_that_have_parsed_rules_end_without_a_word(source: Path) -> None:
    code = "import reasoner.batch.run as run; run.BLOCK = 4; from reasoner.__main__ import main; main()"
    options = ("batch", source, "--out", source.with_name("out"), "--errors", source.with_name("refused"))
    command = [sys.executable, "-c", code, *map(str, options), "--jobs", "2", "--no-cache", "--explain", "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Exception" not in done.stderr and "Traceback" not in done.stderr


def test_a_worker_is_not_interrupted_before_it_is_ready() -> None:
    """Interrupts wait while workers are started, who would print where they were; they are not lost."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with _without_interrupts():
            signal.raise_signal(signal.SIGINT)
            assert not seen
        assert seen == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_worker_that_dies(policy: Policy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks before it are kept; the parent does not wait for ever."""
    todo = Batch(str(source), str(source.with_name("out")), str(source.with_name("refused")), jobs=2)

    def kill(records: int, position: int) -> None:
        if not records:
            return
        for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)

    @contextmanager
    def killing(total: int | None) -> Iterator[Callable[[int, int], None]]:
        yield kill

    with pytest.raises(BatchError, match="a worker process ended before its time") as error:
        run(policy, todo, killing)
    assert "records are judged and kept in" in error.value.__notes__[0]
    kept = source.with_name("out.partial").read_bytes()
    wanted = verdicts(policy, source)
    assert kept and wanted.startswith(kept) and kept != wanted
    run(policy, todo._replace(jobs=1, resume=True))
    assert source.with_name("out").read_bytes() == wanted


def number(block: Block) -> int:
    return block.number


def numbering() -> Callable[[Block], int]:
    return number


def test_the_blocks_in_flight_are_bounded() -> None:
    """Whatever the size of the input."""
    read: list[int] = []

    def blocks() -> Iterator[Block]:
        for number in range(1, 40):
            read.append(number)
            yield Block(number, [b"{}\n"], "", 0)

    found = results(blocks(), number, numbering, 2)
    order = [next(found)[1] for _ in range(5)]
    assert order == [1, 2, 3, 4, 5] and len(read) <= 5 + 2 * 2
    found.close()
