"""Opens a Spark session for a build, and refuses to go on if it would compute something else than DuckDB does."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.settings import CHECKOUT, Settings

DELTA = "io.delta:delta-spark_4.1_2.13:4.1.0"
"""The Delta release for the Spark release of the extra `spark`."""
JARS = CHECKOUT / "build" / "spark-jars"
"""Where `make spark-jars` puts it. Without that Spark itself downloads it, which not every network allows."""
_NOT_NEEDED = "org.slf4j:*,org.apache.logging.log4j:*,com.google.code.findbugs:jsr305,io.unitycatalog:*,org.antlr:*"
"""What Delta names and Spark brings itself, or only its catalog needs."""

_RETAINS = "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate"
_MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Otherwise two decimals are compared, and joined in one column, with the places that the wider one leaves over.
    _RETAINS: "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""What a statement means: the same as in DuckDB. No properties file changes it."""
_TABLES = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalogImplementation": "in-memory",
    # DuckDB and other readers open the files of a table without its log, so each file has all rows that count.
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.properties.defaults.columnMapping.mode": "none",
}
_COST = {
    # Otherwise the planner multiplies the conditions of nested models, and takes minutes for a few rows.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_ON_ONE_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
}
"""Defaults for a master on this machine."""


Session = Any
"""A session of Spark, whose package is optional."""
_KEEPS_ANSI = "keeps_ansi"


class EngineError(CreditsError):
    """The engine cannot be used, or would not compute what DuckDB does; nothing is built."""


def require_spark() -> None:
    """Refuse if Spark's packages or Java are missing.

    Raises:
        EngineError: names what to install.
    """
    if missing := [name for name in ("pyspark", "dbt.adapters.spark") if not _is_installed(name)]:
        raise EngineError(
            f"CREDITS_ENGINE is spark, and {missing[0]} is not installed: install the extra `spark` "
            "(pip install '.[spark]')."
        )
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    if java is None or not Path(java).exists():
        raise EngineError(
            "CREDITS_ENGINE is spark, and there is no Java: install Java 17 or later, or set JAVA_HOME to it."
        )


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def spark_session(settings: Settings, tables: str) -> Iterator[Session]:
    """A session that means what DuckDB means; `tables` is the folder of the lake, as a URI. It is closed at the end.

    Raises:
        EngineError: Spark is not there or does not start, or a setting of it is wrong.
    """
    require_spark()
    from pyspark.errors import PySparkException  # pyright: ignore[reportMissingImports]

    keep_ansi()
    # Statements that fail are named by dbt; Spark's own logger would print its stack to the terminal.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    log = settings.warehouse / "spark" / "spark.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # The tasks of Spark need the packages of this Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        with _words_to(log):
            spark = _opened(session_properties(settings, tables))
    except Exception as error:
        raise EngineError(f"Spark did not start ({safe_line(error)}): {log} has its own words.") from None
    try:
        try:
            probe(spark, tables)
        except PySparkException as error:
            raise EngineError(f"Spark cannot be used ({safe_line(error)}): {log} has its own words.") from None
        yield spark
    finally:
        with suppress(Exception):
            spark.stop()


def _opened(properties: Mapping[str, str]) -> Session:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    builder: Any = SparkSession.builder
    for name, value in properties.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def session_properties(settings: Settings, tables: str) -> dict[str, str]:
    """The properties of the session: the project's defaults, then the user's file, then what must not differ.

    Raises:
        EngineError: the file cannot be read, or a line of it is no property.
    """
    on_one_machine = _ON_ONE_MACHINE if settings.spark_master.startswith(("local", "spark://127.0.0.1")) else {}
    properties = {
        "spark.app.name": "credits",
        "spark.master": settings.spark_master,
        "spark.sql.warehouse.dir": f"{tables}/_spark",
        **on_one_machine,
        **_COST,
        **(_read_properties(settings.spark_properties) if settings.spark_properties else {}),
        **_TABLES,
        **_MEANING,
    }
    if not {"spark.jars", "spark.jars.packages"} & properties.keys():
        properties |= delta_properties()
    return properties


def delta_properties() -> dict[str, str]:
    """The properties by which a session gets Delta: jars that are here, else what Spark downloads."""
    if jars := sorted(JARS.glob("*.jar")):
        return {"spark.jars": ",".join(map(str, jars))}
    return {"spark.jars.packages": DELTA, "spark.jars.excludes": _NOT_NEEDED}


