{{ config(meta={'dagster': {'ref': {'name': 'mart_unmapped_usage'}}}) }}

with fact as (
    select
        'all' as everything,
        count(*) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('fct_credit_usage') }}
    where user_source = 'unmapped' or tenant_source = 'unmapped'
),

listed as (
    select
        'all' as everything,
        coalesce(sum(operations), 0) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('mart_unmapped_usage') }}
)

{{ differences('fact', 'listed', ['everything'], ['operations', 'credits']) }}
