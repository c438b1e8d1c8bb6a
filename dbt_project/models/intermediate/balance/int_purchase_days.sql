with purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

usage as (
    select * from {{ ref('int_purchase_usage') }}
),

used_up as (
    select
        purchase_id,
        sum(used_credits) as used_credits,
        max(usage_date) as last_used_on
    from usage
    group by purchase_id
),

-- From the purchase to the day before its credits expire or are used up.
held as (
    select
        purchases.*,
        least(
            purchases.as_of_date,
            coalesce({{ days_later('purchases.expires_on', -1) }}, purchases.as_of_date),
            case
                when used_up.used_credits = purchases.credits then {{ days_later('used_up.last_used_on', -1) }}
                else purchases.as_of_date
            end
        ) as last_day
    from purchases
    left join used_up on purchases.purchase_id = used_up.purchase_id
    where purchases.credits > 0
),

days as (
    select
        held.*,
        days.date_day as balance_date
    from held
    cross join lateral ({{ every_day('held.purchased_on', 'held.last_day') }}) as days
),

with_left as (
    select
        days.purchase_id,
        days.account_key,
        days.balance_date,
        days.place,
        days.expires_at,
        days.expires_on,
        cast(
            days.credits - coalesce(sum(usage.used_credits) over (
                partition by days.purchase_id order by days.balance_date
            ), 0) as decimal(38, 9)
        ) as left_credits
    from days
    left join usage on days.purchase_id = usage.purchase_id and days.balance_date = usage.usage_date
)

select * from with_left
