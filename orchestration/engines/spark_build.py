"""One build on Spark: the session, the raw tables, and the tables that come back. dbt itself is run by the caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.errors import DamagedError
from ingest.landing.warehouse import make_marts_database, open_build_database
from ingest.settings import Settings
from ingest.sql_text import literal
from orchestration.engines.collecting import ModelTable, collect, table_of
from orchestration.engines.lake import Lake, lake_uri
from orchestration.engines.spark_session import Session, spark_session
from orchestration.run_log import LOGGER


@dataclass(frozen=True)
class LakeForBuild:
    """The lake of an open session, with the raw tables of all loads and the tables that stand."""

    settings: Settings
    spark: Session
    lake: Lake

    @property
    def uri(self) -> str:
        """The lake as a URI."""
        return self.lake.uri

    def hand_over(self, nodes: Iterable[Any]) -> None:
        """Collect the tables that a build without a fault has made; `nodes` are what dbt ran."""
        tables: list[ModelTable] = [
            table_of(node, self.settings.dimensions)
            for node in nodes
            if node.resource_type == "model" and node.config.materialized != "view"
        ]
        make_marts_database(self.settings)
        with open_build_database(self.settings) as connection:
            _attach(connection, self.settings)
            collect(self.spark, self.lake, self.settings, connection, tables)


@contextmanager
def lake_for_build(settings: Settings, *, full_refresh: bool) -> Iterator[LakeForBuild]:
    """A session with everything that the models read.

    Raises:
        EngineError: Spark cannot be used, or the lake is another home's.
        DamagedError: an increment lacks a table that the last build left.
    """
    uri = lake_uri(settings)
    with spark_session(settings, uri) as spark:
        lake = Lake(spark, uri)
        lake.claim(settings)
        if full_refresh:
            lake.forget_tables()
        standing = lake.show_tables()
        with open_build_database(settings) as connection:
            written = lake.show_raw(connection)
            if not full_refresh:
                _attach(connection, settings)
                _require(connection, standing)
        LOGGER.info("the lake %s has %d tables; %d files of raw rows were written", uri, len(standing), written)
        yield LakeForBuild(settings, spark, lake)


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute(f"attach {literal(settings.marts_database)} as marts")


def _require(connection: duckdb.DuckDBPyConnection, standing: frozenset[tuple[str, str]]) -> None:
    """Refuse an increment if a table of the last build is gone."""
    left = connection.execute(
        "select schema_name, view_name from duckdb_views() where database_name = 'build' "
        "and schema_name = 'intermediate' union all "
        "select schema_name, table_name from duckdb_tables() where database_name = 'marts'"
    ).fetchall()
    if gone := sorted(set(left) - standing):
        raise DamagedError(f"the lake has no table {'.'.join(gone[0])}, which the last build left")
