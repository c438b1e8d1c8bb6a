-- Which usage has no agreed price, and how much would it cost at list price?
select
    tenant_id,
    kind,
    min(reporting_date) as first_date,
    max(reporting_date) as last_date,
    sum(unrated_credits) as unrated_credits,
    sum(list_amount) as list_amount,
    list_currency
from marts.agg_cost_daily
where currency = '(unrated)'
group by all
order by unrated_credits desc, tenant_id, kind;
