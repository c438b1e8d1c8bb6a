{{ config(meta={'dagster': {'ref': {'name': 'mart_quota_consumption'}}}) }}

with consumption as (
    select * from {{ ref('mart_quota_consumption') }}
    where
        period = 'month'
        and kind is null
        and (tenant_id is null or user_id is null)
        -- A quota that ended within a month does not count after its end.
        and (is_current or last_day = {{ days_later('period_end', -1) }})
),

months as (
    select 'tenant' as scope, tenant_id as subject, month_start, credits
    from {{ ref('agg_credits_tenant_monthly') }}
    union all
    select 'user' as scope, user_id as subject, month_start, credits
    from {{ ref('agg_credits_user_monthly') }}
)

select
    consumption.quota_key,
    consumption.period_start,
    consumption.used_credits,
    months.credits
from consumption
left join months
    on
        consumption.scope = months.scope
        and coalesce(consumption.tenant_id, consumption.user_id) = months.subject
        and consumption.period_start = months.month_start
where consumption.used_credits <> coalesce(months.credits, 0)
