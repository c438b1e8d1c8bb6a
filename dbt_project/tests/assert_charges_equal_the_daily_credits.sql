{{ config(meta={'dagster': {'ref': {'name': 'int_charges'}}}) }}

with daily as (
    select
        reporting_date,
        tenant_id,
        kind,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('agg_credits_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_charge_dates')) }}
    group by reporting_date, tenant_id, kind
),

charges as (
    select
        reporting_date,
        tenant_id,
        kind,
        sum(operations) as operations,
        sum(credits) as credits,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from {{ ref('int_charges') }}
    {{ where_touched('reporting_date', ref('int_touched_charge_dates')) }}
    group by reporting_date, tenant_id, kind
)

{{ differences('daily', 'charges', ['reporting_date', 'tenant_id', 'kind'], [
    'operations', 'credits', 'estimated_credits', 'read_credits', 'fallback_credits'
]) }}
