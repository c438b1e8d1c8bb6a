"""Resources whose cost is not final: what pulls should look up, from the published version and from the lists of pulls.

The published version is never locked, so a pull does not wait for a run. Resources that were listed after it was built
may have landed since, so they wait for the next version.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingest.contract.datasets import CORTI_INTERACTIONS, CORTI_RESOURCES
from ingest.contract.landing_listing import ready_files
from ingest.contract.landing_writer import made_at
from ingest.corti.reading_back import Candidate
from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.settings import Settings
from ingest.sql_text import path_as_text
from orchestration.published_version import current_manifest, current_version
from orchestration.version_tables import attach_tables

_UNSPECIFIED = "unspecified"
_LISTED = {
    "resources": "{environment: 'VARCHAR', cortiTenant: 'VARCHAR', interactionId: 'VARCHAR', kind: 'VARCHAR', "
    "resourceId: 'VARCHAR', createdAt: 'VARCHAR'}",
    "interactions": "{environment: 'VARCHAR', cortiTenant: 'VARCHAR', interactionId: 'VARCHAR', createdAt: 'VARCHAR'}",
}
_UNSETTLED = """
    select
        -- of a response that was logged as it came, only a transcript's can be provisional
        case kind when $unspecified then 'transcript' else kind end,
        interaction_id, resource_id, environment, corti_tenant, null as created_at,
        case kind when $unspecified then kind end as recorded_kind
    from published.marts.fct_credit_usage
    where
        (
            (status in ('provisional', 'unreported') and kind in ('transcript', 'document'))
            or (status = 'provisional' and kind = $unspecified)
        )
        and interaction_id is not null
        and resource_id is not null
        and occurred_at >= $since
"""
_MISSING = """
    with listed as (
        select
            kind,
            interactionId as interaction_id,
            resourceId as resource_id,
            environment,
            cortiTenant as corti_tenant,
            max(createdAt) as created_at
        from resources
        where kind in ('transcript', 'document') and interactionId is not null
        group by all
    ),

    begun as (
        select interactionId as interaction_id, environment, cortiTenant as corti_tenant, min(createdAt) as created_at
        from interactions group by all
    )

    select listed.kind, listed.interaction_id, listed.resource_id, listed.environment, listed.corti_tenant,
        coalesce(listed.created_at, begun.created_at), null as recorded_kind
    from listed
    left join begun
        on
            listed.interaction_id = begun.interaction_id
            and listed.environment is not distinct from begun.environment
            and listed.corti_tenant is not distinct from begun.corti_tenant
    where not exists (
        select 1 from published.marts.fct_credit_usage as fact
        where
            -- a response that was logged as it came names no kind: read again as one, it would count twice
            fact.kind in (listed.kind, $unspecified)
            and fact.resource_id = listed.resource_id
            and coalesce(fact.environment, listed.environment) is not distinct from listed.environment
            and coalesce(fact.corti_tenant, listed.corti_tenant) is not distinct from listed.corti_tenant
    )
    and not exists (
        select 1 from published.marts.fct_credit_usage as fact
        where
            -- a figure that names only its interaction may be of any resource in it
            fact.kind in (listed.kind, $unspecified)
            and fact.interaction_id = listed.interaction_id
            and fact.resource_id is null
            and fact.credits > 0
    )
"""


def open_costs(settings: Settings, lookback_days: int) -> list[Candidate]:
    """Transcripts and documents of the lookback that are provisional or unreported, or that no record covers; none
    while nothing is published.

    Raises:
        CreditsError: the published version or a file below landing/ can't be read.
    """
    manifest = current_manifest(settings)
    version = current_version(settings)
    if manifest is None or version is None:
        return []
    since = datetime.now(UTC) - timedelta(days=lookback_days)
    built = datetime.fromisoformat(manifest["built_at"])
    try:
        with _with_published(settings, version, str(manifest["database"])) as connection:
            rows = connection.execute(
                _UNSETTLED, {"since": since.replace(tzinfo=None), "unspecified": _UNSPECIFIED}
            ).fetchall()
            _show(connection, "resources", settings.landing, CORTI_RESOURCES, since, built)
            _show(connection, "interactions", settings.landing, CORTI_INTERACTIONS, since, datetime.now(UTC))
            rows += connection.execute(_MISSING, {"unspecified": _UNSPECIFIED}).fetchall()
    except duckdb.Error as error:
        raise CreditsError(_unreadable(settings, error)) from None
    return [Candidate(*row) for row in rows]


def covered(settings: Settings, interaction: str, resources: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The resources of interactions, as kind and id, that an operation of the published version covers or may cover. An
    operation that names only the interaction may be about any of its resources.

    Raises:
        CreditsError: the published version can't be read.
    """
    manifest = current_manifest(settings)
    version = current_version(settings)
    if manifest is None or version is None:
        return set()
    try:
        with _with_published(settings, version, str(manifest["database"])) as connection:
            rows = connection.execute(
                """
                select distinct kind, resource_id from published.marts.fct_credit_usage
                where
                    resource_id in (select unnest($ids))
                    or (interaction_id = $interaction and resource_id is null and credits > 0)
                """,
                {"ids": [identity for _, identity in resources], "interaction": interaction},
            ).fetchall()
    except duckdb.Error as error:
        raise CreditsError(_unreadable(settings, error)) from None
    known = {(kind, identity) for kind, identity in rows}
    return {
        (kind, identity)
        for kind, identity in resources
        if not known.isdisjoint((word, named) for word in (kind, _UNSPECIFIED) for named in (identity, None))
    }


def _with_published(settings: Settings, version: Path, database: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads})
    attach_tables(connection, version / database, "published")
    return connection


def _show(
    connection: duckdb.DuckDBPyConnection, name: str, landing: Path, dataset: str, since: datetime, until: datetime
) -> None:
    """Make a table of what pulls have listed, from files that were begun since one time and complete before another."""
    paths = [
        path_as_text(file.absolute)
        for file in ready_files(landing, dataset)
        if file.path.endswith(".jsonl")
        and (made_at(file.absolute) or since) >= since
        and file.modified_ns <= until.timestamp() * 1e9
    ]
    empty = _LISTED[name].replace("'VARCHAR'", "null::varchar")
    source = (
        f"read_json($paths, format = 'newline_delimited', ignore_errors = true, columns = {_LISTED[name]})"
        if paths
        else f"(select unnest({empty})) where false"
    )
    connection.execute(f"create table {name} as select * from {source}", {"paths": paths} if paths else {})


def _unreadable(settings: Settings, error: duckdb.Error) -> str:
    return f"{settings.published / 'current'} can't be read ({safe_line(error)}): run `credits rebuild`."
