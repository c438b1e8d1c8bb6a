-- What did each customer cost in each month, at the agreed price and at list price?
-- Amounts are exact: a statement rounds its total once. Each currency has a row of its own.
select
    date_trunc('month', reporting_date)::date as month_start,
    tenant_id,
    currency,
    sum(credits) as credits,
    sum(amount) as amount,
    sum(list_amount) as list_amount,
    list_currency
from marts.agg_cost_daily
group by all
order by month_start, tenant_id, currency;
