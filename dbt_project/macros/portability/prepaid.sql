{# How purchases serve days one after the other, which engines spell differently. #}

{% macro served_days(purchases, usage) -%}
    {{ return(adapter.dispatch('served_days')(purchases, usage)) }}
{%- endmacro %}

{#
    One row per purchase and day that it serves, with the credits that it serves. `purchases` are in the order of their
    place in an account, from 1. Each serves the days of the account's `usage` on which it can be used, one after the
    other, until its credits run out; what it leaves is for the next one.
#}
{% macro default__served_days(purchases, usage) -%}
    with recursive served as (
        select
            account_key,
            usage_date,
            cast(0 as bigint) as place,
            cast(0 as decimal(38, 9)) as used_credits,
            credits as left_to_serve
        from {{ usage }}

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
                inner join {{ purchases }} as purchases
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
    inner join {{ purchases }} as purchases
        on served.account_key = purchases.account_key and served.place = purchases.place
    where served.used_credits > 0
{%- endmacro %}

{# A step of a recursion may have no window in Spark, so an account's purchases are taken in an array. #}
{% macro spark__served_days(purchases, usage) -%}
    {%- set none_served = 'cast(array() as array<struct<purchase_id: string, usage_date: date, used_credits: decimal(38, 9)>>)' -%}
    {%- set no_days = 'cast(array() as array<struct<usage_date: date, credits: decimal(38, 9)>>)' -%}
    {%- set used -%}
        cast(case when {{ can_be_used_on('purchase', 'day.usage_date') }} then least(day.credits, spent.left_credits) else 0 end as decimal(38, 9))
    {%- endset -%}
    select
        one.purchase_id,
        account_key,
        one.usage_date,
        one.used_credits
    from (
        select
            days.account_key,
            explode(aggregate(
                purchases.in_order,
                named_struct('days', days.in_order, 'served', {{ none_served }}),
                (account, purchase) -> aggregate(
                    account.days,
                    named_struct('left_credits', purchase.credits, 'days', {{ no_days }}, 'served', account.served),
                    (spent, day) -> named_struct(
                        'left_credits', cast(spent.left_credits - {{ used }} as decimal(38, 9)),
                        'days', if(
                            {{ used }} < day.credits,
                            concat(spent.days, array(named_struct(
                                'usage_date', day.usage_date,
                                'credits', cast(day.credits - {{ used }} as decimal(38, 9))
                            ))),
                            spent.days
                        ),
                        'served', if(
                            {{ used }} > 0,
                            concat(spent.served, array(named_struct(
                                'purchase_id', purchase.purchase_id,
                                'usage_date', day.usage_date,
                                'used_credits', {{ used }}
                            ))),
                            spent.served
                        )
                    ),
                    spent -> named_struct('days', spent.days, 'served', spent.served)
                )
            ).served) as one
        from (
            select
                account_key,
                sort_array(collect_list(named_struct(
                    'usage_date', usage_date, 'credits', cast(credits as decimal(38, 9))
                ))) as in_order
            from {{ usage }}
            group by account_key
        ) as days
        inner join (
            select
                account_key,
                sort_array(collect_list(named_struct(
                    'place', place, 'purchase_id', purchase_id, 'purchased_on', purchased_on, 'expires_on', expires_on,
                    'credits', cast(credits as decimal(38, 9))
                ))) as in_order
            from {{ purchases }}
            group by account_key
        ) as purchases on days.account_key = purchases.account_key
    ) as accounts
{%- endmacro %}
