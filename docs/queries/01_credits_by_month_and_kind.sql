-- How many credits went into which kind of call, month by month, and what share of the month was that?
-- Sums of decimals are exact. Only the share is a ratio, so it comes last and is rounded.
with by_month as (
    select
        date_trunc('month', reporting_date)::date as month_start,
        kind,
        sum(credits) as credits,
        sum(operations)::bigint as operations
    from marts.agg_credits_daily
    group by all
)

select
    *,
    round(100 * credits / nullif(sum(credits) over (partition by month_start), 0), 1) as percent_of_month
from by_month
order by month_start, credits desc;
