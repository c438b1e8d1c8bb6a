"""A home that a test drives through whole runs in this process, and looks into."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.settings import Settings
from orchestration.pipeline import Landed, build, land_new_files, publish_version
from orchestration.publish.publishing import Publication

Row = Mapping[str, object]
Content = str | bytes | Sequence[Row]


@dataclass(frozen=True)
class Warehouse:
    """One home. Later tests use its path again, so that dbt need not parse the models each time."""

    settings: Settings

    @property
    def home(self) -> Path:
        return self.settings.home

    def empty(self) -> None:
        """Remove everything but what dbt has parsed."""
        home = self.settings.home
        for path in (self.settings.landing, self.settings.published, self.settings.quarantine, home / "alerts"):
            shutil.rmtree(path, ignore_errors=True)
        if self.settings.warehouse.exists():
            for path in self.settings.warehouse.iterdir():
                if path.name != "dbt":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        (self.settings.landing / "usage_records").mkdir(parents=True)

    def keep(self, copy: Path) -> None:
        """Copy the whole home, without dbt's parsed files, to where `restore` finds it."""
        shutil.copytree(self.home, copy, symlinks=True, ignore=shutil.ignore_patterns("dbt"))

    def restore(self, copy: Path) -> None:
        """Put back what was kept; modification times included, so that landing knows its files again."""
        self.empty()
        shutil.copytree(copy, self.home, symlinks=True, dirs_exist_ok=True)

    def deliver(self, name: str, content: Content) -> Path:
        """Put one file below landing/: text, bytes, or records as JSON Lines."""
        if not isinstance(content, (str, bytes)):
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        data = content if isinstance(content, bytes) else content.encode()
        path = self.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") and data[:2] != b"\x1f\x8b" else data)
        return path

    def usage(self, name: str, *rows: Row) -> Path:
        """Deliver a file of usage records; each lies on 1 March 2025 unless it says another time."""
        return self.deliver(f"usage_records/{name}", [{"createdAt": "2025-03-01T12:00:00Z", **row} for row in rows])

    def land(self, *, rebuild: bool = False) -> Landed:
        return land_new_files(self.settings, "a test's run", rebuild=rebuild)

    def build(self, *, check_all: bool = False) -> None:
        """Build and test the models; raises if one fails."""
        build(self.settings, check_all=check_all).raise_on_failure()

    def publish(self) -> Publication:
        return publish_version(self.settings)

    def run(self, *, rebuild: bool = False, check_all: bool = False) -> Publication:
        """What `credits run` does, without Dagster around it."""
        self.land(rebuild=rebuild)
        self.build(check_all=check_all)
        return self.publish()

    def table(self, name: str, columns: Sequence[str] = ("*",), where: str = "true") -> list[tuple[Any, ...]]:
        """Rows of a published table, sorted."""
        path = self.settings.published / "current" / "credits.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return fetched(connection, f"select {', '.join(columns)} from marts.{name} where {where}")

    def tables(self) -> list[str]:
        path = self.settings.published / "current" / "credits.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return [row[0] for row in rows]

    def inside(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the build database (the marts attached as `marts`), sorted. Read only."""
        with duckdb.connect(str(self.settings.build_database), read_only=True) as connection:
            connection.execute(f"attach '{self.settings.marts_database}' as marts (read_only)")
            return fetched(connection, query)

    def damage(self, *statements: str) -> None:
        """Change the build databases without the pipeline."""
        with duckdb.connect(str(self.settings.build_database)) as connection:
            connection.execute(f"attach '{self.settings.marts_database}' as marts")
            for statement in statements:
                connection.execute(statement)

    def published_bytes(self) -> dict[str, str]:
        """Where `current` points, and the hash of every file of every published version."""
        files = sorted(path for path in self.settings.published.rglob("*") if path.is_file() and not path.is_symlink())
        hashes = {
            path.relative_to(self.settings.published).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }
        return {"current": str((self.settings.published / "current").readlink()), **hashes}


def fetched(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query, in an order that hangs on their values alone."""
    return sorted(connection.execute(query).fetchall(), key=repr)
