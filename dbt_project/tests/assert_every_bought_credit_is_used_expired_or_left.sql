{{ config(meta={'dagster': {'ref': {'name': 'mart_credit_balance'}}}) }}

-- What remains by the balances is what is left in the purchases, on each day; and every day's use is accounted for.
with balances as (
    select
        environment,
        corti_tenant,
        balance_date,
        remaining_credits,
        sum(bought_credits) over (partition by environment, corti_tenant order by balance_date)
        - sum(used_credits) over (partition by environment, corti_tenant order by balance_date)
        - sum(expired_credits) over (partition by environment, corti_tenant order by balance_date)
            as bought_and_neither_used_nor_expired,
        used_credits + overdrawn_credits as credits_of_day
    from {{ ref('mart_credit_balance') }}
),

accounts as (
    select distinct
        account_key,
        environment,
        corti_tenant
    from {{ ref('int_balance_purchases') }}
),

left_in_purchases as (
    select
        account_key,
        balance_date,
        sum(left_credits) as credits
    from {{ ref('int_purchase_days') }}
    group by account_key, balance_date
),

usage as (
    select * from {{ ref('int_balance_usage') }}
),

found as (
    select
        balances.*,
        coalesce(left_in_purchases.credits, 0) as credits_left_in_purchases,
        coalesce(usage.credits, 0) as credits_used
    from balances
    inner join accounts
        on
            balances.environment is not distinct from accounts.environment
            and balances.corti_tenant is not distinct from accounts.corti_tenant
    left join left_in_purchases
        on
            accounts.account_key = left_in_purchases.account_key
            and balances.balance_date = left_in_purchases.balance_date
    left join usage on accounts.account_key = usage.account_key and balances.balance_date = usage.usage_date
)

select * from found
where
    remaining_credits <> bought_and_neither_used_nor_expired
    or remaining_credits <> credits_left_in_purchases
    or credits_of_day <> credits_used
