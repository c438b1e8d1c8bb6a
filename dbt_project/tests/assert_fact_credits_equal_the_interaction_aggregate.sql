{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_by_interaction'}}}) }}

with fact as (
    select
        'all' as everything,
        count(*) as operations,
        coalesce(sum(credits), 0) as credits,
        {{ credits_by_basis() }}
    from {{ ref('fct_credit_usage') }}
),

by_interaction as (
    select
        'all' as everything,
        coalesce(sum(operations), 0) as operations,
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(estimated_credits), 0) as estimated_credits,
        coalesce(sum(read_credits), 0) as read_credits,
        coalesce(sum(fallback_credits), 0) as fallback_credits
    from {{ ref('agg_credits_by_interaction') }}
)

{{ differences('fact', 'by_interaction', ['everything'], [
    'operations', 'credits', 'estimated_credits', 'read_credits', 'fallback_credits'
]) }}
