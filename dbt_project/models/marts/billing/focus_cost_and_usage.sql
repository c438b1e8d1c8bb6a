-- depends_on: {{ ref('int_touched_statements') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='BillingPeriodStart',
    meta={'touched_by': 'int_touched_statements', 'touched_key': 'statement_month', 'made_whole_daily': true},
) }}

-- The standard uses this spelling of columns.
-- noqa: disable=CP02
with {% if is_incremental() -%}
touched_statements as (
    select * from {{ ref('int_touched_statements') }}
),

{% endif -%}
statement_charges as (
    select * from {{ ref('int_statement_charges') }}
    {% if is_incremental() -%}
    where statement_month in (select statement_month from touched_statements)
    {%- endif %}
),

purchase_charges as (
    select * from {{ ref('int_purchase_charges') }}
    {% if is_incremental() -%}
    where statement_month in (select statement_month from touched_statements)
    {%- endif %}
),

prepaid_days as (
    select * from {{ ref('int_prepaid_days') }}
),

partly_prepaid_charges as (
    select * from {{ ref('int_partly_prepaid_charges') }}
),

lines as (
    select * from {{ ref('mart_tenant_statement_lines') }}
    {% if is_incremental() -%}
    where month_start in (select statement_month from touched_statements)
    {%- endif %}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

charges as (
    {{ charges_and_purchases('statement_charges', 'purchase_charges', 'prepaid_days', 'partly_prepaid_charges') }}
),

days_of_use as (
    select distinct tenant_id, ends_on from charges where purchase_id is null
),

names as (
    {{ names_when_it_ended('days_of_use') }}
),

-- Costs may not be null, and 0 would be wrong, so charges without a rate are withheld.
rated as (
    select
        charges.*,
        charges.purchase_id is not null as is_purchase, charges.line_type = 'correction' as is_correction,
        charges.tenant_id <> {{ unmapped() }} as is_mapped,
        names.tenant_name,
        lines.line_key as statement_line_key,
        lines.corrects_line_key,
        coalesce('Corti ' || charges.kind || ' credits', charges.reason) as charged_for,
        coalesce(charges.kind, case when charges.purchase_id is not null then 'credits' end) as sku
    from charges
    left join lines on charges.line_key = lines.line_key
    left join names on charges.tenant_id = names.tenant_id and charges.ends_on = names.ends_on
    where charges.price_per_credit is not null
)

select
    -- What purchases have paid for is not billed again.
    cast((credits - prepaid_credits) * price_per_credit as decimal(38, 21)) as BilledCost,
    payer as BillingAccountId,
    coalesce({{ focus_billing_account_name() }}, payer) as BillingAccountName,
    currency as BillingCurrency,
    cast({{ months_later('statement_month', 1) }} as timestamp) as BillingPeriodEnd,
    cast(statement_month as timestamp) as BillingPeriodStart,
    case
        when is_usage then 'Usage' when line_type = 'purchase' then 'Purchase' when is_purchase then 'Credit'
        else 'Adjustment'
    end as ChargeCategory,
    case when is_correction then 'Correction' end as ChargeClass,
    case when is_correction then 'Correction: ' else '' end || charged_for as ChargeDescription,
    case when is_usage then 'Usage-Based' else 'One-Time' end as ChargeFrequency,
    cast(ends_on as timestamp) as ChargePeriodEnd,
    cast(usage_date as timestamp) as ChargePeriodStart,
    cast(null as string) as CommitmentDiscountStatus,
    case when is_usage then cast(credits as decimal(38, 9)) end as ConsumedQuantity,
    case when is_usage then 'Credits' end as ConsumedUnit,
    exact_amount as ContractedCost,
    price_per_credit as ContractedUnitPrice,
    cast(case when is_purchase then 0 else exact_amount end as decimal(38, 21)) as EffectiveCost,
    cast(null as string) as InvoiceId,
    case when is_purchase then 'Corti' else {{ focus_invoice_issuer() }} end as InvoiceIssuerName,
    cast(credits * list_price_per_credit as decimal(38, 21)) as ListCost,
    list_price_per_credit as ListUnitPrice,
    case when is_purchase then currency else 'Credits' end as PricingCurrency,
    cast(case when is_purchase then price_per_credit else 1 end as decimal(38, 12))
        as PricingCurrencyContractedUnitPrice,
    cast(case when is_purchase then 0 else credits end as decimal(38, 9)) as PricingCurrencyEffectiveCost,
    cast(case when is_purchase then list_price_per_credit else 1 end as decimal(38, 12))
        as PricingCurrencyListUnitPrice,
    cast(credits as decimal(38, 9)) as PricingQuantity,
    'Credits' as PricingUnit,
    'Corti' as ProviderName,
    'Corti' as PublisherName,
    'AI and Machine Learning' as ServiceCategory,
    'Corti API' as ServiceName,
    'Natural Language Processing' as ServiceSubcategory,
    'corti-' || sku as SkuId,
    upper(substr(sku, 1, 1)) || replace(substr(sku, 2), '_', ' ') as SkuMeter,
    cast(null as string) as SkuPriceDetails,
    'corti-' || sku || '-credit' as SkuPriceId,
    case when is_mapped then tenant_id end as SubAccountId,
    case when is_mapped then coalesce(tenant_name, tenant_id) end as SubAccountName,
    case
        when coalesce(environment, corti_tenant) is not null
            then {{ flat_json({'corti:environment': 'environment', 'corti:tenant': 'corti_tenant'}) }}
    end as Tags,
    adjustment_id as x_AdjustmentId,
    charge_key as x_ChargeKey,
    case when is_correction then usage_month end as x_CorrectedMonth,
    corrects_line_key as x_CorrectionOf,
    case
        when is_usage and derived_credits = 0 then 'reported' when is_usage and derived_credits = credits then 'derived'
        when is_usage then 'mixed'
    end as x_CreditsBasis,
    currency_decimals as x_CurrencyDecimals,
    cast(derived_credits as decimal(38, 9)) as x_DerivedCredits,
    cast(estimated_credits as decimal(38, 9)) as x_EstimatedCredits,
    cast(fallback_credits as decimal(38, 9)) as x_FallbackCredits,
    case when is_purchase then null when is_mapped then 'mapped' else 'unmapped' end as x_MappingStatus,
    cast(operations as bigint) as x_Operations,
    period_status as x_PeriodStatus,
    cast(prepaid_credits as decimal(38, 9)) as x_PrepaidCredits,
    purchase_id as x_PurchaseId,
    'rated' as x_RateStatus,
    cast(read_credits as decimal(38, 9)) as x_ReadCredits,
    statement_line_key as x_StatementLineKey,
    kind as x_UsageType
from rated
