-- Every seventh day is the same weekday, so the rows before one in its class are the same weekday of earlier weeks.
with usage as (
    select * from {{ ref('int_balance_usage') }}
),

purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

spans as (
    select
        usage.account_key,
        min(usage.usage_date) as first_day,
        max(purchases.as_of_date) as last_day
    from usage
    inner join purchases on usage.account_key = purchases.account_key
    where usage.credits > 0
    group by usage.account_key
),

days as (
    select
        spans.account_key,
        days.date_day,
        {{ days_between('spans.first_day', 'days.date_day') }} as days_before
    from spans
    cross join lateral ({{ every_day('spans.first_day', 'spans.last_day') }}) as days
),

-- Days without usage count 0.
daily as (
    select
        days.account_key,
        days.date_day,
        days.days_before,
        days.days_before % 7 as weekday_class,
        cast(coalesce(usage.credits, 0) as decimal(38, 9)) as credits
    from days
    left join usage on days.account_key = usage.account_key and days.date_day = usage.usage_date
),

weekly as (
    select
        *,
        case
            when days_before >= 6 then cast(sum(credits) over (
                partition by account_key order by date_day rows between 6 preceding and current row
            ) as decimal(19, 4))
        end as week_credits
    from daily
),

last_weeks as (
    select
        account_key,
        date_day,
        cast(sum(credits) over last_weeks as decimal(38, 9)) as weekday_credits,
        cast(count(*) over last_weeks as integer) as weekdays,
        cast(count(week_credits) over last_weeks as integer) as weeks,
        cast(sum(week_credits) over last_weeks as decimal(38, 4)) as credits_of_weeks,
        cast(sum(week_credits * week_credits) over last_weeks as decimal(38, 8)) as squares_of_weeks
    from weekly
    window last_weeks as (
        partition by account_key, weekday_class
        order by date_day
        rows between {{ weeks_of_profile() - 1 }} preceding and current row
    )
),

averages as (
    select
        *,
        {{ exact_ratio('weekday_credits', 'weekdays') }} as weekday_average
    from last_weeks
),

-- What the next 1 to 7 days are expected to use: the averages of their weekdays.
expected as (
    select
        account_key,
        date_day,
        {% for days in range(1, 8) -%}
        cast(sum(weekday_average) over (
            partition by account_key order by date_day rows between 6 preceding and {{ 7 - days }} preceding
        ) as decimal(38, 9)) as credits_of_{{ days }},
        {% endfor -%}
        weeks,
        credits_of_weeks,
        squares_of_weeks
    from averages
)

select * from expected
where weeks >= 2
