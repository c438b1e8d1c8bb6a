"""Free text of records shaped like real responses reaches nothing that the pipeline writes, broken lines included."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb

from ingest.settings import CHECKOUT
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.planted_secrets import MARKER, deliver_everything


def findings(*folders: Path) -> set[str]:
    """Files that hold the marker, in their bytes or in the rows that DuckDB reads from them."""
    found: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if MARKER.encode() in path.read_bytes():
            found.add(f"{path}: bytes")
        if path.suffix == ".parquet":
            with suppress(duckdb.InvalidInputException):  # one of the delivered files is no Parquet
                rows = duckdb.connect().execute(f"select * from read_parquet('{path}')").fetchall()
                found.update(f"{path}: rows" for _ in [1] if MARKER in repr(rows))
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = "select database_name, schema_name, table_name from duckdb_tables()"
                for names in connection.execute(tables).fetchall():
                    table = ".".join(f'"{name}"' for name in names)
                    if MARKER in repr(connection.execute(f"select * from {table}").fetchall()):
                        found.add(f"{path}: {table}")
    return found


def test_no_free_text_of_a_response_is_kept_or_logged(warehouse: Warehouse, tmp_path: Path) -> None:
    deliver_everything(warehouse)
    history = tmp_path / "dagster"
    history.mkdir()
    (history / "dagster.yaml").write_bytes((CHECKOUT / "dagster.yaml").read_bytes())
    said = ""
    for arguments in (["run"], ["status"], ["quarantine", "list", "--limit", "0"]):
        code, out, err = ended(started(warehouse, *arguments, DAGSTER_HOME=str(history)))
        assert code == 0, err
        said += out + err
    assert "published" in said
    assert MARKER not in said
    settings = warehouse.settings
    kept = (settings.warehouse, settings.published, settings.quarantine, history)
    assert all(any(path.is_file() for path in folder.rglob("*")) for folder in kept)
    assert findings(*kept) == set()
    # The secrets were there to be found, and the records around them were read.
    assert len(findings(settings.landing)) > 10
    resources = {row[0] for row in warehouse.table("fct_credit_usage", ("resource_id",))}
    assert {"tr-1", "doc-1", "task-1", "odd-status", "c0", "c1", "c2", "p0", "p1", "p2"} <= resources
