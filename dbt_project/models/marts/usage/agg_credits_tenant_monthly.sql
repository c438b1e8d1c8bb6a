{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='month_start',
    meta={'touched_by': 'int_touched_months'},
) }}

with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

touched_months as (
    select * from {{ ref('int_touched_months') }}
),

{{ monthly_usage('daily', 'tenant_id') }}

select * from ranked
