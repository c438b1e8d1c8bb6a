-- How is the owner of the usage known, and how many credits are known in each way?
-- `record` is the strongest way. `unmapped` waits for a mapping export: mart_unmapped_usage lists what to map.
select
    user_source,
    tenant_source,
    sum(credits) as credits,
    count(*) as operations,
    round(100 * sum(credits) / nullif(sum(sum(credits)) over (), 0), 2) as percent_of_credits
from marts.fct_credit_usage
group by all
order by credits desc;
