"""A population judged on Spark, by two workers: the bytes of `reasoner batch`, also where a task fails once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import spark_job
from pyspark import TaskContext
from pyspark.sql import SparkSession
from results import Population, of_results

from reasoner.batch.distributed import judge_batches


@pytest.fixture(scope="module")
def spark(cluster_environment: pytest.MonkeyPatch) -> Iterator[SparkSession]:
    cluster_environment.setenv("PYSPARK_PYTHON", sys.executable)
    cluster_environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[2,2]")  # two workers, and each task is tried twice
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_the_example(spark: SparkSession, judged_population: Population) -> None:
    records = spark.read.parquet(str(judged_population.folder))
    assert records.rdd.getNumPartitions() > 1
    assert of_results(spark_job.judged(records).toArrow()) == judged_population.expected


def test_a_task_that_fails_once(spark: SparkSession, judged_population: Population, tmp_path: Path) -> None:
    def failing_once(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = TaskContext.get()
        (tmp_path / f"{context.partitionId()}-{context.attemptNumber()}").touch()
        for result in judge_batches(batches, keep=["line"]):
            yield result
            if context.partitionId() == 0 and context.attemptNumber() == 0:
                raise OSError("the machine is lost")

    records = spark.read.parquet(str(judged_population.folder))
    results = records.mapInArrow(failing_once, spark_job.judged(records).schema)
    assert of_results(results.toArrow()) == judged_population.expected
    assert {"0-0", "0-1", "1-0"} <= {path.name for path in tmp_path.iterdir()}
