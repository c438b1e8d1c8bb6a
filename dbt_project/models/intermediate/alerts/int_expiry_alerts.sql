with purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

accounts as (
    select
        account_key,
        environment,
        corti_tenant,
        max(as_of_date) as as_of_date
    from purchases
    group by account_key, environment, corti_tenant
),

days_before as (
    select
        account_key,
        expires_on,
        balance_date,
        {{ days_between('balance_date', 'expires_on') }} as days_left,
        sum(left_credits) as credits
    from purchase_days
    where
        expires_on is not null
        and {{ days_between('balance_date', 'expires_on') }} <= {{ expiry_alert_days() }}
    group by account_key, expires_on, balance_date
),

expiries as (
    select
        account_key,
        expires_on,
        min(balance_date) as first_seen_on,
        max(balance_date) as last_seen_on
    from days_before
    group by account_key, expires_on
)

select
    {{ key_as_text(narrow_key([
        "'credits_expiring'", 'expiries.account_key', 'cast(expiries.expires_on as string)'
    ])) }} as alert_key,
    'credits_expiring' as alert_type,
    'account' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    cast(null as string) as kind,
    expiries.expires_on as period_start,
    expiries.first_seen_on,
    expiries.last_seen_on,
    expiries.last_seen_on = accounts.as_of_date as is_open,
    cast(last_day.days_left as decimal(38, 9)) as measured,
    cast({{ expiry_alert_days() }} as decimal(38, 9)) as threshold,
    {{ sentence([
        "'Account '", "coalesce(accounts.environment, '?')", "'/'", "coalesce(accounts.corti_tenant, '?')", "': '",
        plainly('last_day.credits'), "' credits expire unless they are used by '",
        "cast(" ~ days_later('expiries.expires_on', -1) ~ " as string)", "'.'",
    ]) }} as summary
from expiries
inner join days_before as last_day
    on
        expiries.account_key = last_day.account_key
        and expiries.expires_on = last_day.expires_on
        and expiries.last_seen_on = last_day.balance_date
inner join accounts on expiries.account_key = accounts.account_key
