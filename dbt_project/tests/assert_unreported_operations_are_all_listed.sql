{{ config(meta={'dagster': {'ref': {'name': 'mart_unreported_operations'}}}) }}

with fact as (
    select count(*) as operations from {{ ref('fct_credit_usage') }} where status = 'unreported'
),

listed as (
    select count(*) as operations from {{ ref('mart_unreported_operations') }}
)

select * from fact cross join listed where fact.operations <> listed.operations