def _read_properties(path: Path) -> dict[str, str]:
    """A properties file as Spark reads it: a name and a value on each line, with a blank or `=` between them."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(f"CREDITS_SPARK_PROPERTIES names {path}, which cannot be read ({error}).") from None
    properties: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith(("#", "!")):
            continue
        name, _, value = text.replace("=", " ", 1).partition(" ") if "=" in text.split()[0] else text.partition(" ")
        if not name.startswith("spark.") or not value.strip():
            raise EngineError(f"{path}, line {number} is no property of Spark: give `spark.name value`.")
        properties[name] = value.strip()
    return properties


@contextmanager
def _words_to(log: Path) -> Iterator[None]:
    """Let processes that start meanwhile write into a file: what Java prints is not for the person at the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(number, os.dup(number)) for number in (1, 2)]
    with log.open("ab") as file:
        for number, _ in kept:
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            for number, copy in kept:
                os.dup2(copy, number)
                os.close(copy)


def keep_ansi() -> None:
    """Keep ANSI on in dbt's statements: dbt-spark sets it to false after it has read the profile."""
    from dbt.adapters.spark.connections import SparkCredentials  # pyright: ignore[reportMissingImports]

    settle: Any = SparkCredentials.__post_init__
    if hasattr(settle, _KEEPS_ANSI):
        return

    @wraps(settle)
    def settled(self: SparkCredentials) -> None:
        settle(self)
        self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    setattr(settled, _KEEPS_ANSI, True)
    SparkCredentials.__post_init__ = settled


def probe(spark: Session, tables: str) -> None:
    """Refuse a session in which a statement means something else than in DuckDB, or a contract is not kept.

    Raises:
        EngineError: says what is wrong, and which setting makes it right.
    """
    for what, advice in _wrong(spark, tables):
        raise EngineError(f"Spark is not used: {what}; {advice}.")


def _wrong(spark: Session, tables: str) -> Iterator[tuple[str, str]]:
    if not _parses(spark, "describe detail delta.`x`"):
        yield "it does not know Delta", "spark.jars must name the jars of Delta for this release of Spark"
    if _of(spark, "select cast(cast(0 as decimal(38, 9)) as string)") != "0.000000000":
        yield "ANSI is off, so amounts have another text", "spark.sql.ansi.enabled must be true"
    product = "cast(1.000000001 as decimal(38, 9)) * cast(1.000000001 as decimal(38, 9))"
    if _of(spark, f"select cast({product} as string)") != "1.000000002000000001":
        yield "decimals lose places", "spark.sql.decimalOperations.allowPrecisionLoss must be false"
    if _of(spark, "select cast(0.0 as decimal(38, 1)) = cast(0.04 as decimal(14, 9))"):
        yield "decimals are compared with fewer places", f"{_RETAINS} must be true"
    if _of(spark, "select current_timezone()") != "UTC":
        yield "its time zone is not UTC", "spark.sql.session.timeZone must be UTC"
    if _of(spark, "select typeof(cast('2026-01-01' as timestamp))") != "timestamp_ntz":
        yield "timestamps have a zone", "spark.sql.timestampType must be TIMESTAMP_NTZ"
    if not _refuses(spark, "select if(a is null, raise_error('null'), a) from values (cast(null as int)) as t(a)"):
        yield "what a contract forbids is not refused", "another release of Spark may be needed"
    if _of(spark, "select cast(1 as int) + 1") != 2 or not _refuses(spark, "select cast(2147483647 as int) + 1"):
        yield "numbers overflow without an error", "spark.sql.ansi.enabled must be true"


def _of(spark: Session, query: str) -> Any:
    row = spark.sql(query).first()
    return row[0] if row else None


def _parses(spark: Session, statement: str) -> bool:
    from pyspark.errors import PySparkException  # pyright: ignore[reportMissingImports]

    try:
        spark._jsparkSession.sessionState().sqlParser().parsePlan(statement)
    except PySparkException:
        return False
    return True


def _refuses(spark: Session, query: str) -> bool:
    from pyspark.errors import PySparkException  # pyright: ignore[reportMissingImports]

    try:
        spark.sql(query).collect()
    except PySparkException:
        return True
    return False
