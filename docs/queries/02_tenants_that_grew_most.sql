-- Which customers grew most in the latest month with usage, compared with the month before?
-- The models calculate `credits_change`; a customer without usage in the month before starts from 0.
select
    tenant_id,
    credits_month_before,
    credits,
    credits_change,
    round(100 * credits_change / nullif(credits_month_before, 0), 1) as percent_change
from marts.agg_credits_tenant_monthly
where month_start = (select max(month_start) from marts.agg_credits_tenant_monthly)
order by credits_change desc, tenant_id
limit 20;
