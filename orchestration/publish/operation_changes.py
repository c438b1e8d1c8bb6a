"""Adds to `mart_operation_changes` what differs between the published version and the one that is being made.

The published version is the only place that has the state before: the warehouse is a cache, and can be made again at any
time. So the fact's Parquet files of both versions are compared, and only those that differ. It follows that a run that
was stopped neither loses a change nor doubles one, and that the cost depends on the days that changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from ingest.error_lines import safe_line
from ingest.sql_text import literal, path_as_text, quoted
from orchestration.publish.parquet_export import PublishedFile
from orchestration.run_log import LOGGER

CHANGES = "mart_operation_changes"
FACT = "fct_credit_usage"

_TABLE = f"marts.marts.{CHANGES}"
_COMPARED = (
    *("operation_key", "user_id", "tenant_id", "credits", "status", "credits_basis", "user_source", "tenant_source"),
    *("interaction_id", "occurred_at", "observations"),
)
"""The columns of the fact that say what has changed, and why."""


def add_changes(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    models: str,
    partial: Path,
    fact: Sequence[PublishedFile],
    previous: tuple[Path, Mapping[str, Any]] | None,
) -> None:
    """Let the table hold the changes of all versions up to this one. `connection` has the build database, and the
    marts' one as `marts`. `partial` is the folder of the version, and `fact` has the fact's files in it. `previous` is
    the folder and the manifest of the published version.

    Raises:
        duckdb.Error: the table, or a file of this version, can't be read or written.
    """
    if previous is None:
        connection.execute(f"delete from {_TABLE}")
        return
    folder, manifest = previous
    try:
        _keep_history(connection, folder, manifest["tables"].get(CHANGES))
        _read_before(connection, folder, manifest["tables"][FACT], {file.sha256 for file in fact})
    except duckdb.IOException as error:
        LOGGER.warning("the changes since %s are not known: %s", manifest["version"], safe_line(error))
        return
    known = {file["sha256"] for file in manifest["tables"][FACT]["files"]}
    written = [partial / file.path for file in fact if file.sha256 not in known]
    after = _rows_of(written) if written else f"(from marts.marts.{FACT} where false)"
    connection.execute(f"create or replace temp table operations_after as select {', '.join(_COMPARED)} from {after}")
    connection.execute(_ADDED, {"version": version, "has_other_models": manifest["models"] != models})
    connection.execute("drop table operations_before")
    connection.execute("drop table operations_after")


def _keep_history(
    connection: duckdb.DuckDBPyConnection, folder: Path, published: Mapping[str, Any] | None
) -> None:
    """Let the table hold the published changes and no others: it may be new, or have those of a version that was never
    switched in.
    """
    files = [folder / file["path"] for file in published["files"]] if published else []
    history = _rows_of(files) if files else f"(from {_TABLE} where false)"
    told = "select count(*), max(version) from {}"
    if connection.execute(told.format(_TABLE)).fetchone() == connection.execute(told.format(history)).fetchone():
        return
    connection.execute("begin")
    try:
        connection.execute(f"delete from {_TABLE}")
        connection.execute(f"insert into {_TABLE} by name from {history}")
        connection.execute("commit")
    except duckdb.Error:
        connection.execute("rollback")
        raise


def _read_before(
    connection: duckdb.DuckDBPyConnection, folder: Path, published: Mapping[str, Any], standing: set[str]
) -> None:
    files = [folder / file["path"] for file in published["files"] if file["sha256"] not in standing]
    rows = _rows_of(files) if files else f"(from marts.marts.{FACT} where false)"
    # An earlier release may have published fewer columns.
    has = {column["name"] for column in published["columns"]}
    columns = ", ".join(name if name in has else f"null as {name}" for name in _COMPARED)
    connection.execute(f"create or replace temp table operations_before as select {columns} from {rows}")


def _rows_of(files: Sequence[Path]) -> str:
    listed = ", ".join(literal(path_as_text(file)) for file in files)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def _both(column: str) -> str:
    return f"before.{column} as {quoted(f'{column}_before')}, after.{column} as {quoted(f'{column}_after')}"


_ADDED = f"""
insert into {_TABLE} by name
with compared as (
    select
        coalesce(after.operation_key, before.operation_key) as operation_key,
        before.operation_key is null as is_new,
        after.operation_key is null as is_gone,
        {", ".join(map(_both, _COMPARED[1:5]))},
        (before.user_id, before.tenant_id) is distinct from (after.user_id, after.tenant_id) as has_other_owner,
        before.user_id is distinct from after.user_id as has_other_user,
        before.tenant_id is distinct from after.tenant_id as has_other_tenant,
        before.credits is distinct from after.credits as has_other_credits,
        before.status is distinct from after.status as has_other_status,
        before.observations is distinct from after.observations as has_new_record,
        (before.interaction_id, before.occurred_at) is distinct from (after.interaction_id, after.occurred_at)
            as has_other_place,
        'reported' not in (before.credits_basis, after.credits_basis) as is_priced_by_tokens,
        after.user_source as user_source,
        after.tenant_source as tenant_source,
        'corti' in (before.user_source, after.user_source) as is_assigned_by_corti
    from temp.operations_before as before
    full join temp.operations_after as after on before.operation_key = after.operation_key
),

changed as (
    select * from compared where has_other_owner or has_other_credits or has_other_status
),

verdicts as (
    select replace(operation_key::varchar, '-', '') as operation_key, verdict
    from intermediate.int_usage_observations
    where
        is_effective
        and observations > 1
        and usage_date in (
            select occurred_at::date
            from temp.operations_after
            where operation_key in (select operation_key from changed where has_new_record and not is_new)
        )
),

explained as (
    select
        changed.*,
        case
            when not (has_other_credits or has_other_status) then null
            when has_new_record and verdict = 'duplicate' then 'a duplicate of higher rank arrived'
            when has_new_record and verdict = 'conflict' then 'a record with the same id and other content arrived'
            when has_new_record then 'a correction arrived'
            when is_priced_by_tokens then 'a token price list changed the credits'
            when $has_other_models then 'the rules of the models changed'
            else 'the tables were made again'
        end as why_other_figures,
        case
            when not has_other_owner then null
            when has_new_record and (
                has_other_place
                or (has_other_user and user_source = 'record')
                or (has_other_tenant and tenant_source = 'record')
            ) then 'a record changed the owner'
            when has_other_user and is_assigned_by_corti then 'Corti assigned the interaction to another user'
            when $has_other_models and 'record' = all (array[user_source, tenant_source])
                then 'the rules of the models changed'
            else 'a mapping export changed the owner'
        end as why_other_owner
    from changed
    left join verdicts on changed.operation_key = verdicts.operation_key
)

select
    $version as version,
    left($version, 10)::date as changed_on,
    operation_key,
    case
        when is_new then 'new'
        when is_gone then 'gone'
        else concat_ws(
            ', ',
            case when has_other_owner then 'owner' end,
            case when has_other_credits then 'credits' end,
            case when has_other_status then 'status' end
        )
    end as changed,
    {", ".join(f"{column}_{when}" for column in _COMPARED[1:5] for when in ("before", "after"))},
    case
        when is_new then 'the first record of the operation arrived'
        when is_gone then 'no record of the operation is left'
        else concat_ws('; ', why_other_figures, nullif(why_other_owner, coalesce(why_other_figures, '')))
    end as why
from explained
order by operation_key
"""
