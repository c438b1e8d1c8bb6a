with periods as (
    select * from {{ ref('int_quota_periods') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

paces as (
    select * from {{ ref('int_quota_paces') }}
),

-- Each day of use counts in the rolling periods that end on it and on the days after it, until it leaves them.
counted as (
    select
        quota_key,
        period_start,
        reporting_date,
        credits,
        estimated_credits,
        read_credits,
        fallback_credits,
        used_so_far
    from usage
    where not {{ is_rolling('period') }}
    union all
    select
        usage.quota_key,
        period_starts.date_day as period_start,
        usage.reporting_date,
        usage.credits,
        usage.estimated_credits,
        usage.read_credits,
        usage.fallback_credits,
        cast(null as decimal(38, 9)) as used_so_far
    from usage
    cross join lateral ({{ every_day('usage.period_start', 'usage.reporting_date') }}) as period_starts
    where {{ is_rolling('usage.period') }}
),

rolling as (
    select * from {{ ref('int_rolling_exhaustions') }}
),

sums as (
    select
        periods.quota_key,
        periods.period_start,
        {% for credits in ['credits', 'estimated_credits', 'read_credits', 'fallback_credits'] -%}
        cast(coalesce(sum(counted.{{ credits }}), 0) as decimal(38, 9)) as {{ 'used_' if loop.first }}{{ credits }},
        {% endfor -%}
        min(case
            when counted.used_so_far > 0 and counted.used_so_far >= periods.allowance_credits
                then counted.reporting_date
        end) as reached_on
    from periods
    left join counted
        on
            periods.quota_key = counted.quota_key
            and periods.period_start = counted.period_start
            and periods.last_day >= counted.reporting_date
    group by periods.quota_key, periods.period_start
),

used as (
    select
        periods.*,
        sums.used_credits,
        sums.estimated_credits,
        sums.read_credits,
        sums.fallback_credits,
        case
            when not {{ is_rolling('periods.period') }} then sums.reached_on
            when sums.used_credits > 0 and sums.used_credits >= periods.allowance_credits then periods.last_day
        end as reached_on,
        -- An allowance of 0 is reached by the first use.
        cast(greatest(periods.allowance_credits - sums.used_credits, 0.000000001) as decimal(38, 9)) as to_reach
    from periods
    inner join sums on periods.quota_key = sums.quota_key and periods.period_start = sums.period_start
),

projected as (
    select
        used.*,
        paces.credits_per_day,
        cast(
            used.used_credits + paces.credits_per_day
            * cast({{ days_between('used.as_of_date', 'used.period_end') }} - 1 as decimal(9, 0)) as decimal(38, 9)
        ) as projected_credits,
        {{ exhausted_on('used', 'paces.credits_per_day', 'rolling.exhausted_on') }} as projected_exhaustion_date,
        {{ exhausted_on('used', 'paces.fast_credits_per_day', 'rolling.fast_exhausted_on') }} as exhaustion_date_low,
        {{ exhausted_on('used', 'paces.slow_credits_per_day', 'rolling.slow_exhausted_on') }} as exhaustion_date_high
    from used
    left join paces on used.is_current and used.quota_key = paces.quota_key
    left join rolling on used.is_current and used.quota_key = rolling.quota_key
),

with_status as (
    select
        quota_key,
        case when user_id is null then 'tenant' else 'user' end as scope,
        tenant_id,
        user_id,
        kind,
        period,
        period_start,
        period_end,
        last_day,
        is_current,
        as_of_date,
        allowance_credits,
        warn_at,
        used_credits,
        estimated_credits,
        read_credits,
        fallback_credits,
        cast(allowance_credits - used_credits as decimal(38, 9)) as remaining_credits,
        {{ exact_ratio('used_credits', 'allowance_credits') }} as used_share,
        credits_per_day,
        projected_credits,
        projected_exhaustion_date,
        exhaustion_date_low,
        exhaustion_date_high,
        case
            when used_credits > allowance_credits then 'over'
            when allowance_credits > 0 and used_credits >= warn_at * allowance_credits then 'warn'
            else 'ok'
        end as status
    from projected
)

select * from with_status
