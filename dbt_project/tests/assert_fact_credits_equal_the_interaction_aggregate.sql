{{ config(meta={'dagster': {'ref': {'name': 'agg_credits_by_interaction'}}}) }}

with fact as (
    select
        'all' as everything,
        count(*) as operations,
        sum(credits) as credits
    from {{ ref('fct_credit_usage') }}
),

by_interaction as (
    select
        'all' as everything,
        sum(operations) as operations,
        sum(credits) as credits
    from {{ ref('agg_credits_by_interaction') }}
)

select *
from fact
inner join by_interaction on fact.everything = by_interaction.everything
where
    coalesce(fact.operations, 0) <> coalesce(by_interaction.operations, 0)
    or coalesce(fact.credits, 0) <> coalesce(by_interaction.credits, 0)
