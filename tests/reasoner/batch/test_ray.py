"""A population judged on Ray, by two workers: the bytes of `reasoner batch`, also where a worker is killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import ray
import ray_job
from results import FILES, Population, of_results

from reasoner.batch.distributed import judge_batches


@pytest.fixture(scope="module", autouse=True)
def cluster(cluster_environment: pytest.MonkeyPatch) -> Iterator[None]:
    cluster_environment.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    yield
    ray.shutdown()


def records(population: Population) -> ray.data.Dataset:
    return ray.data.read_parquet(str(population.folder), override_num_blocks=FILES)


def arrow(results: ray.data.Dataset) -> pa.Table:
    return pa.concat_tables(ray.get(results.to_arrow_refs()))


def test_the_example(judged_population: Population) -> None:
    assert of_results(arrow(ray_job.judged(records(judged_population)))) == judged_population.expected


def test_a_worker_that_is_killed(judged_population: Population, tmp_path: Path) -> None:
    def killed_once(table: pa.Table) -> Iterator[pa.Table]:
        results = judge_batches(table, keep=["line"])
        yield next(results)
        try:
            (tmp_path / "killed").touch(exist_ok=False)
        except FileExistsError:
            yield from results
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    results = records(judged_population).map_batches(killed_once, batch_format="pyarrow")
    assert of_results(arrow(results)) == judged_population.expected
    assert (tmp_path / "killed").exists()
