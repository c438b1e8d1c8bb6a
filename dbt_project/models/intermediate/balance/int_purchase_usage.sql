-- Purchases are taken in the order of use. Each serves the days on which it can be used, one after the other, until its
-- credits run out; what it leaves is for the next one. A later purchase in that order never changes an earlier one.
with recursive purchases as (
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

served as (
    select
        usage.account_key,
        usage.usage_date,
        cast(0 as bigint) as place,
        cast(0 as decimal(38, 9)) as used_credits,
        usage.credits as left_to_serve
    from usage
    inner join first_days on usage.account_key = first_days.account_key and usage.usage_date >= first_days.first_day
    where usage.credits > 0

    union all

    select
        account_key,
        usage_date,
        place,
        used_credits,
        cast(left_to_serve - used_credits as decimal(38, 9)) as left_to_serve
    from (
        select
            account_key,
            usage_date,
            place,
            left_to_serve,
            cast(
                case
                    when can_serve then greatest(least(left_to_serve, credits - asked_before), 0) else 0
                end as decimal(38, 9)
            ) as used_credits
        from (
            select
                served.account_key,
                served.usage_date,
                purchases.place,
                purchases.credits,
                served.left_to_serve,
                {{ can_be_used_on('purchases', 'served.usage_date') }} as can_serve,
                coalesce(
                    sum(case when {{ can_be_used_on('purchases', 'served.usage_date') }} then served.left_to_serve end)
                        over (
                            partition by served.account_key
                            order by served.usage_date
                            rows between unbounded preceding and 1 preceding
                        ),
                    0
                ) as asked_before
            from served
            inner join purchases
                on served.account_key = purchases.account_key and served.place + 1 = purchases.place
            where served.left_to_serve > 0
        ) as asked
    ) as answered
)

select
    purchases.purchase_id,
    served.account_key,
    served.usage_date,
    served.used_credits
from served
inner join purchases on served.account_key = purchases.account_key and served.place = purchases.place
where served.used_credits > 0
