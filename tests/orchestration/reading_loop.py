"""A reader in a process of its own: reads the published version until its standard input ends, says what it saw.

Its totals are given by way of reading: `duckdb` opens current/credits.duckdb again each time, `resolved` resolves
`current` first and reads the monthly files there, `listed` lists the monthly files through `current`.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.compute as compute
import pyarrow.parquet as parquet


def through_duckdb(current: Path) -> str:
    """Both tables in one database: their totals and the number of rows."""
    with duckdb.connect(str(current / "credits.duckdb"), read_only=True) as connection:
        tables = ("marts.fct_credit_usage", "marts.agg_credits_daily")
        rows = [connection.execute(f"select sum(credits) from {table}").fetchone() for table in tables]
    return " ".join(str(row[0]) for row in rows if row)


def through_resolved_files(current: Path) -> str:
    """The monthly files of the version that was current when it began."""
    return _total(current.resolve())


def through_listed_files(current: Path) -> str:
    """The monthly files as `current` lists them; it may switch while they are listed and read."""
    try:
        return _total(current)
    except FileNotFoundError:
        return "not found"


def _total(version: Path) -> str:
    files = sorted((version / "parquet" / "fct_credit_usage").glob("month=*/*.parquet"))
    months = [parquet.ParquetFile(file).read(["credits"])["credits"] for file in files]
    return str(sum((Decimal(str(compute.sum(month))) for month in months), Decimal(0)))


WAYS: dict[str, Callable[[Path], str]] = {
    "duckdb": through_duckdb,
    "resolved": through_resolved_files,
    "listed": through_listed_files,
}


def main(current: Path) -> None:
    """Read in all ways at once, each in a thread of its own."""
    seen: dict[str, Counter[str]] = {name: Counter() for name in WAYS}
    stop = threading.Event()

    def loop(name: str) -> None:
        while not stop.wait(0.1):
            try:
                seen[name][WAYS[name](current)] += 1
            except Exception as error:
                seen[name][f"{type(error).__name__}: {error}"] += 1

    threads = [threading.Thread(target=loop, args=(name,)) for name in WAYS]
    for thread in threads:
        thread.start()
    print("reading", flush=True)
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
