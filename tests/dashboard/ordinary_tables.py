"""Published tables with names and ids as long as customers' are, quotas in every state, and usage on most days."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.dashboard_tables import make_tables
from ingest.settings import load_settings
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp

LAST = "2026-10-31"
_NAMES = """
    update marts.dim_tenants set tenant_name = (
        ['Northwind Clinic and Rehabilitation', 'Harbour Medical Group', 'Maple Family Practice', 'Juniper Care Home']
    )[1 + right(tenant_id, 4)::integer % 4] || case when right(tenant_id, 4)::integer < 4 then '' else ' II' end
"""
_QUOTAS = """
    create table marts.mart_quota_consumption as
    select
        'q' || n as quota_key, 'tenant' as scope, format('tenant-{:04d}', n) as tenant_id,
        null::varchar as user_id, null::varchar as kind, 'month' as period, date '2026-10-01' as period_start,
        date '2026-11-01' as period_end, true as is_current, date '2026-10-31' as as_of_date,
        1460::decimal(38, 9) as allowance_credits, 0.8::decimal(10, 9) as warn_at,
        ([1971.25, 1241, 64, 0])[n + 1]::decimal(38, 9) as used_credits,
        allowance_credits - used_credits as remaining_credits, used_credits / allowance_credits as used_share,
        used_credits / 31 as credits_per_day,
        case when n = 2 then 1500.5 else used_credits end::decimal(38, 9) as projected_credits,
        case when n < 2 then date '2026-10-23' end as projected_exhaustion_date,
        case when n = 1 then date '2026-10-22' end as exhaustion_date_low,
        case when n = 1 then date '2027-02-24' end as exhaustion_date_high,
        (['over', 'warn', 'ok', 'ok'])[n + 1] as status
    from range(4) as numbers(n)
"""


def write_ordinary_tables(database: Path, *statements: str, tenants: int = 6) -> None:
    """Tables of a few customers and 40 users in 395 days up to `LAST`, then changed by `statements`."""
    make_tables(database, tenants=tenants, users=40, days=395, operations=4_000)
    with duckdb.connect(str(database)) as connection:
        for statement in (_NAMES, _QUOTAS, *statements):
            connection.execute(statement)


def write_page(database: Path, tenant: str | None = None) -> Path:
    """The dashboard of a database, in the same folder."""
    target = database.with_name(f"{tenant or 'dashboard'}.html")
    target.write_bytes(make_dashboard(load_settings({}), database, VersionStamp("v", f"{LAST}T21:00:00+00:00"), tenant))
    return target
