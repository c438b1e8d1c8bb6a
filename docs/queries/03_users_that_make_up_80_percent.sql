-- Which users make up 80 % of a month's credits?
-- The row that reaches 80 % is included, so the sum before each row is compared.
with running as (
    select
        month_start,
        user_id,
        credits,
        sum(credits) over (
            partition by month_start order by credits desc, user_id rows between unbounded preceding and 1 preceding
        ) as credits_of_those_before,
        sum(credits) over (partition by month_start) as credits_of_the_month
    from marts.agg_credits_user_monthly
)

select month_start, user_id, credits, round(100 * credits / nullif(credits_of_the_month, 0), 1) as percent_of_month
from running
where coalesce(credits_of_those_before, 0) < 0.8 * credits_of_the_month
order by month_start, credits desc, user_id;
