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

concerned as {{ computed_where_read() }} (
    select * from charges
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {%- elif not dimension_keys() -%}
    where 1 = 0
    {%- endif %}
),

{% for key in dimension_keys() or [none] -%}
of_key_{{ key or 'none' }} as (
    select
        reporting_date,
        tenant_id,
        '{{ key or '' }}' as dimension,
        {{ 'dimension_' ~ key if key else no_dimension() }} as dimension_value,
        currency,
        {{ summed_charges() }}
    from concerned
    group by reporting_date, tenant_id, {{ 'dimension_' ~ key ~ ', ' if key }}currency, list_currency
),

{% endfor -%}
by_dimension as (
    {% for key in dimension_keys() or [none] -%}
    select * from of_key_{{ key or 'none' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from by_dimension
