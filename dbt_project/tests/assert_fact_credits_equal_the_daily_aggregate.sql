{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_daily'}}}) }}

with fact as (
    select
        reporting_date,
        tenant_id,
        count(*) as operations,
        sum(credits) as credits,
        {{ credits_by_basis() }}
    from {{ ref('fct_credit_usage') }}
    {{ where_on_touched_dates(ref('int_touched_dates')) }}
    group by reporting_date, tenant_id
),

daily as (
    select
        reporting_date,
        tenant_id,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('agg_credits_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_dates')) }}
    group by reporting_date, tenant_id
)

{{ differences('fact', 'daily', ['reporting_date', 'tenant_id'], [
    'operations', 'credits', 'estimated_credits', 'read_credits', 'fallback_credits'
]) }}
