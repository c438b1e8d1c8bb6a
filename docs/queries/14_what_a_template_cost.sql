-- What did each template cost in each month, or any other dimension of the callers?
-- Choose one dimension: each of them holds all credits.
select
    date_trunc('month', reporting_date)::date as month_start,
    dimension_value as template,
    currency,
    sum(operations) as operations,
    sum(credits) as credits,
    sum(amount) as amount
from marts.agg_cost_by_dimension
where dimension = 'template'
group by all
order by month_start, credits desc, template, currency;
