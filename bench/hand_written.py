"""The same work in one hand-written DuckDB session: the cost of a pipeline without any framework, ledger or checks.

Reads all the same files, gives each record its verdict, keeps one fact per operation, attributes it, aggregates it and
writes the database and the Parquet files, month by month. Prints its CPU-seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import duckdb

from bench.bare_landing import COLUMNS

_KEY = """md5(concat_ws('|', coalesce(environment, ''), coalesce(cortiTenant, ''), kind,
    coalesce(resourceId, operationId, recordId, uuid()::varchar)))::uuid"""

_CANONICAL = ("capture", "batch", "late", "lifecycle")
"""Folders whose JSON Lines all have the contract's names."""
_OTHER_NAMES = {"resourceId": ("id",), "creditsConsumed": ("credits", "usageInfo.creditsConsumed")}
_MONTHLY = ("fact", "daily")

# Only keys with several rows need windows; all other rows are their operation.
_STEPS = f"""
create table keyed as
select *, {_KEY} as operation_key, coalesce(createdAt, capturedAt) as happened_at from raw
where coalesce(createdAt, capturedAt) is not null and (creditsConsumed >= 0 or status = 'unreported');
drop table raw;

create table crowded as select operation_key from keyed group by operation_key having count(*) > 1;

create table compared as
select
    keyed.*,
    row_number() over (
        partition by operation_key
        order by
            case status when 'provisional' then 2 when 'estimate' then 3 when 'unreported' then 4 else 1 end,
            capturedAt desc, creditsConsumed desc, recordId
    ) as rank_in_operation,
    case
        when row_number() over (partition by recordId, creditsConsumed, status, capturedAt order by happened_at) > 1
            then 'duplicate'
        when row_number() over (partition by operation_key order by happened_at) = 1 then 'new'
        else 'correction'
    end as verdict,
    min(happened_at) over (partition by operation_key) as occurred_at,
    count(*) over (partition by operation_key) as observations
from keyed semi join crowded using (operation_key);

create view observations as
select * from compared
union all by name
select *, 1 as rank_in_operation, 'new' as verdict, happened_at as occurred_at, 1 as observations
from keyed anti join crowded using (operation_key);

create table owners as
select interactionId, arg_max(userId, createdAt) as userId, arg_max(tenantId, createdAt) as tenantId
from interactions group by interactionId;

create table fact as
with owned as (
    select observations.* exclude (userId, tenantId),
        coalesce(observations.userId, owners.userId) as user_id,
        coalesce(observations.tenantId, owners.tenantId) as stated_tenant_id
    from observations left join owners on observations.interactionId = owners.interactionId
    where rank_in_operation = 1
),
tenanted as (
    select owned.*, coalesce(stated_tenant_id, users.tenantId, '(unmapped)') as tenant_id
    from owned left join users on stated_tenant_id is null and users.userId = user_id
        and occurred_at >= users.valid_from and occurred_at < users.valid_to
)
select tenanted.* exclude (user_id), coalesce(user_id, '(unmapped)') as user_id, occurred_at::date as usage_date,
    (occurred_at at time zone 'UTC' at time zone coalesce(tenants.timezone, 'UTC'))::date as reporting_date
from tenanted left join tenants on tenants.tenantId = tenant_id;

create table daily as
select reporting_date, tenant_id, user_id, kind, sum(creditsConsumed) as credits, count(*) as operations
from fact group by all;

create table by_interaction as
select coalesce(interactionId, '(none)') as interaction_id, min(user_id) as user_id, min(tenant_id) as tenant_id,
    min(usage_date) as usage_date, sum(creditsConsumed) as credits, count(*) as operations
from fact group by 1;

create table interactions_used as
select coalesce(interactionId, '(none)') as interaction_id, min(user_id) as user_id, min(tenant_id) as tenant_id,
    min(occurred_at) as first_used_at, max(occurred_at) as last_used_at
from fact group by 1;

create table user_monthly as
select date_trunc('month', reporting_date) as month, user_id, sum(credits) as credits, sum(operations) as operations
from daily group by all;

create table tenant_monthly as
select date_trunc('month', reporting_date) as month, tenant_id, sum(credits) as credits, sum(operations) as operations
from daily group by all;

create table trend as
select reporting_date, tenant_id, sum(credits) as credits,
    sum(sum(credits)) over (partition by tenant_id order by reporting_date rows 27 preceding) as trailing
from daily group by 1, 2;
"""


