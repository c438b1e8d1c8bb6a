-- Which part of each month is final, and which part is less certain?
-- Provisional and estimated figures are replaced once the final ones land; unreported operations count 0 credits.
select
    date_trunc('month', reporting_date)::date as month_start,
    sum(credits) as credits,
    coalesce(sum(credits) filter (where status = 'final' and source = 'created'), 0) as final_credits,
    coalesce(sum(credits) filter (where source = 'read'), 0) as read_later_credits,
    coalesce(sum(credits) filter (where status = 'provisional'), 0) as provisional_credits,
    coalesce(sum(credits) filter (where is_estimate), 0) as estimated_credits,
    count(*) filter (where status = 'unreported') as unreported_operations
from marts.fct_credit_usage
group by month_start
order by month_start;
