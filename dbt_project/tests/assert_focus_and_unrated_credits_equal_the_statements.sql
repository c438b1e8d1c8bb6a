{{ config(meta={'dagster': {'ref': {'name': 'focus_cost_and_usage'}}}) }}

-- Exported credits of usage and adjustments, plus credits withheld because they have no rate, equal those of the
-- statements.
-- The standard uses this spelling of columns.
-- noqa: disable=CP02
with exported as (
    select
        cast(BillingPeriodStart as date) as month_start,
        coalesce(SubAccountId, {{ unmapped() }}) as tenant_id,
        BillingCurrency as currency,
        sum(PricingQuantity) as credits,
        sum(EffectiveCost) as exact_amount,
        sum(x_Operations) as operations
    from {{ ref('focus_cost_and_usage') }}
    where x_PurchaseId is null
    group by cast(BillingPeriodStart as date), coalesce(SubAccountId, {{ unmapped() }}), BillingCurrency
),

stated as (
    select
        month_start,
        tenant_id,
        currency,
        sum(credits) as credits,
        sum(exact_amount) as exact_amount,
        sum(operations) as operations
    from {{ ref('mart_tenant_statement_lines') }}
    where rate_status = 'rated'
    group by month_start, tenant_id, currency
)

select
    coalesce(exported.month_start, stated.month_start) as month_start,
    coalesce(exported.tenant_id, stated.tenant_id) as tenant_id,
    coalesce(exported.currency, stated.currency) as currency,
    exported.credits as exported_credits,
    stated.credits as stated_credits
from exported
full outer join stated
    on
        exported.month_start = stated.month_start
        and exported.tenant_id = stated.tenant_id
        and exported.currency = stated.currency
where
    coalesce(exported.credits, 0) <> coalesce(stated.credits, 0)
    or coalesce(exported.exact_amount, 0) <> coalesce(stated.exact_amount, 0)
    or coalesce(exported.operations, 0) <> coalesce(stated.operations, 0)
