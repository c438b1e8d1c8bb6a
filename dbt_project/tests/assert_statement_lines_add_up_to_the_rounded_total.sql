{{ config(meta={'dagster': {'ref': {'name': 'mart_tenant_statements'}}}) }}

{% set key = ['month_start', 'tenant_id', 'currency'] %}

with rounded_totals as (
    select
        month_start,
        tenant_id,
        currency,
        {{ half_up('sum(exact_amount)', 'max(currency_decimals)') }} as amount,
        sum(credits) as credits
    from {{ ref('mart_tenant_statement_lines') }}
    group by month_start, tenant_id, currency
),

statement_lines as (
    select
        month_start,
        tenant_id,
        currency,
        sum(amount) as amount,
        sum(credits) as credits
    from {{ ref('mart_tenant_statement_lines') }}
    group by month_start, tenant_id, currency
),

statements as (
    select
        month_start,
        tenant_id,
        currency,
        amount,
        credits + adjustment_credits + correction_credits as credits
    from {{ ref('mart_tenant_statements') }}
),

lines_off as (
    {{ differences('rounded_totals', 'statement_lines', key, ['amount', 'credits']) }}
),

statements_off as (
    {{ differences('statement_lines', 'statements', key, ['amount', 'credits']) }}
)

select month_start, tenant_id, currency from lines_off
union all
select month_start, tenant_id, currency from statements_off
