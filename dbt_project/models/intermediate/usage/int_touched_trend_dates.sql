{% set trend_so_far = last_state_of('agg_credits_trend_daily') %}

with touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

daily as (
    select * from {{ ref('agg_credits_daily') }}
),

last_dates as (
    select max(reporting_date) as last_date from daily
    {% if trend_so_far is not none and not should_full_refresh() -%}
    union all
    select max(reporting_date) as last_date from {{ trend_so_far }}
    {%- endif %}
),

-- A touched day shows in the sums of later days. If the latest usage of all is on another day now, all customers gain
-- or lose days.
bounds as (
    select
        least(
            (select min(reporting_date) from touched_dates), {{ days_later('min(last_date)', 1) }}
        ) as first_day,
        max(last_date) as last_day
    from last_dates
    where last_date is not null
),

days as (
    select days.date_day
    from bounds
    cross join lateral ({{ every_day('bounds.first_day', 'bounds.last_day') }}) as days
    where exists (select 1 from touched_dates)
)

select date_day as reporting_date from days
