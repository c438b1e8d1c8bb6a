with current_periods as (
    select * from {{ ref('int_quota_periods') }}
    where is_current and {{ is_rolling('period') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

paces as (
    select * from {{ ref('int_quota_paces') }}
),

-- After as many days as the period has, all that is in it was used at the pace.
ends as (
    select
        current_periods.quota_key,
        current_periods.allowance_credits,
        current_periods.as_of_date,
        days_ahead.number as days_ahead,
        {{ days_later('current_periods.period_start', 'days_ahead.number') }} as first_day
    from current_periods
    cross join lateral (
        {{ whole_numbers(1, days_between('current_periods.period_start', 'current_periods.period_end')) }}
    ) as days_ahead
),

kept as (
    select
        ends.quota_key,
        ends.days_ahead,
        ends.as_of_date,
        -- An allowance of 0 is reached by the first use.
        greatest(ends.allowance_credits, 0.000000001) as allowance_credits,
        coalesce(sum(usage.credits), 0) as kept_credits
    from ends
    left join usage
        on
            ends.quota_key = usage.quota_key
            and usage.reporting_date between ends.first_day and ends.as_of_date
    group by ends.quota_key, ends.days_ahead, ends.as_of_date, ends.allowance_credits
),

reached as (
    select
        {% for pace in ['', 'fast_', 'slow_'] -%}
        {% set column = pace ~ 'credits_per_day' -%}
        min(case
            when kept.kept_credits + paces.{{ column }} * kept.days_ahead >= kept.allowance_credits
                then {{ days_later('kept.as_of_date', 'kept.days_ahead') }}
        end) as {{ pace }}exhausted_on,
        {% endfor -%}
        kept.quota_key
    from kept
    inner join paces on kept.quota_key = paces.quota_key
    group by kept.quota_key
)

select * from reached
