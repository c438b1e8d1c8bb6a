"""Published tables of a large invented organisation, made by DuckDB: only the tables that the dashboard reads."""

from __future__ import annotations

from pathlib import Path

import duckdb

_KINDS = "['stream', 'transcript', 'document', 'guided_document', 'facts', 'codes', 'agent_task', 'transcribe']"


def make_tables(database: Path, *, tenants: int, users: int, days: int, operations: int) -> None:
    """A database with schema `marts`; users differ in their weight, and every twentieth tenant has a quota."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        for statement in _statements(tenants, users, days, operations):
            connection.execute(statement)


def _statements(tenants: int, users: int, days: int, operations: int) -> list[str]:
    at = f"timestamp '2026-10-31 12:00:00' - to_days((hash(i, 'd') % {days})::integer)"
    # The square of an even number between 0 and 1: few users have most of the operations.
    user = f"(({users} - 1) * pow((hash(i, 'u') % 1000000) / 1000000.0, 2))::integer"
    return [
        f"""
        create table marts.fct_credit_usage as
        select
            lpad(i::varchar, 32, '0') as operation_key,
            ({_KINDS})[1 + (hash(i, 'k') % 3 + u % 6)::integer % 8] as kind,
            format('{{:08x}}-0000-4000-8000-{{:012x}}', i // 4, i // 4) as interaction_id,
            format('user-{{:06d}}-{{:08x}}', u, (hash(u) % 4294967296)::bigint) as user_id,
            format('tenant-{{:04d}}', u % {tenants}) as tenant_id,
            ((hash(i, 'c') % 4000000) / 1e6)::decimal(18, 9) as credits,
            case when i % 997 = 0 then 'unreported' else 'final' end as status,
            {at} as occurred_at, ({at})::date as usage_date, ({at})::date as reporting_date
        from (select i, {user} as u from range({operations}) as numbers(i))
        order by usage_date
        """,
        """
        create table marts.agg_credits_daily as
        select reporting_date, tenant_id, user_id, kind, sum(credits)::decimal(38, 9) as credits,
            count(*) as operations, (sum(credits) filter (where hash(user_id) % 50 = 0))::decimal(38, 9) as e
        from marts.fct_credit_usage group by all order by reporting_date
        """,
        "alter table marts.agg_credits_daily add column estimated_credits decimal(38, 9)",
        "update marts.agg_credits_daily set estimated_credits = coalesce(e, 0)",
        "alter table marts.agg_credits_daily drop column e",
        """
        create table marts.agg_cost_daily as
        select
            reporting_date, tenant_id, user_id, kind, case when is_eur then 'EUR' else 'USD' end as currency, credits,
            operations, (credits * case when is_eur then 0.9137 else 1.02 end)::decimal(38, 21) as amount,
            0::decimal(38, 9) as adjustment_credits, 0::decimal(38, 9) as unrated_credits,
            0::decimal(38, 9) as derived_credits, 'USD' as list_currency, credits::decimal(38, 18) as list_amount
        from (select *, hash(tenant_id) % 2 = 0 as is_eur from marts.agg_credits_daily)
        """,
        """
        create table marts.agg_credits_by_interaction as
        select interaction_id, min(user_id) as user_id, min(tenant_id) as tenant_id, min(usage_date) as usage_date,
            sum(credits)::decimal(38, 9) as credits, count(*) as operations
        from marts.fct_credit_usage group by interaction_id
        """,
        """
        create table marts.dim_interactions as
        select interaction_id, min(occurred_at) as first_used_at, max(occurred_at) as last_used_at
        from marts.fct_credit_usage group by interaction_id
        """,
        """
        create table marts.dim_users as
        select user_id, min(tenant_id) as tenant_id, 'Dr. ' || user_id as display_name,
            timestamp '1900-01-01' as valid_from, null::timestamp as valid_to, true as is_current
        from marts.agg_credits_daily group by user_id
        """,
        """
        create table marts.dim_tenants as
        select distinct tenant_id, 'Clinic of ' || tenant_id as tenant_name, 'UTC' as timezone,
            timestamp '1900-01-01' as valid_from, null::timestamp as valid_to, true as is_current
        from marts.agg_credits_daily
        """,
        """
        create table marts.mart_unreported_operations as
        select operation_key, kind, interaction_id, user_id, tenant_id, occurred_at
        from marts.fct_credit_usage where status = 'unreported'
        """,
        "create table marts.mart_load_audit as select 1000000::bigint as lines, 1234::bigint as rejected_lines",
    ]
