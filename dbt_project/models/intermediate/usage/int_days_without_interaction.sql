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

by_day as (
    select
        reporting_date,
        min(user_id) as least_user_id,
        max(user_id) as greatest_user_id,
        min(tenant_id) as least_tenant_id,
        max(tenant_id) as greatest_tenant_id,
        min(usage_date) as first_usage_date,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
        cast(sum(credits) as decimal(38, 9)) as credits,
        count(*) as operations,
        {{ credits_by_basis() }}
    from fact
    where
        coalesce(interaction_id, {{ no_interaction() }}) = {{ no_interaction() }}
        {% if is_incremental() -%}
        and {{ lies_on_dates_of('touched_dates') }}
        {%- endif %}
    group by reporting_date
)

select * from by_day
