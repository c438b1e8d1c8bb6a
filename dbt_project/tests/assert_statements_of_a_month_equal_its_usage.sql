{{ config(meta={'dagster': {'ref': {'name': 'mart_tenant_statement_lines'}}}) }}

-- For every month and customer, open or closed, whatever came later: usage and its corrections, rated or unrated.
with daily as (
    select
        cast(date_trunc('month', reporting_date) as date) as usage_month,
        tenant_id,
        sum(operations) as operations,
        sum(credits) as credits
    from {{ ref('agg_credits_daily') }}
    {{ where_in_touched_months('reporting_date', ref('int_touched_statement_months'), 'usage_month') }}
    group by usage_month, tenant_id
),

statement_lines as (
    select
        usage_month,
        tenant_id,
        sum(operations) as operations,
        sum(credits) as credits
    from {{ ref('mart_tenant_statement_lines') }}
    where
        adjustment_id is null
        {{ and_touched('usage_month', ref('int_touched_statement_months')) }}
    group by usage_month, tenant_id
    -- Usage that moved away from a customer completely is taken back to 0.
    having sum(operations) <> 0 or sum(credits) <> 0
)

{{ differences('daily', 'statement_lines', ['usage_month', 'tenant_id'], ['operations', 'credits']) }}