def _interactions(path: Path) -> str:
    if path.suffix == ".parquet":
        return f"select interactionId, userId, tenantId, createdAt::varchar as createdAt from read_parquet('{path}')"
    if ".csv" in path.name:
        return f"select * from read_csv('{path}', all_varchar = true)"
    columns = "{interactionId: 'VARCHAR', userId: 'VARCHAR', tenantId: 'VARCHAR', createdAt: 'VARCHAR'}"
    return f"select * from read_json('{path}', format = 'newline_delimited', columns = {columns})"


def _read_usage(connection: duckdb.DuckDBPyConnection, usage: Path) -> None:
    """Read all usage records: those under the contract's names typed, those under others as texts."""
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    canonical = [str(path) for folder in _CANONICAL for path in (usage / folder).rglob("*.jsonl*")]
    connection.execute(
        f"""
        create table raw as
        select * from read_json(?, format = 'newline_delimited', columns = {{{columns}}}, ignore_errors = true)
        """,
        [canonical],
    )
    for path in sorted(usage.rglob("*")):
        if path.is_file() and path.relative_to(usage).parts[0] not in _CANONICAL:
            _read_other(connection, path)
    connection.execute("update raw set kind = 'unspecified' where kind is null")


def _read_other(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    if ".parquet" in path.name:
        source = "read_parquet(?)"
    elif ".csv" in path.name:
        source = "read_csv(?, all_varchar = true, header = true, ignore_errors = true)"
    else:
        source = "read_json(?, format = 'newline_delimited', ignore_errors = true, sample_size = -1)"
    found = connection.execute(f"describe select * from {source}", [str(path)]).fetchall()
    types = {row[0].replace("_", "").lower(): (row[0], row[1]) for row in found}
    picked = []
    for name, kind in COLUMNS.items():
        ways = [_way(types, candidate) for candidate in (name, *_OTHER_NAMES.get(name, ()))]
        text = f"coalesce({', '.join(filter(None, ways))}, null)" if any(ways) else "null"
        picked.append(f"try_cast({text} as {kind}) as {name}")
    connection.execute(f"insert into raw by name select {', '.join(picked)} from {source}", [str(path)])


def _way(types: Mapping[str, tuple[str, str]], name: str) -> str | None:
    """The SQL of a field's text; None if the file does not have the field."""
    first, _, inner = name.partition(".")
    if first.replace("_", "").lower() not in types:
        return None
    column, kind = types[first.replace("_", "").lower()]
    if not inner:
        return f'"{column}"::varchar'
    return f'"{column}".{inner}::varchar' if kind.startswith("STRUCT") and inner in kind else None


def main(landing: Path, out: Path) -> None:
    """Do the job for `landing` into a new folder."""
    out.mkdir(parents=True)
    begun = time.process_time()
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "4GB",
        "temp_directory": str(out / "spill"),
        "storage_compatibility_version": "v1.0.0",
    }
    with duckdb.connect(str(out / "credits.duckdb"), config=config) as connection:
        connection.execute("set TimeZone = 'UTC'")
        _read_usage(connection, landing / "usage_records")
        texts = "interactionId varchar, userId varchar, tenantId varchar, createdAt varchar"
        connection.execute(f"create table interactions ({texts})")
        for path in sorted((landing / "mappings/interactions").iterdir()):
            connection.execute(f"insert into interactions by name {_interactions(path)}")
        newest = sorted((landing / "mappings/users").glob("users-2*.csv"))[-1]
        connection.execute(
            f"""
            create table users as select userId, tenantId, timestamp '1900-01-01' as valid_from,
                timestamp '9999-01-01' as valid_to from read_csv('{newest}', all_varchar = true)
            """
        )
        newest = sorted((landing / "mappings/tenants").glob("tenants-2*.csv"))[-1]
        connection.execute(f"create table tenants as select * from read_csv('{newest}', all_varchar = true)")
        connection.execute(_STEPS)
        connection.execute("checkpoint")
        for table in ("by_interaction", "interactions_used", "user_monthly", "tenant_monthly", "trend"):
            connection.execute(f"copy {table} to '{out / table}.parquet' (format parquet, compression zstd)")
        for table in _MONTHLY:
            months = f"select distinct date_trunc('month', reporting_date)::date from {table}"
            for (month,) in connection.execute(months).fetchall():
                target = out / table / f"month={month:%Y-%m}"
                target.mkdir(parents=True)
                connection.execute(
                    f"copy (select * from {table} where date_trunc('month', reporting_date) = $month) "
                    f"to '{target}/data.parquet' (format parquet, compression zstd)",
                    {"month": month},
                )
        rows = connection.execute("select count(*), sum(creditsConsumed)::double from fact").fetchone()
    print(json.dumps({"cpu": time.process_time() - begun, "rows": rows[0] if rows else 0}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
