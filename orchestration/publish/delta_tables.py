"""Delta tables over the Parquet files of a version: what is to be in a table, and the one commit that gets it there.

The files lie next to the log, named by their content, so nothing is copied or written again. deltalake is an optional
package, imported only when a table is opened.

A commit never tries again by itself: two publishers that each only add files would otherwise both land, and credits
would count twice. The decision on object storage and open tables has the reasons for each setting.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.error_lines import safe_line
from ingest.errors import PublishError, SettingsError
from orchestration.publish.file_statistics import statistics_of

if TYPE_CHECKING:
    import duckdb
    from deltalake import DeltaTable, Schema
    from deltalake.transaction import CommitProperties

APPLICATION = "credits-publish"
"""The name under which each commit notes the number of its publication."""
VERSION_KEY = "credits.version"
"""The member of a commit's metadata that names the version."""
_TRIES = 3
_PAUSE_SECONDS = 0.3
_CONFIGURATION = {"delta.logRetentionDuration": "interval 3650 days"}
_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "long",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
}
"""Delta's types. The files hold times without a zone: declared as `timestamp`, engines would shift them by hours."""


@dataclass(frozen=True)
class DeltaFile:
    """One Parquet file: its name by content, and where a copy of it is on this disk."""

    name: str
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Column:
    """A column with its DuckDB type and its comment."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class TableContent:
    """What a table holds in one version."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    files: tuple[DeltaFile, ...]


def require_deltalake(wanted_by: str) -> None:
    """Refuse a setting that needs deltalake if that is not installed.

    Raises:
        SettingsError: it is not installed; `wanted_by` is the setting with its value.
    """
    if importlib.util.find_spec("deltalake") is None:
        raise SettingsError(
            f"{wanted_by} needs deltalake, which is not installed: pip install 'credits-warehouse[delta]'."
        )


class OvertakenError(Exception):
    """Another publisher has committed to the table since it was opened; the message names that version."""


def name_by_content(sha256: str) -> str:
    """The name of a data file, in the folder of its table."""
    return f"{sha256[:32]}.parquet"


