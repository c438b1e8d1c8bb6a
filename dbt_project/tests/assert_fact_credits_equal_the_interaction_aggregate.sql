{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_by_interaction'}}}) }}

with fact as (
    select
        'all' as everything,
        count(*) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('fct_credit_usage') }}
),

by_interaction as (
    select
        'all' as everything,
        coalesce(sum(operations), 0) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('agg_credits_by_interaction') }}
)

{{ differences('fact', 'by_interaction', ['everything'], ['operations', 'credits']) }}
