-- depends_on: {{ ref('int_touched_months') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='month_start',
    meta={'touched_by': 'int_touched_months'},
) }}

with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

{% if is_incremental() -%}
touched_months as (
    select * from {{ ref('int_touched_months') }}
),
{%- endif %}

{{ monthly_usage('daily', 'user_id') }}

select * from ranked
