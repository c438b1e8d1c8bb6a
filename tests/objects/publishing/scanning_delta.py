"""Sums of Delta tables by DuckDB's own reader, for a client that has it: `python scanning_delta.py FOLDER TABLES`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

FACTS = """
    select count(*), sum(credits)::varchar, min(occurred_at)::varchar, max(occurred_at)::varchar,
        count(*) filter (where occurred_at >= timestamp '2026-09-01' and occurred_at < timestamp '2026-10-01')
    from {}
"""
"""What is compared of the fact; times are not shifted by the session's zone."""


def main() -> None:
    folder, tables = sys.argv[1], sys.argv[2].split(",")
    connection = duckdb.connect()
    package: Any = importlib.import_module("duckdb_extension_delta")
    [extension] = Path(package.__path__[0]).rglob("delta.duckdb_extension")
    connection.execute(f"load '{extension}'")
    connection.execute("set TimeZone = 'America/New_York'")
    rows = {}
    for table in tables:
        found = connection.execute(f"select count(*) from delta_scan('{folder}/{table}')").fetchone()
        rows[table] = found[0] if found else None
    fact = connection.execute(FACTS.format(f"delta_scan('{folder}/fct_credit_usage')")).fetchone()
    print(json.dumps({"rows": rows, "fact": fact}))


if __name__ == "__main__":
    main()
