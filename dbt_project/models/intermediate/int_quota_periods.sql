with windows as (
    select * from {{ ref('int_quota_windows') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

daily as (
    select * from {{ ref('agg_credits_daily') }}
),

as_of as (
    select * from {{ ref('int_as_of') }} where as_of_date is not null
),

all_days as (
    {{ every_day('(select min(reporting_date) from daily)', '(select as_of_date from as_of)') }}
),

calendar as (
    {% for word in period_words() -%}
    select distinct
        '{{ word }}' as period,
        cast(date_trunc('{{ word }}', date_day) as date) as period_start
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

-- What a quota says last within a period holds for the whole of it; its dates are read as reporting dates.
in_force as (
    select
        windows.*,
        periods.period_start,
        periods.period_end,
        as_of.as_of_date,
        periods.period_end > as_of.as_of_date as is_current,
        row_number() over (
            partition by windows.quota_key, periods.period_start order by windows.valid_from desc
        ) as place
    from windows
    inner join periods
        on
            windows.period = periods.period
            and windows.valid_from < periods.period_end
            and (windows.valid_to is null or windows.valid_to > periods.period_start)
    cross join as_of
),

-- Before its first usage a subject has no periods to speak of, but for the current one.
spoken_of as (
    select
        in_force.quota_key,
        in_force.tenant_id,
        in_force.user_id,
        in_force.kind,
        in_force.period,
        in_force.period_start,
        in_force.period_end,
        in_force.is_current,
        in_force.as_of_date,
        in_force.allowance_credits,
        in_force.warn_at
    from in_force
    left join first_usage on in_force.quota_key = first_usage.quota_key
    where
        in_force.place = 1
        and (in_force.period_start >= first_usage.period_start or in_force.is_current)
)

select * from spoken_of
