{% set attributes = ['tenant_id', 'kind', 'price_per_credit', 'currency', 'currency_decimals'] %}

with rates_now as (
    select * from {{ ref('int_rate_windows') }}
),

rates_published as (
    {{ mapping_history(ref('stg_rates'), 'rate_key', attributes, last_published_load()) }}
),

daily as {{ computed_where_read() }} (
    select * from {{ ref('agg_credits_daily') }}
),

-- Between two of these instants nothing changes, neither in the current rates nor in the published ones.
instants as (
    select rate_key, tenant_id, kind, valid_from as starts_at from rates_now
    union
    select rate_key, tenant_id, kind, valid_to from rates_now where valid_to is not null
    union
    select rate_key, tenant_id, kind, valid_from from rates_published
    union
    select rate_key, tenant_id, kind, valid_to from rates_published where valid_to is not null
),

stretches as (
    select
        *,
        lead(starts_at) over (partition by rate_key order by starts_at) as ends_at
    from instants
),

differing as (
    select
        stretches.tenant_id,
        stretches.kind,
        -- A reporting date may differ by a day from the UTC date.
        {{ days_later('stretches.starts_at', -1) }} as first_date,
        {{ days_later('stretches.ends_at', 1) }} as last_date
    from stretches
    left join rates_now
        on stretches.rate_key = rates_now.rate_key and {{ holds_at('rates_now', 'stretches.starts_at') }}
    left join rates_published
        on stretches.rate_key = rates_published.rate_key and {{ holds_at('rates_published', 'stretches.starts_at') }}
    where
        rates_now.price_per_credit is distinct from rates_published.price_per_credit
        or rates_now.currency is distinct from rates_published.currency
        or rates_now.currency_decimals is distinct from rates_published.currency_decimals
),

-- If no rate differs, no day needs to be checked.
used as (
    select distinct reporting_date, tenant_id, kind
    from daily
    where exists (select 1 from differing)
)

select distinct used.reporting_date
from used
inner join differing
    on
        coalesce(differing.tenant_id, used.tenant_id) = used.tenant_id
        and coalesce(differing.kind, used.kind) = used.kind
        and used.reporting_date >= differing.first_date
        and (differing.last_date is null or used.reporting_date <= differing.last_date)
