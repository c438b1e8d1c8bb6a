with purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

usage as (
    select * from {{ ref('int_balance_usage') }}
),

purchase_usage as (
    select * from {{ ref('int_purchase_usage') }}
),

accounts as (
    select
        account_key,
        environment,
        corti_tenant,
        min(purchased_on) as first_day,
        max(as_of_date) as as_of_date
    from purchases
    group by account_key, environment, corti_tenant
),

days as (
    select
        accounts.account_key,
        accounts.environment,
        accounts.corti_tenant,
        days.date_day as balance_date,
        days.date_day = accounts.as_of_date as is_current
    from accounts
    cross join lateral ({{ every_day('accounts.first_day', 'accounts.as_of_date') }}) as days
),

bought as (
    select
        account_key,
        purchased_on,
        sum(credits) as credits
    from purchases
    group by account_key, purchased_on
),

used_of_purchases as (
    select
        purchase_id,
        sum(used_credits) as credits
    from purchase_usage
    group by purchase_id
),

expired as (
    select
        purchases.account_key,
        purchases.expires_on,
        sum(purchases.credits - coalesce(used_of_purchases.credits, 0)) as credits
    from purchases
    left join used_of_purchases on purchases.purchase_id = used_of_purchases.purchase_id
    where purchases.expires_on <= purchases.as_of_date
    group by purchases.account_key, purchases.expires_on
),

used as (
    select
        account_key,
        usage_date,
        sum(used_credits) as credits
    from purchase_usage
    group by account_key, usage_date
),

flows as (
    select
        days.*,
        cast(coalesce(bought.credits, 0) as decimal(38, 9)) as bought_credits,
        cast(coalesce(used.credits, 0) as decimal(38, 9)) as used_credits,
        cast(coalesce(usage.credits, 0) - coalesce(used.credits, 0) as decimal(38, 9)) as overdrawn_credits,
        cast(coalesce(expired.credits, 0) as decimal(38, 9)) as expired_credits
    from days
    left join bought on days.account_key = bought.account_key and days.balance_date = bought.purchased_on
    left join used on days.account_key = used.account_key and days.balance_date = used.usage_date
    left join usage on days.account_key = usage.account_key and days.balance_date = usage.usage_date
    left join expired on days.account_key = expired.account_key and days.balance_date = expired.expires_on
)

select * from flows
