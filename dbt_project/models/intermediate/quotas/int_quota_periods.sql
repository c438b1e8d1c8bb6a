with quota_days as (
    select * from {{ ref('int_quota_days') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

daily as (
    select * from {{ ref('agg_credits_daily') }}
),

all_days as (
    {{ every_day(
        'least((select min(reporting_date) from daily), (select min(as_of_date) from quota_days))',
        '(select max(as_of_date) from quota_days)'
    ) }}
),

calendar as (
    {% for word in period_words() -%}
    select distinct
        '{{ word }}' as period,
        cast(date_trunc('{{ word }}', date_day) as date) as period_start
    from all_days
    union all
    {% endfor -%}
    {% for word in rolling_periods() -%}
    select
        '{{ word }}' as period,
        {{ period_start_of("'" ~ word ~ "'", 'date_day') }} as period_start
    from all_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

periods as (
    select
        period,
        period_start,
        {{ next_period_start('period', 'period_start') }} as period_end
    from calendar
),

first_usage as (
    select
        quota_key,
        min(period_start) as period_start
    from usage
    group by quota_key
),

used_on as (
    select
        quota_key,
        reporting_date
    from usage
    where {{ is_rolling('period') }}
),

-- The last day of a period on which a window is in force, without days in the future.
held as (
    select
        quota_days.*,
        periods.period_start,
        periods.period_end,
        {{ days_later(
            'least(periods.period_end, coalesce(quota_days.end_day, periods.period_end), '
            ~ days_later('quota_days.as_of_date', 1) ~ ')', -1
        ) }} as last_day
    from quota_days
    inner join periods
        on
            quota_days.period = periods.period
            and quota_days.first_day < periods.period_end
            and quota_days.first_day <= quota_days.as_of_date
            and quota_days.as_of_date >= periods.period_start
            and (quota_days.end_day is null or quota_days.end_day > periods.period_start)
    -- A rolling period belongs to the day on which it ends.
    where
        not {{ is_rolling('quota_days.period') }}
        or (
            quota_days.as_of_date >= {{ days_later('periods.period_end', -1) }}
            and (quota_days.end_day is null or quota_days.end_day >= periods.period_end)
        )
),

-- A quota's latest allowance within a period counts for the whole period.
ranked as (
    select
        *,
        last_day = as_of_date as is_current,
        row_number() over (
            partition by quota_key, period_start order by last_day desc, valid_from desc
        ) as place
    from held
),

-- Periods before a subject's first usage are left out, except the current one; so are rolling ones that end on a day
-- without usage.
reported as (
    select
        ranked.quota_key,
        ranked.tenant_id,
        ranked.user_id,
        ranked.kind,
        ranked.period,
        ranked.period_start,
        ranked.period_end,
        ranked.last_day,
        ranked.is_current,
        ranked.as_of_date,
        ranked.allowance_credits,
        ranked.warn_at
    from ranked
    left join first_usage on ranked.quota_key = first_usage.quota_key
    left join used_on on ranked.quota_key = used_on.quota_key and ranked.last_day = used_on.reporting_date
    where
        ranked.place = 1
        and (
            ranked.is_current
            or (not {{ is_rolling('ranked.period') }} and ranked.period_start >= first_usage.period_start)
            or used_on.reporting_date is not null
        )
)

select * from reported
