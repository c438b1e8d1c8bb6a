{{ config(meta={'dagster': {'ref': {'name': 'agg_cost_daily'}}}) }}

with statement_charges as (
    select reporting_date, tenant_id, currency, credits, exact_amount
    from {{ ref('int_charges') }}
    {{ where_touched('reporting_date', ref('int_touched_cost_dates')) }}
    union all
    select reporting_date, tenant_id, currency, credits, exact_amount
    from {{ ref('int_adjustment_charges') }}
    {{ where_touched('reporting_date', ref('int_touched_cost_dates')) }}
),

billed as (
    select
        reporting_date,
        tenant_id,
        currency,
        sum(credits) as credits,
        sum(exact_amount) as amount
    from statement_charges
    group by reporting_date, tenant_id, currency
),

charges as (
    select
        reporting_date,
        tenant_id,
        currency,
        sum(credits) as credits,
        sum(amount) as amount
    from {{ ref('agg_cost_daily') }}
    {{ where_touched('reporting_date', ref('int_touched_cost_dates')) }}
    group by reporting_date, tenant_id, currency
)

{{ differences('billed', 'charges', ['reporting_date', 'tenant_id', 'currency'], ['credits', 'amount']) }}
