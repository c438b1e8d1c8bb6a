{{ config(meta={'dagster': {'ref': {'name': 'mart_tenant_statement_lines'}}}) }}

with adjustments as (
    select
        month_start as usage_month,
        tenant_id,
        adjustment_id,
        sum(credits) as credits
    from {{ ref('int_adjustment_charges') }}
    where credits <> 0
    group by month_start, tenant_id, adjustment_id
),

statement_lines as (
    select
        usage_month,
        tenant_id,
        adjustment_id,
        sum(credits) as credits
    from {{ ref('mart_tenant_statement_lines') }}
    where adjustment_id is not null
    group by usage_month, tenant_id, adjustment_id
    -- A withdrawn adjustment is taken back to 0.
    having sum(credits) <> 0
)

{{ differences('adjustments', 'statement_lines', ['usage_month', 'tenant_id', 'adjustment_id'], ['credits']) }}
