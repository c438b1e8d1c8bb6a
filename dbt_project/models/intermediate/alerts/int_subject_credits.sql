-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_dates', 'made_whole_daily': true},
) }}

with daily as (
    select * from {{ ref('agg_credits_daily') }}
    {% if is_incremental() -%}
    where reporting_date in (select reporting_date from {{ ref('int_touched_dates') }})
    {%- endif %}
),

by_subject as (
    {% for scope in ['user', 'tenant'] -%}
    select
        '{{ scope }}' as scope,
        {{ scope }}_id as subject,
        reporting_date,
        cast(sum(credits) as decimal(38, 9)) as credits
    from daily
    where {{ scope }}_id <> {{ unmapped() }}
    group by {{ scope }}_id, reporting_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from by_subject
