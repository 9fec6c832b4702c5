"""Records in, and verdicts out, in each format: the same verdicts, and the same bytes on each run."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from population import batch, lines, records, table
from pyarrow import parquet

from reasoner import Policy
from reasoner.batch import formats
from reasoner.batch.arrow import misfits, record_schema, rows, verdict_of
from reasoner.batch.blocks import Explain
from reasoner.batch.errors import BatchError
from reasoner.batch.records import records_of
from reasoner.batch.run import Batch, run

NAMES = ("out.ndjson", "out.ndjson.gz", "out.ndjson.zst", "out.parquet")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reasoner.batch.run.BLOCK", 4)


@pytest.fixture(scope="module")
def verdicts(policy: Policy) -> list[bytes]:
    """The verdicts of the population, each judged by itself."""
    good = (record for record in records() if record["case_id"] is not None)
    return [policy.judge(policy.record(record)).to_json(indent=None).encode() for record in good]


def verdict_lines(path: Path) -> list[bytes]:
    """The verdicts of a file of any format, as lines."""
    if path.suffix == ".parquet":
        return [msgspec.json.encode(verdict_of(row)) for row in parquet.read_table(path).to_pylist()]
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).splitlines()
    if path.suffix == ".zst":
        with pa.input_stream(str(path), compression="zstd") as file:
            return bytes(file.read()).splitlines()
    return path.read_bytes().splitlines()


def judged(policy: Policy, source: Path, out: Path, **options: Any) -> list[bytes]:
    run(policy, Batch(str(source), str(out), str(out.with_name("refused")), **options))
    return verdict_lines(out)


def test_records_of_each_format(policy: Policy, tmp_path: Path, verdicts: list[bytes]) -> None:
    text = lines(records())
    (tmp_path / "in.jsonl").write_bytes(text)
    (tmp_path / "in.gz").write_bytes(gzip.compress(text[:900]) + gzip.compress(text[900:]))
    (tmp_path / "in.zst").write_bytes(pa.Codec("zstd").compress(text, asbytes=True))
    parquet.write_table(table(policy, records()), tmp_path / "in.parquet", row_group_size=7)
    refused = []
    for name in ("in.jsonl", "in.gz", "in.zst", "in.parquet"):
        assert judged(policy, tmp_path / name, tmp_path / "out") == verdicts, name
        refused.append([json.loads(line)["line"] for line in (tmp_path / "refused").read_text().splitlines()])
    assert refused == [[6, 14, 22]] * 4


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_of_each_format(policy: Policy, tmp_path: Path, verdicts: list[bytes], name: str) -> None:
    (tmp_path / "in").write_bytes(lines(records()))
    assert judged(policy, tmp_path / "in", tmp_path / name) == verdicts
    first = (tmp_path / name).read_bytes()
    assert judged(policy, tmp_path / "in", tmp_path / name) == verdicts
    assert (tmp_path / name).read_bytes() == first


def test_many_processes_write_what_one_does(tmp_path: Path, verdicts: list[bytes]) -> None:
    (tmp_path / "in").write_bytes(lines(records()))
    for jobs in ("1", "2"):
        folder = tmp_path / jobs
        folder.mkdir()
        done = batch(
            tmp_path / "in", "--out", folder / "out.gz", "--errors", folder / "err.gz", "--jobs", jobs,
            "--summary", folder / "summary.json",
        )  # fmt: skip
        assert b"3 refused" in done.stderr
    for name in ("out.gz", "err.gz", "summary.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert verdict_lines(tmp_path / "2" / "out.gz") == verdicts
    assert json.loads((tmp_path / "1" / "summary.json").read_text())["judged"] == len(verdicts)


def test_standard_input_and_output(verdicts: list[bytes]) -> None:
    done = batch("-", "--out", "-", stdin=lines(records()))
    assert done.stdout.splitlines() == verdicts
    assert [json.loads(line)["line"] for line in done.stderr.splitlines()[:3]] == [6, 14, 22]


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_of_nothing_is_a_whole_file(policy: Policy, tmp_path: Path, name: str) -> None:
    (tmp_path / "in").write_bytes(b"\n \n")
    assert judged(policy, tmp_path / "in", tmp_path / name) == []
    assert {path.name for path in tmp_path.iterdir()} == {"in", name, "refused"}


# ── What is explained ────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["out", "out.parquet"])
@pytest.mark.parametrize("explain", ["denials", "none"])
def test_of_what_is_not_explained_the_decision_is_written(
    policy: Policy, tmp_path: Path, verdicts: list[bytes], name: str, explain: Explain
) -> None:
    (tmp_path / "in").write_bytes(lines(records()))
    counts = run(policy, Batch(str(tmp_path / "in"), str(tmp_path / name), "/dev/null", explain=explain))
    path = tmp_path / name
    whole = list(map(json.loads, verdicts))
    assert len({one["decision"] for one in whole}) == 3 and counts.judged == len(whole)
    if name == "out":
        found = list(map(json.loads, verdict_lines(path)))
    else:
        rows = parquet.read_table(path).to_pylist()
        short = [{key: value for key, value in row.items() if value is not None} for row in rows]
        found = [one if len(one) == 2 else verdict_of(row).as_dict() for one, row in zip(short, rows, strict=True)]
        found = json.loads(json.dumps(found))
    assert found == [
        one
        if explain == "denials" and one["decision"] == "denied"
        else {"case_id": one["case_id"], "decision": one["decision"]}
        for one in whole
    ]


# ── Columns ──────────────────────────────────────────────────────────────────


def test_the_columns_are_those_that_the_policy_declares(policy: Policy) -> None:
    schema = record_schema(policy.declaration)
    assert schema.field("request").type.field("date").type == pa.date32()
    assert not schema.field("request").nullable and schema.field("patient").nullable
    therapy = schema.field("therapies").type.value_type
    assert therapy.field("days").type == pa.int64() and therapy.field("sample").type == pa.bool_()
    assert therapy.field("periods").type == pa.list_(pa.struct([("start", pa.date32()), ("end", pa.date32())]))
    assert "us_class" not in {field.name for field in therapy}, "computed, never stated"
    assert misfits(schema, policy.declaration) == []


def test_null_is_absent_and_other_types_of_a_value_are_read(policy: Policy) -> None:
    period = {"start": date(2024, 1, 1), "end": None}
    data: dict[str, Any] = {
        "case_id": pa.array(["a"]).dictionary_encode(),
        "request": pa.array([{"date": "2025-03-01", "type": "initial"}]),
        "patient": pa.array([{"age_years": 30.0, "birth_date": None}]),
        "disease": pa.array([{"bsa_percent": Decimal("12.50"), "sites": ["face"], "severity": None}]),
        "therapies": pa.array([[{"id": "t", "periods": [period], "concomitant_with": []}]]),
        "plan": pa.nulls(1),
    }
    found = pa.record_batch(data)
    assert misfits(found.schema, policy.declaration) == []
    assert rows(found) == [{
        "case_id": "a",
        "request": {"date": "2025-03-01", "type": "initial"},
        "patient": {"age_years": 30},
        "disease": {"bsa_percent": 12.5, "sites": ["face"]},
        "therapies": [{"id": "t", "periods": [{"start": "2024-01-01"}], "concomitant_with": []}],
    }]  # fmt: skip
    assert type(rows(found)[0]["patient"]["age_years"]) is int


def test_blocks_are_small_where_records_or_verdicts_are_large(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reasoner.batch.records.BLOCK_BYTES", 1000)
    (tmp_path / "in").write_bytes(b"x" * 600 + b"\n" + b"x" * 600 + b"\n" + b"x\n" * 9)
    with records_of(str(tmp_path / "in"), [policy.declaration], 8) as source:
        assert [(block.number, len(block.content)) for block in source.blocks] == [(1, 2), (3, 8), (11, 1)]
    done: list[int] = []

    @contextmanager
    def counting(total: int | None) -> Iterator[Callable[[int, int], None]]:
        yield lambda records, position: done.append(records)

    run(policy, Batch(str(tmp_path / "in"), str(tmp_path / "out"), "/dev/null", limit=100), counting)
    assert done == [0, 2, 4, 6, 8, 10, 11]


def test_columns_that_are_not_those_of_a_record(policy: Policy) -> None:
    found = pa.schema([
        ("request", pa.struct([("date", pa.float64()), ("kind", pa.string())])),
        ("patient", pa.struct([("age_years", pa.string())])),
        ("therapies", pa.list_(pa.struct([("days", pa.bool_())]))),
        ("disease", pa.string()),
        ("name", pa.string()),
    ])  # fmt: skip
    assert set(misfits(found, policy.declaration)) == {
        "case_id is missing",
        "name is no field of a record",
        "request.type is missing",
        "request.kind is no field of a record",
        "request.date is double, where date32[day] is needed",
        "patient.age_years is string, where int64 is needed",
        "therapies[].days is bool, where int64 is needed",
        "disease is string, where struct is needed",
    }


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert [formats.format_of(name) for name in ("a", "b.ndjson", "c.GZ")] == ["lines", "lines", "gzip"]
    for name in ("d.zst", "e.parquet"):
        with pytest.raises(BatchError, match=r'pip install "reasoner\[batch\]"'):
            formats.format_of(name)
