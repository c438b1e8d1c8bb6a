with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

as_of as (
    select
        (select max(reporting_date) from daily) as as_of_date,
        (select max(occurred_at) from fact) as as_of_at
)

select * from as_of
