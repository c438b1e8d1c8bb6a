"""The same work in one hand-written DuckDB session: the cost of a pipeline without any framework, ledger or checks.

Reads the same files, gives each record its verdict, keeps one fact per operation, attributes it, aggregates it and
writes the database and the Parquet files. Prints its CPU-seconds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from bench.bare_landing import COLUMNS

_KEY = """md5(concat_ws('|', coalesce(environment, ''), coalesce(cortiTenant, ''), kind,
    coalesce(resourceId, operationId, recordId)))::uuid"""

_STEPS = f"""
create table observations as
with keyed as (select *, {_KEY} as operation_key, coalesce(createdAt, capturedAt) as happened_at from raw)
select
    *,
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
from keyed;

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


def main(landing: Path, out: Path) -> None:
    """Do the job for `landing` into a new folder."""
    out.mkdir(parents=True)
    begun = time.process_time()
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "4GB",
        "temp_directory": str(out / "spill"),
        "storage_compatibility_version": "v1.0.0",
    }
    with duckdb.connect(str(out / "credits.duckdb"), config=config) as connection:
        connection.execute("set TimeZone = 'UTC'")
        capture = f"{landing}/usage_records/capture/**/*"
        connection.execute(
            f"""
            create table raw as
            select * replace (coalesce(kind, 'unspecified') as kind)
            from read_json(['{capture}.jsonl', '{capture}.jsonl.gz'], format = 'newline_delimited',
                columns = {{{columns}}})
            """
        )
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
        for table in ("fact", "daily"):
            connection.execute(
                f"copy (select *, strftime(reporting_date, '%Y-%m') as month from {table}) to '{out / table}' "
                "(format parquet, compression zstd, partition_by (month))"
            )
        rows = connection.execute("select count(*), sum(creditsConsumed)::double from fact").fetchone()
    print(json.dumps({"cpu": time.process_time() - begun, "rows": rows[0] if rows else 0}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
