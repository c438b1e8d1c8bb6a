{{ config(meta={'dagster': {'ref': {'name': 'mart_unmapped_usage'}}}) }}

with fact as (
    select
        count(*) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('fct_credit_usage') }}
    where user_source = 'unmapped' or tenant_source = 'unmapped'
),

listed as (
    select
        coalesce(sum(operations), 0) as operations,
        coalesce(sum(credits), 0) as credits
    from {{ ref('mart_unmapped_usage') }}
)

select *
from fact cross join listed
where fact.operations <> listed.operations or fact.credits <> listed.credits
