with by_day as (
    select * from {{ ref('int_quota_credits') }}
),

running as (
    select
        quota_key,
        period_start,
        reporting_date,
        credits,
        estimated_credits,
        read_credits,
        fallback_credits,
        cast(sum(credits) over (partition by quota_key, period_start order by reporting_date) as decimal(38, 9))
            as used_so_far
    from by_day
)

select * from running
