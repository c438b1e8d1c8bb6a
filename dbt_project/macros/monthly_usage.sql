{# The CTEs from daily credits to one row per month and owner, for an incremental model of that grain. #}
{% macro monthly_usage(daily, owner) -%}
comparisons as (
    {{ monthly_comparisons(owner) }}
),

concerned as (
    select
        cast(date_trunc('month', reporting_date) as date) as month_start,
        reporting_date,
        {{ owner }},
        credits,
        operations,
        estimated_credits,
        read_credits,
        fallback_credits
    from {{ daily }}
    {% if is_incremental() -%}
    where
        reporting_date in (
            select days.date_day
            from (
                select month_start from touched_months
                union
                select {{ months_later('month_start', -1) }} from touched_months
            ) as months
            cross join lateral (
                {{ every_day('months.month_start', days_later(months_later('months.month_start', 1), -1)) }}
            ) as days
        )
    {%- endif %}
),

by_month as (
    select
        month_start,
        {{ owner }},
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(sum(operations) as bigint) as operations,
        cast(sum(estimated_credits) as decimal(38, 9)) as estimated_credits,
        cast(sum(read_credits) as decimal(38, 9)) as read_credits,
        cast(sum(fallback_credits) as decimal(38, 9)) as fallback_credits,
        min(reporting_date) as first_date,
        max(reporting_date) as last_date
    from concerned
    group by month_start, {{ owner }}
),

beside_all as (
    select
        *,
        sum(credits) over (partition by month_start) as all_credits
    from by_month
),

ranked as (
    select
        this_month.month_start,
        this_month.{{ owner }},
        this_month.credits,
        this_month.operations,
        this_month.estimated_credits,
        this_month.read_credits,
        this_month.fallback_credits,
        cast(coalesce(month_before.credits, 0) as decimal(38, 9)) as credits_month_before,
        cast(this_month.credits - coalesce(month_before.credits, 0) as decimal(38, 9)) as credits_change,
        cast({{ exact_ratio('this_month.credits', 'this_month.all_credits') }} as decimal(18, 9)) as share_of_month,
        rank() over (partition by this_month.month_start order by this_month.credits desc) as rank_in_month,
        case
            when comparisons.first_day <= this_month.first_date and comparisons.last_day >= this_month.last_date
                then comparisons.status
            else 'not compared'
        end as reconciliation_status
    from beside_all as this_month
    left join by_month as month_before
        on
            this_month.{{ owner }} = month_before.{{ owner }}
            and {{ months_later('this_month.month_start', -1) }} = month_before.month_start
    left join comparisons
        on this_month.{{ owner }} = comparisons.{{ owner }} and this_month.month_start = comparisons.month_start
    {% if is_incremental() -%}
    where this_month.month_start in (select month_start from touched_months)
    {%- endif %}
)
{%- endmacro %}
