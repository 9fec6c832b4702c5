"""A population judged on Spark: `spark-submit spark_job.py RECORDS RESULTS`, both folders of Parquet."""

import sys
from functools import partial

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from reasoner.batch.distributed import judge_batches, result_schema


def judged(records: DataFrame) -> DataFrame:
    """The results of records, each with the number of its line."""
    columns = StructType([records.schema["line"], *from_arrow_schema(result_schema())])
    return records.mapInArrow(partial(judge_batches, keep=["line"]), columns)


if __name__ == "__main__":
    spark = SparkSession.builder.getOrCreate()
    judged(spark.read.parquet(sys.argv[1])).write.parquet(sys.argv[2])
