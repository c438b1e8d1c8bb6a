-- depends_on: {{ ref('int_touched_trend_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_trend_dates', 'made_whole_daily': true},
) }}

with daily as {{ computed_where_read() }} (
    select * from {{ ref('agg_credits_daily') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_trend_dates') }}
),

first_touched as (
    select min(reporting_date) as first_day from touched_dates
),

-- The sums of the first touched day contain the 27 days before it.
days_read as (
    select days.date_day
    from first_touched
    cross join lateral (
        {{ every_day(days_later('first_touched.first_day', -27), '(select max(reporting_date) from touched_dates)') }}
    ) as days
),
{%- endif %}

by_tenant as (
    select
        reporting_date,
        tenant_id,
        sum(credits) as credits,
        sum(operations) as operations,
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits
    from daily
    {% if is_incremental() -%}
    where reporting_date in (select date_day from days_read)
    {%- endif %}
    group by reporting_date, tenant_id
),

-- A customer with a row on the day before the first touched one began earlier; days without usage change no sum.
first_usage as (
    select
        tenant_id,
        min(reporting_date) as first_date
    from by_tenant
    group by tenant_id
    {% if is_incremental() -%}
    union
    select
        day_before.tenant_id,
        {{ days_later('first_touched.first_day', -27) }} as first_date
    from {{ this }} as day_before
    inner join first_touched on day_before.reporting_date = {{ days_later('first_touched.first_day', -1) }}
    {%- endif %}
),

lifespans as (
    select
        tenant_id,
        min(first_date) as first_date,
        (select max(reporting_date) from daily) as last_date
    from first_usage
    group by tenant_id
),

calendar as (
    select
        lifespans.tenant_id,
        days.date_day as reporting_date
    from lifespans
    cross join lateral ({{ every_day('lifespans.first_date', 'lifespans.last_date') }}) as days
),

with_empty_days as (
    select
        calendar.reporting_date,
        calendar.tenant_id,
        cast(coalesce(by_tenant.credits, 0) as decimal(38, 9)) as credits,
        cast(coalesce(by_tenant.operations, 0) as bigint) as operations,
        cast(coalesce(by_tenant.estimated_credits, 0) as decimal(38, 9)) as estimated_credits,
        cast(coalesce(by_tenant.read_credits, 0) as decimal(38, 9)) as read_credits,
        cast(coalesce(by_tenant.fallback_credits, 0) as decimal(38, 9)) as fallback_credits
    from calendar
    left join by_tenant
        on calendar.tenant_id = by_tenant.tenant_id and calendar.reporting_date = by_tenant.reporting_date
),

with_trailing_sums as (
    select
        reporting_date,
        tenant_id,
        credits,
        operations,
        estimated_credits,
        read_credits,
        fallback_credits,
        cast(sum(credits) over (
            partition by tenant_id order by reporting_date rows between 6 preceding and current row
        ) as decimal(38, 9)) as credits_trailing_7_days,
        cast(sum(credits) over (
            partition by tenant_id order by reporting_date rows between 27 preceding and current row
        ) as decimal(38, 9)) as credits_trailing_28_days
    from with_empty_days
)

select * from with_trailing_sums
{% if is_incremental() -%}
where reporting_date in (select reporting_date from touched_dates)
{%- endif %}
