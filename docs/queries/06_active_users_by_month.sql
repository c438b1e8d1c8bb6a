-- How many users were active each month, and how many credits does one of them use?
-- `(unmapped)` is not a user: its credits are included, but it is not counted as one. Read the two columns together.
select
    month_start,
    count(*) filter (where user_id <> '(unmapped)') as active_users,
    sum(credits) as credits,
    coalesce(sum(credits) filter (where user_id = '(unmapped)'), 0) as unmapped_credits,
    round(
        sum(credits) filter (where user_id <> '(unmapped)')
        / nullif(count(*) filter (where user_id <> '(unmapped)'), 0), 3
    ) as credits_per_active_user
from marts.agg_credits_user_monthly
group by month_start
order by month_start;
