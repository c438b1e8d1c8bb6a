-- depends_on: {{ ref('int_touched_cost_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_cost_dates'},
) }}

with charges as (
    select * from {{ ref('fct_credit_charges') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_cost_dates') }}
),
{%- endif %}

concerned as (
    select * from charges
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {%- endif %}
),

by_day as (
    select
        reporting_date,
        tenant_id,
        user_id,
        kind,
        currency,
        {{ summed_charges() }}
    from concerned
    group by reporting_date, tenant_id, user_id, kind, currency, list_currency
)

select * from by_day
