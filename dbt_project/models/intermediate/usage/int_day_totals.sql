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
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(
            coalesce(sum(case when user_source = 'unmapped' or tenant_source = 'unmapped' then credits end), 0)
            as decimal(38, 9)
        ) as unmapped_credits,
        count(*) as operations,
        count(case when status = 'unreported' then 1 end) as unreported_operations
    from fact
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {% endif -%}
    group by reporting_date
)

select * from by_day
