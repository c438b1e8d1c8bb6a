with days as (
    select * from {{ ref('int_forecast_days') }}
),

-- Week 1 ends with the last known day. The weekdays of the days that are left beyond whole weeks come first in a week.
entity_weeks as (
    select
        entity_type,
        entity_id,
        as_of_date,
        month_start,
        days_left,
        weeks,
        {{ whole_weeks('days_before') }} + 1 as week_number,
        cast(sum(credits) as decimal(19, 4)) as credits,
        cast(sum(case when days_before % 7 >= 7 - days_left % 7 then credits else 0 end) as decimal(38, 9))
            as credits_of_part,
        cast(sum(case when reporting_date >= month_start then credits else 0 end) as decimal(38, 9))
            as credits_of_month
    from days
    group by entity_type, entity_id, as_of_date, month_start, days_left, weeks, {{ whole_weeks('days_before') }}
),

-- Weeks without usage have no row, and add 0 to each sum.
sums as (
    select
        entity_type,
        entity_id,
        month_start,
        as_of_date,
        cast(days_left as integer) as days_left,
        cast(weeks as integer) as weeks,
        cast(sum(credits_of_month) as decimal(38, 9)) as credits_to_date,
        cast(sum(credits_of_part) as decimal(38, 9)) as credits_of_part,
        cast(sum(credits) as decimal(38, 4)) as credits_of_weeks,
        cast(sum(week_number * credits) as decimal(38, 4)) as numbered_credits,
        cast(sum(credits * credits) as decimal(38, 8)) as squares_of_weeks,
        cast(sum(case
            when week_number <= {{ weeks_of_test() }} then credits else 0
        end) as decimal(38, 4)) as credits_of_last_weeks,
        cast(sum(case
            when week_number > {{ weeks_of_test() }} then credits else 0
        end) as decimal(38, 4)) as credits_of_earlier_weeks,
        cast(sum(case
            when week_number > {{ weeks_of_test() }} then (week_number - {{ weeks_of_test() }}) * credits else 0
        end) as decimal(38, 4)) as numbered_credits_of_earlier_weeks
    from entity_weeks
    group by entity_type, entity_id, month_start, as_of_date, days_left, weeks
)

select * from sums
where credits_of_weeks > 0
