-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_dates'},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),
{%- endif %}

by_day as (
    select
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        cast(sum(credits) as decimal(38, 9)) as credits
    from fact
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {% endif -%}
    group by reporting_date, usage_date, environment, corti_tenant
)

select * from by_day
