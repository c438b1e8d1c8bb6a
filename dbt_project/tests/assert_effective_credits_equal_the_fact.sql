{{ config(meta={'dagster': {'ref': {'name': 'fct_credit_usage'}}}) }}

with effective as (
    select
        usage_date,
        count(*) as operations,
        sum(counted_credits) as credits
    from {{ ref('int_usage_observations') }}
    where
        is_effective
        {{ and_touched('usage_date', ref('int_touched_operations')) }}
    group by usage_date
),

fact as (
    select
        usage_date,
        count(*) as operations,
        sum(case when credits_basis = 'reported' then credits else 0 end) as credits
    from {{ ref('fct_credit_usage') }}
    {{ where_touched('usage_date', ref('int_touched_operations')) }}
    group by usage_date
)

{{ differences('effective', 'fact', ['usage_date'], ['operations', 'credits']) }}
