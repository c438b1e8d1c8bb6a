{{ config(meta={'dagster': {'ref': {'name': 'mart_usage_alerts'}}}) }}

with quotas as (
    select
        coalesce(tenant_id, '') as tenant_id,
        coalesce(user_id, '') as user_id,
        coalesce(kind, '') as kind,
        period_start,
        case status when 'over' then 'quota_exceeded' else 'quota_warned' end as alert_type,
        count(*) as quotas
    from {{ ref('mart_quota_consumption') }}
    where
        used_credits > 0
        and (
            (status = 'warn' and is_current)
            or (status = 'over' and last_day > {{ days_later('as_of_date', -days_open()) }})
        )
    group by tenant_id, user_id, kind, period_start, alert_type
),

alerts as (
    select
        coalesce(tenant_id, '') as tenant_id,
        coalesce(user_id, '') as user_id,
        coalesce(kind, '') as kind,
        period_start,
        alert_type,
        count(*) as quotas
    from {{ ref('mart_usage_alerts') }}
    where is_open and alert_type in ('quota_warned', 'quota_exceeded')
    group by tenant_id, user_id, kind, period_start, alert_type
)

{{ differences(
    'quotas', 'alerts', ['tenant_id', 'user_id', 'kind', 'period_start', 'alert_type'], ['quotas']
) }}
