{{ config(meta={'dagster': {'ref': {'name': 'mart_usage_alerts'}}}) }}

-- Consecutive rolling periods share an alert, so only their quota is compared.
with quotas as (
    select
        quota_key,
        case when {{ is_rolling('period') }} then date '1900-01-01' else period_start end as period_start,
        case status when 'over' then 'quota_exceeded' else 'quota_warned' end as alert_type,
        1 as quotas
    from {{ ref('mart_quota_consumption') }}
    where
        used_credits > 0
        and (
            (status = 'warn' and is_current)
            or (status = 'over' and last_day > {{ days_later('as_of_date', -days_open()) }})
        )
    group by 1, 2, 3
),

of_quotas as (
    select alert_key, quota_key, period_start from {{ ref('int_quota_alerts') }}
    union all
    select alert_key, quota_key, date '1900-01-01' as period_start from {{ ref('int_rolling_quota_alerts') }}
),

alerts as (
    select
        of_quotas.quota_key,
        of_quotas.period_start,
        open_alerts.alert_type,
        1 as quotas
    from {{ ref('mart_usage_alerts') }} as open_alerts
    inner join of_quotas on open_alerts.alert_key = of_quotas.alert_key
    where open_alerts.is_open
    group by 1, 2, 3
)

{{ differences('quotas', 'alerts', ['quota_key', 'period_start', 'alert_type'], ['quotas']) }}
