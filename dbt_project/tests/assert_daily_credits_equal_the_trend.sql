{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_trend_daily'}}}) }}

with daily as (
    select
        reporting_date,
        tenant_id,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('agg_credits_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_trend_dates')) }}
    group by reporting_date, tenant_id
),

trend as (
    select reporting_date, tenant_id, operations, credits, estimated_credits, read_credits, fallback_credits
    from {{ ref('agg_credits_trend_daily') }}
    where
        operations > 0
        {{ and_touched('reporting_date', ref('int_touched_trend_dates')) }}
)

{{ differences('daily', 'trend', ['reporting_date', 'tenant_id'], [
    'operations', 'credits', 'estimated_credits', 'read_credits', 'fallback_credits'
]) }}
