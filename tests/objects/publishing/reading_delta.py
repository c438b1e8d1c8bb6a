"""Compares Delta tables with the database of their version, in a process of its own: `python reading_delta.py VERSION
PLACE`, where VERSION is the version's folder, and the tables lie below PLACE. Prints how many tables were equal to each
reader.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable


def main() -> None:
    version, place = Path(sys.argv[1]), sys.argv[2]
    says = json.loads((version / "manifest.json").read_text())
    delta = says.get("delta") or json.loads((version / "delta.json").read_text())
    polars: Any = importlib.import_module("polars")
    equal = {"deltalake": 0, "polars": 0, "duckdb": 0}
    with duckdb.connect(str(version / "credits.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        for name in says["tables"]:
            table = DeltaTable(f"{place}/{name}", version=delta[name])
            found = {
                "deltalake": table.to_pyarrow_table(),
                "polars": polars.scan_delta(f"{place}/{name}", version=delta[name]).collect().to_arrow(),
                "duckdb": table.to_pyarrow_dataset(),
            }
            for reader, rows in found.items():
                connection.register("found", rows)
                there, here = "select * from found", f'select * from marts."{name}"'
                for one, other in ((there, here), (here, there)):
                    left = connection.execute(f"select count(*) from (({one}) except all ({other}))").fetchone()
                    assert left == (0,), (reader, name, left)
                types = connection.execute(f"describe {there}").fetchall()
                assert [row[:2] for row in types] == [
                    (column["name"], column["type"]) for column in says["tables"][name]["columns"]
                ], (reader, name)
                connection.unregister("found")
                equal[reader] += 1
    print(json.dumps(equal))


if __name__ == "__main__":
    main()
