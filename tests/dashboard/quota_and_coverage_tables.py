"""Statements that add quotas and Corti's own view to a copy of the published tables."""

from __future__ import annotations

QUOTAS = """
    create or replace table marts.mart_quota_consumption as
    select * from (values
        ('q1', 'tenant', 't-script', null, null, 'month', date '2026-08-01', date '2026-09-01', true, 500, 0.8, 450.5,
            49.5, 0.901, 20.25, 512.25, date '2026-08-30', date '2026-08-29', date '2026-08-31', 'warn'),
        ('q2', 'tenant', 't-out', null, 'stream', 'year', date '2026-01-01', date '2027-01-01', true, 1000, 0.8, 1200,
            -200, 1.2, 30, 4000, null, null, null, 'over'),
        ('q3', 'user', null, 'u-02', null, 'day', date '2026-08-27', date '2026-08-28', true, 100, 0.9, 1.25, 98.75,
            0.0125, 1, 1.25, null, null, null, 'ok'),
        ('q4', 'tenant', 't-script', null, null, 'month', date '2026-07-01', date '2026-08-01', false, 500, 0.8, 400,
            100, 0.8, null, null, null, null, null, 'warn'),
        ('q5', 'tenant', 't-long', null, 'letter', 'month', date '2026-08-01', date '2026-09-01', true, 460, 0.8, 270.67,
            189.33, 0.588, 60, 800.94, date '2026-08-30', date '2026-08-29', date '2026-09-12', 'ok'),
        ('q6', 'tenant', 't-turned', null, 'letter', 'month', date '2026-08-01', date '2026-09-01', true, 300, 0.8, 100,
            200, 0.333, 20, 180, date '2026-09-06', date '2026-08-31', date '2026-10-01', 'ok'),
        ('q7', 'tenant', '<b>t-bold</b>', null, 'letter', 'month', date '2026-08-01', date '2026-09-01', true, 300, 0.8,
            90, 210, 0.3, 2, 98, date '2026-12-10', date '2026-11-10', null, 'ok')
    ) as quotas (quota_key, scope, tenant_id, user_id, kind, period, period_start, period_end, is_current,
        allowance_credits, warn_at, used_credits, remaining_credits, used_share, credits_per_day, projected_credits,
        projected_exhaustion_date, exhaustion_date_low, exhaustion_date_high, status)
"""
TYPES = """
    create or replace table marts.mart_quota_consumption as
    select * replace (
            allowance_credits::decimal(38, 9) as allowance_credits, used_credits::decimal(38, 9) as used_credits,
            warn_at::decimal(10, 9) as warn_at, projected_credits::decimal(38, 9) as projected_credits,
            remaining_credits::decimal(38, 9) as remaining_credits, used_share::decimal(38, 9) as used_share
        ), date '2026-08-27' as as_of_date
    from marts.mart_quota_consumption
"""
COVERAGE = """
    insert into marts.mart_capture_coverage by name
    select date '2026-08-03' + n::integer as date_day, kind, 'eu' as environment, 'acme' as corti_tenant,
        case when n = 5 then 'failed' else 'complete' end as pull_outcome,
        20 + n as created_at_corti, 17 + n as captured, 2 as missing, 1 as filled_by_read, 0 as not_listable,
        null as coverage_share
    from range(10) as days(n) cross join (values ('document'), ('transcript')) as kinds(kind)
"""
MISSING = """
    insert into marts.mart_missing_captures by name
    select 'eu' as environment, 'acme' as corti_tenant, 'document' as kind, 'i' || n as interaction_id,
        'm' || n as resource_id, timestamp '2026-08-03 10:00:00' + to_days((n % 10)::integer) as created_at,
        case when n % 3 = 0 then 'u-00' else 'u-77' end as user_id,
        case when n % 2 = 0 then 't-script' else 't-out' end as tenant_id, 9 as age_days
    from range(40) as numbers(n)
"""
WINDOWS = """
    insert into marts.mart_provider_reconciliation by name
    select
        window_from, window_to, null as user_id, 't-long' as tenant_id, null as corti_tenant, null as environment,
        1 as provider_credits, 1 as our_credits, 0 as difference, 0 as difference_share, 1 as operations,
        'matched' as status
    from (values
        (timestamp '2026-07-10', timestamp '2026-07-11'), (timestamp '2026-08-20', timestamp '2026-10-01')
    ) as windows (window_from, window_to)
"""
