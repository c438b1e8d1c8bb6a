with adjustments as (
    select * from {{ ref('stg_adjustments') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

rate_windows as (
    select * from {{ ref('int_rate_windows') }}
),

-- The effective date in each of the zones that the customer had.
customers_dates as (
    select
        adjustments.adjustment_id,
        tenant_windows.valid_from,
        tenant_windows.valid_to,
        {{ start_of_date('adjustments.effective_date', "coalesce(tenant_windows.timezone, 'UTC')") }} as starts_at,
        {{ start_of_date(days_later('adjustments.effective_date', 1), "coalesce(tenant_windows.timezone, 'UTC')") }}
            as ends_at
    from adjustments
    inner join tenant_windows on adjustments.tenant_id = tenant_windows.tenant_id
),

first_instants as (
    select
        adjustment_id,
        min(greatest(starts_at, valid_from)) as effective_from
    from customers_dates
    where valid_from < ends_at and (valid_to is null or valid_to > starts_at)
    group by adjustment_id
),

-- For a customer without a zone the date is in UTC.
dated as (
    select
        adjustments.*,
        cast(null as string) as kind,
        coalesce(first_instants.effective_from, cast(adjustments.effective_date as timestamp)) as effective_from
    from adjustments
    left join first_instants on adjustments.adjustment_id = first_instants.adjustment_id
),

-- An adjustment has no kind, so rates for a kind don't apply.
priced as (
    {{ with_rates('dated', 'effective_from', ['tenant', 'default']) }}
),

charged as (
    select
        'adjustment' as line_type,
        cast(date_trunc('month', effective_date) as date) as month_start,
        effective_date as reporting_date,
        effective_date as usage_date,
        cast(null as string) as environment,
        cast(null as string) as corti_tenant,
        tenant_id,
        user_id,
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
        cast(0 as decimal(38, 9)) as fallback_credits,
        cast(0 as decimal(38, 9)) as derived_credits
    from priced
)

select
    {{ charge_key() }} as charge_key,
    *,
    cast(credits * price_per_credit as decimal(38, 21)) as exact_amount
from charged
