with touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

touched_months as (
    select cast(date_trunc('month', reporting_date) as date) as month_start from touched_dates
),

-- The month behind a touched one shows the change on it.
with_month_after as (
    select month_start from touched_months
    union
    select {{ months_later('month_start', 1) }} as month_start from touched_months
)

select month_start from with_month_after
