"""Publishes a version: checks it, writes it next to the current one, then switches it in. Does not use Dagster."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingest.error_lines import access_fault, safe_line, storage_fault
from ingest.errors import PublishError
from ingest.landing.ledger import ledger_differences
from ingest.landing.left_out_files import refused_to_open
from ingest.landing.publications import last_published_models, last_published_version, pending_loads
from ingest.landing.raw_tables import raw_definition
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.dashboard.design import fingerprint
from orchestration.dashboard.page_data import VersionStamp
from orchestration.documentation.making import add_documentation
from orchestration.freshness import SOURCES, Freshness, read_freshness
from orchestration.models.build_notes import is_audited, models_of_tables, whole_checks_at
from orchestration.publish.balances import Totals, check_totals
from orchestration.publish.current_until import has_changed, next_change
from orchestration.publish.delta_folder import commit_to_folder, remove_unneeded_files
from orchestration.publish.delta_tables import contents_of
from orchestration.publish.elsewhere import is_to_be_sent
from orchestration.publish.held_listing import note_held_listing
from orchestration.publish.loss_guard import refuse_loss, refuse_loss_elsewhere
from orchestration.publish.parquet_export import MONTHLY_TABLES, PublishedFile, export_months, export_table
from orchestration.publish.settling import record_version
from orchestration.publish.version_database import counted, write_database
from orchestration.publish.version_files import write_dashboard, write_manifest
from orchestration.publish.version_folders import version_folder, written_beside
from orchestration.publish.version_store import version_store
from orchestration.published_version import current_manifest, current_version, holds_its_database, lacks_delta

DATABASE = "credits.duckdb"


@dataclass(frozen=True)
class Publication:
    """The version that readers see now; `months_written` is empty if it already contained everything. `is_sent` says
    that such a version was sent to a bucket that lacked it.
    """

    version: str
    path: Path
    totals: Totals
    months_written: tuple[str, ...]
    tables: int
    is_sent: bool = False

    def freshness(self) -> Freshness:
        """How old its usage is, and which sources are silent."""
        with duckdb.connect(str(self.path / DATABASE), read_only=True) as marts:
            return read_freshness(marts, {SOURCES})


def publish(settings: Settings, models: str) -> Publication:
    """Check the marts against the ledger, write a version of them, and make it the current one.

    `models` is the fingerprint of the models that built them. If the current version is already the same, it stays, so
    that runs without changes do not remove earlier versions.

    Raises:
        PublishError: a check failed or a file could not be written; the current version is untouched.
    """
    store = version_store(settings)
    with open_build_database(settings) as connection:
        _attach_marts(connection, settings)
        _refuse_unaudited(connection, models)
        totals = check_totals(connection)
        previous = current_manifest(settings)
        refuse_loss(previous, totals)
        refuse_loss_elsewhere(store.published_manifest(), totals, str(settings.publish_to))
        says = {
            "models": models,
            "inputs": _listing(connection),
            "current_until": next_change(connection),
            "left_out": _left_out(connection),
            "refused_to_open": refused_to_open(connection),
            "raw_tables": raw_definition(),
            "dashboard_design": fingerprint(),
            "fact_months": settings.published_fact_months,
            "totals": totals.as_json(),
        }
        follows = previous is not None and previous["version"] == last_published_version(connection)
        is_said = previous is not None and follows and not pending_loads(connection) and _says(previous, says)
        is_said = is_said and not lacks_delta(settings, previous)
        if previous and is_said and holds_its_database(version_folder(settings, str(previous["version"])), previous):
            name = str(previous["version"])
            if is_sent := store.lacks(name):
                store.send(name)
            note_held_listing(settings, name, _listing(connection))
            return Publication(name, version_folder(settings, name), totals, (), len(previous["tables"]), is_sent)
        version = store.new_version()
        try:
            with written_beside(settings, version) as partial:
                # After a rollback the touched months are not all that differ from the current version, and other models
                # may have other columns for the same rows.
                carries = previous is not None and follows and previous["models"] == models
                carried = current_version(settings) if carries else None
                checked = whole_checks_at(connection)
                checked_at = checked.isoformat(timespec="seconds") if checked else None
                whole_checks = previous is not None and previous.get("whole_checks_at") != checked_at
                files, months = _write_parquet(connection, partial, carried, whole_checks)
                described = _described(connection, files)
                connection.execute("checkpoint marts")
                connection.execute("detach marts")
                operations_from = write_database(settings, partial / DATABASE, described)
                made = VersionStamp(version, datetime.now(UTC).isoformat(timespec="seconds"))
                pages = {
                    "dashboard": write_dashboard(settings, partial, settings.marts_database, made, files),
                    "documentation": add_documentation(settings, partial),
                }
                moments = {"built_at": made.built_at, "whole_checks_at": checked_at}
                manifest = {"version": version, **moments, **says, "database": DATABASE}
                manifest["operations_from"] = operations_from and operations_from.isoformat()
                manifest["database_bytes"] = (partial / DATABASE).stat().st_size
                delta = _commit_delta(settings, partial, version, described) if settings.publish_delta else {}
                write_manifest(partial, manifest | pages | delta | {"tables": described})
                store.switch_to(partial, version, models)
        except (OSError, duckdb.Error) as error:
            reason = (
                storage_fault(error, settings.published)
                or access_fault(error)
                or f"{safe_line(error)}: look at {settings.published}, then run again"
            )
            raise PublishError(f"not published: {reason}; the last published version stays.") from None
        record_version(connection, version, models)
    store.remove_old_versions()
    remove_unneeded_files(settings)
    return Publication(version, version_folder(settings, version), totals, months, len(described))


def holds_all(settings: Settings, models: str) -> bool:
    """Whether the current version contains everything in the build database, made by these models and this release, so
    that no build can change it. If it does, the listing of the last landing is noted as contained.
    """
    version, folder = current_manifest(settings), current_version(settings)
    if version is None or folder is None or has_changed(version.get("current_until")):
        return False
    if not holds_its_database(folder, version) or lacks_delta(settings, version):
        return False
    if is_to_be_sent(settings, str(version["version"])):
        return False
    with open_build_database(settings) as connection:
        now = {
            "version": last_published_version(connection),
            "models": models,
            "left_out": _left_out(connection),
            "refused_to_open": refused_to_open(connection),
            "raw_tables": raw_definition(),
            "dashboard_design": fingerprint(),
            "fact_months": settings.published_fact_months,
        }
        is_built = {last_published_models(connection), models_of_tables(connection)} == {models}
        is_published = is_built and is_audited(connection, models) and not pending_loads(connection)
        holds = is_published and _says(version, now)
        if holds:
            note_held_listing(settings, str(version["version"]), _listing(connection))
        return holds


def _says(manifest: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether a manifest already says this; another listing with the same content makes no other version."""
    return manifest == {**manifest, **now, "inputs": manifest.get("inputs")}


