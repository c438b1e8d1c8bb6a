{{ config(meta={'dagster': {'ref': {'name': 'mart_unreported_operations'}}}) }}

with fact as (
    select operation_key, 1 as operations
    from {{ ref('fct_credit_usage') }}
    where
        status = 'unreported'
        {{ and_touched('usage_date', ref('int_touched_operations')) }}
        {{ and_touched('operation_key', ref('int_touched_operations')) }}
),

listed as (
    select operation_key, 1 as operations
    from {{ ref('mart_unreported_operations') }}
    {{ where_touched('operation_key', ref('int_touched_operations')) }}
)

{{ differences('fact', 'listed', ['operation_key'], ['operations']) }}