def contents_of(
    version: Path, tables: Mapping[str, Mapping[str, Any]], marts: duckdb.DuckDBPyConnection
) -> list[TableContent]:
    """The tables of a version, by name. `tables` is as in the manifest; `marts` has them, with comments, in a schema
    `marts`.
    """
    about_tables = dict(
        marts.execute(
            "select table_name, coalesce(comment, '') from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    )
    about_columns = {
        (table, column): comment
        for table, column, comment in marts.execute(
            "select table_name, column_name, coalesce(comment, '') from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    }
    return [
        TableContent(
            name,
            about_tables.get(name, ""),
            tuple(
                Column(column["name"], column["type"], about_columns.get((name, column["name"]), ""))
                for column in table["columns"]
            ),
            tuple(
                DeltaFile(name_by_content(file["sha256"]), version / file["path"], file["bytes"], file["sha256"])
                for file in table["files"]
            ),
        )
        for name, table in sorted(tables.items())
    ]


class OpenedTable:
    """A Delta table as it was when it was opened; `place` is a folder or a URL. It need not exist yet.

    Raises:
        PublishError: its log can't be read.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._table = _opened(place)

    @property
    def last_publication(self) -> int:
        """The number of the last publication that committed here; 0 if none has."""
        return (self._table.transaction_version(APPLICATION) or 0) if self._table else 0

    @property
    def files(self) -> frozenset[str]:
        """The names of its data files."""
        return _names(self._table) if self._table else frozenset()

    def commit(self, content: TableContent, version: str, publication: int) -> int:
        """Let the table hold this content, by one commit that names the version, or by none if it holds it already.
        Return the number of the Delta version that holds it.

        Raises:
            OvertakenError: another publisher has committed since the table was opened.
            PublishError: the commit can't be written.
        """
        if self._table is not None and _holds(self._table, content):
            return self._table.version()
        import deltalake.exceptions

        properties = _properties(version, publication)
        for tries_left in reversed(range(_TRIES)):
            try:
                self._write(content, properties)
                break
            except (deltalake.exceptions.DeltaError, OSError) as error:
                # A lost answer proves nothing, and a refusal may be meant for another one's try that came to nothing.
                # What counts is what the table holds.
                now = _opened(self._place)
                if now is not None and _holds(now, content):
                    self._table = now
                    return now.version()
                if now is not None and (self._table is None or now.version() != self._table.version()):
                    raise OvertakenError(last_version(now) or "another writer's") from None
                if not tries_left:
                    raise PublishError(
                        f"not published: the Delta table {self._place} can't be written "
                        f"({_said(self._place, error)}): run again."
                    ) from None
                time.sleep(_PAUSE_SECONDS)
        self._table = _opened(self._place)
        if self._table is None or not _holds(self._table, content):
            raise PublishError(
                f"not published: the Delta table {self._place} does not hold what was committed to it: remove its "
                "folder _delta_log, then run again."
            )
        return self._table.version()

    def _write(self, content: TableContent, properties: CommitProperties) -> None:
        from deltalake.transaction import RemoveAction, create_table_with_add_actions

        schema = _schema(content)
        if self._table is None:
            create_table_with_add_actions(
                self._place,
                schema,
                [_add(file) for file in content.files],
                mode="error",
                name=content.name,
                description=content.comment,
                configuration=_CONFIGURATION,
                commit_properties=properties,
            )
            return
        if _plain(self._table.schema()) != _plain(schema):
            # Other columns may need another protocol, which a write alone would not declare.
            create_table_with_add_actions(
                self._place,
                schema,
                [_add(file) for file in content.files],
                mode="overwrite",
                name=content.name,
                description=content.comment,
                configuration=_CONFIGURATION,
                commit_properties=properties,
            )
            return
        wanted = {file.name: file for file in content.files}
        held = _names(self._table)
        now = time.time_ns() // 1_000_000
        changes: list[Any] = [
            RemoveAction(name, True, now, partition_values={}) for name in sorted(held - wanted.keys())
        ]
        changes += [_add(file) for name, file in wanted.items() if name not in held]
        if changes:
            self._table.create_write_transaction(changes, "append", schema, commit_properties=properties)
        for name, comment in _other_comments(self._table, content):
            self._table.alter.set_column_metadata(name, {"comment": comment}, commit_properties=properties)


def last_version(table: DeltaTable) -> str | None:
    """The version that the newest commit names; None if it names none."""
    history = table.history(1)
    return history[0].get(VERSION_KEY) if history else None


def _opened(place: str) -> DeltaTable | None:
    import deltalake
    import deltalake.exceptions

    try:
        return deltalake.DeltaTable(place)
    except deltalake.exceptions.TableNotFoundError:
        return None
    except (deltalake.exceptions.DeltaError, OSError) as error:
        raise PublishError(
            f"not published: the Delta table {place} can't be read ({_said(place, error)}): run again; if that does "
            "not help, remove its folder _delta_log."
        ) from None


def _said(place: str, error: Exception) -> str:
    """What may be shown of an error: of a store's answer only its kind."""
    return type(error).__name__ if "://" in place else safe_line(error)


def _names(table: DeltaTable) -> frozenset[str]:
    return frozenset(uri.rsplit("/", 1)[-1] for uri in table.file_uris())


def _holds(table: DeltaTable, content: TableContent) -> bool:
    """Whether a table has exactly these files, columns and comments."""
    return (
        _names(table) == {file.name for file in content.files}
        and _plain(table.schema()) == _plain(_schema(content))
        and not _other_comments(table, content)
    )


def _plain(schema: Schema) -> list[tuple[str, str]]:
    return [(field.name, str(field.type)) for field in schema.fields]


def _other_comments(table: DeltaTable, content: TableContent) -> Sequence[tuple[str, str]]:
    """The columns whose comment is another one than in the table, with that comment."""
    known = {field.name: field.metadata.get("comment", "") for field in table.schema().fields}
    return [(column.name, column.comment) for column in content.columns if known.get(column.name) != column.comment]


def _schema(content: TableContent) -> Schema:
    from deltalake import Field, Schema
    from deltalake.schema import PrimitiveType

    return Schema(
        [
            Field(
                column.name,
                PrimitiveType(_TYPES.get(column.type) or column.type.lower().replace(" ", "")),
                nullable=True,
                metadata={"comment": column.comment},
            )
            for column in content.columns
        ]
    )


def _add(file: DeltaFile) -> Any:
    from deltalake.transaction import AddAction

    written_at = file.path.stat().st_mtime_ns // 1_000_000
    return AddAction(file.name, file.bytes, {}, written_at, True, statistics_of(file.path))


def _properties(version: str, publication: int) -> CommitProperties:
    from deltalake import CommitProperties, Transaction

    return CommitProperties(
        custom_metadata={VERSION_KEY: version},
        max_commit_retries=0,
        app_transactions=[Transaction(APPLICATION, publication)],
    )