def _commit_delta(
    settings: Settings, partial: Path, version: str, described: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    """Let the Delta tables on this disk hold the version; the manifest's entry for them. They are ahead of what readers
    see until the version is switched in; if it never is, the next version takes them on.
    """
    with duckdb.connect(str(partial / DATABASE), read_only=True) as marts:
        contents = contents_of(partial, described, marts)
    return {"delta": commit_to_folder(settings, contents, version)}


def _refuse_unaudited(connection: duckdb.DuckDBPyConnection, models: str) -> None:
    if wrong := ledger_differences(connection):
        raise PublishError(
            f"not published: the raw tables differ from the ledger for {', '.join(wrong[:3])}"
            f"{' and others' if len(wrong) > 3 else ''}; run `credits rebuild`."
        )
    if not is_audited(connection, models):
        raise PublishError(
            "not published: the models were not built, or failed a check, since the last load; run `credits run`."
        )


def _listing(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = connection.execute("select listing from raw.landing_state").fetchone()
    return row[0] if row else None


def _left_out(connection: duckdb.DuckDBPyConnection) -> str:
    """A hash over what is left out and why; the listing alone does not show which exports are set aside."""
    rows = connection.execute("select path, kind, reason from raw.unread_files order by path").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _attach_marts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute(f"attach {literal(settings.marts_database)} as marts")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'marts' and schema_name = 'marts' order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, partial: Path, carried: Path | None, whole_checks: bool
) -> tuple[dict[str, list[PublishedFile]], tuple[str, ...]]:
    files: dict[str, list[PublishedFile]] = {}
    written: set[date] = set()
    for table in _tables(connection):
        if table in MONTHLY_TABLES:
            files[table], months = export_months(connection, table, partial, carried, whole_checks=whole_checks)
            written |= months
        else:
            files[table] = [export_table(connection, table, partial)]
    return files, tuple(f"{month:%Y-%m}" for month in sorted(written))


def _described(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[PublishedFile]]
) -> dict[str, dict[str, object]]:
    """The manifest's entry for each table.

    Raises:
        PublishError: the Parquet files of a table do not hold its rows.
    """
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'marts' and schema_name = 'marts' order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append((name, kind))
    rows_of = {name: f"marts.marts.{quoted(name)}" for name in files}
    found = counted(connection, rows_of, {name: "credits" in dict(columns[name]) for name in files})
    for table, (rows, _) in found.items():
        if sum(file.rows for file in files[table]) != rows:
            raise PublishError(f"not published: the Parquet files of {table} do not hold its {rows} rows; run again.")
    return {
        table: {
            "rows": rows,
            "credits": credits,
            "columns": [{"name": name, "type": kind} for name, kind in columns[table]],
            "files": [file.as_json() for file in files[table]],
        }
        for table, (rows, credits) in found.items()
    }
