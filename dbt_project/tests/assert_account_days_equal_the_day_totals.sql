{{ config(meta={'dagster': {'ref': {'name': 'int_account_days'}}}) }}

with totals as (
    select
        reporting_date,
        credits
    from {{ ref('int_day_totals') }}
    {{ where_touched('reporting_date', ref('int_touched_dates')) }}
),

accounts as (
    select
        reporting_date,
        sum(credits) as credits
    from {{ ref('int_account_days') }}
    {{ where_touched('reporting_date', ref('int_touched_dates')) }}
    group by reporting_date
)

{{ differences('totals', 'accounts', ['reporting_date'], ['credits']) }}
