{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_dates'},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

concerned as (
    select *
    from fact
    {% if is_incremental() -%}
    where
        -- A zone is at most a day away from UTC: the dates that the fact is laid out by bound the scan.
        usage_date in (
            select {{ days_later('reporting_date', 'away') }}
            from touched_dates cross join (values (-1), (0), (1)) as days (away)
        )
        and reporting_date in (select reporting_date from touched_dates)
    {%- endif %}
),

by_day as (
    select
        reporting_date,
        tenant_id,
        user_id,
        kind,
        sum(credits) as credits,
        count(*) as operations,
        cast(coalesce(sum(credits) filter (where is_estimate), 0) as decimal(38, 9)) as estimated_credits
    from concerned
    group by reporting_date, tenant_id, user_id, kind
)

select * from by_day
