{{ config(meta={'dagster': {'ref': {'name': 'agg_cost_daily'}}}) }}

with daily as (
    select
        reporting_date,
        tenant_id,
        user_id,
        kind,
        sum(operations) as operations,
        sum(credits) as credits
    from {{ ref('agg_credits_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_cost_dates')) }}
    group by reporting_date, tenant_id, user_id, kind
),

charges as (
    select
        reporting_date,
        tenant_id,
        user_id,
        kind,
        sum(operations) as operations,
        sum(credits - adjustment_credits) as credits
    from {{ ref('agg_cost_daily') }}
    where
        operations > 0
        {{ and_touched('reporting_date', ref('int_touched_cost_dates')) }}
    group by reporting_date, tenant_id, user_id, kind
)

{{ differences('daily', 'charges', ['reporting_date', 'tenant_id', 'user_id', 'kind'], ['operations', 'credits']) }}
