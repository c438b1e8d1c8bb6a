-- How do each customer's last 28 days compare with the 28 days before?
-- The trend has a row for each day, even for days without usage, so 28 rows back are 28 days back.
with trend as (
    select
        tenant_id,
        reporting_date,
        credits_trailing_28_days,
        lag(credits_trailing_28_days, 28) over (partition by tenant_id order by reporting_date) as credits_28_days_before
    from marts.agg_credits_trend_daily
)

select
    tenant_id,
    reporting_date as as_of,
    credits_28_days_before,
    credits_trailing_28_days,
    credits_trailing_28_days - coalesce(credits_28_days_before, 0) as credits_change
from trend
where reporting_date = (select max(reporting_date) from trend)
order by credits_trailing_28_days desc, tenant_id;
