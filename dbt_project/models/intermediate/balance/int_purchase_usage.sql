-- Purchases are taken in the order of use. Each serves the days on which it can be used, one after the other, until its
-- credits run out; what it leaves is for the next one. A later purchase in that order never changes an earlier one.
with purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

usage as (
    select * from {{ ref('int_balance_usage') }}
),

first_days as (
    select
        account_key,
        min(purchased_on) as first_day
    from purchases
    group by account_key
),

days_to_serve as (
    select
        usage.account_key,
        usage.usage_date,
        usage.credits
    from usage
    inner join first_days on usage.account_key = first_days.account_key and usage.usage_date >= first_days.first_day
    where usage.credits > 0
),

served as (
    {{ served_days('purchases', 'days_to_serve') }}
)

select * from served
