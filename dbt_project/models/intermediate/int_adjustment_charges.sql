with adjustments as (
    select
        *,
        cast(null as varchar) as kind,
        cast(effective_date as timestamp) as effective_from
    from {{ ref('stg_adjustments') }}
),

rate_windows as (
    select * from {{ ref('int_rate_windows') }}
),

-- What is adjusted is of no kind: rates of a kind don't apply.
priced as (
    {{ with_rates('adjustments', 'effective_from', ['tenant', 'anything']) }}
),

charged as (
    select
        'adjustment' as line_type,
        cast(date_trunc('month', effective_date) as date) as month_start,
        effective_date as reporting_date,
        effective_date as usage_date,
        cast(null as varchar) as environment,
        cast(null as varchar) as corti_tenant,
        tenant_id,
        kind,
        adjustment_id,
        reason,
        coalesce(currency, {{ unrated() }}) as currency,
        currency_decimals,
        price_per_credit,
        credits,
        cast(0 as bigint) as operations,
        cast(0 as decimal(38, 9)) as estimated_credits,
        cast(0 as decimal(38, 9)) as read_credits,
        cast(0 as decimal(38, 9)) as fallback_credits
    from priced
)

select
    {{ charge_key() }} as charge_key,
    *,
    cast(credits * price_per_credit as decimal(38, 21)) as exact_amount
from charged
