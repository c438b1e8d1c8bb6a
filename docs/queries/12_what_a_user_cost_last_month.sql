-- What did each user cost in the last month with usage, and which share of it are derived credits?
select
    user_id,
    tenant_id,
    currency,
    sum(credits) as credits,
    sum(derived_credits) as derived_credits,
    sum(amount) as amount
from marts.agg_cost_daily
where date_trunc('month', reporting_date) = (
    select date_trunc('month', max(reporting_date)) from marts.agg_cost_daily where operations > 0
)
group by all
order by credits desc, user_id, tenant_id, currency;
