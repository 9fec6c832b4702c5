"""`judge_batches` by itself: what comes in, what goes out, and what is refused."""

import re
import shutil
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest
from population import records, table
from results import NUMBER, Population, of_results

from reasoner import RULES, Policy, RulesError
from reasoner.batch.arrow import brief_schema, verdict_of
from reasoner.batch.blocks import Explain
from reasoner.batch.distributed import judge_batches, result_schema
from reasoner.batch.errors import BatchError
from reasoner.verdict.model import Verdict


def test_a_row_for_each_row(judged_population: Population) -> None:
    batches = judged_population.table.to_batches(max_chunksize=50)
    results = list(judge_batches(batches, keep=["line"]))
    assert [one.num_rows for one in results] == [50, 50, NUMBER - 100]
    assert all(one.schema.names == ["line", *result_schema().names] for one in results)
    whole = pa.Table.from_batches(results)
    assert whole["line"].to_pylist() == list(range(1, NUMBER + 1))
    assert of_results(whole) == judged_population.expected


def test_a_table_becomes_tables_in_blocks(judged_population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reasoner.batch.distributed.BLOCK", 45)
    results = list(judge_batches(judged_population.table, keep=["line"]))
    assert [(type(one), one.num_rows) for one in results] == [(pa.Table, 45), (pa.Table, 45), (pa.Table, NUMBER - 90)]
    assert of_results(pa.concat_tables(results)) == judged_population.expected


def test_a_refused_record_comes_back_with_its_faults(policy: Policy) -> None:
    found = records(8)
    found[2]["request"]["date"] = None
    (results,) = judge_batches(table(policy, found).to_batches())
    assert results.schema.equals(result_schema())
    assert [row["faults"] is None for row in results.to_pylist()] == [True, True, False, True, True, False, True, True]
    refused, nameless = results.take([2, 5]).to_pylist()
    assert refused["faults"] == [{"path": "request.date", "message": "required, and absent"}]
    assert refused["case_id"] == found[2]["case_id"] and nameless["case_id"] is None
    assert {name for name, value in refused.items() if value is not None} == {"case_id", "faults"}
    assert verdict_of(results.to_pylist()[0]) == policy.judge(found[0])


def test_decisions_alone_and_few_sets(policy: Policy) -> None:
    found = [record for record in records(12) if record["case_id"] is not None]
    batches = table(policy, found).to_batches()
    (brief,) = judge_batches(batches, explain="none")
    assert brief.schema.equals(result_schema(explain="none")) and brief.schema.names == [
        *brief_schema().names,
        "faults",
    ]
    assert brief["decision"].to_pylist() == policy.decide_all(found)
    (few,) = judge_batches(batches, limit=1)
    assert list(map(verdict_of, few.to_pylist())) == policy.judge_all(found, 1)
    (denials,) = judge_batches(batches, explain="denials")
    assert [row["criteria"] is not None for row in denials.to_pylist()] == [
        decision == "denied" for decision in policy.decide_all(found)
    ]


def test_a_worker_that_is_kept_judges_by_the_rules_as_they_are_now(policy: Policy, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES / "ip0369", folder)
    found = [record for record in records(12) if record["case_id"] is not None]
    batches = table(policy, found).to_batches()

    def judged() -> list[Verdict]:
        (results,) = judge_batches(batches, rules=folder)
        return list(map(verdict_of, results.to_pylist()))

    assert judged() == policy.judge_all(found)
    file = folder / "1_atopic_dermatitis.lp"
    file.write_text(file.read_text("utf-8").replace("age_years, 12)", "age_years, 100)"), "utf-8")
    assert judged() == Policy.load(folder).judge_all(found) != policy.judge_all(found)


def test_what_cannot_be_judged(policy: Policy, tmp_path: Path) -> None:
    batches = table(policy, records(2)).to_batches()
    with pytest.raises(BatchError, match="not those of a record: name is no field of a record"):
        next(judge_batches([batches[0].append_column("name", pa.array(["a", "b"]))]))
    with pytest.raises(BatchError, match="no column line to keep"):
        next(judge_batches(batches, keep=["line"]))
    with pytest.raises(BatchError, match="a column case_id of its own"):
        next(judge_batches(batches, keep=["case_id"]))
    with pytest.raises(BatchError, match="explain is 'denial', where one of all, denials, none"):
        result_schema(explain=cast(Explain, "denial"))
    with pytest.raises(RulesError, match="not a folder"):
        next(judge_batches(batches, rules=tmp_path / "none"))
    assert list(judge_batches([])) == []


@pytest.mark.parametrize("name", ["spark_job.py", "ray_job.py"])
def test_the_readme_shows_what_is_tried(name: str) -> None:
    """The examples of the README are those that run on a cluster."""
    tests = Path(__file__).parent
    readme = (tests.parents[2] / "README.md").read_text("utf-8")
    example = (tests / "examples" / name).read_text("utf-8")
    blocks = [block.strip() for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL)]
    shown = example.replace("import sys\n", "").split('if __name__ == "__main__":')[0].split('"""\n', 1)[1].strip()
    shown = shown.replace("DataFrame, SparkSession", "DataFrame")
    assert shown in blocks
