"""Sums of Delta tables by Spark, in a process of its own: `python reading_delta.py PLACE VERSIONS`, where VERSIONS is a
JSON object with the Delta version of each table below PLACE. Prints the sums of each table as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from orchestration.engines.spark_session import delta_properties

ZONE = "America/New_York"
_PROPERTIES = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}


def main() -> None:
    place, versions = sys.argv[1], json.loads(sys.argv[2])
    functions: Any = importlib.import_module("pyspark.sql.functions")
    session: Any = importlib.import_module("pyspark.sql").SparkSession
    builder = session.builder.master("local[2]")
    for key, value in (_PROPERTIES | delta_properties()).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    assert spark.conf.get("spark.sql.session.timeZone") == ZONE
    sums = {}
    for name, version in versions.items():
        table = spark.read.format("delta").option("versionAsOf", version).load(f"{place}/{name}")
        wanted = {"rows": functions.count("*")}
        for column, kind in table.dtypes:
            place_of = functions.col(f"`{column}`")
            if kind.startswith("decimal"):
                wanted[f"sum of {column}"] = functions.sum(place_of)
            if kind.startswith("timestamp"):
                wanted[f"first of {column}"] = functions.date_format(functions.min(place_of), "yyyy-MM-dd HH:mm:ss")
                wanted[f"last of {column}"] = functions.date_format(functions.max(place_of), "yyyy-MM-dd HH:mm:ss")
                wanted[f"days of {column}"] = functions.count_distinct(place_of.cast("date"))
        row = table.agg(*(value.cast("string").alias(key) for key, value in wanted.items())).first()
        sums[name] = row.asDict()
    spark.stop()
    print(json.dumps(sums))


if __name__ == "__main__":
    main()
