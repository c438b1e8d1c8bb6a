with daily as (
    select reporting_date from {{ ref('agg_credits_daily') }}
),

-- Whole years, so that a calendar in a BI tool has no gaps at its ends; the current year if nothing has landed. A day
-- is added before the first and after the last one, since a UTC date may differ by a day from the reporting date.
bounds as (
    select
        coalesce(min(reporting_date), cast({{ now_in_utc() }} as date)) as first_used,
        coalesce(max(reporting_date), cast({{ now_in_utc() }} as date)) as last_used
    from daily
),

years as (
    select
        cast(date_trunc('year', {{ days_later('first_used', -1) }}) as date) as first_day,
        {{ days_later(months_later("date_trunc('year', " ~ days_later('last_used', 1) ~ ")", 12), -1) }} as last_day
    from bounds
),

days as (
    select days.date_day
    from years
    cross join lateral ({{ every_day('years.first_day', 'years.last_day') }}) as days
),

dates as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as week_start,
        cast(date_trunc('month', date_day) as date) as month_start,
        cast(date_trunc('quarter', date_day) as date) as quarter_start,
        cast(date_trunc('year', date_day) as date) as year_start,
        date_day >= {{ days_later("date_trunc('week', date_day)", 5) }} as is_weekend
    from days
)

select * from dates
