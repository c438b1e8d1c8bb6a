with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

as_of as (
    select max(reporting_date) as as_of_date from daily
)

select * from as_of
