"""A population judged on Ray: `python ray_job.py RECORDS RESULTS`, both folders of Parquet."""

import sys

import ray

from reasoner.batch.distributed import judge_batches


def judged(records: ray.data.Dataset) -> ray.data.Dataset:
    """The results of records, each with the number of its line."""
    return records.map_batches(judge_batches, batch_format="pyarrow", fn_kwargs={"keep": ["line"]})


if __name__ == "__main__":
    judged(ray.data.read_parquet(sys.argv[1])).write_parquet(sys.argv[2])
