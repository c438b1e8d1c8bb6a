"""dbt as an analyst runs it: the `dev` target, no Dagster, no pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.deprecations import reset_deprecations

from ingest.settings import CHECKOUT, Settings
from orchestration.commands import dev_copy

PROJECT = CHECKOUT / "dbt_project"


@dataclass(frozen=True)
class DevDatabases:
    """What `credits dev-copy` made, with the databases that dbt's environment names."""

    home: Path

    @property
    def build(self) -> Path:
        return self.home / "warehouse" / "build.duckdb"

    @property
    def marts(self) -> Path:
        return self.home / "warehouse" / "marts.duckdb"

    def dbt(self, *arguments: str) -> dict[str, str]:
        """Run dbt on them; the status of everything that it ran, by name."""
        outcome = run_dbt(self.home / "target", *arguments)
        if outcome.exception is not None:
            raise outcome.exception
        return {result.node.name: str(result.status) for result in getattr(outcome.result, "results", [])}

    def look(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the marts."""
        with self.opened(read_only=True) as connection:
            return connection.execute(query).fetchall()

    def inside(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the build database."""
        with duckdb.connect(str(self.build), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def changed(self, statement: str) -> None:
        """Change the build database without dbt."""
        with duckdb.connect(str(self.build)) as connection:
            connection.execute(statement)

    @contextmanager
    def opened(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """The marts' file, under a name that is not that of its schema."""
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.marts}' as dev {'(read_only)' if read_only else ''}")
            connection.execute("use dev")
            yield connection


@contextmanager
def dev_databases(home: Path, settings: Settings, *, from_published: bool) -> Iterator[DevDatabases]:
    """Make databases for dbt in a folder of the test's own, and name them to dbt for as long as the context lasts."""
    databases = DevDatabases(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dev_copy, "DEV", home)
        patch.setenv("CREDITS_DEV_DATABASE", str(databases.build))
        patch.setenv("CREDITS_DEV_MARTS", str(databases.marts))
        list(dev_copy.make_dev_databases(settings, from_published=from_published))
        yield databases


def run_dbt(target_path: Path, *arguments: str, project: Path = PROJECT) -> dbtRunnerResult:
    """One dbt command in this process, which reports only its own deprecations: dbt goes on counting from the last
    command.
    """
    reset_deprecations()
    where = ["--project-dir", str(project), "--profiles-dir", str(project)]
    paths = ["--target-path", str(target_path), "--log-path", str(target_path)]
    try:
        return dbtRunner().invoke(["--log-level", "none", "--log-level-file", "none", *arguments, *where, *paths])
    finally:
        DuckDBConnectionManager.close_all_connections()


def manifest_of(target_path: Path) -> Mapping[str, Any]:
    """dbt's manifest, as the last command on this target path left it."""
    return json.loads((target_path / "manifest.json").read_text(encoding="utf-8"))
