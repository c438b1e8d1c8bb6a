{{ config(meta={'dagster': {'ref': {'name': 'mart_unreported_operations'}}}) }}

with fact as (
    select operation_key, 1 as operations
    from {{ ref('fct_credit_usage') }}
    where status = 'unreported'
),

listed as (
    select operation_key, 1 as operations
    from {{ ref('mart_unreported_operations') }}
)

{{ differences('fact', 'listed', ['operation_key'], ['operations']) }}
