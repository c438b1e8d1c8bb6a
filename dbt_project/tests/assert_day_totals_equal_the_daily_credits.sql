{{ config(meta={'dagster': {'ref': {'name': 'int_day_totals'}}}) }}

with daily as (
    select
        reporting_date,
        sum(credits) as credits,
        sum(case when user_id = {{ unmapped() }} or tenant_id = {{ unmapped() }} then credits else 0 end)
            as unmapped_credits,
        sum(operations) as operations
    from {{ ref('agg_credits_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_dates')) }}
    group by reporting_date
),

totals as (
    select
        reporting_date,
        credits,
        unmapped_credits,
        operations
    from {{ ref('int_day_totals') }}
    {{ where_touched('reporting_date', ref('int_touched_dates')) }}
)

{{ differences('daily', 'totals', ['reporting_date'], ['credits', 'unmapped_credits', 'operations']) }}
