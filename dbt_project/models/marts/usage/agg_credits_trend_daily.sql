with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

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
    group by reporting_date, tenant_id
),

first_usage as (
    select
        tenant_id,
        min(reporting_date) as first_date
    from by_tenant
    group by tenant_id
),

lifespans as (
    select
        tenant_id,
        first_date,
        (select max(reporting_date) from by_tenant) as last_date
    from first_usage
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
