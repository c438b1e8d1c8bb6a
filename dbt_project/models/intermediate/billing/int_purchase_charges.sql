{#- Prices and amounts of purchases have as many places as those of usage. #}
{% set list_price = 'cast(' ~ price_by_the_list() ~ ' as decimal(38, 12))' %}

with purchases as (
    select * from {{ ref('stg_purchases') }}
),

-- A grant has no price, and costs nothing.
priced as (
    select
        *,
        cast(coalesce(price_per_credit, 0) as decimal(38, 12)) as agreed_price,
        coalesce(currency, {{ currency_of_the_list() }}) as billing_currency
    from purchases
)

select
    cast(date_trunc('month', purchased_on) as date) as statement_month,
    cast(date_trunc('month', purchased_on) as date) as usage_month,
    case when agreed_price = 0 then 'grant' else 'purchase' end as line_type,
    'open' as period_status,
    {{ key_as_text(narrow_key(["'purchase'", 'purchase_id'])) }} as charge_key,
    purchased_on as reporting_date,
    purchased_on as usage_date,
    environment,
    corti_tenant,
    {{ unmapped() }} as tenant_id,
    cast(null as string) as kind,
    cast(null as string) as adjustment_id,
    case when agreed_price = 0 then 'Grant of Corti credits' else 'Purchase of Corti credits' end as reason,
    billing_currency as currency,
    currency_decimals,
    agreed_price as price_per_credit,
    cast(credits as decimal(38, 9)) as credits,
    cast(0 as bigint) as operations,
    cast(0 as decimal(38, 9)) as estimated_credits,
    cast(0 as decimal(38, 9)) as read_credits,
    cast(0 as decimal(38, 9)) as fallback_credits,
    cast(0 as decimal(38, 9)) as derived_credits,
    cast(credits * agreed_price as decimal(38, 21)) as exact_amount,
    purchase_id,
    -- From the first day on which its credits can be used to the last; without an expiry its own day.
    coalesce(expires_on, {{ days_later('purchased_on', 1) }}) as ends_on,
    case when billing_currency = {{ currency_of_the_list() }} then {{ list_price }} else agreed_price end
        as list_price_per_credit
from priced
