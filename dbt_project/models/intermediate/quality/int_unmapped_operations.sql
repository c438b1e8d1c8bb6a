-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_dates', 'made_whole_daily': true},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),
{%- endif %}

unmapped as (
    select
        operation_key,
        reporting_date,
        interaction_id,
        kind,
        user_id,
        user_source,
        tenant_source,
        credits,
        is_estimate,
        source,
        occurred_at
    from fact
    where
        (user_source = 'unmapped' or tenant_source = 'unmapped')
        {% if is_incremental() -%}
        and {{ lies_on_dates_of('touched_dates') }}
        {%- endif %}
)

select * from unmapped
