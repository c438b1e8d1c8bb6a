with by_day as (
    select
        *,
        {{ days_between("date '1900-01-01'", 'reporting_date') }} as day_number
    from {{ ref('int_quota_credits') }}
),

running as (
    select
        quota_key,
        period,
        period_start,
        reporting_date,
        credits,
        estimated_credits,
        read_credits,
        fallback_credits,
        cast(
            case period
                {% for word, days in rolling_periods().items() -%}
                when '{{ word }}'
                    then
                        sum(credits) over (
                            partition by quota_key
                            order by day_number range between {{ days - 1 }} preceding and current row
                        )
                {% endfor -%}
                else sum(credits) over (partition by quota_key, period_start order by reporting_date)
            end as decimal(38, 9)
        ) as used_so_far
    from by_day
)

select * from running
