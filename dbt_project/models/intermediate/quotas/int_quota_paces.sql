with current_periods as (
    select * from {{ ref('int_quota_periods') }} where is_current
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

-- 28 spans of 7 days, which end on 28 consecutive days; the last one ends on the as-of date.
days as (
    select
        current_periods.quota_key,
        days.date_day,
        current_periods.as_of_date
    from current_periods
    cross join lateral (
        {{ every_day(days_later('current_periods.as_of_date', -33), 'current_periods.as_of_date') }}
    ) as days
),

with_empty_days as (
    select
        days.quota_key,
        days.date_day,
        days.as_of_date,
        coalesce(usage.credits, 0) as credits
    from days
    left join usage on days.quota_key = usage.quota_key and days.date_day = usage.reporting_date
),

weeks as (
    select
        quota_key,
        date_day,
        as_of_date,
        cast(sum(credits) over (
            partition by quota_key order by date_day rows between 6 preceding and current row
        ) as decimal(38, 9)) as credits
    from with_empty_days
),

placed as (
    select
        *,
        row_number() over (partition by quota_key order by credits) as place
    from weeks
    where date_day > {{ days_later('as_of_date', -28) }}
),

-- The nearest ranks of the 20th and the 80th percentile of 28: a single unusual day moves them little.
paces as (
    select
        quota_key,
        max(case when date_day = as_of_date then credits end) as week_credits,
        max(case when place = 6 then credits end) as slow_week_credits,
        max(case when place = 23 then credits end) as fast_week_credits
    from placed
    group by quota_key
),

daily_paces as (
    select
        quota_key,
        {{ exact_ratio('week_credits', '7') }} as credits_per_day,
        {{ exact_ratio('least(week_credits, slow_week_credits)', '7') }} as slow_credits_per_day,
        {{ exact_ratio('greatest(week_credits, fast_week_credits)', '7') }} as fast_credits_per_day
    from paces
)

select * from daily_paces
