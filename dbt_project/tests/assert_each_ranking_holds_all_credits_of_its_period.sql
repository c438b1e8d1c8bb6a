{{ config(meta={'dagster': {'ref': {'name': 'mart_user_ranking'}}}) }}

{% set periods = ['month', 'quarter', 'year'] -%}

with days as (
    select
        reporting_date,
        sum(credits) as credits
    from {{ ref('fct_credit_usage') }}
    group by reporting_date
),

entities as (
    select 'user' as entity_type
    union all
    select 'tenant' as entity_type
),

fact as (
    {% for period in periods -%}
    select
        '{{ period }}' as period,
        cast(date_trunc('{{ period }}', days.reporting_date) as date) as period_start,
        entities.entity_type,
        sum(days.credits) as credits
    from days
    cross join entities
    group by cast(date_trunc('{{ period }}', days.reporting_date) as date), entities.entity_type
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranking as (
    select
        period,
        period_start,
        entity_type,
        sum(credits) as credits
    from {{ ref('mart_user_ranking') }}
    group by period, period_start, entity_type
)

{{ differences('fact', 'ranking', ['period', 'period_start', 'entity_type'], ['credits']) }}
