with days as (
    select * from {{ ref('int_balance_days') }}
),

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

runways as (
    select * from {{ ref('int_balance_runways') }}
),

next_expiries as (
    select
        account_key,
        balance_date,
        min(cast(expires_at as date)) as next_expiry_date
    from purchase_days
    where expires_at is not null
    group by account_key, balance_date
),

next_to_expire as (
    select
        purchase_days.account_key,
        purchase_days.balance_date,
        next_expiries.next_expiry_date,
        sum(purchase_days.left_credits) as credits
    from purchase_days
    inner join next_expiries
        on
            purchase_days.account_key = next_expiries.account_key
            and purchase_days.balance_date = next_expiries.balance_date
            and cast(purchase_days.expires_at as date) = next_expiries.next_expiry_date
    group by purchase_days.account_key, purchase_days.balance_date, next_expiries.next_expiry_date
),

balances as (
    select
        *,
        cast(sum(bought_credits - used_credits - expired_credits) over (
            partition by account_key order by balance_date
        ) as decimal(38, 9)) as remaining_credits
    from days
),

with_runways as (
    select
        balances.environment,
        balances.corti_tenant,
        balances.balance_date,
        balances.is_current,
        balances.bought_credits,
        balances.used_credits,
        balances.expired_credits,
        balances.remaining_credits,
        balances.overdrawn_credits,
        next_to_expire.next_expiry_date,
        cast(next_to_expire.credits as decimal(38, 9)) as next_expiring_credits,
        case when balances.remaining_credits = 0 then 0 else runways.runway_days end as runway_days,
        case when balances.remaining_credits = 0 then 0 else runways.runway_days_low end as runway_days_low,
        case when balances.remaining_credits = 0 then 0 else runways.runway_days_high end as runway_days_high
    from balances
    left join next_to_expire
        on
            balances.account_key = next_to_expire.account_key
            and balances.balance_date = next_to_expire.balance_date
    left join runways
        on balances.account_key = runways.account_key and balances.balance_date = runways.balance_date
)

select * from with_runways
