"""Reads a whole version as a client does that knows nothing of this project: runs in environments of its own.

`duckdb` reads every table of credits.duckdb; `files` reads the Parquet files with pandas, pyarrow and polars. Prints
what it found as JSON: by table the number of rows, the sum of credits, the columns with the types that they come as, and
a hash over every value of every row.
"""

from __future__ import annotations

import hashlib
import json
import sys
from decimal import Decimal
from pathlib import Path


def through_duckdb(version: Path) -> dict[str, object]:
    """Every row of every table."""
    import duckdb

    found: dict[str, object] = {"client": duckdb.__version__}
    connection = duckdb.connect(str(version / "credits.duckdb"), read_only=True)
    tables = connection.execute("select table_name from information_schema.tables where table_schema = 'marts'")
    for (name,) in tables.fetchall():
        cursor = connection.execute(f'select * from marts."{name}"')
        columns = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        credits = sum(row[columns.index("credits")] for row in rows) if "credits" in columns else None
        types = connection.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'marts' and table_name = ? order by ordinal_position",
            [name],
        ).fetchall()
        found[name] = {
            "columns": columns,
            "types": dict(types),
            "rows": len(rows),
            "credits": credits and str(credits),
            "values": digest_of(rows),
        }
    connection.close()
    return found


def digest_of(rows: list[tuple[object, ...]]) -> str:
    """A hash over every value of every row, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def through_files(version: Path) -> dict[str, object]:
    """Every file, by three readers."""
    import pandas
    import polars  # pyright: ignore[reportMissingImports]
    import pyarrow.dataset

    found: dict[str, object] = {}
    for path in sorted((version / "parquet").iterdir()):
        if path.is_dir():
            arrow = pyarrow.dataset.dataset(path, partitioning="hive").to_table()
            lazy = polars.scan_parquet(f"{path}/*/*.parquet", hive_partitioning=False).collect()
            frame = pandas.read_parquet(path, dtype_backend="pyarrow").drop(columns="month")
            arrow = arrow.drop_columns("month")
        else:
            arrow = pyarrow.dataset.dataset(path).to_table()
            lazy = polars.read_parquet(path)
            frame = pandas.read_parquet(path, dtype_backend="pyarrow")
        sums = None
        if "credits" in arrow.column_names:
            figures = (arrow["credits"].to_pylist(), lazy["credits"].to_list(), frame["credits"].tolist())
            sums = [str(sum((Decimal(str(figure)) for figure in column), Decimal(0))) for column in figures]
        found[path.name.removesuffix(".parquet")] = {
            "rows": [arrow.num_rows, lazy.height, len(frame)],
            "credits": sums,
            "values": [digest_of([tuple(row.values()) for row in arrow.to_pylist()]), digest_of(lazy.rows())],
            "pyarrow": {field.name: str(field.type) for field in arrow.schema},
            "polars": {name: str(kind) for name, kind in lazy.schema.items()},
            "pandas": {str(name): str(kind) for name, kind in frame.dtypes.items()},
        }
    return found


if __name__ == "__main__":
    ways = {"duckdb": through_duckdb, "files": through_files}
    print(json.dumps(ways[sys.argv[1]](Path(sys.argv[2]))))
