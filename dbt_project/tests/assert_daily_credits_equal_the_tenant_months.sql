{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_tenant_monthly'}}}) }}

with daily as (
    select
        cast(date_trunc('month', reporting_date) as date) as month_start,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('agg_credits_daily') }}
    {{ where_in_touched_months('reporting_date', ref('int_touched_months'), 'month_start') }}
    group by month_start
),

monthly as (
    select
        month_start,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('agg_credits_tenant_monthly') }}
    {{ where_touched('month_start', ref('int_touched_months')) }}
    group by month_start
)

{{ differences('daily', 'monthly', ['month_start'], [
    'operations', 'credits', 'estimated_credits', 'read_credits', 'fallback_credits'
]) }}
