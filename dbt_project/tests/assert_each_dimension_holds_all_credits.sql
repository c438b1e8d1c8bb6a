{{ config(meta={'dagster': {'ref': {'name': 'agg_cost_by_dimension'}}}) }}

with dimensions as (
    {% for key in dimension_keys() or [''] -%}
    select '{{ key }}' as dimension
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

daily as (
    select
        paid.reporting_date,
        paid.currency,
        dimensions.dimension,
        sum(paid.credits) as credits,
        sum(paid.amount) as amount
    from {{ ref('agg_cost_daily') }} as paid
    cross join dimensions
    where
        dimensions.dimension <> ''
        {{ and_touched('reporting_date', ref('int_touched_cost_dates')) }}
    group by paid.reporting_date, paid.currency, dimensions.dimension
),

by_dimension as (
    select
        reporting_date,
        currency,
        dimension,
        sum(credits) as credits,
        sum(amount) as amount
    from {{ ref('agg_cost_by_dimension') }}
    {{ where_touched('reporting_date', ref('int_touched_cost_dates')) }}
    group by reporting_date, currency, dimension
)

{{ differences('daily', 'by_dimension', ['reporting_date', 'currency', 'dimension'], ['credits', 'amount']) }}
