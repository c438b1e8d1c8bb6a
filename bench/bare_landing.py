"""The minimum that a landing of JSON Lines must do: typed `read_json` and `insert`. Prints its CPU-seconds.

It drops no duplicates: landing keeps every line, and the models compare them.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

COLUMNS = {
    "recordId": "VARCHAR",
    "kind": "VARCHAR",
    "interactionId": "VARCHAR",
    "resourceId": "VARCHAR",
    "operationId": "VARCHAR",
    "creditsConsumed": "DECIMAL(18,9)",
    "status": "VARCHAR",
    "source": "VARCHAR",
    "createdAt": "TIMESTAMP",
    "capturedAt": "TIMESTAMP",
    "environment": "VARCHAR",
    "cortiTenant": "VARCHAR",
    "userId": "VARCHAR",
    "tenantId": "VARCHAR",
    "model": "VARCHAR",
    "inputTokens": "BIGINT",
    "outputTokens": "BIGINT",
}


def main(landing: Path, database: Path) -> None:
    """Land `landing/**/*.jsonl` into a new database."""
    database.unlink(missing_ok=True)
    begun = time.process_time()
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create table raw ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        connection.execute(
            f"""
            insert into raw
            select *
            from read_json('{landing}/**/*.jsonl', format = 'newline_delimited', columns = {{{columns}}})
            """
        )
        connection.execute("checkpoint")
        rows = connection.execute("select count(*) from raw").fetchone()
    print(json.dumps({"cpu": time.process_time() - begun, "rows": rows[0] if rows else 0}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
